//! The sweep of uploads: what a crash cut short is finished or removed.

use std::collections::HashSet;
use std::sync::Arc;

use domain::ids::BlobHash;
use domain::journal::Position;
use domain::records::event::ReportUploaded;

use crate::execute::{ExecuteError, Executor};
use crate::ports::blob_store::{BlobError, BlobStore};
use crate::ports::key_vault::VaultError;

/// Lines read at once by the sweep.
const SWEEP_LINES: usize = 1_024;

/// Why a sweep did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The log could not be read.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The keys could not be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The containers could not be listed, named or removed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// What it takes to sweep.
pub struct UploadSweep {
    executor: Arc<Executor>,
    blobs: Arc<dyn BlobStore>,
}

impl UploadSweep {
    /// With what it needs.
    pub fn new(executor: Arc<Executor>, blobs: Arc<dyn BlobStore>) -> Self {
        Self { executor, blobs }
    }

    /// Finishes what a crash cut short: containers that an event names get their own name; those that no
    /// event names and that are a day old are removed. Answers how many were removed.
    pub async fn run(&self) -> Result<u64, SweepError> {
        let staged = self.blobs.staged().await?;
        if !staged.is_empty() {
            let named = self.blobs_named_by_events().await?;
            for staged in staged.iter().filter(|staged| named.contains(&staged.blob)) {
                self.blobs.keep(staged).await?;
            }
        }
        Ok(self.blobs.sweep().await?)
    }

    /// Read from the log itself: only an event says that a report exists.
    async fn blobs_named_by_events(&self) -> Result<HashSet<BlobHash>, SweepError> {
        let mut named = HashSet::new();
        let mut next = Position(0);
        loop {
            let lines = self.executor.read_all(next, SWEEP_LINES).await?;
            let Some(last) = lines.last() else { return Ok(named) };
            next = Position(last.position.0 + 1);
            for line in &lines {
                let Ok(recorded) = line.recorded() else { continue };
                let uploaded = recorded.fact.body::<ReportUploaded>();
                named.extend(uploaded.map(|uploaded| uploaded.blob));
            }
        }
    }
}
