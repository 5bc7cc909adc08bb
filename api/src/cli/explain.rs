//! `medlock explain`: whether a doctor may see a report, now or at some place in the log, by which rule and
//! because of which events.

use clap::Args;
use domain::actor::Actor;
use domain::consent::scope::Purpose;
use domain::ids::{DoctorId, ReportId};
use domain::time::Moment;
use evidence::explain::{AccessQuestion, ExplainError, answer};
use evidence::{say, terminal};

use super::names::NamesArgs;
use super::replay::until;
use super::{CliError, CliResult, DataArgs, Output, any_case, print_json, start_logging};
use crate::wiring::{World, open_stored_log};

/// Say whether a doctor may see a report, by which rule, and which events that rests on.
///
/// Asks the policy that decides about view tokens, on the events alone. Reads only; the service may run. Exit
/// code 0 whatever the answer is.
#[derive(Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Who would look.
    #[arg(long, value_name = "ID", value_parser = any_case::<DoctorId>)]
    doctor: DoctorId,
    /// At what.
    #[arg(long, value_name = "ID", value_parser = any_case::<ReportId>)]
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
    #[command(flatten)]
    names: NamesArgs,
}

fn purpose(text: &str) -> Result<Purpose, String> {
    let quoted = serde_json::Value::String(text.to_owned());
    serde_json::from_value(quoted).map_err(|_| "not a purpose of use, such as TREAT".to_owned())
}

pub(super) async fn run(args: &ExplainArgs) -> CliResult {
    start_logging(true);
    let config = args.data.settings()?;
    let names = args.names.names(&config).await?;
    let stored = open_stored_log(&config.data).await?;
    let asked = AccessQuestion {
        doctor: args.doctor,
        report: args.report,
        purpose: args.purpose,
        position: args.position,
        at: args.at,
        now: World::real()?.clock.now(),
    };
    let answer = answer(&stored.opened(), &asked).await?;
    match args.output {
        Output::Json => print_json(&answer)?,
        Output::Table => terminal::print(&answer),
    }
    let doctor = Actor::Doctor(args.doctor).to_string();
    if let (Some(name), Output::Table) = (names.get(&doctor), args.output) {
        say!("{doctor} is {name}, as the service says.");
    }
    Ok(())
}

impl From<ExplainError> for CliError {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::NoSuchReport
            | ExplainError::NoSuchDoctor(_)
            | ExplainError::NoSuchPosition(..) => Self::Usage(error.into()),
            ExplainError::Unreadable(..) | ExplainError::Damaged(_) => {
                Self::Finding(error.to_string())
            }
            ExplainError::Lines(error) => Self::Environment(error.into()),
        }
    }
}
