//! What happens by itself: the reactions of the service, their state, and the list of what is due.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commands::access::reactions::expire_viewing::{ViewingExpires, ViewingPastEnd};
use commands::audit::reactions::record_anchor::ReceiptIsRecorded;
use commands::ports::credentials::WorkError;
use commands::ports::due_list::{Due, DueList};
use commands::ports::event_store::EventStore;
use commands::ports::key_vault::KeyVault;
use commands::ports::receipts::{AnchorReceipt, Receipts};
use commands::react::{Reaction, WhenDue};
use domain::ids::StreamName;
use domain::journal::Position;
use domain::time::Moment;
use infra::work_store::{SqliteReactions, WorkDb};
use projections::ReadModels;
use projections::access::open_viewings::{OpenViewings, PastEnd};
use projections::ports::PortError;
use projections::read_model::ReadModel as _;

/// How long a list waits for the read models. Those that are being filled take longer.
const FILLED_WITHIN: Duration = Duration::from_secs(1);

/// The reactions of the service.
pub(crate) struct Reactions {
    /// Records what anchors gave.
    pub(crate) record_anchor: Arc<dyn Reaction>,
    /// Ends viewings that are past their end.
    pub(crate) expire_viewing: Arc<dyn Reaction>,
    /// What anchors gave and the log does not hold yet.
    pub(crate) receipts: Arc<dyn Receipts>,
}

impl Reactions {
    pub(super) fn new(
        work: WorkDb,
        vault: &dyn KeyVault,
        log_stream: StreamName,
        models: &Arc<ReadModels>,
        events: &Arc<dyn EventStore>,
    ) -> Self {
        let kept = Arc::new(SqliteReactions::new(work));
        let receipts: Arc<dyn DueList<AnchorReceipt>> = kept.clone();
        let viewings =
            Arc::new(DueViewings { models: Arc::clone(models), events: Arc::clone(events) });
        let record = ReceiptIsRecorded { log: log_stream };
        Self {
            record_anchor: Arc::new(WhenDue::new(record, receipts, vault.request_key())),
            expire_viewing: Arc::new(WhenDue::new(ViewingExpires, viewings, vault.request_key())),
            receipts: kept,
        }
    }

    /// Every one, in the order of the features.
    pub(crate) fn all(&self) -> [&Arc<dyn Reaction>; 2] {
        [&self.expire_viewing, &self.record_anchor]
    }
}

/// The read model's open viewings as a list of what is due.
struct DueViewings {
    models: Arc<ReadModels>,
    events: Arc<dyn EventStore>,
}

impl DueViewings {
    /// Whether the model has seen what is in the log now: before that it names what ended long ago.
    async fn are_filled(&self) -> Result<bool, WorkError> {
        let health = self.models.health();
        let name = OpenViewings.name();
        if health.models.iter().any(|model| model.name == name && model.parked.is_some()) {
            return Err(WorkError::Store("the read model of open viewings is parked".into()));
        }
        let newest = *self.events.newest().borrow();
        match newest {
            Some(newest) => Ok(self.models.wait_for(newest, FILLED_WITHIN).await),
            None => Ok(true),
        }
    }
}

fn due(PastEnd { patient, viewing, position, event }: PastEnd) -> Due<ViewingPastEnd> {
    let what = ViewingPastEnd { patient, viewing };
    Due { place: position.0, cause: event, position, what }
}

#[async_trait]
impl DueList<ViewingPastEnd> for DueViewings {
    async fn due(
        &self,
        now: Moment,
        place: u64,
        limit: usize,
    ) -> Result<Option<Vec<Due<ViewingPastEnd>>>, WorkError> {
        if !self.are_filled().await? {
            return Ok(None);
        }
        let store = self.models.store();
        let found = OpenViewings::past_their_end(store, now, Position(place), limit).await;
        let found = found.map_err(|error: PortError| WorkError::Store(Box::new(error)))?;
        Ok(Some(found.into_iter().map(due).collect()))
    }

    /// The model hears of the event by itself.
    async fn settle(&self, _due: &Due<ViewingPastEnd>) -> Result<(), WorkError> {
        Ok(())
    }
}
