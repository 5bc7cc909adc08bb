//! Opening an installation for `medlock log …`.

use std::sync::Arc;

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
