//! Pages that took more time or memory to draw than is allowed: for a while they are not tried again.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use domain::ids::BlobHash;
use domain::time::{Moment, minutes};

use super::AskedPage;

/// How long a page is not tried again. Not for ever: the next version may draw it.
const HEAVY_FOR: Duration = minutes(10);
/// So many heavy pages make a heavy report.
const PAGES_HEAVY: usize = 3;
/// Reports that are remembered; beyond them the oldest is forgotten.
const REPORTS_MAX: usize = 4_096;

/// Heavy pages, by the container they are in.
#[derive(Debug, Default)]
pub(super) struct HeavyPages(HashMap<BlobHash, HeavyReport>);

/// What is known of a report: no more than [`PAGES_HEAVY`] of its pages.
#[derive(Debug, Default)]
struct HeavyReport {
    /// Their numbers, and whether it was a part that took too much.
    pages: BTreeSet<(u32, bool)>,
    noted: Moment,
}

/// Parts of a page are heavy together: there are too many of them to try each.
const fn key(asked: AskedPage) -> (u32, bool) {
    (asked.page, asked.part)
}

impl HeavyPages {
    pub(super) fn holds(&self, asked: AskedPage, now: Moment) -> bool {
        self.0.get(&asked.blob).is_some_and(|report| {
            let recent = now.since(report.noted) < HEAVY_FOR;
            recent && (report.pages.len() >= PAGES_HEAVY || report.pages.contains(&key(asked)))
        })
    }

    pub(super) fn note(&mut self, asked: AskedPage, now: Moment) {
        self.0.retain(|_, report| now.since(report.noted) < HEAVY_FOR);
        if self.0.len() >= REPORTS_MAX {
            let oldest = self.0.iter().min_by_key(|(_, report)| report.noted);
            let oldest = oldest.map(|(blob, _)| *blob);
            oldest.and_then(|blob| self.0.remove(&blob));
        }
        let report = self.0.entry(asked.blob).or_default();
        if report.pages.len() < PAGES_HEAVY {
            report.pages.insert(key(asked));
        }
        report.noted = now;
    }
}

#[cfg(test)]
mod tests {
    use domain::actor::Actor;
    use domain::samples::noon;

    use super::*;

    fn page(blob: u32, page: u32) -> AskedPage {
        let mut hash = [0; 32];
        hash[..4].copy_from_slice(&blob.to_be_bytes());
        AskedPage { reader: Actor::System, blob: BlobHash(hash), page, part: false }
    }

    #[test]
    fn a_heavy_page_is_remembered_for_a_while_and_alone() {
        let mut heavy = HeavyPages::default();
        heavy.note(page(1, 1), noon());
        assert!(heavy.holds(page(1, 1), noon().plus(minutes(9))));
        assert!(!heavy.holds(page(1, 1), noon().plus(HEAVY_FOR)));
        assert!(!heavy.holds(page(1, 2), noon()));
        assert!(!heavy.holds(AskedPage { part: true, ..page(1, 1) }, noon()));
        assert!(!heavy.holds(page(2, 1), noon()));
    }

    #[test]
    fn a_report_of_heavy_pages_is_heavy() {
        let mut heavy = HeavyPages::default();
        (1..=3).for_each(|n| heavy.note(page(1, n), noon()));
        assert!(heavy.holds(page(1, 77), noon()));
        (4..5_000).for_each(|n| heavy.note(page(1, n), noon()));
        assert_eq!(heavy.0[&page(1, 1).blob].pages.len(), PAGES_HEAVY);
    }

    #[test]
    fn memory_stays_bounded_and_the_oldest_is_forgotten() {
        let mut heavy = HeavyPages::default();
        for n in 0..5_000 {
            heavy.note(page(n, 1), noon().plus(Duration::from_millis(n.into())));
        }
        let now = noon().plus(Duration::from_secs(5));
        assert_eq!(heavy.0.len(), REPORTS_MAX);
        assert!(heavy.holds(page(4_999, 1), now) && !heavy.holds(page(0, 1), now));
    }
}
