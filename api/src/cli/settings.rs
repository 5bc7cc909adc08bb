//! `medlock config`: every setting, its value and where it came from.

use comfy_table::Table;
use evidence::say;

use super::{CliError, CliResult, ServeArgs};
use crate::config::{Config, Flags};

pub(super) fn run(args: &ServeArgs) -> CliResult {
    let flags = Flags { data: args.data.data.clone(), listen: args.listen };
    let rows = Config::explain(args.data.config.as_deref(), &flags).map_err(CliError::Usage)?;
    args.settings()?;
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["setting", "value", "from"]).add_rows(rows);
    say!("{table}");
    Ok(())
}
