//! Times as callers write them: any RFC 3339 time. What we answer has one form.

use domain::time::Moment;
use serde::{Deserialize, Deserializer, Serialize};

/// A moment in a request.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub(crate) struct When(pub(crate) Moment);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Moment::from_rfc3339(&text).map(Self).map_err(serde::de::Error::custom)
    }
}
