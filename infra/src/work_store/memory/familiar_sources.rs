//! Familiar sources for tests, in a map.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use commands::ports::credentials::{FamiliarSources, WorkError};
use domain::ids::{LoginHash, SourceHash};
use domain::time::Moment;

use super::super::familiar_sources::FAMILIAR_FOR;

type Ends = HashMap<([u8; 32], [u8; 16]), Moment>;

/// When each source stops being familiar. For tests.
#[derive(Default)]
pub(in crate::work_store) struct MemoryFamiliarSources {
    until: Mutex<Ends>,
}

impl MemoryFamiliarSources {
    fn until(&self) -> MutexGuard<'_, Ends> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl FamiliarSources for MemoryFamiliarSources {
    async fn let_in(
        &self,
        address: LoginHash,
        source: SourceHash,
        now: Moment,
    ) -> Result<(), WorkError> {
        self.until().insert((address.0, source.0), now.plus(FAMILIAR_FOR));
        Ok(())
    }

    async fn is_familiar(
        &self,
        address: LoginHash,
        source: SourceHash,
        now: Moment,
    ) -> Result<bool, WorkError> {
        Ok(self.until().get(&(address.0, source.0)).is_some_and(|until| *until > now))
    }
}

mod tests {
    use std::sync::Arc;

    use super::super::super::conformance::familiar_sources::{Place, conformance};
    use super::*;

    conformance!(Place::memory(|_| Arc::new(MemoryFamiliarSources::default())));
}
