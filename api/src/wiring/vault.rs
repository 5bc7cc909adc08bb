//! The key vault and its master key.

use std::path::PathBuf;
use std::sync::Arc;

use commands::ports::world::Entropy;
use infra::sqlite::database::DatabaseKind;
use infra::vault::{MasterKey, SqliteKeyVault};

use crate::config::Config;

/// The key vault, and where its master key was made just now, if it was.
pub(super) async fn open_vault(
    config: &Config,
    database: &DatabaseKind,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<(SqliteKeyVault, Option<PathBuf>)> {
    let (master, made) = master_key(config, &**entropy)?;
    let path = config.data.join("vault.db");
    let vault = SqliteKeyVault::open_as(&path, database, master, Arc::clone(entropy)).await?;
    Ok((vault, made))
}

fn master_key(
    config: &Config,
    entropy: &dyn Entropy,
) -> anyhow::Result<(MasterKey, Option<PathBuf>)> {
    use secrecy::ExposeSecret as _;
    if let Some(text) = &config.master_key {
        return Ok((MasterKey::from_text(text.expose_secret())?, None));
    }
    let path = config.data.join("master.key");
    let (key, made) = MasterKey::load_or_make(&path, entropy)?;
    Ok((key, made.0.then_some(path)))
}
