//! Where a doctor stands, as requests and answers say it.

use domain::identity::doctor::Standing;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a doctor stands.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StandingCode {
    /// Nobody has looked yet.
    #[default]
    Pending,
    /// May act.
    Verified,
    /// Was not taken.
    Rejected,
    /// May not act for now.
    Suspended,
}

impl From<StandingCode> for Standing {
    fn from(code: StandingCode) -> Self {
        match code {
            StandingCode::Pending => Self::Pending,
            StandingCode::Verified => Self::Verified,
            StandingCode::Rejected => Self::Rejected,
            StandingCode::Suspended => Self::Suspended,
        }
    }
}

impl StandingCode {
    /// None of somebody who never registered.
    pub(crate) const fn of(standing: Standing) -> Option<Self> {
        match standing {
            Standing::Unknown => None,
            Standing::Pending => Some(Self::Pending),
            Standing::Verified => Some(Self::Verified),
            Standing::Rejected => Some(Self::Rejected),
            Standing::Suspended => Some(Self::Suspended),
        }
    }
}
