//! The one function that turns ciphertext into bytes for a person. It takes a permit, which only a durable
//! event can make; a tidy test fails on a second caller of the blob store's `open`.

use std::sync::Arc;

use domain::access::policy::AccessPermit;
use domain::actor::Actor;
use domain::chart::Chart;
use domain::ids::StreamName;

use crate::execute::{ExecuteError, Executor};
use crate::ports::blob_store::{BlobError, BlobStore, ClearBytes};
use crate::ports::key_vault::{KeyVault, VaultError};
use crate::records::report_scrub::{FileTrouble, KnownReportFiles};

/// The clear bytes of a report and what they are.
pub struct Revealed {
    /// Media type.
    pub media_type: String,
    /// Length, bytes.
    pub size: u64,
    /// The bytes: authenticated, chunk by chunk, never on a disk.
    pub bytes: ClearBytes,
}

/// Why a report that may be seen does not open.
#[derive(Debug, thiserror::Error)]
pub enum RevealError {
    /// The record could not be read.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The report's key could not be had.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Its container could not be read.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// The reports as they are kept.
#[derive(Clone)]
pub struct SealedReports {
    executor: Arc<Executor>,
    vault: Arc<dyn KeyVault>,
    blobs: Arc<dyn BlobStore>,
    known: KnownReportFiles,
}

impl SealedReports {
    /// Named by the records' events, kept in `blobs` under keys of `vault`. `known` hears of files that do
    /// not open.
    pub fn new(
        executor: Arc<Executor>,
        vault: Arc<dyn KeyVault>,
        blobs: Arc<dyn BlobStore>,
        known: KnownReportFiles,
    ) -> Self {
        Self { executor, vault, blobs, known }
    }

    /// Opens a report. The permit is used up.
    pub(super) async fn reveal(&self, permit: AccessPermit) -> Result<Revealed, RevealError> {
        let stream = StreamName::patient(permit.patient());
        let chart = self.executor.state::<Chart>(&stream).await?;
        let report = chart.reports.get(&permit.report()).ok_or(BlobError::Missing)?;
        let owner = Actor::Patient(permit.patient()).owner();
        let key = self.vault.report_key(owner, permit.report(), 1).await?;
        let opened = self.blobs.open(report.blob, &key.key).await;
        if let Some(trouble) = opened.as_ref().err().and_then(FileTrouble::of) {
            self.known.note(permit.report(), Some(trouble));
        }
        let bytes = opened?;
        Ok(Revealed { media_type: report.media_type.clone(), size: report.size, bytes })
    }
}
