//! Lines as the service would write them: pages shown of patients' reports, each stream a true chain, so
//! that the log a measurement leaves behind verifies.

use std::time::Duration;

use commands::ports::event_store::{Append, Length, NewLine, Request};
use domain::access::event::{AccessFact, PageShown};
use domain::access::ground::Ground;
use domain::actor::Actor;
use domain::fact::Fact;
use domain::ids::{ConsentId, DoctorId, EventHash, PatientId, ReportId, StreamName, ViewingId};
use domain::journal::{self, Draft, Leaf, StreamKey, StreamVersion};
use domain::samples;
use domain::time::Moment;

use crate::bench::digest::{digest, half, uuid};

/// Events of one patient.
const STREAM_EVENTS: usize = 24;
/// More than any disk answers a caller, and all callers together, in a second.
const PER_CALLER_SECOND: f64 = 20_000.0;
const PER_SECOND: f64 = 150_000.0;

/// One list for each caller. `round` keeps streams and ids apart from those of other rounds.
pub(super) fn appends(round: u64, callers: usize, span: Duration) -> Vec<Vec<Append>> {
    let per_caller = (PER_SECOND / callers as f64).min(PER_CALLER_SECOND);
    let length = (per_caller * span.as_secs_f64()).ceil() as usize;
    (0..callers).map(|caller| list(&format!("{round}/{callers}/{caller}"), length)).collect()
}

/// `length` appends that go round the patients of one caller, who must wait for each.
pub(in crate::bench) fn list(caller: &str, length: usize) -> Vec<Append> {
    let mut patients: Vec<_> = (0..length.div_ceil(STREAM_EVENTS).max(1))
        .map(|patient| Patient::new(&format!("{caller}/{patient}")))
        .collect();
    let patients_held = patients.len();
    (0..length).filter_map(|n| patients[n % patients_held].next()).collect()
}

/// One stream and where it stands.
struct Patient {
    name: String,
    stream: StreamName,
    key: StreamKey,
    doctor: DoctorId,
    length: u32,
    prev: EventHash,
}

impl Patient {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            stream: StreamName::patient(PatientId::new(uuid(name, "patient"))),
            key: StreamKey(digest(name, "key")),
            doctor: DoctorId::new(uuid(name, "doctor")),
            length: 0,
            prev: EventHash::ZERO,
        }
    }

    /// The next append of the stream; none only if the line had no form.
    fn next(&mut self) -> Option<Append> {
        let version = self.length;
        let name = format!("{}/{version}", self.name);
        let id = uuid(&name, "event");
        let fact = Fact::Access(AccessFact::PageShown(PageShown {
            viewing: ViewingId::new(uuid(&self.name, "viewing")),
            report: ReportId::new(uuid(&self.name, "report")),
            doctor: self.doctor,
            page: version + 1,
            ground: Ground::Consent { consent: ConsentId::new(uuid(&self.name, "consent")) },
            ..samples::page_shown()
        }));
        let doctor = Actor::Doctor(self.doctor);
        let data = fact.data().ok()?;
        let draft = Draft {
            id,
            source: "bench.medlock.example/log",
            time: Moment::from_micros(1_790_000_000_000_000 + i64::from(version)),
            version: StreamVersion(version),
            prev: self.prev,
            salt: half(&name, "salt"),
            cause: id,
            ..samples::draft(&self.stream, &doctor, fact.kind(), &data)
        };
        let bytes = draft.write().ok()?;
        self.prev = journal::hash(&bytes);
        self.length += 1;
        let leaf = Leaf::of(&self.key, StreamVersion(version), &bytes);
        Some(Append {
            stream: self.stream.clone(),
            expected: Length(version),
            lines: vec![NewLine { bytes, leaf }],
            preconditions: Vec::new(),
            request: Request::Once(id),
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::journal::{Envelope, Line, Position};

    use super::*;

    #[test]
    fn lists_hold_true_chains_of_their_own_streams() {
        let lists = appends(1, 3, Duration::from_millis(10));
        assert_eq!(lists.iter().map(Vec::len).collect::<Vec<_>>(), [200, 200, 200]);
        let mut chain = domain::journal::chain::ChainCheck::default();
        for (position, append) in (0..).zip(lists.into_iter().flatten()) {
            let NewLine { bytes, leaf } = append.lines.into_iter().next().unwrap();
            assert!((500..700).contains(&bytes.len()), "{}", bytes.len());
            Envelope::read(&bytes).unwrap().fact().unwrap();
            let version = StreamVersion(append.expected.0);
            let stream = append.stream;
            let line = Line { position: Position(position), stream, version, bytes, leaf };
            chain.take(&line).unwrap();
        }
        assert_eq!((chain.taken(), chain.streams()), (600, 27));
    }
}
