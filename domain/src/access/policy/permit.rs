//! Permits: the only way from ciphertext to a person. Made here, from an event that is durable.

use std::fmt;

use crate::access::event::{ClinicalList, ClinicalListShown, PageShown, ReportDownloaded};
use crate::access::ground::Ground;
use crate::access::policy::PARTS_OF_A_PAGE_FOR;
use crate::actor::Actor;
use crate::chart::Chart;
use crate::fold::Recorded;
use crate::identity::event::NameList;
use crate::identity::name_lists::NameListsShown;
use crate::ids::{EventId, Owner, PatientId, ReportId, SessionId, ViewingId};
use crate::journal::Position;
use crate::time::{Moment, minutes};

/// A fact that a store has answered for: it is on the disk. Only the write loop vouches
/// (`tests/tidy` counts the callers).
#[derive(Debug, Clone)]
pub struct Durable(Recorded);

impl Durable {
    /// Says that the store has answered for this fact.
    pub const fn vouch(recorded: Recorded) -> Self {
        Self(recorded)
    }
    /// The fact and its place.
    pub const fn recorded(&self) -> &Recorded {
        &self.0
    }
}

/// How a permit lets a report be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// One page of a viewing, drawn on the server.
    Page {
        /// The viewing it is part of.
        viewing: ViewingId,
        /// Which page, from 1.
        page: u32,
    },
    /// The whole file, by the patient it is about.
    Download,
}

/// One reader's viewing of one report, of which a permit was made. Only a permit says so: what is kept
/// between two pages is kept for this, and is never found by whoever reads something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PermittedViewing {
    patient: PatientId,
    report: ReportId,
    reader: Actor,
    viewing: ViewingId,
}

impl PermittedViewing {
    /// Whose report.
    pub const fn patient(&self) -> PatientId {
        self.patient
    }
    /// Which viewing.
    pub const fn viewing(&self) -> ViewingId {
        self.viewing
    }
}

/// As the drawing process knows it again, which can look up nothing.
impl fmt::Display for PermittedViewing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { patient, report, reader, viewing } = self;
        write!(out, "{reader} {viewing} {patient} {report}")
    }
}

/// Leave to turn one report's ciphertext into bytes for one person, once.
///
/// Not `Clone`: revealing consumes it.
#[derive(Debug)]
pub struct AccessPermit {
    patient: PatientId,
    report: ReportId,
    reader: Actor,
    reading: Reading,
    event: EventId,
    position: Position,
    time: Moment,
}

impl AccessPermit {
    /// The permit a durable `access.page_shown` or `access.report_downloaded` stands for; none for any
    /// other fact.
    pub fn from_durable(durable: &Durable) -> Option<Self> {
        Self::of(durable.recorded())
    }

    /// The permit of a page that was shown in this viewing not long ago, for a part of it. A chart is folded
    /// of what a store has answered for, so its event is durable; it is held against the same questions.
    /// Whether the viewing may go on is asked besides, at the present lengths: this answers for the event
    /// alone.
    pub fn of_earlier_page(
        chart: &Chart,
        viewing: ViewingId,
        page: u32,
        now: Moment,
    ) -> Option<Self> {
        let viewing = chart.access.viewings.get(&viewing)?;
        let permit = Self::of(viewing.shown.get(&page)?)?;
        let opened = &viewing.opened;
        let of_it = permit.report == opened.report && permit.reader == Actor::Doctor(opened.doctor);
        (of_it && now.since(permit.time) < PARTS_OF_A_PAGE_FOR).then_some(permit)
    }

    fn of(recorded: &Recorded) -> Option<Self> {
        // Nobody acts on another's behalf yet: what says so was not written by this version.
        if recorded.behalf.is_some() {
            return None;
        }
        let patient = recorded.stream.patient_id()?;
        // What is not named here reveals nothing: a new fact makes no permit until somebody says so.
        let page = recorded.fact.body::<PageShown>().map(|shown| {
            let PageShown { viewing, report, doctor, page, .. } = *shown;
            (report, Actor::Doctor(doctor), Reading::Page { viewing, page })
        });
        let download = recorded.fact.body::<ReportDownloaded>();
        let download = download
            .filter(|download| download.ground == Ground::Own {})
            .map(|own| (own.report, Actor::Patient(patient), Reading::Download));
        let (report, reader, reading) = page.or(download)?;
        if recorded.actor != reader {
            return None;
        }
        let (event, position, time) = (recorded.id, recorded.position, recorded.time);
        Some(Self { patient, report, reader, reading, event, position, time })
    }

