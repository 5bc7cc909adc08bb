//! `medlock serve`: open everything, listen, stop in order.

use secrecy::ExposeSecret as _;

use super::demo::is_synthetic;
use super::stopping::until_stopped;
use super::{CliResult, ServeArgs, start_logging};
use crate::config::Config;
use crate::server::Running;
use crate::wiring::{App, World};

pub(super) async fn run(args: &ServeArgs) -> CliResult {
    start_logging(false);
    let config = args.settings()?;
    let app = App::open(&config, World::real()?).await?;
    if is_synthetic(&config.data) {
        println!("{} was made by the demo. Its keys can be guessed:", config.data.display());
        println!("never put real data into it.");
    }
    if let Some(path) = &app.master_key_made {
        println!(
            "Made the master key {}. Copy it to a safe place that is not this",
            path.display()
        );
        println!("disk: without it nothing sealed can ever be read again.");
    }
    about_the_log(&app, &config);
    let running = Running::start(&app, &config)?;
    println!("Medlock answers at http://{}/ (API: /api/docs/)", running.address);
    if let Some(url) = &config.http.public_url {
        println!("It is reached at {}/", url.origin());
    }
    let link = app.first_admin.link().await?;
    if let Some(token) = link {
        println!("There is no admin yet. Become the first one, within 30 minutes, with this link:");
        let base = config.http.link_base(running.address);
        println!("  {base}/#first-admin={}", token.expose_secret());
        println!("(POST /api/v1/admins/first takes the part behind the = as `token`.)");
    }
    println!("Ready. Stop it with Ctrl-C.");
    until_stopped(app, running, &config).await
}

/// What an operator must know of the log: its key once, that nothing of it is outside as long as that is so.
fn about_the_log(app: &App, config: &Config) {
    let log = &app.log;
    let new = log.standing().signed.is_none_or(|made| made.checkpoint.size == 0);
    if let (true, Some(key)) = (new, log.signer().keys().first()) {
        println!(
            "The log {} is signed by this key; publish it where this machine's",
            config.origin
        );
        println!("owner cannot change it: {key}");
        println!("The guard file {} tells this database from an older", config.guard().display());
        println!("one: keep it, and keep it out of the backups of {}.", config.data.display());
    }
    if app.anchoring.names().is_empty() {
        println!(
            "Nothing of the log leaves this machine: see the settings anchors.… and\n\
             transparency.witness_policy"
        );
        println!("in `medlock config`.");
    }
}
