//! What every work store must do, a suite for each of its ports.

pub(super) mod challenges;
pub(super) mod credentials;
pub(super) mod factor_secrets;
pub(super) mod familiar_sources;
pub(super) mod leases;
pub(super) mod passkeys;
pub(super) mod reactions;
pub(super) mod sessions;
