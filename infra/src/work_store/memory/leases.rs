//! Leases for tests, in a map.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use commands::ports::credentials::WorkError;
use commands::ports::leases::{Fence, Lease, Leases, Taking};
use domain::time::Moment;

/// The newest taking of each lease. For tests: no second node can see it.
#[derive(Default)]
pub(in crate::work_store) struct MemoryLeases(Mutex<HashMap<String, NewestTaking>>);

struct NewestTaking {
    /// None if it was released.
    holder: Option<String>,
    until: Moment,
    fence: Fence,
}

impl NewestTaking {
    fn is(&self, lease: &Lease) -> bool {
        self.fence == lease.fence && self.holder.as_ref() == Some(&lease.holder)
    }
}

impl MemoryLeases {
    fn takings(&self) -> MutexGuard<'_, HashMap<String, NewestTaking>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Leases for MemoryLeases {
    async fn take(
        &self,
        name: &str,
        holder: &str,
        now: Moment,
        until: Moment,
    ) -> Result<Taking, WorkError> {
        let mut takings = self.takings();
        let newest = takings.get(name);
        if let Some(NewestTaking { holder: Some(other), until, .. }) = newest
            && other != holder
            && *until > now
        {
            return Ok(Taking::HeldUntil(*until));
        }
        let fence = Fence(newest.map_or(0, |newest| newest.fence.0) + 1);
        let (name, holder) = (name.to_owned(), holder.to_owned());
        let taking = NewestTaking { holder: Some(holder.clone()), until, fence };
        takings.insert(name.clone(), taking);
        Ok(Taking::Taken(Lease { name, holder, fence }))
    }

    async fn renew(&self, lease: &Lease, until: Moment) -> Result<bool, WorkError> {
        match self.takings().get_mut(&lease.name) {
            Some(newest) if newest.is(lease) => {
                newest.until = until;
                Ok(true)
            }
            Some(_) | None => Ok(false),
        }
    }

    async fn release(&self, lease: &Lease) -> Result<(), WorkError> {
        let mut takings = self.takings();
        if let Some(newest) = takings.get_mut(&lease.name).filter(|newest| newest.is(lease)) {
            newest.holder = None;
        }
        Ok(())
    }
}

mod tests {
    use std::sync::Arc;

    use super::super::super::conformance::leases::{Place, conformance};
    use super::*;

    conformance!(Place::memory(|_| Arc::new(MemoryLeases::default())));
}
