//! What only HTTP needs, beside the installation that it asks: the installation runs without any of it.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use uuid::Uuid;

use super::peer::is_this_machine;
use crate::config::HttpSettings;
use crate::problem::{NOT_FOUND, Problem};

/// The state of the HTTP server.
pub(crate) struct HttpState {
    /// Requests with a key that are being worked on.
    pub(crate) in_flight: InFlight,
    /// Figures for Prometheus.
    pub(crate) metrics: PrometheusHandle,
    first_admin_from_anywhere: bool,
}

impl HttpState {
    /// As a server starts.
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        Self {
            in_flight: InFlight::default(),
            metrics: recorder(),
            first_admin_from_anywhere: settings.first_admin_from_anywhere,
        }
    }

    /// The first admin comes in from this machine, unless the settings say otherwise.
    pub(crate) fn refuse_unless_local(&self, peer: Option<SocketAddr>) -> Result<(), Problem> {
        let may = is_this_machine(peer) || self.first_admin_from_anywhere;
        if may { Ok(()) } else { Err(NOT_FOUND.into()) }
    }
}

/// Requests with an idempotency key that are being worked on.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashSet<Uuid>>>);

impl InFlight {
    /// Takes an id until what is answered is dropped; none if somebody works on it.
    pub(crate) fn take(&self, id: Uuid) -> Option<HeldKey> {
        let mut working = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        working.insert(id).then(|| HeldKey { id, of: self.clone() })
    }
}

/// An id that is being worked on.
pub(crate) struct HeldKey {
    id: Uuid,
    of: InFlight,
}

impl Drop for HeldKey {
    fn drop(&mut self) {
        self.of.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// One recorder for the process; a second server in the same process shares it.
fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let install = || {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // A recorder that somebody else installed keeps its place; then our page stays empty.
        let _ = metrics::set_global_recorder(recorder);
        handle
    };
    HANDLE.get_or_init(install).clone()
}
