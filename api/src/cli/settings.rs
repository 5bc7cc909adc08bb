//! `medlock config`: every setting, its value and where it came from; with `--all` also what it means.

use clap::Args;
use comfy_table::Table;
use evidence::say;

use super::{CliError, CliResult, ServeArgs};
use crate::config::{Config, Flags, SettingRow, settings_told};

/// What `medlock config` takes.
#[derive(Args)]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    serve: ServeArgs,
    /// Also say what each setting means, in which unit, and what holds where nobody says anything.
    #[arg(long)]
    all: bool,
}

pub(super) fn run(args: &ConfigArgs) -> CliResult {
    let (data, listen) = (&args.serve.data, args.serve.listen);
    let flags = Flags { data: data.data.clone(), listen };
    let rows = Config::explain(data.config.as_deref(), &flags).map_err(CliError::Usage)?;
    args.serve.settings()?;
    if args.all {
        say!("{}", in_full(&rows));
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["setting", "value", "from"]).add_rows(rows);
    say!("{table}");
    Ok(())
}

/// Each setting in a paragraph of its own.
fn in_full(rows: &[[String; 3]]) -> String {
    let told = settings_told().into_iter().map(|row| {
        let SettingRow { name, meaning, default, unit, since } = row;
        let found = rows.iter().find(|[known, ..]| *known == name);
        let (value, from) = found.map_or(("", ""), |[_, value, from]| (value, from));
        let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
        let default = default.unwrap_or_else(|| "not set".to_owned());
        format!(
            "{name} = {value}  [{from}]\n  {meaning}\n  Default: {default}{unit}. Since {since}.\n"
        )
    });
    told.collect::<Vec<_>>().join("\n")
}
