//! How often something may be asked for.

use std::sync::Arc;

use crate::decide::{Rejection, RejectionKind};
use crate::ports::world::{Limiter, Throttle};

/// More requests than allowed.
pub const TOO_MANY: Rejection = Rejection::new(
    RejectionKind::TooSoon,
    "too_many_requests",
    "Too many requests of this kind.",
    "Wait and try again.",
);

/// The limits, and how much of them is left.
#[derive(Clone)]
pub struct Throttles(Arc<dyn Limiter>);

impl Throttles {
    /// As this limiter counts.
    pub fn new(limiter: Arc<dyn Limiter>) -> Self {
        Self(limiter)
    }

    /// Counts one against a limit, and answers how many more may come at once; a refusal says when to try
    /// again.
    pub fn take(&self, what: Throttle, key: &[u8]) -> Result<u32, Rejection> {
        self.0.take(what, key).map_err(|wait| TOO_MANY.after(wait))
    }
}
