//! Whether a doctor may see a report, now or at some place in the log, by which rule and because of which
//! events: the policy that decides about view tokens, asked on the events alone.

use std::fmt;

use domain::access::policy::v1::Question;
use domain::access::review::ReviewedLog;
use domain::access::review::explain::Explanation;
use domain::consent::grantee::Reader;
use domain::consent::scope::Purpose;
use domain::fact::FactError;
use domain::ids::{DoctorId, PatientId, ReportId, StreamName};
use domain::journal::line::UnreadableEvent;
use domain::journal::{Envelope, Line, Position, StreamVersion};
use domain::records::event::ReportUploaded;
use domain::time::Moment;
use serde::Serialize;

use crate::ports::{LinesError, OpenedLog, StoredLines};

const LINES: usize = 1_024;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct AccessQuestion {
    /// Who would look.
    pub doctor: DoctorId,
    /// At what.
    pub report: ReportId,
    /// For what.
    pub purpose: Purpose,
    /// As an event at this position was decided: on what stands before it, at its time.
    pub position: Option<u64>,
    /// As it was at this time, by the times of the events.
    pub at: Option<Moment>,
    /// The present.
    pub now: Moment,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// Nothing was uploaded under this id.
    #[error("no such report was ever uploaded here")]
    NoSuchReport,
    /// Nobody registered under this id.
    #[error("no doctor ever registered here by the id {0}")]
    NoSuchDoctor(DoctorId),
    /// The log is shorter.
    #[error("there is no position {0}: the log has {1} events")]
    NoSuchPosition(u64, u64),
    /// A stored line is none: a finding.
    #[error("position {0}: {1}; see medlock verify")]
    Unreadable(Position, UnreadableEvent),
    /// What is stored cannot be a log: a finding.
    #[error("{0}; see medlock verify")]
    Damaged(LinesError),
    /// The lines could not be had.
    #[error(transparent)]
    Lines(LinesError),
}

impl From<LinesError> for ExplainError {
    fn from(error: LinesError) -> Self {
        match error {
            LinesError::Damaged(_) => Self::Damaged(error),
            LinesError::Failed(_) => Self::Lines(error),
        }
    }
}

/// The answer and what was asked.
#[derive(Debug, Serialize)]
pub struct ExplainOutput {
    doctor: DoctorId,
    patient: PatientId,
    report: ReportId,
    purpose: Purpose,
    /// The moment asked about.
    now: Moment,
    /// Only events before this position count, if one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    before_position: Option<u64>,
    #[serde(flatten)]
    explanation: Explanation,
    not_asked: &'static str,
}

const NOT_ASKED: &str = "whether a session was open, which every access needs besides; whether the \
                         times are true; whether the log is whole (medlock verify)";

/// Answers a question out of a log.
///
/// # Errors
/// If the question is about what is not there, or a line that counts cannot be read.
pub async fn answer(
    log: &OpenedLog,
    asked: &AccessQuestion,
) -> Result<ExplainOutput, ExplainError> {
    let stream = uploaded_on(&*log.lines, asked.report).await?;
    let patient = stream.as_ref().and_then(StreamName::patient_id);
    let (Some(stream), Some(patient)) = (stream, patient) else {
        return Err(ExplainError::NoSuchReport);
    };
    let of_the_doctor = StreamName::doctor(asked.doctor);
    let known = log.lines.lengths(std::slice::from_ref(&of_the_doctor)).await?;
    if known.iter().all(|length| *length == 0) {
        return Err(ExplainError::NoSuchDoctor(asked.doctor));
    }
    let now = match (asked.position, asked.at) {
        (Some(position), _) => time_of(log, position, asked.now).await?,
        (None, Some(at)) => at,
        (None, None) => asked.now,
    };
    let mut known = ReviewedLog::default();
    for stream in [&stream, &of_the_doctor] {
        take(asked, &*log.lines, stream, &mut known).await?;
    }
    let AccessQuestion { doctor, report, purpose, .. } = *asked;
    let reader = Reader::doctor(doctor);
    let explanation = known.explain(&stream, Question { reader, report, purpose, now });
    let before_position = asked.position;
    let not_asked = NOT_ASKED;
    Ok(ExplainOutput {
        doctor,
        patient,
        report,
        purpose,
        now,
        before_position,
        explanation,
        not_asked,
    })
}

