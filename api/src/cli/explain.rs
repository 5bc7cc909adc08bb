//! `medlock explain`: whether a doctor may see a report, now or at some place in the log, by which rule and
//! because of which events.

use std::fmt;

use clap::Args;
use commands::ports::event_store::{EventStore, ReadError};
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

use super::replay::until;
use super::{CliError, CliResult, DataArgs, Output, print_json, start_logging};
use crate::wiring::{World, open_stored_log};

const LINES: usize = 1_024;

/// Say whether a doctor may see a report, by which rule, and which events that rests on.
///
/// Asks the policy that decides about view tokens, on the events alone. Reads only; the service may run. Exit
/// code 0 whatever the answer is.
#[derive(Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Who would look.
    #[arg(long, value_name = "ID")]
    doctor: DoctorId,
    /// At what.
    #[arg(long, value_name = "ID")]
    report: ReportId,
    /// For what: TREAT, ETREAT, HRESCH …
    #[arg(long, value_name = "CODE", default_value = "TREAT", value_parser = purpose)]
    purpose: Purpose,
    /// As an event at this position was decided: on what stands before it, at its time.
    #[arg(long, value_name = "N", conflicts_with = "at")]
    position: Option<u64>,
    /// As it was at this time (UTC), by the times of the events: 2026-11-23T08:00:00Z, or a day's end.
    #[arg(long, value_name = "TIME", value_parser = until)]
    at: Option<Moment>,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

fn purpose(text: &str) -> Result<Purpose, String> {
    let quoted = serde_json::Value::String(text.to_owned());
    serde_json::from_value(quoted).map_err(|_| "not a purpose of use, such as TREAT".to_owned())
}

/// The answer and what was asked.
#[derive(Serialize)]
struct ExplainOutput {
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

pub(super) async fn run(args: &ExplainArgs) -> CliResult {
    start_logging(true);
    let config = args.data.settings()?;
    let stored = open_stored_log(&config.data).await?;
    let answer = answer(args, &*stored.events).await?;
    match args.output {
        Output::Json => print_json(&answer)?,
        Output::Table => print!("{answer}"),
    }
    Ok(())
}

async fn answer(args: &ExplainArgs, events: &dyn EventStore) -> Result<ExplainOutput, CliError> {
    let stream = uploaded_on(events, args.report).await?;
    let patient = stream.as_ref().and_then(StreamName::patient_id);
    let (Some(stream), Some(patient)) = (stream, patient) else {
        return Err(CliError::Usage(anyhow::anyhow!("no such report was ever uploaded here")));
    };
    let now = match (args.position, args.at) {
        (Some(position), _) => time_of(events, position).await?,
        (None, Some(at)) => at,
        (None, None) => World::real()?.clock.now(),
    };
    let mut known = ReviewedLog::default();
    for stream in [&stream, &StreamName::doctor(args.doctor)] {
        take(args, events, stream, &mut known).await?;
    }
    let (doctor, report, purpose) = (args.doctor, args.report, args.purpose);
    let reader = Reader::doctor(doctor);
    let explanation = known.explain(&stream, Question { reader, report, purpose, now });
    let before_position = args.position;
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

fn failed(error: ReadError) -> CliError {
    if error.damage().is_some() {
        return CliError::Finding(format!("{error}; see medlock verify"));
    }
    anyhow::Error::from(error).into()
}

fn unreadable(line: &Line, error: &UnreadableEvent) -> CliError {
    CliError::Finding(format!("position {}: {error}; see medlock verify", line.position))
}

/// The record a report stands in. No index of the log knows it: every line is looked through for the id.
async fn uploaded_on(
    events: &dyn EventStore,
    report: ReportId,
) -> Result<Option<StreamName>, CliError> {
    let wanted = report.to_string();
    let mut next = 0;
    loop {
        let lines = events.read_all(Position(next), LINES).await.map_err(failed)?;
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

fn uploads(line: &Line, report: ReportId) -> Result<bool, CliError> {
    let envelope = Envelope::read(&line.bytes).map_err(|error| unreadable(line, &error.into()))?;
    match envelope.fact() {
        Ok(fact) => {
            let uploaded = fact.body::<ReportUploaded>();
            Ok(uploaded.is_some_and(|uploaded| uploaded.report == report))
        }
        Err(FactError::UnknownKind) => Ok(false),
        Err(error @ FactError::BadData(_)) => Err(unreadable(line, &error.into())),
    }
}

/// The time an event at `position` was decided at; right after the newest, it is the present.
async fn time_of(events: &dyn EventStore, position: u64) -> Result<Moment, CliError> {
    let length = events.newest().borrow().map_or(0, |newest| newest.0 + 1);
    if position == length {
        return Ok(World::real()?.clock.now());
    }
    let lines = events.read_all(Position(position), 1).await.map_err(failed)?;
    let Some(line) = lines.first() else {
        let what = anyhow::anyhow!("there is no position {position}: the log has {length} events");
        return Err(CliError::Usage(what));
    };
    let envelope = Envelope::read(&line.bytes).map_err(|error| unreadable(line, &error.into()))?;
    Ok(envelope.time)
}

/// Takes in a stream's events, as far as they were there at the place asked about.
async fn take(
    args: &ExplainArgs,
    events: &dyn EventStore,
    stream: &StreamName,
    known: &mut ReviewedLog,
) -> Result<(), CliError> {
    let mut next = StreamVersion(0);
    loop {
        let lines = events.read(stream, next, LINES).await.map_err(failed)?;
        if lines.is_empty() {
            return Ok(());
        }
        for line in &lines {
            if args.position.is_some_and(|position| line.position.0 >= position) {
                return Ok(());
            }
            match line.recorded() {
                Ok(recorded) if args.at.is_some_and(|at| recorded.time > at) => return Ok(()),
                Ok(recorded) => known.take(&recorded),
                Err(UnreadableEvent::Fact(FactError::UnknownKind)) => {
                    known.take_unknown(stream, line.position);
                }
                Err(error) => return Err(unreadable(line, &error)),
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
