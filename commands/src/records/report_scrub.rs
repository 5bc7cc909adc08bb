//! The scrub of report files: every file that an event names is read again and held against its hash, and its
//! key is opened. What
//! it finds is a state of the disk and not of the log: it is known as long as the process runs, found anew by
//! the next one, and over when the file is whole again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::{Owner, ReportId};
use domain::journal::Position;
use domain::records::event::ReportUploaded;
use domain::time::Moment;

use super::upload_sweep::SweepError;
use crate::execute::Executor;
use crate::fresh::Fresh;
use crate::ports::blob_store::{BlobError, BlobStore};
use crate::ports::key_vault::{KeyVault, VaultError};

/// Lines read at once.
const LINES: usize = 1_024;
/// What an operating system says of a part of a disk that cannot be read.
const UNREADABLE: i32 = 5;

/// What is wrong with a report's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileTrouble {
    /// It is not there.
    Missing,
    /// It is there and not as it was written, or cannot be read.
    Damaged,
    /// The key that opens it is gone or damaged.
    WithoutKey,
}

impl FileTrouble {
    /// What an error of the store says of the file; none where it says something of the store.
    pub(crate) fn of(error: &BlobError) -> Option<Self> {
        match error {
            BlobError::Missing => Some(Self::Missing),
            BlobError::Damaged => Some(Self::Damaged),
            BlobError::Store(error) if error.raw_os_error() == Some(UNREADABLE) => {
                Some(Self::Damaged)
            }
            BlobError::Store(_)
            | BlobError::DiskFull
            | BlobError::TooLarge(_)
            | BlobError::BrokenOff => None,
        }
    }
}

/// What is known of report files.
#[derive(Debug, Clone, Default)]
pub struct ReportFileStatus {
    /// When all were read last, and how many they were.
    pub finished: Option<(Moment, u64)>,
    /// How many the pass that is under way has read, or the last one.
    pub read: u64,
    /// Those that are not whole.
    pub troubled: BTreeMap<ReportId, FileTrouble>,
}

impl ReportFileStatus {
    /// How many are missing, how many damaged, and what lists them; none if all are whole as far as is known.
    pub fn in_words(&self) -> Option<String> {
        let count = |which| self.troubled.values().filter(|trouble| **trouble == which).count();
        let [missing, damaged, locked] =
            [FileTrouble::Missing, FileTrouble::Damaged, FileTrouble::WithoutKey].map(count);
        let files = (missing + damaged > 0).then(|| {
            format!(
                "report files: {missing} missing, {damaged} damaged; `medlock verify --blobs` lists \
                 them, put them back from a backup"
            )
        });
        let keys = (locked > 0).then(|| {
            format!(
                "keys of reports: {locked} do not open; the log of the process names them, put \
                 vault.db back from a backup"
            )
        });
        match (files, keys) {
            (Some(files), Some(keys)) => Some(format!("{files}. {keys}")),
            (files, keys) => files.or(keys),
        }
    }
}

/// What is known of report files, by whoever finds it out.
#[derive(Clone, Default)]
pub struct KnownReportFiles(Arc<Mutex<ReportFileStatus>>);

impl KnownReportFiles {
    /// All that is known.
    pub fn status(&self) -> ReportFileStatus {
        self.lock().clone()
    }

    /// What is wrong with a report's file, as far as is known.
    pub fn trouble(&self, report: ReportId) -> Option<FileTrouble> {
        self.lock().troubled.get(&report).copied()
    }

    /// Somebody found out how a file is.
    pub(crate) fn note(&self, report: ReportId, trouble: Option<FileTrouble>) {
        let mut status = self.lock();
        match trouble {
            Some(trouble) => status.troubled.insert(report, trouble),
            None => status.troubled.remove(&report),
        };
    }

    fn lock(&self) -> MutexGuard<'_, ReportFileStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What it takes to read them all.
pub struct ReportScrub {
    executor: Arc<Executor>,
    vault: Arc<dyn KeyVault>,
    blobs: Arc<dyn BlobStore>,
    known: KnownReportFiles,
    fresh: Fresh,
}

impl ReportScrub {
    /// With what it needs.
    pub fn new(
        executor: Arc<Executor>,
        vault: Arc<dyn KeyVault>,
        blobs: Arc<dyn BlobStore>,
        known: KnownReportFiles,
        fresh: Fresh,
    ) -> Self {
        Self { executor, vault, blobs, known, fresh }
    }

    /// What is known of report files.
    pub const fn known(&self) -> &KnownReportFiles {
        &self.known
    }

    /// Reads every file that an event names, in the log's order. Rests after each as `rest` says, which is
    /// told how many bytes it had.
    pub async fn run<F: Future<Output = ()> + Send>(
        &self,
        rest: impl Fn(u64) -> F + Send + Sync,
    ) -> Result<(), SweepError> {
        self.known.lock().read = 0;
        let mut next = Position(0);
        loop {
            let lines = self.executor.read_all(next, LINES).await?;
            let Some(last) = lines.last() else { break };
            next = Position(last.position.0 + 1);
            for line in &lines {
                let Ok(recorded) = line.recorded() else { continue };
                let Some(uploaded) = recorded.fact.body::<ReportUploaded>() else { continue };
                self.read(line.stream.owner(), uploaded).await?;
                rest(uploaded.size).await;
            }
        }
        let mut status = self.known.lock();
        status.finished = Some((self.fresh.now(), status.read));
        Ok(())
    }

    async fn read(&self, owner: Owner, uploaded: &ReportUploaded) -> Result<(), SweepError> {
        let ReportUploaded { report, blob, .. } = *uploaded;
        let trouble = match self.blobs.intact(blob).await {
            Ok(()) => match self.vault.report_key(owner, report, uploaded.report_version).await {
                Ok(_) => None,
                Err(VaultError::NoKey | VaultError::Damaged) => Some(FileTrouble::WithoutKey),
                Err(error @ (VaultError::DiskFull | VaultError::Vault(_))) => {
                    return Err(error.into());
                }
            },
            Err(error) => Some(FileTrouble::of(&error).ok_or(error)?),
        };
        if let Some(trouble) = trouble
            && self.known.trouble(report) != Some(trouble)
        {
            tracing::error!(%report, %blob, ?trouble, "a report's file is not whole");
        }
        self.known.note(report, trouble);
        self.known.lock().read += 1;
        Ok(())
    }
}
