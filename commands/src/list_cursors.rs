//! Where a list goes on, as callers carry it: sealed, so that only this installation can have made it.

use std::sync::Arc;

use domain::journal::Position;

use crate::ports::key_vault::KeyVault;

/// Makes and reads cursors.
pub struct ListCursors(Arc<dyn KeyVault>);

impl ListCursors {
    /// Sealed under a key of this vault.
    pub fn new(vault: Arc<dyn KeyVault>) -> Self {
        Self(vault)
    }

    /// The cursor that goes on behind `position`.
    pub fn seal(&self, position: Position) -> String {
        self.0.seal_note(&position.0.to_be_bytes())
    }

    /// What `seal` was given; none if the cursor is not ours.
    pub fn read(&self, cursor: &str) -> Option<Position> {
        let note = self.0.open_note(cursor)?;
        let bytes = note.as_slice().try_into().ok()?;
        Some(Position(u64::from_be_bytes(bytes)))
    }
}
