//! Which requests are the same request.

use domain::actor::Actor;
use domain::journal::request::RequestKey;

use crate::fresh::Fresh;
use crate::ports::event_store::Request;
use crate::ports::key_vault::KeyVault;

/// Makes the identities of requests.
#[derive(Clone)]
pub struct Requests {
    key: RequestKey,
    fresh: Fresh,
}

impl Requests {
    /// Under the organisation's own key, so that nobody can guess by its id what a caller asked for.
    pub fn new(vault: &dyn KeyVault, fresh: Fresh) -> Self {
        Self { key: vault.request_key(), fresh }
    }

    /// A request that nobody repeats.
    pub fn fresh(&self) -> Request {
        self.fresh.request()
    }

    /// A request that may be repeated, if the caller gave a key; else a fresh one. `canonical` is all that
    /// makes it this request.
    pub fn of(&self, actor: Actor, key: Option<&str>, canonical: &[u8]) -> Request {
        let Some(key) = key else { return self.fresh() };
        Request::Keyed { id: self.key.id(&actor, key), digest: self.key.digest(canonical) }
    }
}
