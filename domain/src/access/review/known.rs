//! What is known at a place in the log: the folds that decisions ask, and where their facts stand.

use std::collections::{HashMap, HashSet};

use super::mark::Mark;
use crate::access::event::{RecordViewed, ViewTokenIssued, ViewingEnded};
use crate::access::ground::Ground;
use crate::chart::Chart;
use crate::consent::bars::{BarChange, Shut};
use crate::consent::event::{ConsentGranted, ConsentRevoked};
use crate::consent::grantee::{Grantee, Reader};
use crate::fold::{Fold as _, Recorded};
use crate::identity::doctor::{Doctor, Standing};
use crate::identity::session::Session;
use crate::ids::{
    ConsentId, DoctorId, PatientId, ReportId, SessionId, StreamId, StreamName, TokenHash, ViewingId,
};
use crate::journal::Position;
use crate::records::event::ReportUploaded;

/// A fact that judgements point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Granted(ConsentId),
    Revoked(ConsentId),
    /// The newest viewing under a consent.
    ViewUnder(ConsentId),
    Uploaded(ReportId),
    TokenIssued(TokenHash),
    TokenUsed(TokenHash),
    Viewing(ViewingId),
    ViewingEnded(ViewingId),
    RecordClosed,
    Barred(Grantee),
    Hidden(ReportId, Grantee),
}

impl Place {
    /// Of what is kept shut, where a fact shuts it.
    fn of_bar(change: BarChange) -> Option<Self> {
        change.set.and(Self::of_shut(change.shut, change.report))
    }

    /// Of what meets a reader who asks for a report.
    pub(super) fn of_shut(shut: Shut, report: Option<ReportId>) -> Option<Self> {
        match shut {
            Shut::RecordClosed => Some(Self::RecordClosed),
            Shut::Barred(grantee) => Some(Self::Barred(grantee)),
            Shut::ReportHidden(grantee) => report.map(|report| Self::Hidden(report, grantee)),
        }
    }
}

/// How far a stream was taken in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reach {
    /// The event with the latest time.
    pub(super) latest: Option<Mark>,
    /// The first event of an unknown type: what it did to the state nobody here can say.
    pub(super) unknown: Option<Position>,
}

impl Reach {
    fn take(&mut self, recorded: &Recorded) {
        if self.latest.is_none_or(|latest| latest.time <= recorded.time) {
            self.latest = Some(Mark::of(recorded));
        }
    }
}

/// A patient's record.
#[derive(Debug, Default)]
pub(super) struct ReviewedRecord {
    pub(super) chart: Chart,
    pub(super) reach: Reach,
    /// Viewings that were opened without a permit.
    pub(super) unpermitted: HashSet<ViewingId>,
    places: HashMap<Place, Mark>,
}

impl ReviewedRecord {
    /// Where the consent that a ground rests on was granted.
    pub(super) fn granted(&self, ground: Ground) -> Option<Mark> {
        ground.consent().and_then(|consent| self.place(Place::Granted(consent)))
    }

    /// Where a fact stands.
    pub(super) fn place(&self, place: Place) -> Option<Mark> {
        self.places.get(&place).copied()
    }

    /// Where it stands that a reader is as one who never had a link, if they are.
    pub(super) fn unlinked(&self, reader: Reader) -> Option<Mark> {
        match self.chart.bars.unlinked(reader)? {
            Shut::RecordClosed => self.place(Place::RecordClosed),
            Shut::Barred(grantee) => self.place(Place::Barred(grantee)),
            Shut::ReportHidden(_) => None,
        }
    }

    fn take(&mut self, recorded: &Recorded) {
        let fact = &recorded.fact;
        let mark = Mark::of(recorded);
        if let Some(granted) = fact.body::<ConsentGranted>() {
            self.places.insert(Place::Granted(granted.consent), mark);
        }
        if let Some(revoked) = fact.body::<ConsentRevoked>() {
            self.places.entry(Place::Revoked(revoked.consent)).or_insert(mark);
        }
        // What is lifted is asked for no more: the chart says which bar is met.
        if let Some(place) = fact.consent().and_then(BarChange::of).and_then(Place::of_bar) {
            self.places.insert(place, mark);
        }
        if let Some(uploaded) = fact.body::<ReportUploaded>() {
            self.places.insert(Place::Uploaded(uploaded.report), mark);
        }
        if let Some(issued) = fact.body::<ViewTokenIssued>() {
            self.places.insert(Place::TokenIssued(issued.token_hash), mark);
        }
        if let Some(viewed) = fact.body::<RecordViewed>() {
            self.places.insert(Place::TokenUsed(viewed.token_hash), mark);
            if let Some(consent) = viewed.ground.consent() {
                self.places.insert(Place::ViewUnder(consent), mark);
            }
            self.places.insert(Place::Viewing(viewed.viewing), mark);
        }
        if let Some(ended) = fact.body::<ViewingEnded>() {
            self.places.entry(Place::ViewingEnded(ended.viewing)).or_insert(mark);
        }
        self.chart.evolve(recorded);
        self.reach.take(recorded);
    }
}

