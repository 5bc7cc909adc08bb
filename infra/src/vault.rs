//! The key vault: subject keys under the master key, everything else under a subject's or the installation's.

#[cfg(test)]
mod conformance;
mod inherited;
mod installation_keys;
mod kept_key;
mod master_key;
mod memory;
mod sqlite;
mod subject;
mod unsealer;
mod writer;

pub use master_key::{MadeNow, MasterKey, MasterKeyError};
pub use memory::MemoryKeyVault;
pub use sqlite::{Begins, SqliteKeyVault, VaultOpenError, database};
pub use unsealer::Unsealer;
