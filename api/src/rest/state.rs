//! What only HTTP needs, beside the installation that it asks: the installation runs without any of it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use uuid::Uuid;

use super::peer::{Peer, ProxyTrust};
use super::quota::Quota;
use crate::config::{Config, Networks, PublicUrl, is_synthetic};
use crate::problem::{FIRST_ADMIN_ELSEWHERE, Problem};
use crate::server::connections::Connections;
use crate::server::paced::Pace;

/// The state of the HTTP server.
pub(crate) struct HttpState {
    /// Requests with a key that are being worked on.
    pub(crate) in_flight: InFlight,
    /// Figures for Prometheus.
    pub(crate) metrics: PrometheusHandle,
    /// Whose word counts on where a request came from.
    pub(crate) trust: ProxyTrust,
    /// How this installation is called.
    pub(crate) public_url: Option<PublicUrl>,
    /// How many requests are passed on for whom.
    pub(crate) connections: Arc<Connections>,
    /// How often one may ask.
    pub(crate) quota: Quota,
    /// Whether everything in it was made up: pages say so.
    pub(crate) is_synthetic: bool,
    whole: Pace,
    streamed: Pace,
    first_admin_from: Networks,
}

/// Bytes of an upload that come in each span of `http.stalled_millis`, or it stands still.
const CAME_MIN: usize = 4_096;
/// The route that takes a body of any length.
const STREAMED: &str = "/api/v1/uploads";

impl HttpState {
    /// As a server starts.
    pub(crate) fn new(config: &Config, connections: Arc<Connections>, quota: Quota) -> Self {
        let settings = &config.http;
        Self {
            in_flight: InFlight::default(),
            metrics: recorder(),
            trust: ProxyTrust::new(settings),
            public_url: settings.public_url.clone(),
            connections,
            quota,
            is_synthetic: is_synthetic(&config.data),
            whole: Pace::whole_within(Duration::from_millis(settings.body_millis)),
            streamed: Pace::at_least(CAME_MIN, Duration::from_millis(settings.stalled_millis)),
            first_admin_from: settings.first_admin_from.clone(),
        }
    }

    /// How fast the body of a request to this route must come.
    pub(crate) fn pace(&self, route: &str) -> Pace {
        if route == STREAMED { self.streamed } else { self.whole }
    }

    /// The first admin comes in from this machine, or from the networks that the settings name.
    pub(crate) fn refuse_first_admin_from(&self, peer: Peer) -> Result<(), Problem> {
        let may = peer.is_this_machine() || peer.is_in(&self.first_admin_from);
        if may { Ok(()) } else { Err(FIRST_ADMIN_ELSEWHERE.into()) }
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
