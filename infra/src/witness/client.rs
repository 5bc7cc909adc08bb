//! `HttpWitness`: asks a witness over HTTP to cosign (c2sp.org/tlog-witness).

use std::time::Duration;

use async_trait::async_trait;
use domain::journal::note::{Note, SignatureLine, VerifierKey};
use domain::journal::tree::TreeHash;
use domain::journal::witnessing::{CheckpointRequest, SIZE_TYPE, cosignatures, size_answered};
use projections::ports::{Witness, WitnessError};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};

/// How long a witness may take, from the name's look-up to the answer's last byte.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// Longest answer that is read, bytes: a witness may have many keys, but not that many.
const ANSWER_BYTES_MAX: usize = 64 * 1_024;

/// A witness that answers at a URL.
pub struct HttpWitness {
    name: String,
    key: VerifierKey,
    url: Url,
    client: Client,
}

/// Why a witness cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum WitnessUrlError {
    /// Not a URL, or not of the web.
    #[error("the witness {name} has no http or https URL: {url:?}")]
    Url {
        /// Its name in the policy.
        name: String,
        /// What stands there.
        url: String,
    },
    /// The HTTP client could not be made.
    #[error("no HTTP client for witnesses: {0}")]
    Client(#[from] reqwest::Error),
}

impl HttpWitness {
    /// The witness that a policy calls `name`, signs with `key`, and takes requests under the prefix `url`.
    ///
    /// # Errors
    /// See [`WitnessUrlError`].
    pub fn new(name: &str, key: VerifierKey, url: &str) -> Result<Self, WitnessUrlError> {
        let bad = || WitnessUrlError::Url { name: name.to_owned(), url: url.to_owned() };
        let place = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let place = Url::parse(&place).map_err(|_| bad())?;
        if !matches!(place.scheme(), "http" | "https") || place.query().is_some() {
            return Err(bad());
        }
        let client = Client::builder().timeout(ANSWERS_WITHIN).redirect(Policy::none()).build()?;
        Ok(Self { name: name.to_owned(), key, url: place, client })
    }

    fn cosigned(&self, answer: &[u8], text: &str) -> Result<Vec<SignatureLine>, WitnessError> {
        let refused = |why: String| WitnessError::Refused(why);
        let lines = cosignatures(answer, &self.key, text).map_err(|e| refused(e.to_string()))?;
        if lines.is_empty() {
            return Err(refused("it answered without a cosignature by its key".to_owned()));
        }
        Ok(lines)
    }
}

#[async_trait]
impl Witness for HttpWitness {
    fn name(&self) -> &str {
        &self.name
    }

    async fn add_checkpoint(
        &self,
        old: u64,
        proof: &[TreeHash],
        checkpoint: &Note,
    ) -> Result<Vec<SignatureLine>, WitnessError> {
        let body = CheckpointRequest { old, proof: proof.to_vec(), note: checkpoint.clone() };
        let request = self.client.post(self.url.clone()).body(body.to_string());
        let answer = request.send().await.map_err(unreached)?;
        let (status, size) = (answer.status(), is_size(&answer));
        if let Some(why) = later(status) {
            return Err(WitnessError::Later(why));
        }
        match status {
            StatusCode::OK => self.cosigned(&bytes(answer).await?, &checkpoint.text),
            StatusCode::CONFLICT if size => Err(elsewhere(old, &bytes(answer).await?)),
            _ => Err(WitnessError::Refused(refusal(status))),
        }
    }
}

fn is_size(answer: &Response) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.split(';').next()).is_some_and(|kind| kind.trim() == SIZE_TYPE)
}

/// A witness that stands where we think it does and still sees a conflict has cosigned another tree of that
/// size: asking again would never end.
fn elsewhere(old: u64, answer: &[u8]) -> WitnessError {
    match size_answered(answer) {
        Some(size) if size == old => {
            WitnessError::Refused(format!("it has cosigned another tree of {old} leaves"))
        }
        Some(size) => WitnessError::Seen(size),
        None => WitnessError::Refused("it answered with a size that is none".to_owned()),
    }
}

fn later(status: StatusCode) -> Option<String> {
    let busy = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    (busy || status.is_server_error()).then(|| format!("status {}", status.as_u16()))
}

/// What a status means; what else the answer says is somebody else's text and stays out of our log.
fn refusal(status: StatusCode) -> String {
    let meaning = match status.as_u16() {
        400 => "the request is malformed",
        403 => "it does not trust the log's key",
        404 => "it does not know the log",
        409 => "a conflict without a size",
        422 => "the consistency proof does not verify",
        _ => "an answer no witness gives",
    };
    format!("status {}: {meaning}", status.as_u16())
}

/// The error without its URL, which may hold a password.
fn unreached(error: reqwest::Error) -> WitnessError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    WitnessError::Later(text)
}

async fn bytes(mut answer: Response) -> Result<Vec<u8>, WitnessError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreached)? {
        if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(WitnessError::Refused("its answer is too long".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
