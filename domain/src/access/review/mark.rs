//! What a judgement points at: an event, and why an access had no permit.

use serde::{Serialize, Serializer};
use strum::IntoStaticStr;

use crate::access::policy::Rule;
use crate::actor::Actor;
use crate::fold::Recorded;
use crate::ids::EventId;
use crate::journal::Position;
use crate::time::Moment;

/// Most findings that are kept to be listed; all are counted.
pub const LISTED_MAX: usize = 1_000;

/// An event, as far as one must know it to look it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Its place in the log.
    pub position: Position,
    /// Its id.
    pub id: EventId,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its time.
    pub time: Moment,
    /// Who acted.
    pub actor: Actor,
}

impl Mark {
    /// Of an event.
    pub const fn of(recorded: &Recorded) -> Self {
        Self {
            position: recorded.position,
            id: recorded.id,
            kind: recorded.fact.kind(),
            time: recorded.time,
            actor: recorded.actor,
        }
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "position {}, {}, {}, event {}", self.position, self.kind, self.time, self.id)
    }
}

/// Why an access in the log had no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Flaw {
    /// The policy says no, by this rule.
    #[strum(transparent)]
    Rule(Rule),
    /// It names a policy this program does not know.
    UnknownPolicy,
    /// An event of an unknown type stands before it in a stream it depends on.
    UnknownEventBefore,
    /// It stands on a stream that is no patient's.
    NoPatientsStream,
    /// The actor of the event is not the one it says was shown something.
    AnotherActor,
    /// Its time lies before that of an event it was decided after.
    TimeGoesBack,
    /// The policy finds another ground than the one it names.
    AnotherGround,
    /// It was done on somebody's behalf, which no policy so far allows.
    OnAnothersBehalf,
    /// The consent was not given by the patient.
    ConsentNotByPatient,
    /// The doctor's standing was not given by an admin.
    StandingNotByAdmin,
    /// A token of this hash was issued before.
    TokenIssuedTwice,
    /// The token lives longer than tokens do, or not at all.
    TokenLife,
    /// No such token was issued.
    NoSuchToken,
    /// The token is another doctor's, or of another session.
    TokenOfAnother,
    /// The token is for another report or purpose.
    TokenForAnother,
    /// The token was used before.
    TokenUsed,
    /// The token had expired.
    TokenExpired,
    /// A viewing of this id was opened before.
    ViewingOpenedTwice,
    /// The viewing lives longer than viewings do, or not at all.
    ViewingLife,
    /// No such viewing was opened.
    NoSuchViewing,
    /// The viewing is another doctor's.
    ViewingOfAnother,
    /// The viewing is of another report.
    ViewingOfAnotherReport,
    /// The viewing was opened without a permit.
    ViewingWithoutPermit,
}

impl Flaw {
    /// Its name; of a rule, the rule's.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// As a sentence for an officer.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.in_words(),
            Self::UnknownPolicy => {
                "It was decided by a policy this program does not know, and cannot be judged."
            }
            Self::UnknownEventBefore => {
                "An event of a type unknown to this program stands before it: it cannot be judged."
            }
            Self::NoPatientsStream => "It does not stand on a patient's stream.",
            Self::AnotherActor => "The actor is not the one who was shown something.",
            Self::TimeGoesBack => "Its time lies before that of an event it was decided after.",
            Self::AnotherGround => "It names another ground than the one the policy finds.",
            Self::OnAnothersBehalf => "It was done on somebody's behalf, which no policy allows.",
            Self::ConsentNotByPatient => "The consent was not given by the patient.",
            Self::StandingNotByAdmin => "The doctor's standing was not given by an admin.",
            Self::TokenIssuedTwice => "A view token of this hash was issued before.",
            Self::TokenLife => "A view token lives at most five minutes.",
            Self::NoSuchToken => "No such view token was issued.",
            Self::TokenOfAnother => "The view token was issued to another doctor or session.",
            Self::TokenForAnother => "The view token was issued for another report or purpose.",
            Self::TokenUsed => "The view token was used before.",
            Self::TokenExpired => "The view token had expired.",
            Self::ViewingOpenedTwice => "A viewing of this id was opened before.",
            Self::ViewingLife => "A viewing lasts at most a quarter of an hour.",
            Self::NoSuchViewing => "No such viewing was opened.",
            Self::ViewingOfAnother => "The viewing is another doctor's.",
            Self::ViewingOfAnotherReport => "The viewing is of another report.",
            Self::ViewingWithoutPermit => "The viewing itself was opened without a permit.",
        }
    }
}

impl Serialize for Flaw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
