//! `medlock first-admin`: a new one-time link, where there is no admin yet. The service must not run.

use commands::identity::issue_first_admin_link::FirstAdminRejection;
use evidence::say;
use secrecy::ExposeSecret as _;

use super::{CliResult, DataArgs};
use crate::wiring::{App, World};

pub(super) async fn run(args: &DataArgs) -> CliResult {
    super::start_logging(true);
    let config = args.settings()?;
    let app = App::open(&config, World::real()?).await?;
    let link = app.first_admin.link().await?;
    app.close().await;
    let token = link.ok_or(FirstAdminRejection::AdminExists.rejection())?;
    let base = config.http.link_base(config.http.listen);
    say!("{base}/#first-admin={}", token.expose_secret());
    Ok(())
}
