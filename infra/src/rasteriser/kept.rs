//! Documents that stay open between two pages: in the process that drew the last one, for one viewing, for a
//! while, and not too many.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::access::policy::PermittedViewing;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepLimits {
    /// Documents open between two pages, in all; none if nothing is kept.
    pub documents_max: usize,
    /// Memory of the processes that have them, in all.
    pub bytes_max: u64,
    /// How long one is kept for a page that does not come.
    pub idle_max: Duration,
}

/// Documents, each with the process that has it open.
pub(super) struct KeptDocuments<P> {
    limits: KeepLimits,
    places: Mutex<Places<P>>,
}

struct Places<P> {
    newest: PlaceNumber,
    of: HashMap<PermittedViewing, KeepingPlace<P>>,
}

/// Tells a viewing's place from an earlier one: whoever was let go of does not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PlaceNumber(u64);

struct KeepingPlace<P> {
    number: PlaceNumber,
    /// None while a page is drawn.
    process: Option<(P, u64)>,
}

impl<P> KeptDocuments<P> {
    /// Nothing yet.
    pub(super) fn new(limits: KeepLimits) -> Self {
        let places = Places { newest: PlaceNumber(0), of: HashMap::new() };
        Self { limits, places: Mutex::new(places) }
    }

    /// Whether anything is kept at all.
    pub(super) const fn keeps(&self) -> bool {
        self.limits.documents_max > 0
    }

    /// How long one is kept for a page that does not come.
    pub(super) const fn idle_max(&self) -> Duration {
        self.limits.idle_max
    }

    /// Takes a viewing's process, if it has one, to draw a page with it; and the place where it, or a new
    /// one, is kept afterwards.
    pub(super) fn take(&self, viewing: PermittedViewing) -> (Option<P>, HeldPlace<'_, P>) {
        let mut places = self.places();
        let number = places.next();
        let before = places.of.insert(viewing, KeepingPlace { number, process: None });
        let process = before.and_then(|place| place.process).map(|(process, _)| process);
        (process, HeldPlace { kept: self, viewing, number })
    }

    /// Lets go of a viewing's process, also of one that is drawing: it is not taken back.
    pub(super) fn let_go(&self, viewing: PermittedViewing) {
        self.places().of.remove(&viewing);
    }

    /// The same if nothing was asked of it since it was put there.
    pub(super) fn let_go_unused(&self, viewing: PermittedViewing, number: PlaceNumber) {
        let mut places = self.places();
        if places.of.get(&viewing).is_some_and(|place| place.number == number) {
            places.of.remove(&viewing);
        }
    }

    /// Whose documents are open, or being drawn.
    pub(super) fn viewings(&self) -> Vec<PermittedViewing> {
        self.places().of.keys().copied().collect()
    }

    fn places(&self) -> MutexGuard<'_, Places<P>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A viewing's place while a page of it is drawn. Given up when dropped, unless a process was put there.
pub(super) struct HeldPlace<'a, P> {
    kept: &'a KeptDocuments<P>,
    /// Whose it is.
    pub(super) viewing: PermittedViewing,
    number: PlaceNumber,
}

impl<P> Drop for HeldPlace<'_, P> {
    fn drop(&mut self) {
        self.kept.let_go_unused(self.viewing, self.number);
    }
}

impl<P> HeldPlace<'_, P> {
    /// Puts a process there that uses so much memory, unless its viewing was let go of while it drew, or
    /// another page of it is being drawn. Where that is too much, those go that wait for the longest time.
    pub(super) fn put(self, process: P, bytes: u64) -> Option<PlaceNumber> {
        let limits = self.kept.limits;
        let mut places = self.kept.places();
        let now = places.next();
        let place = places.of.get_mut(&self.viewing);
        let place =
            place.filter(|place| place.number == self.number && bytes <= limits.bytes_max)?;
        *place = KeepingPlace { number: now, process: Some((process, bytes)) };
        while places.is_too_much(limits) {
            let oldest = places.waiting().min_by_key(|(_, number, _)| *number)?.0;
            places.of.remove(&oldest);
        }
        Some(now)
    }
}

impl<P> Places<P> {
    fn next(&mut self) -> PlaceNumber {
        self.newest.0 += 1;
        self.newest
    }

    fn waiting(&self) -> impl Iterator<Item = (PermittedViewing, PlaceNumber, u64)> {
        self.of.iter().filter_map(|(viewing, place)| {
            let (_, bytes) = place.process.as_ref()?;
            Some((*viewing, place.number, *bytes))
        })
    }

