//! The HTTP server: listens, answers, stops in order.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};
use anyhow::Context as _;
use utoipa_actix_web::AppExt as _;
use utoipa_swagger_ui::SwaggerUi;

use crate::config::Config;
use crate::rest;
use crate::rest::state::HttpState;
use crate::rest::surround::surround;
use crate::wiring::App;

/// How long a client may take to send its headers.
pub(crate) const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// How long a quiet connection is kept.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Takes an address for as long as the listener lives.
pub(crate) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address);
    listener
        .with_context(|| format!("cannot listen at {address}; --listen chooses another address"))
}

/// A server that listens.
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    handle: ServerHandle,
    ended: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Listens at the address of the settings; port 0 takes a free one.
    pub fn start(app: &Arc<App>, config: &Config) -> anyhow::Result<Self> {
        let listener = listen(config.http.listen)?;
        let address = listener.local_addr()?;
        let data = web::Data::from(Arc::clone(app));
        let http = web::Data::new(HttpState::new(&config.http));
        let factory = move || {
            // The page would show what a validator elsewhere thinks of our description.
            let docs = SwaggerUi::new("/api/docs/{_:.*}")
                .config(utoipa_swagger_ui::Config::default().validator_url("none"))
                .external_url_unchecked("/api/openapi.json", rest::openapi());
            actix_web::App::new()
                .app_data(data.clone())
                .app_data(http.clone())
                .configure(rest::extractors)
                .into_utoipa_app()
                .configure(rest::routes)
                .into_app()
                .service(web::redirect("/api/docs", "/api/docs/"))
                .service(docs)
                .default_service(web::to(rest::no_route))
                .wrap(from_fn(surround))
        };
        let mut server = HttpServer::new(factory)
            .listen(listener)?
            .client_request_timeout(HEADERS_WITHIN)
            .keep_alive(KEEP_ALIVE)
            .disable_signals()
            .shutdown_timeout(5);
        if config.http.workers > 0 {
            server = server.workers(config.http.workers);
        }
        Ok(Self::of(address, server.run()))
    }

    /// Watches over a server that listens.
    pub(crate) fn of(address: SocketAddr, server: Server) -> Self {
        let handle = server.handle();
        Self { address, handle, ended: tokio::spawn(server) }
    }

    /// Stops listening; answers under way are finished within five seconds.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.handle.stop(true).await;
        self.ended.await??;
        Ok(())
    }
}
