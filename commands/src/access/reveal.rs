//! The one function that turns ciphertext into bytes for a person. It takes a permit, which only a durable
//! event can make; a tidy test fails on a second caller of the blob store's `open`.

use domain::access::policy::AccessPermit;
use domain::actor::Actor;
use domain::chart::Chart;
use domain::ids::StreamName;

use crate::house::{FlowError, House};
use crate::ports::blob_store::{BlobError, ClearBytes};

/// The clear bytes of a report and what they are.
pub struct Revealed {
    /// Media type.
    pub media_type: String,
    /// Length, bytes.
    pub size: u64,
    /// The bytes: authenticated, chunk by chunk, never on a disk.
    pub bytes: ClearBytes,
}

/// Opens a report. The permit is used up.
pub(super) async fn reveal(house: &House, permit: AccessPermit) -> Result<Revealed, FlowError> {
    let stream = StreamName::patient(permit.patient());
    let chart = house.executor.state::<Chart>(&stream).await?;
    let report = chart.reports.get(&permit.report()).ok_or(BlobError::Missing)?;
    let owner = Actor::Patient(permit.patient()).owner();
    let key = house.vault.report_key(owner, permit.report(), 1).await?;
    let bytes = house.blobs.open(report.blob, &key.key).await?;
    Ok(Revealed { media_type: report.media_type.clone(), size: report.size, bytes })
}
