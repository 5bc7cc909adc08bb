//! A viewing whose time is over is ended, though nobody asks for another page.

use domain::ids::{PatientId, ViewingId};

use crate::access::expire_viewing::ExpireViewing;
use crate::ports::due_list::Due;
use crate::react::DueReaction;

/// A viewing that is past its end, as far as somebody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewingPastEnd {
    /// Whose record.
    pub patient: PatientId,
    /// The viewing; the event that opened it is the cause.
    pub viewing: ViewingId,
}

/// Ends what nobody closed.
#[derive(Debug, Clone, Copy)]
pub struct ViewingExpires;

impl DueReaction for ViewingExpires {
    type Item = ViewingPastEnd;
    type Order = ExpireViewing;

    fn name(&self) -> &'static str {
        "expire_viewing"
    }

    fn what(&self) -> &'static str {
        "ends viewings whose time is over"
    }

    fn react(&self, due: &Due<ViewingPastEnd>) -> ExpireViewing {
        let ViewingPastEnd { patient, viewing } = due.what;
        ExpireViewing { patient, viewing }
    }
}
