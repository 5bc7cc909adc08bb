//! `medlock anchors`: what of the log is out of the organisation, where, and since when.

use clap::{Args, Subcommand};
use comfy_table::Table;
use domain::audit::state::LogState;
use domain::time::Moment;
use evidence::say;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{CliError, CliResult, DataArgs, Output, print_json, start_logging};
use crate::config::Config;
use crate::wiring::{World, deploy_contract, log_as_stored, open_stored_log};

/// List the anchors of the log and how old they are, or deploy the contract of the chain anchor.
///
/// Reads only; the service may run. Exit code 1 if an anchor that the settings name has nothing yet, or
/// nothing new for longer than anchors.late_minutes.
#[derive(Args)]
pub(crate) struct AnchorsArgs {
    #[command(flatten)]
    data: DataArgs,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    #[command(subcommand)]
    what: Option<AnchorsCommand>,
}

#[derive(Subcommand)]
enum AnchorsCommand {
    /// Deploy the anchor contract with rpc_url, chain_id and key of anchors.evm; prints its address.
    Deploy,
}

/// One anchor.
#[derive(Serialize)]
struct AnchorRow {
    anchor: String,
    /// Whether the settings name it.
    in_use: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_minutes: Option<u64>,
    receipts: Vec<Map<String, Value>>,
    late: bool,
}

pub(super) async fn run(args: &AnchorsArgs) -> CliResult {
    start_logging(true);
    let config = args.data.settings()?;
    match args.what {
        Some(AnchorsCommand::Deploy) => deploy(&config).await,
        None => list(&config, args.output).await,
    }
}

async fn deploy(config: &Config) -> CliResult {
    let contract = deploy_contract(&config.anchors.evm).await?;
    say!("The anchor contract is at {contract}.");
    say!(
        "Set anchors.evm.contract = \"{contract}\" and make the address known to whoever checks the log."
    );
    Ok(())
}

async fn list(config: &Config, output: Output) -> CliResult {
    let stored = open_stored_log(&config.data).await?;
    let log = log_as_stored(&stored).await?;
    let events = stored.events.newest().borrow().map_or(0, |newest| newest.0 + 1);
    let rows = rows(config, &log, World::real()?.clock.now());
    match output {
        Output::Json => print_json(&serde_json::json!({ "events": events, "anchors": rows }))?,
        Output::Table => table(&rows, events),
    }
    let late: Vec<&str> =
        rows.iter().filter(|row| row.late).map(|row| row.anchor.as_str()).collect();
    if late.is_empty() {
        Ok(())
    } else {
        Err(CliError::Finding(format!("too old: {}", late.join(", "))))
    }
}

/// Every anchor that the settings or the log name.
fn rows(config: &Config, log: &LogState, now: Moment) -> Vec<AnchorRow> {
    let in_use = [
        ("file", config.anchors.folder.is_some()),
        ("witness", config.transparency.witness_policy.is_some()),
        ("evm", config.anchors.evm.contract.is_some() && config.anchors.evm.key.is_some()),
    ];
    let named = in_use.iter().filter(|(_, used)| *used).map(|(name, _)| (*name).to_owned());
    let mut names: Vec<String> = named.chain(log.anchors.keys().cloned()).collect();
    names.sort_unstable();
    names.dedup();
    let row = |anchor: String| {
        let known = log.anchors.get(&anchor);
        let in_use = in_use.contains(&(anchor.as_str(), true));
        let age_minutes = known.map(|known| now.since(known.time).as_secs() / 60);
        let late = in_use && age_minutes.is_none_or(|age| age > config.anchors.late_minutes);
        AnchorRow {
            in_use,
            events: known.map(|known| known.size),
            recorded: known.map(|known| known.time),
            age_minutes,
            receipts: known.map(|known| known.receipts.clone()).unwrap_or_default(),
            late,
            anchor,
        }
    };
    names.into_iter().map(row).collect()
}

fn table(rows: &[AnchorRow], events: u64) {
    if rows.is_empty() {
        say!(
            "The log of {events} events is anchored nowhere: whoever owns this machine owns its past."
        );
        say!(
            "Set anchors.folder, anchors.evm.… or transparency.witness_policy: see medlock config."
        );
        return;
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["anchor", "events", "recorded", "age", "receipt"]);
    for row in rows {
        let text = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
        let receipt = row.receipts.last().map(|receipt| Value::Object(receipt.clone()).to_string());
        table.add_row([
            row.anchor.clone(),
            format!("{} of {events}", text(row.events)),
            row.recorded.map_or("never".to_owned(), |time| time.to_string()),
            row.age_minutes.map_or("-".to_owned(), |age| format!("{age} min")),
            receipt.unwrap_or_default(),
        ]);
    }
    say!("{table}");
}
