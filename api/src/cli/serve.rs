//! `medlock serve`: open everything, listen, stop in order.

use std::path::Path;

use evidence::{complain, say};
use secrecy::ExposeSecret as _;

use super::stopping::{Interrupts, until_stopped};
use super::{CliError, CliResult, ServeArgs, start_logging};
use crate::config::{Config, is_synthetic};
use crate::server::Running;
use crate::wiring::{App, MasterKeyNews, World, name_the_log, refuse_unless_named};

pub(super) async fn run(args: &ServeArgs) -> CliResult {
    start_logging(false);
    let config = args.settings()?;
    refuse_unless_named(&config).map_err(CliError::Usage)?;
    let config = name_the_log(config).await?;
    let app = App::open(&config, World::real()?).await?;
    if is_synthetic(&config.data) {
        say!("{} was made by the demo. Its keys can be guessed:", config.data.display());
        say!("never put real data into it.");
    }
    if !config.origin_is_said() {
        say!("The log is called {}: a name for trying, that can never change.", config.origin);
        say!("For real use set origin to a name of yours, in a new folder.");
    }
    about_the_key(&app.master_key, &config.data);
    about_the_log(&app, &config);
    let mut interrupts = Interrupts::listen()?;
    let running = Running::start(&app, &config)?;
    let scheme = config.http.scheme();
    say!("Medlock answers at {scheme}://{}/ (API: /api/docs/)", running.address);
    if let Some(url) = &config.http.public_url {
        say!("It is reached at {}/", url.origin());
    }
    let link = app.first_admin.link().await?;
    if let Some(token) = link {
        say!("There is no admin yet. Become the first one, within 30 minutes, with this link:");
        let base = config.http.link_base(running.address);
        say!("  {base}/#first-admin={}", token.expose_secret());
        say!("(POST /api/v1/admins/first takes the part behind the = as `token`.)");
    }
    if config.http.is_in_the_clear(running.address) {
        complain!(
            "WARNING: {} is open to other machines, and what is said there can be read on the way,
\
             passwords included. Set http.tls_certificate and http.tls_key; or put a proxy with TLS
\
             in front, and name it in http.trusted_proxies.",
            running.address
        );
    }
    say!("Ready. Stop it with Ctrl-C.");
    until_stopped(app, running, &config, &mut interrupts).await
}

/// That there is a key to be kept safe, or one to be moved; nothing is moved by itself.
fn about_the_key(news: &MasterKeyNews, data: &Path) {
    match news {
        MasterKeyNews::None => {}
        MasterKeyNews::Made(path) => {
            say!("The master key was made: {}. Copy it to a safe place that is", path.display());
            say!("not this disk: without it nothing sealed can ever be read again.");
        }
        MasterKeyNews::Inside { key, better } => {
            say!("The master key lies inside {}: whoever copies that folder", data.display());
            say!(
                "can read everything in it. Keep a copy elsewhere, stop the service, and move it:"
            );
            say!("  mv {} {}", key.display(), better.display());
        }
    }
}

/// What an operator must know of the log: its key once, that nothing of it is outside as long as that is so.
fn about_the_log(app: &App, config: &Config) {
    let log = &app.log;
    let new = log.standing().signed.is_none_or(|made| made.checkpoint.size == 0);
    if let (true, Some(key)) = (new, log.signer().keys().first()) {
        say!("The log {} is signed by this key; publish it where this machine's", config.origin);
        say!("owner cannot change it: {key}");
        say!("The guard file {} tells this database from an older", config.guard().display());
        say!("one: keep it, and keep it out of the backups of {}.", config.data.display());
    }
    if app.anchoring.names().is_empty() {
        say!(
            "Nothing of the log leaves this machine: see the settings anchors.… and\n\
             transparency.witness_policy"
        );
        say!("in `medlock config`.");
    }
}
