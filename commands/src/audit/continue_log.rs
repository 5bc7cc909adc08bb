//! A log goes on from an older one whose database is all that is left: under a name of its own, so that
//! nothing is ever signed twice under the older name.

use std::collections::BTreeSet;

use domain::audit::event::LogContinued;
use domain::audit::state::LogState;
use domain::ids::StreamName;
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision, rejections};

/// Goes on from an older database under a new origin: the first fact of the new log.
#[derive(Debug, Clone)]
pub struct ContinueLog {
    /// The stream in which the new log will speak of itself.
    pub log: StreamName,
    /// The new log's name.
    pub origin: String,
    /// Every name that a line of the older log has.
    pub used: BTreeSet<String>,
    /// The older log, and what is known of its end.
    pub continued: LogContinued,
}

rejections! {
    /// Why a log is not gone on with.
    ContinueLogRejection {
        /// A log has one name.
        OriginUsed = Conflict, "log_origin_used", "The older log, or one before it, has this origin already: nothing more is signed under it.", "Choose an origin that no log of this organisation ever had.";
        /// Nothing happened in it.
        NothingToContinue = Conflict, "nothing_to_continue", "The older log has no events.", "Start the service: it makes a log.";
        /// This log began otherwise.
        GoesOnFromAnother = AlreadyThere, "log_goes_on_from_another", "The log goes on from another one already.", "Continue the log as it is now, under a further origin.";
    }
}

impl Command for ContinueLog {
    type States = (LogState,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![self.log.clone()]
    }

    fn decide(&self, (log,): (&LogState,), _now: Moment) -> Decision<Self::Done> {
        if let Some(known) = &log.continued {
            let same = *known == self.continued;
            return if same {
                Ok(Decided::Already(()))
            } else {
                Err(ContinueLogRejection::GoesOnFromAnother.into())
            };
        }
        if self.used.contains(&self.origin) {
            return Err(ContinueLogRejection::OriginUsed.into());
        }
        if self.continued.size == 0 {
            return Err(ContinueLogRejection::NothingToContinue.into());
        }
        Ok(Decided::record(self.continued.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples::{self, ORIGIN};

    fn order(size: u64) -> ContinueLog {
        let continued = LogContinued { size, ..samples::log_continued() };
        let used = BTreeSet::from([ORIGIN.to_owned(), "practice.example/log".to_owned()]);
        let origin = "clinic.example/log-2".to_owned();
        ContinueLog { log: StreamName::log(1), origin, used, continued }
    }

    #[test]
    fn a_log_goes_on_under_another_name() {
        given().when(&order(9)).then(&[order(9).continued.into()]);
        for used in [ORIGIN, "practice.example/log"] {
            let order = ContinueLog { origin: used.into(), ..order(9) };
            given().when(&order).refused("log_origin_used");
        }
        given().when(&order(0)).refused("nothing_to_continue");
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        let continued = given().twice::<ContinueLog>(Actor::System, &order(9));
        continued.when(&order(8)).refused("log_goes_on_from_another");
    }
}
