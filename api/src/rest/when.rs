//! Times as callers write and read them. They may write any RFC 3339 time; what we answer has one form.

use domain::time::Moment;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A time, RFC 3339.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Time, value_type = String, format = DateTime)]
#[serde(transparent)]
pub(crate) struct When(pub(crate) Moment);

impl From<Moment> for When {
    fn from(moment: Moment) -> Self {
        Self(moment)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Moment::from_rfc3339(&text).map(Self).map_err(serde::de::Error::custom)
    }
}
