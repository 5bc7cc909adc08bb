//! What every work store must do, a suite for each of its ports.

pub(super) mod reactions;
