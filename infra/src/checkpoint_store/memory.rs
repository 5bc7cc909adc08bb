//! Checkpoint store and guard for tests: same words, no disk.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use transparency::ports::{CheckpointStore, Guard, LogPortError};

/// A note, or none yet. As a guard it guards nothing, because it is gone with what it should outlive.
#[derive(Default)]
pub(super) struct MemoryNote(Mutex<Option<Vec<u8>>>);

impl MemoryNote {
    fn note(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CheckpointStore for MemoryNote {
    async fn last(&self) -> Result<Option<Vec<u8>>, LogPortError> {
        Ok(self.note().clone())
    }

    async fn swap(&self, expected: Option<&[u8]>, next: &[u8]) -> Result<bool, LogPortError> {
        let mut note = self.note();
        let as_expected = note.as_deref() == expected;
        if as_expected {
            *note = Some(next.to_vec());
        }
        Ok(as_expected)
    }
}

#[async_trait]
impl Guard for MemoryNote {
    async fn read(&self) -> Result<Option<Vec<u8>>, LogPortError> {
        Ok(self.note().clone())
    }

    async fn write(&self, note: &[u8]) -> Result<(), LogPortError> {
        *self.note() = Some(note.to_vec());
        Ok(())
    }
}

mod as_a_checkpoint_store {
    use std::sync::Arc;

    use super::super::conformance::{Place, conformance};
    use super::*;

    conformance!(Place::memory(|_| Arc::new(MemoryNote::default())));
}

mod as_a_guard {
    use std::sync::Arc;

    use super::super::guard_conformance::{Place, conformance};
    use super::*;

    conformance!(Place::memory(|_| Arc::new(MemoryNote::default())));
}
