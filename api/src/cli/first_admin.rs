//! `medlock first-admin`: a new one-time link, where there is no admin yet. The service must not run.

use secrecy::ExposeSecret as _;

use super::{CliError, CliResult, DataArgs};
use crate::wiring::{App, World};

pub(super) async fn run(args: &DataArgs) -> CliResult {
    super::start_logging(true);
    let config = args.settings()?;
    let app = App::open(&config, World::real()?).await?;
    let link = app.first_admin.link().await.map_err(anyhow::Error::from)?;
    app.close().await;
    let Some(token) = link else {
        return Err(CliError::Finding("this installation has an admin already".to_owned()));
    };
    println!("http://{}/#first-admin={}", config.http.listen, token.expose_secret());
    Ok(())
}
