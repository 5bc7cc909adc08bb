//! What is seen: read models, one noun each, rebuilt from the log at any time; the one read loop; its
//! ports. Nothing here appends, and nothing here is asked by a decision.

pub mod access;
pub mod answer;
pub mod audit;
pub mod catch_up;
pub mod consent;
pub mod dump;
pub mod identity;
pub mod personal_text;
pub mod ports;
pub mod query;
pub mod read_model;
pub mod records;
#[cfg(test)]
mod spec;
pub mod table;

pub use catch_up::ReadModels;

use read_model::ReadModel;
use table::Schema;

/// Every read model: the read loop feeds these, and a test holds the list complete.
pub const MODELS: &[&dyn ReadModel] = &[
    &access::who_can_see::WhoCanSee,
    &access::access_history::AccessHistory,
    &access::open_viewings::OpenViewings,
    &consent::kept_shut::KeptShut,
    &records::my_reports::MyReports,
    &identity::people::People,
    &identity::verification_queue::VerificationQueue,
    &identity::open_sessions::OpenSessions,
    &audit::trail::Trail,
];

/// The version of what the models write. Raise it when a model writes other rows into unchanged tables;
/// a changed table is noticed without it.
const VERSION: u32 = 1;

/// Every table of every model, and the version of what stands in them.
pub fn schema() -> Schema {
    let tables = MODELS.iter().map(|model| model.table()).collect();
    Schema { version: VERSION, tables }
}
