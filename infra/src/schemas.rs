//! Every schema of every database of an installation.

use crate::sqlite::database::DatabaseKind;
use crate::{checkpoint_store, event_store, vault, work_store};

/// The databases of an installation that are brought up to date when they are older: what a test replaces
/// to be the next version of this program. Read models are not among them, for they are filled anew.
#[derive(Debug, Clone)]
pub struct Schemas {
    /// `events.db`.
    pub events: DatabaseKind,
    /// `vault.db`.
    pub vault: DatabaseKind,
    /// `work.db`.
    pub work: DatabaseKind,
    /// `log.db`.
    pub log: DatabaseKind,
}

impl Default for Schemas {
    fn default() -> Self {
        Self {
            events: event_store::database(),
            vault: vault::database(),
            work: work_store::database(),
            log: checkpoint_store::database(),
        }
    }
}
