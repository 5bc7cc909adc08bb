//! A running installation: what it is made of, and what may be asked of the whole.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use ::evidence::ports::{LogFiles, StoredLines};
use ::evidence::published::OrganisationKeys;
use commands::application::Application;
use commands::execute::Executor;
use commands::ports::event_store::{EventStore, ReadError};
use commands::ports::key_vault::KeyVault;
use domain::journal::{Line, Position};
use infra::event_store::SqliteEventStore;
use projections::ReadModels;
use projections::ports::Unseal;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use transparency::anchoring::Anchoring;
use transparency::log::TransparencyLog;

use super::evidence_ports::{log_files, stored_lines};
use super::reactions::Reactions;
use super::supervisor::Supervisor;
use super::vault::MasterKeyNews;

/// What a running installation is made of: the application, and what keeps it running.
pub struct App {
    pub(super) application: Application,
    /// The write loop, for what runs beside the flows.
    pub executor: Arc<Executor>,
    /// Read models.
    pub models: Arc<ReadModels>,
    /// The signed log over every event.
    pub log: Arc<TransparencyLog>,
    /// What takes the log out of the organisation.
    pub anchoring: Anchoring,
    pub(crate) unseal: Arc<dyn Unseal>,
    /// What there is to say of the master key.
    pub master_key: MasterKeyNews,
    /// The organisation's own witness policy; its keys are the signer's.
    pub(crate) organisation_policy: OrganisationKeys,
    pub(super) events: Arc<dyn EventStore>,
    pub(super) vault: Arc<dyn KeyVault>,
    /// For how long events may wait for a signature before nothing is revealed any more.
    pub(crate) uncovered_max: Duration,
    pub(super) sqlite: Arc<SqliteEventStore>,
    pub(super) vault_stopped: CancellationToken,
    pub(super) work_stopped: CancellationToken,
    /// Everything that runs in the background.
    pub(crate) supervisor: Arc<Supervisor>,
    pub(super) reactions: Reactions,
}

impl Deref for App {
    type Target = Application;

    fn deref(&self) -> &Application {
        &self.application
    }
}

impl App {
    /// Comes back when the process must stop: a write or an fsync failed, and only opening everything
    /// anew shows what reached the disk.
    pub async fn fatal(&self) -> String {
        tokio::select! {
            why = self.supervisor.fatal() => why,
            why = self.sqlite.fatal() => format!("the event store failed: {why}"),
            () = self.vault_stopped.cancelled() => "the key vault failed".to_owned(),
            () = self.work_stopped.cancelled() => "the work store failed".to_owned(),
        }
    }

    /// Ends the jobs and closes the log.
    pub async fn close(&self) {
        if self.supervisor.stop().await {
            // What was acknowledged while everything stopped is signed before the lights go out.
            if let Err(stopped) = self.log.catch_up().await {
                tracing::error!(%stopped, "the transparency log failed while it was closed");
            }
        }
        self.sqlite.close().await;
    }

    pub(crate) async fn event_store_health(&self) -> Result<(), String> {
        self.events.read_all(Position(0), 1).await.map(drop).map_err(|error| error.to_string())
    }

    /// Position of the newest event.
    pub fn newest(&self) -> Option<Position> {
        *self.events.newest().borrow()
    }

    pub(crate) fn newest_watch(&self) -> watch::Receiver<Option<Position>> {
        self.events.newest()
    }

    /// The stored lines, for those who make evidence of them.
    pub(crate) fn stored_lines(&self) -> Arc<dyn StoredLines> {
        stored_lines(&self.events)
    }

    /// The public files, for those who make evidence of them.
    pub(crate) fn log_files(&self) -> Arc<dyn LogFiles> {
        log_files(self.log.tiles())
    }

    /// Lines of the log, for the live stream.
    pub async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, ReadError> {
        self.events.read_all(from, limit).await
    }

    /// How many events the read models have not seen.
    pub(crate) fn behind(&self) -> u64 {
        let length = self.newest().map_or(0, |newest| newest.0 + 1);
        length.saturating_sub(self.models.seen().borrow().0)
    }

    /// The log beneath everything, for measurements.
    pub(crate) fn event_store(&self) -> &Arc<dyn EventStore> {
        &self.events
    }
}