const fn unreadable(line: &Line, error: UnreadableEvent) -> ExplainError {
    ExplainError::Unreadable(line.position, error)
}

/// The record a report stands in. No index of the log knows it: every line is looked through for the id.
async fn uploaded_on(
    stored: &dyn StoredLines,
    report: ReportId,
) -> Result<Option<StreamName>, ExplainError> {
    let wanted = report.to_string();
    let mut next = 0;
    loop {
        let lines = stored.of_log(Position(next), LINES).await?;
        if lines.is_empty() {
            return Ok(None);
        }
        for line in &lines {
            let named = std::str::from_utf8(&line.bytes).is_ok_and(|text| text.contains(&wanted));
            if named && uploads(line, report)? {
                return Ok(Some(line.stream.clone()));
            }
        }
        next += lines.len() as u64;
    }
}

fn uploads(line: &Line, report: ReportId) -> Result<bool, ExplainError> {
    let envelope = Envelope::read(&line.bytes).map_err(|error| unreadable(line, error.into()))?;
    match envelope.fact() {
        Ok(fact) => {
            let uploaded = fact.body::<ReportUploaded>();
            Ok(uploaded.is_some_and(|uploaded| uploaded.report == report))
        }
        Err(FactError::UnknownKind) => Ok(false),
        Err(error @ FactError::BadData(_)) => Err(unreadable(line, error.into())),
    }
}

/// The time an event at `position` was decided at; right after the newest, it is the present.
async fn time_of(log: &OpenedLog, position: u64, now: Moment) -> Result<Moment, ExplainError> {
    if position == log.length {
        return Ok(now);
    }
    let lines = log.lines.of_log(Position(position), 1).await?;
    let Some(line) = lines.first() else {
        return Err(ExplainError::NoSuchPosition(position, log.length));
    };
    let envelope = Envelope::read(&line.bytes).map_err(|error| unreadable(line, error.into()))?;
    Ok(envelope.time)
}

/// Takes in a stream's events, as far as they were there at the place asked about.
async fn take(
    asked: &AccessQuestion,
    stored: &dyn StoredLines,
    stream: &StreamName,
    known: &mut ReviewedLog,
) -> Result<(), ExplainError> {
    let mut next = StreamVersion(0);
    loop {
        let lines = stored.of_stream(stream, next, LINES).await?;
        if lines.is_empty() {
            return Ok(());
        }
        for line in &lines {
            if asked.position.is_some_and(|position| line.position.0 >= position) {
                return Ok(());
            }
            match line.recorded() {
                Ok(recorded) if asked.at.is_some_and(|at| recorded.time > at) => return Ok(()),
                Ok(recorded) => known.take(&recorded),
                Err(UnreadableEvent::Fact(FactError::UnknownKind)) => {
                    known.take_unknown(stream, line.position);
                }
                Err(error) => return Err(unreadable(line, error)),
            }
        }
        next = StreamVersion(next.0 + u32::try_from(lines.len()).unwrap_or(u32::MAX));
    }
}

impl fmt::Display for ExplainOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explanation { ground, rule, because, consents, unknown_before, .. } = &self.explanation;
        match (ground, rule) {
            (_, Some(rule)) => writeln!(f, "REFUSED by {}: {}", rule.name(), rule.in_words())?,
            (Some(ground), None) => writeln!(f, "ALLOWED by {ground}")?,
            (None, None) => writeln!(f, "ALLOWED")?,
        }
        let before = match self.before_position {
            Some(position) => format!("before position {position}, "),
            None => String::new(),
        };
        let purpose = self.purpose.in_words();
        writeln!(f, "asked      for {purpose}, {before}at {}", self.now)?;
        for (number, mark) in because.iter().enumerate() {
            let word = if number == 0 { "because" } else { "" };
            writeln!(f, "{word:10} {mark}")?;
        }
        for one in consents {
            let says = one.refused_by.map_or("opens it", |rule| rule.name());
            let granted = one.granted.map_or(0, |mark| mark.position.0);
            let (consent, grantee) = (one.consent, one.grantee);
            writeln!(f, "consent    {consent} to {grantee}, at position {granted}: {says}")?;
        }
        if let Some(position) = unknown_before {
            writeln!(
                f,
                "beware     the event at position {position} is of a type unknown to this program: \
                 the answer may be wrong"
            )?;
        }
        writeln!(f, "not asked  {}", self.not_asked)
    }
}
