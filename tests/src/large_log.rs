//! Installations whose logs have as many events as a story asks for.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use api::config::Config;
use api::wiring::{App, World};
use commands::ports::event_store::EventStore;
use commands::ports::key_vault::KeyVault;
use infra::entropy::OsEntropy;
use infra::event_store::{SqliteEventStore, SqliteOptions};
use infra::vault::{MasterKey, SqliteKeyVault};
use synthetic::bench::fill;

use crate::soak::soaking;

pub use synthetic::bench::SOURCE;

/// The master key of such an installation.
const MASTER: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
/// From here on a log is a synthetic clinic's; a shorter one is what happens before there is an admin.
const CLINIC: u64 = 100;

/// Makes an installation in `data` with `events` events or a few more, all of them signed and published, and
/// closes it; answers how many there are.
///
/// # Panics
/// If it cannot be made.
pub async fn make(data: &Path, events: u64) -> u64 {
    let app = open(data).await;
    for _ in 0..if events < CLINIC { events } else { 0 } {
        app.first_admin.link().await.expect("a link");
    }
    close(app).await;
    if events >= CLINIC {
        let store = SqliteEventStore::open(&data.join("events.db"), SqliteOptions::default()).await;
        let store = Arc::new(store.expect("the log opens"));
        let master = MasterKey::from_text(MASTER).expect("a key");
        let path = data.join("vault.db");
        let vault = SqliteKeyVault::open(&path, master, Arc::new(OsEntropy)).await;
        let vault: Arc<dyn KeyVault> = Arc::new(vault.expect("the vault opens"));
        let log: Arc<dyn EventStore> = Arc::clone(&store) as Arc<dyn EventStore>;
        fill(&log, &vault, events).await.expect("the log is filled");
        store.close().await;
    }
    let app = open(data).await;
    let length = app.newest().map_or(0, |newest| newest.0 + 1);
    close(app).await;
    length
}

async fn open(data: &Path) -> Arc<App> {
    let mut config = Config::of(data, ([127, 0, 0, 1], 0).into());
    SOURCE.clone_into(&mut config.origin);
    config.master_key = Some(MASTER.into());
    App::open(&config, World::real().expect("the world")).await.expect("the installation opens")
}

async fn close(app: Arc<App>) {
    app.log.catch_up().await.expect("the log is signed and published");
    app.close().await;
}

/// The program with the settings of such an installation, whose log may have another origin by now.
pub fn command(origin: &str) -> Command {
    let mut command = Command::new(crate::program::medlock());
    command.env("MEDLOCK_ORIGIN", origin).env("MEDLOCK_MASTER_KEY", MASTER);
    command
}

/// The sizes a story of all sizes is told on: the largest only where time is no matter.
pub fn sizes() -> &'static [u64] {
    if soaking() { &[10, 1_000, 200_000] } else { &[10, 1_000] }
}
