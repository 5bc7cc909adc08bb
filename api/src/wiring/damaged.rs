//! What is done about a log that cannot be opened because it is damaged: its files are copied, and said so.

use domain::time::Moment;
use infra::event_store::{DamagedCopy, EventLogOpenError};

/// Copies the files of a damaged log aside before anybody is told of it; any other error stays what it is.
pub(super) fn kept(error: EventLogOpenError, now: Moment) -> anyhow::Error {
    let EventLogOpenError::Damaged(damage) = &error else { return error.into() };
    let time: String = now.to_string().replace(['-', ':'], "").chars().take(15).collect();
    let copy = match DamagedCopy::keep(&damage.path, &time) {
        Ok(DamagedCopy::Kept(folder)) => {
            format!("A copy of the files as they were found lies in {}", folder.display())
        }
        Ok(DamagedCopy::NoRoom { wanted, free }) => format!(
            "No copy of the files was made: it takes {} MiB and {} are free. Make one elsewhere first",
            wanted >> 20,
            free >> 20
        ),
        Err(error) => format!("No copy of the files could be made ({error}): make one first"),
    };
    anyhow::anyhow!("{error}. {copy}")
}

/// Whether something ended because the event log is damaged: a finding, not the world's fault.
pub(crate) fn is_damage(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(EventLogOpenError::Damaged(_)))
}
