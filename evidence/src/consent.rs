//! The two events of a consent, found again among the stored lines.

use domain::consent::event::{ConsentFact, ConsentGranted};
use domain::ids::{ConsentId, PatientId, StreamName};
use domain::journal::{Line, Position, StreamVersion};
use domain::time::Moment;

use crate::ports::StoredLines;
use crate::published::EvidenceError;

/// Lines that are looked at together.
const LINES: usize = 512;

/// Which event of a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentEvent {
    /// That it was given.
    Granted,
    /// That it was taken back.
    Revoked,
}

/// A consent as its events tell it.
#[derive(Debug, Clone)]
pub struct ConsentEvents {
    /// Whose record.
    pub patient: PatientId,
    /// What was agreed.
    pub granted: ConsentGranted,
    granted_in: (Line, Moment),
    revoked_in: Option<(Line, Moment)>,
}

impl ConsentEvents {
    /// The line of one of the events, and the time it names.
    pub fn line(&self, which: ConsentEvent) -> Option<&(Line, Moment)> {
        match which {
            ConsentEvent::Granted => Some(&self.granted_in),
            ConsentEvent::Revoked => self.revoked_in.as_ref(),
        }
    }
}

/// The consent on this patient's stream, if it is there.
pub async fn of_patient(
    events: &dyn StoredLines,
    patient: PatientId,
    consent: ConsentId,
) -> Result<Option<ConsentEvents>, EvidenceError> {
    let stream = StreamName::patient(patient);
    let mut search = Search::new(consent);
    let mut from = StreamVersion(0);
    loop {
        let lines = events.of_stream(&stream, from, LINES).await?;
        let read = lines.len();
        let last = lines.last().map(|line| line.version.0);
        search.take(lines)?;
        match last {
            Some(last) if read == LINES && !search.done() => from = StreamVersion(last + 1),
            Some(_) | None => return Ok(search.found),
        }
    }
}

/// The consent wherever it stands: reads the whole log.
pub async fn anywhere(
    events: &dyn StoredLines,
    consent: ConsentId,
) -> Result<Option<ConsentEvents>, EvidenceError> {
    let mut search = Search::new(consent);
    let mut from = Position(0);
    loop {
        let lines = events.of_log(from, LINES).await?;
        let read = lines.len();
        let last = lines.last().map(|line| line.position.0);
        search.take(lines)?;
        match last {
            Some(last) if read == LINES && !search.done() => from = Position(last + 1),
            Some(_) | None => return Ok(search.found),
        }
    }
}

struct Search {
    consent: ConsentId,
    /// What a line that speaks of the consent must hold somewhere.
    pattern: String,
    found: Option<ConsentEvents>,
}

impl Search {
    fn new(consent: ConsentId) -> Self {
        Self { consent, pattern: format!("\"consent\":\"{consent}\""), found: None }
    }

    fn done(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.revoked_in.is_some())
    }

    fn take(&mut self, lines: Vec<Line>) -> Result<(), EvidenceError> {
        let pattern = self.pattern.as_bytes();
        let speaks = |line: &Line| line.bytes.windows(pattern.len()).any(|bytes| bytes == pattern);
        let lines: Vec<Line> = lines.into_iter().filter(speaks).collect();
        lines.into_iter().try_for_each(|line| self.read(line))
    }

    fn read(&mut self, line: Line) -> Result<(), EvidenceError> {
        let recorded =
            line.recorded().map_err(|error| EvidenceError::Line(line.position, error))?;
        let (Some(patient), Some(fact)) = (recorded.stream.patient_id(), recorded.fact.consent())
        else {
            return Ok(());
        };
        if let (ConsentFact::Granted(granted), None) = (fact, &self.found) {
            if granted.consent == self.consent {
                let granted_in = (line, recorded.time);
                let granted = granted.clone();
                let found = ConsentEvents { patient, granted, granted_in, revoked_in: None };
                self.found = Some(found);
            }
        } else if let (ConsentFact::Revoked(revoked), Some(found)) = (fact, &mut self.found)
            && revoked.consent == self.consent
            && found.patient == patient
        {
            found.revoked_in.get_or_insert((line, recorded.time));
        }
        Ok(())
    }
}
