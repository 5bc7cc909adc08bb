//! How connections come in: counted, watched, by TLS if there is a certificate; then the framework's.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::body::MessageBody;
use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol, Request, Response};
use actix_server::{Server, ServerBuilder};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, fn_service, map_config,
};
use actix_web::dev::AppConfig;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::connections::{Connections, Crowded};
use super::transport::Transport;
use super::watched::{Deadlines, WatchedStream};
use crate::config::HttpSettings;
use crate::refusal::own::CROWDED;

/// Connections that a thread may have beside its share: those that are about to be told to go.
const REFUSED_AT_ONCE: usize = 16;
/// How long somebody for whom there is no place may take to hear it.
const TOLD_WITHIN: Duration = Duration::from_millis(200);
/// How long the last bytes of a connection are waited for.
const DISCONNECT_WITHIN: Duration = Duration::from_secs(2);

/// Where connections come in.
#[derive(Clone)]
pub(crate) struct FrontDoor {
    connections: Arc<Connections>,
    deadlines: Deadlines,
    workers: usize,
    refusal: Arc<str>,
    tls: Option<TlsAcceptor>,
}

impl FrontDoor {
    /// As the settings say; `room` is how many connections there can be at all.
    pub(crate) fn new(settings: &HttpSettings, room: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(2, usize::from);
        let workers = if settings.workers > 0 { settings.workers } else { cores() };
        let millis = Duration::from_millis;
        let deadlines = Deadlines {
            head: millis(settings.head_millis),
            quiet: millis(settings.quiet_millis),
            stalled: millis(settings.stalled_millis),
        };
        let connections = Connections::new(settings, room);
        Self {
            connections,
            deadlines,
            workers: workers.min(512),
            refusal: refusal().into(),
            tls: None,
        }
    }

    /// The same by TLS, if there is an acceptor.
    pub(crate) fn with_tls(self, tls: Option<TlsAcceptor>) -> Self {
        Self { tls, ..self }
    }

    /// How many there are, of whom.
    pub(crate) fn connections(&self) -> Arc<Connections> {
        Arc::clone(&self.connections)
    }

    /// A server that answers at the listener with what `factory` makes, a copy for each thread.
    pub(crate) fn serve<F, I, S, B>(
        self,
        listener: TcpListener,
        factory: F,
    ) -> std::io::Result<ServerBuilder>
    where
        F: Fn() -> I + Send + Clone + 'static,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<actix_web::Error> + 'static,
        S::InitError: fmt::Debug,
        S::Response: Into<Response<B>> + 'static,
        <S::Service as Service<Request>>::Future: 'static,
        S::Service: 'static,
        B: MessageBody + 'static,
    {
        let each = self.connections.most().div_ceil(self.workers) + REFUSED_AT_ONCE;
        let server = Server::build()
            .workers(self.workers)
            .max_concurrent_connections(each)
            .disable_signals()
            .shutdown_timeout(5);
        let stops = server.graceful_shutdown_signal();
        let address = listener.local_addr()?;
        server.listen("http", listener, move || {
            let door = self.clone();
            let stops = stops.clone();
            let app = factory().into_factory().map_err(|error| error.into().error_response());
            let http = HttpService::build()
                .graceful_shutdown_signal(move || {
                    let stops = stops.clone();
                    async move { stops.notified().await }
                })
                .keep_alive(door.deadlines.quiet)
                .client_request_timeout(door.deadlines.head)
                .client_disconnect_timeout(DISCONNECT_WITHIN)
                .local_addr(address)
                .on_connect_ext(|io: &Transport, facts: &mut actix_http::Extensions| {
                    facts.insert(io.facts());
                })
                .finish(map_config(app, |()| AppConfig::default()));
            fn_service(move |io: TcpStream| {
                let door = door.clone();
                async move { door.admit(io).await }
            })
            .and_then(http)
        })
    }

    /// Lets a connection in, or tells it to go.
    async fn admit(
        &self,
        mut io: TcpStream,
    ) -> Result<(Transport, Protocol, Option<SocketAddr>), DispatchError> {
        let from = io.peer_addr().ok();
        let place = match self.connections.connect(from.map(|from| from.ip())) {
            Ok(place) => place,
            Err(Crowded) => {
                if self.tls.is_none() {
                    // Who does not take it at once does not get it.
                    let told = io.write_all(self.refusal.as_bytes());
                    let _ = tokio::time::timeout(TOLD_WITHIN, told).await;
                }
                return Err(DispatchError::DisconnectTimeout);
            }
        };
        // Small answers are not held back for more to come.
        let _ = io.set_nodelay(true);
        let watched = WatchedStream::new(io, self.deadlines, place);
        let Some(tls) = &self.tls else {
            return Ok((Transport::Plain(watched), Protocol::Http1, from));
        };
        let agreed = tokio::time::timeout(self.deadlines.head, tls.accept(watched)).await;
        let stream = agreed.map_err(|_| DispatchError::SlowRequestTimeout)??;
        // What has come so far was no head of a request.
        drop(stream.get_ref().0.conversation().turn());
        Ok((Transport::Tls(Box::new(stream)), Protocol::Http1, from))
    }
}

/// What a connection is told for which there is no place, before a word of it is read.
fn refusal() -> String {
    let row = CROWDED;
    let body = serde_json::json!({
        "type": format!("/api/problems/{}", row.code),
        "title": row.status.canonical_reason(),
        "status": row.status.as_u16(),
        "detail": row.in_words(),
        "code": row.code,
        "trace_id": "",
    });
    let body = body.to_string();
    format!(
        "HTTP/1.1 {} {}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
         retry-after: 5\r\ncache-control: no-store\r\nconnection: close\r\n\r\n{body}",
        row.status.as_u16(),
        row.status.canonical_reason().unwrap_or_default(),
        body.len(),
    )
}
