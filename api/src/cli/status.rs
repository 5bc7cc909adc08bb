//! `medlock status`: how the running service does, part by part and job by job.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use comfy_table::Table;
use evidence::say;
use evidence::terminal::OneLine;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{CliError, CliResult, DataArgs, Output, print_json, start_logging};
use crate::config::Config;

/// How long the service may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ask the running service how each part and each background job does.
///
/// Exit code 1 if something is not well, 3 if nobody answers.
#[derive(Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Where the service answers [default: where the settings say it listens].
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

/// What `/readyz` answers, as far as it is looked at one by one.
#[derive(Deserialize)]
struct Told {
    ready: bool,
    healthy: bool,
    jobs: Vec<ToldJob>,
    #[serde(flatten)]
    parts: Map<String, Value>,
}

#[derive(Deserialize)]
struct ToldJob {
    name: String,
    what: String,
    health: String,
    why: Option<String>,
    last_success: Option<String>,
}

pub(super) async fn run(args: &StatusArgs) -> CliResult {
    start_logging(true);
    let url = match &args.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => service_url(None, &args.data.settings()?),
    };
    let answer = ask(&url).await?;
    let told: Told = serde_json::from_value(answer.clone())
        .with_context(|| format!("what answers at {url} is not this version of medlock"))?;
    match args.output {
        Output::Json => print_json(&answer)?,
        Output::Table => table(&told),
    }
    if told.ready && told.healthy {
        return Ok(());
    }
    let word = if told.ready { "not well" } else { "not ready" };
    Err(CliError::Finding(format!("{word}: {}", troubles(&told).join("; "))))
}

/// Where the service answers: where somebody says, or where the settings say that it listens.
pub(super) fn service_url(given: Option<&str>, config: &Config) -> String {
    match given {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => config.http.call_base(),
    }
}

async fn ask(url: &str) -> anyhow::Result<Value> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let answer = client.get(format!("{url}/readyz")).send().await;
    let answer = answer.with_context(|| format!("nobody answers at {url}; is the service up?"))?;
    let answer = answer.json().await;
    answer.with_context(|| format!("what answers at {url} is not medlock"))
}

/// Everything that is not well, in a line each.
fn troubles(told: &Told) -> Vec<String> {
    let parts = PARTS.iter().filter_map(|part| {
        let text = told.parts.get(*part)?.as_str()?;
        (text != "ok").then(|| format!("{}: {text}", part.replace('_', " ")))
    });
    let jobs = told.jobs.iter().filter(|job| job.health == "unwell");
    let jobs = jobs.map(|job| format!("{}: {}", job.name, job.why.as_deref().unwrap_or_default()));
    parts.chain(jobs).collect()
}

/// The parts that say `ok` or what is wrong.
const PARTS: [&str; 7] = [
    "event_store",
    "read_models",
    "descriptors",
    "transparency_log",
    "witnesses",
    "anchors",
    "report_files",
];

/// What answered says it: a cell stays in its row.
fn on_one_line(text: impl AsRef<str>) -> String {
    OneLine(text.as_ref()).to_string()
}

fn table(told: &Told) {
    let lines = |header: &[&str], rows: Vec<Vec<String>>| {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(header.to_vec());
        table.add_rows(rows);
        say!("{table}");
    };
    let part = |name: &&str| {
        let text = told.parts.get(*name).and_then(Value::as_str).unwrap_or("-");
        vec![name.replace('_', " "), on_one_line(text)]
    };
    lines(&["part", "health"], PARTS.iter().map(part).collect());
    say!("");
    let job = |job: &ToldJob| {
        let health = match &job.why {
            Some(why) => format!("{}: {why}", job.health),
            None => job.health.clone(),
        };
        let last = job.last_success.clone().unwrap_or("not yet".to_owned());
        [&job.name, &health, &last, &job.what].map(on_one_line).to_vec()
    };
    let jobs = told.jobs.iter().map(job).collect();
    lines(&["job", "health", "last success", "what it does"], jobs);
}
