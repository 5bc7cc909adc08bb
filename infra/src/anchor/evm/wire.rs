//! JSON-RPC over HTTP with every side bounded: time, size, repeats.
//!
//! The transport that alloy brings reads answers of any size and puts the node's URL, which may carry a
//! key, into spans and errors.

use std::sync::Arc;
use std::task::{Context, Poll};

use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use alloy_json_rpc::{RequestPacket, ResponsePacket};
use backon::{ExponentialBuilder, Retryable as _};
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use tower::Service;

use super::settings::{EvmNode, EvmSettingError, Patience};

/// The largest answer that is read. A full block's hashes and a contract's code are far below.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// A node, asked over HTTP.
#[derive(Clone)]
pub(super) struct Wire {
    client: reqwest::Client,
    url: Arc<reqwest::Url>,
    patience: Patience,
}

/// Why a question got no answer.
enum Silence {
    /// Another try may help.
    Again(String),
    /// It would be the same again.
    Final(TransportError),
}

impl Wire {
    pub(super) fn new(node: &EvmNode) -> Result<Self, EvmSettingError> {
        let url = node.url()?;
        let mut client = reqwest::Client::builder()
            .timeout(node.patience.call)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        if url.scheme() == "http" {
            // A node beside us needs no certificates, and must not fail on a machine that has none.
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(|error| EvmSettingError::Client(innermost(&error)))?;
        Ok(Self { client, url: Arc::new(url), patience: node.patience })
    }

    /// A repeat is harmless: reading changes nothing, and a signed transaction is the same one however
    /// often sent.
    async fn ask(self, request: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let body = serde_json::to_vec(&request).map_err(TransportError::SerError)?;
        let Patience { pause, retries, .. } = self.patience;
        let again = ExponentialBuilder::default().with_min_delay(pause).without_max_delay();
        let answer = (|| self.once(body.clone())).retry(again.with_max_times(retries));
        let answer = answer.when(|silence| matches!(silence, Silence::Again(_))).await;
        answer.map_err(|silence| match silence {
            Silence::Again(why) => TransportErrorKind::custom_str(&why),
            Silence::Final(error) => error,
        })
    }

    async fn once(&self, body: Vec<u8>) -> Result<ResponsePacket, Silence> {
        let request = self.client.post((*self.url).clone()).body(body);
        let request = request.header(CONTENT_TYPE, "application/json");
        let mut response = request.send().await.map_err(no_answer)?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Err(Silence::Again(format!("status {status}")));
        }
        let mut answer = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(no_answer)? {
            if answer.len() + piece.len() > ANSWER_BYTES_MAX {
                let why = format!("an answer of more than {ANSWER_BYTES_MAX} bytes");
                return Err(Silence::Final(TransportErrorKind::non_retryable_str(&why)));
            }
            answer.extend_from_slice(&piece);
        }
        // Some nodes send a JSON-RPC error with a status of 4xx: the body says more than the status.
        serde_json::from_slice(&answer).map_err(|_| {
            let why = format!("status {status} and no JSON-RPC answer");
            Silence::Final(TransportErrorKind::non_retryable_str(&why))
        })
    }
}

/// The innermost cause says what happened; the layers above it say "error sending request" and the URL.
fn no_answer(error: reqwest::Error) -> Silence {
    let why = if error.is_timeout() { "no answer in time".to_owned() } else { innermost(&error) };
    Silence::Again(why)
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause = std::error::Error::source(error);
    let mut words = "no answer".to_owned();
    while let Some(inner) = cause {
        words = inner.to_string();
        cause = inner.source();
    }
    words
}

impl Service<RequestPacket> for Wire {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        Box::pin(self.clone().ask(request))
    }
}