/// A doctor's file.
#[derive(Debug, Default)]
pub(super) struct DoctorFile {
    pub(super) doctor: Doctor,
    pub(super) reach: Reach,
    /// What gave the doctor their standing.
    pub(super) standing: Option<Mark>,
}

impl DoctorFile {
    fn take(&mut self, recorded: &Recorded) {
        if recorded.fact.doctor().is_some_and(|fact| fact.standing().is_some()) {
            self.standing = Some(Mark::of(recorded));
        }
        self.doctor.evolve(recorded);
        self.reach.take(recorded);
    }

    /// Whether the doctor may act.
    pub(super) fn is_verified(&self) -> bool {
        self.doctor.standing == Standing::Verified
    }
}

/// A session's file.
#[derive(Debug, Default)]
pub(super) struct SessionFile {
    pub(super) session: Session,
    pub(super) reach: Reach,
    pub(super) opened: Option<Mark>,
    pub(super) ended: Option<Mark>,
}

impl SessionFile {
    fn take(&mut self, recorded: &Recorded) {
        let before = self.session.clone();
        self.session.evolve(recorded);
        // What changed the session is what a judgement about it points at.
        if self.session.opened != before.opened {
            self.opened = Some(Mark::of(recorded));
        }
        if self.session.ended && !before.ended {
            self.ended = Some(Mark::of(recorded));
        }
        self.reach.take(recorded);
    }
}

/// Every record, doctor and session that the log has told of so far.
#[derive(Debug, Default)]
pub struct ReviewedLog {
    records: HashMap<PatientId, ReviewedRecord>,
    doctors: HashMap<DoctorId, DoctorFile>,
    sessions: HashMap<SessionId, SessionFile>,
    blank: Blank,
}

/// What is known of those who were never heard of.
#[derive(Debug, Default)]
struct Blank {
    record: ReviewedRecord,
    doctor: DoctorFile,
    session: SessionFile,
}

impl ReviewedLog {
    /// Takes in the next event.
    pub fn take(&mut self, recorded: &Recorded) {
        match recorded.stream.id() {
            StreamId::Patient(patient) => self.record_mut(patient).take(recorded),
            StreamId::Doctor(doctor) => self.doctors.entry(doctor).or_default().take(recorded),
            StreamId::Session(session) => self.sessions.entry(session).or_default().take(recorded),
            // No decision about access asks any of these.
            StreamId::Account(_)
            | StreamId::Practice(_)
            | StreamId::Admins
            | StreamId::Login(_)
            | StreamId::Factors(_)
            | StreamId::Log(_)
            | StreamId::Other => {}
        }
    }

    /// Takes note of an event of an unknown type: what depends on its stream can be judged no more.
    pub fn take_unknown(&mut self, stream: &StreamName, position: Position) {
        let reach = match stream.id() {
            StreamId::Patient(patient) => &mut self.record_mut(patient).reach,
            StreamId::Doctor(doctor) => &mut self.doctors.entry(doctor).or_default().reach,
            StreamId::Session(session) => &mut self.sessions.entry(session).or_default().reach,
            StreamId::Account(_)
            | StreamId::Practice(_)
            | StreamId::Admins
            | StreamId::Login(_)
            | StreamId::Factors(_)
            | StreamId::Log(_)
            | StreamId::Other => return,
        };
        reach.unknown.get_or_insert(position);
    }

    pub(super) fn record_mut(&mut self, patient: PatientId) -> &mut ReviewedRecord {
        self.records.entry(patient).or_default()
    }

    pub(super) fn record(&self, stream: &StreamName) -> &ReviewedRecord {
        let known = stream.patient_id().and_then(|patient| self.records.get(&patient));
        known.unwrap_or(&self.blank.record)
    }

    pub(super) fn doctor(&self, doctor: DoctorId) -> &DoctorFile {
        self.doctors.get(&doctor).unwrap_or(&self.blank.doctor)
    }

    pub(super) fn session(&self, session: SessionId) -> &SessionFile {
        self.sessions.get(&session).unwrap_or(&self.blank.session)
    }
}
