//! What became of pages that are shown and asked for in parts at the same time: an event cannot say both that
//! nothing of its page was seen and answer for a part that was.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::access::policy::PARTS_OF_A_PAGE_FOR;
use domain::ids::EventId;
use domain::time::Moment;

/// What was settled of an event first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// A part of its page is handed out.
    Answered,
    /// Nothing of its page was seen, and that is about to be written down.
    Lost,
}

/// The events of the last minutes of which something was settled. Whoever comes first has it.
#[derive(Debug, Default)]
pub(super) struct PageFates(Mutex<HashMap<EventId, (Fate, Moment)>>);

impl PageFates {
    /// Whether the event may answer for a part that is handed out now.
    pub(super) fn answers(&self, event: EventId, now: Moment) -> bool {
        self.settle(event, Fate::Answered, now)
    }

    /// Whether it may be said that nothing of its page was seen.
    pub(super) fn is_lost(&self, event: EventId, now: Moment) -> bool {
        self.settle(event, Fate::Lost, now)
    }

    fn settle(&self, event: EventId, fate: Fate, now: Moment) -> bool {
        let mut fates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Drawing ends long before; an event that is older answers for nothing.
        fates.retain(|_, (_, at)| now.since(*at) < 2 * PARTS_OF_A_PAGE_FOR);
        fates.entry(event).or_insert((fate, now)).0 == fate
    }
}

#[cfg(test)]
mod tests {
    use domain::samples::{PAGE_EVENT, noon};

    use super::*;

    #[test]
    fn what_was_settled_first_holds() {
        let fates = PageFates::default();
        assert!(fates.answers(PAGE_EVENT, noon()) && fates.answers(PAGE_EVENT, noon()));
        assert!(!fates.is_lost(PAGE_EVENT, noon()), "a part of it was seen");
        let fates = PageFates::default();
        assert!(fates.is_lost(PAGE_EVENT, noon()));
        assert!(!fates.answers(PAGE_EVENT, noon()), "it is about to say that nothing was seen");
    }

    #[test]
    fn it_is_forgotten_when_nobody_can_ask_any_more() {
        let fates = PageFates::default();
        assert!(fates.answers(PAGE_EVENT, noon()));
        assert!(fates.is_lost(PAGE_EVENT, noon().plus(2 * PARTS_OF_A_PAGE_FOR)));
    }
}
