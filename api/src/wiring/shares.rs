//! How much of what is scarce there is, as the settings say.

use commands::shares::{ShareSize, ShareSizes, Shares};

use crate::config::ShareSettings;

/// Nothing is given out yet.
pub(super) fn shares(settings: &ShareSettings) -> Shares {
    let size = |each, all| ShareSize { each, all };
    Shares::new(ShareSizes {
        streams: size(settings.streams_each, settings.streams),
        bundles: size(settings.bundles_each, settings.bundles),
        receipts: size(settings.receipts_each, settings.receipts),
        uploads: size(settings.uploads_each, settings.uploads),
        downloads: size(settings.downloads_each, settings.downloads),
    })
}
