//! The HTTP server: listens, answers, stops in order.

pub(crate) mod connections;
pub(crate) mod conversation;
pub(crate) mod descriptors;
mod front_door;
mod jobs;
pub(crate) mod paced;
mod tls;
pub(crate) mod transport;
mod watched;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::web;
use anyhow::Context as _;
use utoipa_actix_web::AppExt as _;
use utoipa_swagger_ui::SwaggerUi;

pub(crate) use self::front_door::FrontDoor;
use self::tls::Certificate;
use crate::config::Config;
use crate::rest;
use crate::rest::quota::Quota;
use crate::rest::state::HttpState;
use crate::rest::surround::surround;
use crate::wiring::App;

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
        descriptors::raise();
        let listener = listen(config.http.listen)?;
        let address = listener.local_addr()?;
        let certificate = config.http.tls().map(|files| Certificate::open(&files)).transpose()?;
        if let Some(certificate) = &certificate {
            app.supervisor.start(jobs::certificate_reload(Arc::clone(certificate)));
        }
        let tls = certificate.map(Certificate::acceptor).transpose()?;
        let door = FrontDoor::new(&config.http, descriptors::room_for_connections()).with_tls(tls);
        let data = web::Data::from(Arc::clone(app));
        let quota = Quota::new(config.rates.requests_per_minute);
        let http = HttpState::new(config, door.connections(), quota);
        let http = web::Data::new(http);
        app.supervisor.start(jobs::metrics_upkeep(http.metrics.clone()));
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
        Ok(Self::of(address, door.serve(listener, factory)?.run()))
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
