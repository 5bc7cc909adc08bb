//! Where a list goes on, as callers carry it: sealed, so that only this installation can have made it, and of
//! use to whom it was given, in the list it was given for, and nowhere else.

use std::sync::Arc;

use domain::actor::Actor;
use domain::journal::Position;
use serde::Serialize;

use crate::ports::key_vault::KeyVault;

/// Makes and reads cursors.
pub struct ListCursors(Arc<dyn KeyVault>);

/// A list as one reader is shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReadList<'a> {
    /// Who reads.
    pub reader: Actor,
    /// Where the list is.
    pub address: &'a str,
    /// What it leaves out, as the reader said it.
    pub filter: &'a str,
}

impl ReadList<'_> {
    fn digest(&self) -> [u8; 32] {
        // One JSON text for one list: what a filter holds cannot look like the end of an address.
        let text = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&text).into()
    }
}

impl ListCursors {
    /// Sealed under a key of this vault.
    pub fn new(vault: Arc<dyn KeyVault>) -> Self {
        Self(vault)
    }

    /// The cursor that goes on behind `after` in a list: eight bytes of where, and what it is bound to.
    pub fn seal(&self, list: ReadList<'_>, after: Position) -> String {
        self.0.seal_note(&[&after.0.to_be_bytes()[..], &list.digest()].concat())
    }

    /// What `seal` was given; none if the cursor is not ours, or another reader's or list's.
    pub fn read(&self, list: ReadList<'_>, cursor: &str) -> Option<Position> {
        let note = self.0.open_note(cursor)?;
        let (after, bound) = note.split_first_chunk()?;
        (bound == list.digest()).then_some(Position(u64::from_be_bytes(*after)))
    }
}
