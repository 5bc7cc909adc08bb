//! The key vault and its master key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use commands::ports::world::Entropy;
use infra::sqlite::database::DatabaseKind;
use infra::vault::{Begins, MasterKey, SqliteKeyVault};
use secrecy::ExposeSecret as _;

use crate::config::{Config, MasterKeySource};

/// What whoever runs the service must hear of the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterKeyNews {
    /// It lies where it should.
    None,
    /// It was made for this house, in which nothing has happened yet: by this start, or by one that failed.
    Made(PathBuf),
    /// It lies in the data folder, where older versions made it: whoever copies the folder has both.
    Inside {
        /// Where it lies.
        key: PathBuf,
        /// Where it is looked for first.
        better: PathBuf,
    },
}

/// The key vault, and what there is to say of its master key.
pub(super) async fn open_vault(
    config: &Config,
    database: &DatabaseKind,
    entropy: &Arc<dyn Entropy>,
    begins: Begins,
) -> anyhow::Result<(SqliteKeyVault, MasterKeyNews)> {
    let path = config.data.join("vault.db");
    let (master, news) = master_key(config, &path, &**entropy)?;
    let news = if begins.0 { of_a_beginning(config, news) } else { news };
    let entropy = Arc::clone(entropy);
    let vault = SqliteKeyVault::open_as(&path, database, master, entropy, begins).await?;
    Ok((vault, news))
}

/// A start that failed behind the making of the key said nothing of it: the next one does, until there is an
/// event.
fn of_a_beginning(config: &Config, news: MasterKeyNews) -> MasterKeyNews {
    match (news, config.master_key_source()) {
        (MasterKeyNews::None, MasterKeySource::File(path)) => MasterKeyNews::Made(path),
        (
            news,
            MasterKeySource::File(_)
            | MasterKeySource::Value(_)
            | MasterKeySource::Descriptor(_)
            | MasterKeySource::Credential(_),
        ) => news,
    }
}

/// The key vault for those who only read: nothing is made or changed.
pub(super) async fn open_vault_to_read(
    config: &Config,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<SqliteKeyVault> {
    let path = config.data.join("vault.db");
    let (master, _) = master_key(config, &path, &**entropy)?;
    Ok(SqliteKeyVault::open_read_only(&path, master, Arc::clone(entropy)).await?)
}

fn master_key(
    config: &Config,
    vault: &Path,
    entropy: &dyn Entropy,
) -> anyhow::Result<(MasterKey, MasterKeyNews)> {
    let key = match config.master_key_source() {
        MasterKeySource::Value(text) => MasterKey::from_text(text.expose_secret())?,
        MasterKeySource::Descriptor(number) => MasterKey::handed_over(number)?,
        MasterKeySource::Credential(path) => MasterKey::credential(path)?,
        MasterKeySource::File(better) => return in_a_file(config, better, vault, entropy),
    };
    Ok((key, MasterKeyNews::None))
}

/// The key in its file, or in the one that older versions made inside the data folder.
fn in_a_file(
    config: &Config,
    better: PathBuf,
    vault: &Path,
    entropy: &dyn Entropy,
) -> anyhow::Result<(MasterKey, MasterKeyNews)> {
    let inside = config.data.join("master.key");
    if !better.exists() && inside.exists() {
        let (key, _) = MasterKey::load_or_make(&inside, vault, entropy)?;
        return Ok((key, MasterKeyNews::Inside { key: inside, better }));
    }
    let (key, made) = MasterKey::load_or_make(&better, vault, entropy).context(
        "the master key lies beside the data folder unless master_key_file, master_key_fd or a \
         credential says where else; a data folder one level down (--data DIR/data) leaves room",
    )?;
    let news = if made.0 { MasterKeyNews::Made(better) } else { MasterKeyNews::None };
    Ok((key, news))
}
