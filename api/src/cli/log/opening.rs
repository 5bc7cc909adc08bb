//! Opening an installation for `medlock log …`, and what its commands answer when they may not.

use std::sync::Arc;

use commands::execute::ExecuteError;

use crate::cli::{CliError, DataArgs};
use crate::wiring::{App, World};

/// Opens an installation that is there; refuses while the service runs, which holds the log's lock.
pub(super) async fn open(args: &DataArgs) -> Result<Arc<App>, CliError> {
    let config = args.settings()?;
    let path = config.data.join("events.db");
    if !path.is_file() {
        return Err(anyhow::anyhow!("there is no event log {}", path.display()).into());
    }
    Ok(App::open(&config, World::real()?).await?)
}

/// A business "no" is what was found; the rest is the world's fault.
pub(super) fn cli_error(error: ExecuteError) -> CliError {
    match error {
        ExecuteError::Rejected(no) => CliError::Finding(format!("{} {}", no.detail, no.next)),
        ExecuteError::RequestReused
        | ExecuteError::Contended
        | ExecuteError::ClockBehind(_)
        | ExecuteError::ClockOffWitness(_)
        | ExecuteError::DiskFull
        | ExecuteError::Line(_)
        | ExecuteError::Fold(_)
        | ExecuteError::Vault(_)
        | ExecuteError::Store(_)
        | ExecuteError::NoAnswer
        | ExecuteError::Defect(_) => CliError::Environment(error.into()),
    }
}
