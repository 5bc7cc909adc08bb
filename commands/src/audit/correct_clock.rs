//! The clock ran ahead and was set right: what was written meanwhile no longer speaks against it.

use domain::actor::Actor;
use domain::audit::event::LogClockCorrected;
use domain::audit::state::{ClockCorrection, LogState};
use domain::ids::StreamName;
use domain::journal::{Envelope, Position};
use domain::time::Moment;

use super::own_log::OwnLog;
use crate::decide::{Command, Decided, Decision, rejections};
use crate::execute::clock_rule::CLOCK_BEHIND_MAX;
use crate::execute::{Caller, ExecuteError};

/// Lines read at once while the latest time is looked for.
const READ_LINES: usize = 1_024;

/// Says in the log that its clock ran ahead, so that writing can go on.
#[derive(Debug, Clone)]
pub struct CorrectClock {
    /// The stream in which the log speaks of itself.
    pub log: StreamName,
    /// The latest time of any event.
    pub ahead: Moment,
    /// What the clock says, which is right now.
    pub clock: Moment,
}

rejections! {
    /// Why nothing is corrected.
    CorrectClockRejection {
        /// The clock is not behind the log.
        ClockNotBehind = Conflict, "clock_not_behind", "The clock is not behind the log: there is nothing to correct.", "If the clock is wrong, set the clock.";
    }
}

impl Command for CorrectClock {
    type States = (LogState,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![self.log.clone()]
    }

    fn sets_the_clock_right(&self) -> bool {
        true
    }

    /// `now` is no use here: on this stream too it may lie ahead.
    fn decide(&self, (log,): (&LogState,), _now: Moment) -> Decision<Self::Done> {
        let (ahead, clock) = (self.ahead, self.clock);
        let evidence = log.clock.map_or(ahead, |known| known.evidence(ahead));
        if evidence.since(clock) > CLOCK_BEHIND_MAX {
            return Ok(Decided::record(LogClockCorrected { ahead, clock }));
        }
        if log.clock.is_some_and(|known| ahead <= known.ahead) {
            return Ok(Decided::Already(()));
        }
        Err(CorrectClockRejection::ClockNotBehind.into())
    }
}

impl OwnLog {
    /// Says that the clock is right now, whatever times the log holds. Reads the whole log for the latest.
    /// None if that was said before.
    pub async fn correct_clock(&self) -> Result<Option<ClockCorrection>, ExecuteError> {
        let ahead = self.latest_time().await?;
        let clock = self.executor.now();
        let order = CorrectClock { log: self.stream.clone(), ahead, clock };
        let caller = Caller::new(Actor::System, self.requests.fresh());
        let outcome = self.executor.execute(&order, caller).await?;
        if outcome.position.is_none() {
            return Ok(None);
        }
        let correction = ClockCorrection { ahead, clock };
        self.executor.correct_clock(&correction);
        Ok(Some(correction))
    }

    /// The newest event need not carry it: a second or two back are taken in.
    async fn latest_time(&self) -> Result<Moment, ExecuteError> {
        let mut latest = Moment::default();
        let mut next = Position(0);
        loop {
            let lines = self.executor.read_all(next, READ_LINES).await?;
            for line in &lines {
                let envelope = Envelope::read(&line.bytes);
                let envelope = envelope.map_err(|error| ExecuteError::Store(Box::new(error)))?;
                latest = latest.max(envelope.time);
            }
            match lines.last() {
                Some(last) => next = Position(last.position.0 + 1),
                None => return Ok(latest),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::samples::{self, noon};
    use domain::time::minutes;

    /// A day ahead, set right at noon.
    fn correct() -> CorrectClock {
        let corrected = samples::log_clock_corrected();
        let (ahead, clock) = (corrected.ahead, corrected.clock);
        CorrectClock { log: StreamName::log(0), ahead, clock }
    }

    #[test]
    fn a_clock_that_ran_ahead_is_corrected() {
        given().when(&correct()).then(&[samples::log_clock_corrected().into()]);
        let corrected = given().done(Actor::System, &correct());
        let further = CorrectClock { ahead: correct().ahead.plus(minutes(1)), ..correct() };
        corrected.when(&further).then_kinds(&["log.clock_corrected.v1"]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        let corrected = given().twice::<CorrectClock>(Actor::System, &correct());
        let later = CorrectClock { clock: noon().plus(minutes(1)), ..correct() };
        corrected.when(&later).then_nothing();
    }

    #[test]
    fn a_correction_by_a_clock_that_was_itself_ahead_is_corrected() {
        let wrong = CorrectClock { clock: noon().plus(minutes(60)), ..correct() };
        let corrected = given().done(Actor::System, &wrong);
        corrected.when(&correct()).then_kinds(&["log.clock_corrected.v1"]);
    }

    #[test]
    fn a_clock_that_is_not_behind_needs_no_correction() {
        let second = CorrectClock { ahead: noon().plus(CLOCK_BEHIND_MAX), ..correct() };
        given().when(&second).refused("clock_not_behind");
        let passed = correct().ahead.plus(minutes(1));
        let passed = CorrectClock { ahead: passed, clock: passed, ..correct() };
        given().done(Actor::System, &correct()).when(&passed).refused("clock_not_behind");
    }
}
