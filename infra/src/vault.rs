//! The key vault: subject keys under the master key, everything else under a subject's or the house's.

mod house;
mod master_key;
mod sqlite;
mod subject;
mod unsealer;
mod writer;

pub use master_key::{MadeNow, MasterKey, MasterKeyError};
pub use sqlite::{OpenError, SqliteKeyVault};
pub use unsealer::Unsealer;