    /// Whose report.
    pub const fn patient(&self) -> PatientId {
        self.patient
    }
    /// Which report.
    pub const fn report(&self) -> ReportId {
        self.report
    }
    /// For whom.
    pub const fn reader(&self) -> Actor {
        self.reader
    }
    /// How.
    pub const fn reading(&self) -> Reading {
        self.reading
    }
    /// The viewing it is for, if it is for a page of one.
    pub const fn viewing(&self) -> Option<PermittedViewing> {
        let Self { patient, report, reader, .. } = *self;
        match self.reading {
            Reading::Page { viewing, .. } => {
                Some(PermittedViewing { patient, report, reader, viewing })
            }
            Reading::Download => None,
        }
    }
    /// The event it was made from; stands in the watermark.
    pub const fn event(&self) -> EventId {
        self.event
    }
    /// Where that event stands.
    pub const fn position(&self) -> Position {
        self.position
    }
    /// When.
    pub const fn time(&self) -> Moment {
        self.time
    }
}

/// How long one event answers for repeated readings of the same list.
const LIST_WINDOW: std::time::Duration = minutes(10);

/// Leave to open sealed personal text for one person.
#[derive(Debug, Clone)]
pub struct PersonalTextPermit {
    reader: Actor,
    opens: Opens,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opens {
    /// The reader's own personal text, and on their own dashboard the names of those they deal with.
    Own,
    /// Names, as an event on the reader's own stream says.
    Names(EventId),
    /// One patient's personal text, as an event on the patient's stream says.
    Record(PatientId, EventId),
}

impl PersonalTextPermit {
    /// A person reads what is about themselves: needs no event.
    pub const fn own(reader: Actor) -> Self {
        Self { reader, opens: Opens::Own }
    }

    /// The permit a durable `…_shown` event stands for; none for any other fact.
    pub fn from_durable(durable: &Durable) -> Option<Self> {
        let recorded = durable.recorded();
        let opens = if recorded.fact.body::<ClinicalListShown>().is_some() {
            Opens::Record(recorded.stream.patient_id()?, recorded.id)
        } else if recorded.fact.name_list_shown().is_some() {
            Opens::Names(recorded.id)
        } else {
            return None;
        };
        Some(Self { reader: recorded.actor, opens })
    }

    /// The permit of an earlier reading of the same list in the same session, while it answers.
    pub fn of_earlier_words(
        chart: &Chart,
        reader: Actor,
        session: SessionId,
        list: ClinicalList,
        now: Moment,
    ) -> Option<Self> {
        let (at, event) = chart.access.lists_shown.get(&(reader, session, list))?;
        let opens = Opens::Record(chart.patient?, *event);
        (now.since(*at) < LIST_WINDOW).then_some(Self { reader, opens })
    }

    /// The same for a list of names on the reader's own stream.
    pub fn of_earlier_names(
        shown: &NameListsShown,
        reader: Actor,
        session: SessionId,
        list: NameList,
        now: Moment,
    ) -> Option<Self> {
        let (at, event) = shown.get(&(list, session))?;
        (now.since(*at) < LIST_WINDOW).then_some(Self { reader, opens: Opens::Names(*event) })
    }

    /// Who reads.
    pub const fn reader(&self) -> Actor {
        self.reader
    }

    /// Whether it opens clinical text (titles) of `owner`.
    pub fn opens_text_of(&self, owner: Owner) -> bool {
        match self.opens {
            Opens::Own => self.reader.owner() == owner,
            Opens::Names(_) => false,
            Opens::Record(patient, _) => owner == Owner::Person(patient.uuid()),
        }
    }

    /// Whether it opens names. A patient sees the names of the doctors they deal with.
    pub const fn opens_names(&self) -> bool {
        match self.opens {
            Opens::Own => matches!(self.reader, Actor::Patient(_)),
            Opens::Names(_) | Opens::Record(..) => true,
        }
    }
}

#[cfg(test)]
mod tests;