    fn is_too_much(&self, limits: KeepLimits) -> bool {
        let bytes: u64 = self.waiting().map(|(_, _, bytes)| bytes).sum();
        self.waiting().count() > limits.documents_max || bytes > limits.bytes_max
    }
}

#[cfg(test)]
mod tests {
    use domain::access::event::PageShown;
    use domain::access::policy::{AccessPermit, Durable};
    use domain::actor::Actor;
    use domain::ids::{StreamName, ViewingId};
    use domain::samples::{self, ANA, BO};

    use super::*;

    fn viewing(number: u128) -> PermittedViewing {
        let viewing = ViewingId::new(uuid::Uuid::from_u128(number));
        let fact = PageShown { viewing, ..samples::page_shown() };
        let shown = samples::recorded(StreamName::patient(ANA), Actor::Doctor(BO), fact);
        AccessPermit::from_durable(&Durable::vouch(shown)).unwrap().viewing().unwrap()
    }

    fn kept(documents_max: usize, bytes_max: u64) -> KeptDocuments<&'static str> {
        KeptDocuments::new(KeepLimits { documents_max, bytes_max, idle_max: Duration::MAX })
    }

    /// What is found for a viewing; it is taken by that.
    fn taken(kept: &KeptDocuments<&'static str>, number: u128) -> Option<&'static str> {
        kept.take(viewing(number)).0
    }

    fn put(kept: &KeptDocuments<&'static str>, number: u128, process: &'static str, bytes: u64) {
        kept.take(viewing(number)).1.put(process, bytes);
    }

    #[test]
    fn a_viewing_finds_its_own_and_only_once() {
        let kept = kept(4, 100);
        put(&kept, 1, "one", 10);
        put(&kept, 2, "two", 10);
        assert_eq!((taken(&kept, 3), taken(&kept, 1), taken(&kept, 1)), (None, Some("one"), None));
        assert_eq!(kept.viewings(), [viewing(2)]);
    }

    #[test]
    fn what_was_let_go_of_does_not_come_back() {
        let kept = kept(4, 100);
        put(&kept, 1, "one", 10);
        kept.let_go(viewing(1));
        assert_eq!(taken(&kept, 1), None);
        let (_, drawing) = kept.take(viewing(1));
        kept.let_go(viewing(1));
        assert_eq!(drawing.put("late", 10), None);
        assert_eq!((taken(&kept, 1), kept.viewings()), (None, vec![]));
    }

    #[test]
    fn of_two_pages_drawn_at_once_one_process_is_kept() {
        let kept = kept(4, 100);
        let ((_, first), (_, second)) = (kept.take(viewing(1)), kept.take(viewing(1)));
        assert!(first.put("first", 10).is_none() && second.put("second", 10).is_some());
        assert_eq!(taken(&kept, 1), Some("second"));
    }

    #[test]
    fn a_page_that_was_not_drawn_leaves_nothing() {
        let kept = kept(4, 100);
        drop(kept.take(viewing(1)));
        assert_eq!(kept.viewings(), []);
    }

    #[test]
    fn the_longest_unused_go_first_by_number_and_by_memory() {
        let few = kept(2, 100);
        for (number, process) in [(1, "one"), (2, "two"), (1, "one again"), (3, "three")] {
            put(&few, number, process, 10);
        }
        assert_eq!([1, 2, 3].map(|n| taken(&few, n)), [Some("one again"), None, Some("three")]);
        let small = kept(9, 100);
        for number in [1, 2, 3] {
            put(&small, number, "forty", 40);
        }
        put(&small, 4, "as much as there is", 100);
        put(&small, 5, "more", 101);
        let taken = [1, 2, 3, 4, 5].map(|n| taken(&small, n));
        assert_eq!(taken, [None, None, None, Some("as much as there is"), None]);
    }

    #[test]
    fn who_was_asked_again_is_not_let_go_of_as_unused() {
        let kept = kept(2, 100);
        let first = kept.take(viewing(1)).1.put("one", 10).unwrap();
        put(&kept, 1, "again", 10);
        kept.let_go_unused(viewing(1), first);
        assert_eq!(kept.viewings(), [viewing(1)]);
        let last = kept.take(viewing(1)).1.put("again", 10).unwrap();
        kept.let_go_unused(viewing(1), last);
        assert_eq!(kept.viewings(), []);
    }
}
