//! What a read model is: a table, and what each fact does to them.

use domain::fact::{EventType, Family};
use domain::fold::Recorded;
use domain::ids::{EventHash, PatientId, StreamName};
use domain::journal::line::UnreadableEvent;
use domain::journal::{Envelope, Line, LineError, Position, StreamVersion};
use domain::personal_text::PersonalText;
use domain::time::Moment;

use crate::table::{Cell, Changes, Table};

/// A read model: a pure function from facts to rows.
///
/// A model gives either [`ReadModel::needs`] and [`ReadModel::take_fact`], or [`ReadModel::take_line`].
pub trait ReadModel: Send + Sync {
    /// Its name: where its position is kept.
    fn name(&self) -> &'static str;

    /// Where its rows stand; a changed table is filled anew.
    fn table(&self) -> &'static Table;

    /// What it cannot do without. An event of such a type that this version cannot read stops the model; of
    /// any other type the model never hears.
    fn needs(&self) -> &'static [Need] {
        &[]
    }

    /// Takes in a fact of a type it needs.
    fn take_fact(&self, _recorded: &Recorded, _changes: &mut Changes) -> Result<(), Refused> {
        Ok(())
    }

    /// Takes in any event, known to this version or not, by its envelope.
    fn take_line(&self, _seen: &LoggedEvent, _changes: &mut Changes) {}
}

/// Facts that a model cannot do without, whatever their version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Everything a family tells, types of later versions too.
    Every(Family),
    /// These types and no others.
    Only(&'static [EventType]),
}

impl Need {
    /// Whether an event of type `kind` is among them.
    pub fn covers(self, kind: &str) -> bool {
        match self {
            Self::Every(family) => family.holds(kind),
            Self::Only(types) => types.iter().any(|wanted| wanted.is_any_version_of(kind)),
        }
    }
}

/// A fact that makes no sense to a model: it stops there and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub &'static str);

/// An event's envelope, and its fact if this version can read it.
#[derive(Debug)]
pub struct LoggedEvent {
    /// Place in the whole log.
    pub position: Position,
    /// The stream.
    pub stream: StreamName,
    /// Place in the stream.
    pub version: StreamVersion,
    /// The time the decision used.
    pub time: Moment,
    /// Its type.
    pub kind: String,
    /// Who acted, as written: a later version may know actors that this one does not.
    pub actor: String,
    /// BLAKE3-256 of the line.
    pub hash: EventHash,
    /// The fact.
    pub fact: Result<Recorded, UnreadableEvent>,
}

impl LoggedEvent {
    /// Reads a line once for all models. Fails only if not even the envelope can be read.
    pub fn read(line: &Line) -> Result<Self, LineError> {
        let envelope = Envelope::read(&line.bytes)?;
        Ok(Self {
            position: line.position,
            stream: envelope.stream.clone(),
            version: envelope.version,
            time: envelope.time,
            kind: envelope.kind.to_owned(),
            actor: envelope.actor.to_owned(),
            hash: domain::journal::hash(&line.bytes),
            fact: envelope.recorded(line.position),
        })
    }

    /// Hands the event to a model.
    pub fn give(&self, model: &dyn ReadModel, changes: &mut Changes) -> Result<(), Refused> {
        model.take_line(self, changes);
        if !model.needs().iter().any(|need| need.covers(&self.kind)) {
            return Ok(());
        }
        match &self.fact {
            Ok(recorded) => model.take_fact(recorded, changes),
            Err(unreadable) => Err(why(unreadable)),
        }
    }
}

/// Why a fact could not be read, without a byte of what stands in it.
pub(crate) const fn why(unreadable: &UnreadableEvent) -> Refused {
    use domain::fact::FactError;
    match unreadable {
        UnreadableEvent::Line(_) => Refused("a member of the envelope cannot be read"),
        UnreadableEvent::Fact(FactError::UnknownKind) => {
            Refused("the event type is not known to this version")
        }
        UnreadableEvent::Fact(FactError::BadData(_)) => {
            Refused("the event's data does not fit its type")
        }
    }
}

/// The patient whose stream an event stands on.
pub(crate) fn patient_of(recorded: &Recorded) -> Result<PatientId, Refused> {
    recorded.stream.patient_id().ok_or(Refused("a patient's fact stands on another stream"))
}

/// Personal text as it stands in the log: sealed.
pub(crate) fn sealed(words: &PersonalText) -> Result<Cell, Refused> {
    match words {
        PersonalText::Sealed(value) => Ok(Cell::from(value.as_str())),
        PersonalText::Clear(_) => Err(Refused("words stand in the clear")),
    }
}
