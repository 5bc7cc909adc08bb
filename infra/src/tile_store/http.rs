//! `HttpTileStore`: a log somebody serves (c2sp.org/tlog-tiles), read over HTTP. Nothing is believed here.

use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable as _};
use domain::journal::note::NOTE_BYTES_MAX;
use domain::journal::tile::{Tile, WIDTH};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use transparency::ports::{LogPortError, TileStore};

/// How long one file may take, from the name's look-up to the last byte.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);
/// How often a file that did not come is asked for again.
const RETRIES: usize = 3;
/// Before the first repeat; doubled for each further one.
const PAUSE: Duration = Duration::from_millis(250);

/// A log at a URL, to be read only.
pub struct HttpTileStore {
    prefix: Url,
    client: Client,
}

/// Why a log cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum LogUrlError {
    /// Not a URL, or not of the web.
    #[error("not an http or https URL without query and fragment: {0:?}")]
    Url(String),
    /// The HTTP client could not be made.
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Why a file did not come.
enum Missed {
    /// It may come at the next try.
    Now(String),
    /// It will not.
    Ever(String),
}

impl HttpTileStore {
    /// The log below the prefix `url`: its checkpoint is at `url/checkpoint`.
    ///
    /// # Errors
    /// See [`LogUrlError`].
    pub fn new(url: &str) -> Result<Self, LogUrlError> {
        let bad = || LogUrlError::Url(url.to_owned());
        let mut prefix = Url::parse(url).map_err(|_| bad())?;
        let web = matches!(prefix.scheme(), "http" | "https");
        if !web || prefix.query().is_some() || prefix.fragment().is_some() {
            return Err(bad());
        }
        prefix.path_segments_mut().map_err(|()| bad())?.pop_if_empty().push("");
        let client = Client::builder().timeout(ANSWERS_WITHIN).redirect(Policy::none()).build()?;
        Ok(Self { prefix, client })
    }

    /// The verifier keys it says are its own, one a line.
    ///
    /// # Errors
    /// If they did not come.
    pub async fn keys(&self) -> Result<Option<Vec<u8>>, LogPortError> {
        self.get("keys.txt", NOTE_BYTES_MAX, false).await
    }

    /// A file's bytes, none if there is no such file. Stores that list nothing to strangers, S3 for one, say
    /// 403 of what is not there: enough of a `partial` tile, whose full one may have taken its place.
    async fn get(
        &self,
        path: &str,
        bytes_max: usize,
        partial: bool,
    ) -> Result<Option<Vec<u8>>, LogPortError> {
        let again = ExponentialBuilder::default().with_min_delay(PAUSE).with_max_times(RETRIES);
        let found = (|| self.once(path, bytes_max, partial)).retry(again);
        let found = found.when(|missed| matches!(missed, Missed::Now(_))).await;
        found.map_err(|(Missed::Now(why) | Missed::Ever(why))| missed(path, &why))
    }

    async fn once(
        &self,
        path: &str,
        bytes_max: usize,
        partial: bool,
    ) -> Result<Option<Vec<u8>>, Missed> {
        let url = self.prefix.join(path).map_err(|error| Missed::Ever(error.to_string()))?;
        let answer = self.client.get(url).send().await;
        let mut answer = answer.map_err(|error| Missed::Now(unreached(&error)))?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            StatusCode::FORBIDDEN if partial => return Ok(None),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Err(Missed::Now(format!("status {}", status.as_u16())));
            }
            status => return Err(Missed::Ever(format!("status {}", status.as_u16()))),
        }
        let mut bytes = Vec::new();
        while let Some(chunk) =
            answer.chunk().await.map_err(|error| Missed::Now(unreached(&error)))?
        {
            if bytes.len() + chunk.len() > bytes_max {
                return Err(Missed::Ever(format!("longer than {bytes_max} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(bytes))
    }
}

/// What a client's error says, without the address: it may hold a secret.
fn unreached(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "it took too long".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the answer broke off".to_owned()
    }
}

fn missed(path: &str, why: &str) -> LogPortError {
    LogPortError { what: "the log", source: format!("{path} did not come: {why}").into() }
}

fn read_only() -> LogPortError {
    LogPortError { what: "the log", source: "a log at a URL is only read".into() }
}

#[async_trait]
impl TileStore for HttpTileStore {
    async fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, LogPortError> {
        let partial = u64::from(tile.width) < WIDTH;
        self.get(&tile.to_string(), tile.bytes(), partial).await
    }

    async fn write(&self, _: Vec<(Tile, Vec<u8>)>) -> Result<(), LogPortError> {
        Err(read_only())
    }

    async fn forget_partial(&self, _: &[Tile]) -> Result<(), LogPortError> {
        Err(read_only())
    }

    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, LogPortError> {
        self.get("checkpoint", NOTE_BYTES_MAX, false).await
    }

    async fn publish(&self, _: &[u8]) -> Result<(), LogPortError> {
        Err(read_only())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_lies_below_a_url_of_the_web() {
        for url in ["http://clinic.example/log", "https://clinic.example/log/"] {
            let store = HttpTileStore::new(url).unwrap();
            let file = store.prefix.join("tile/0/x001/067.p/8").unwrap();
            assert!(file.as_str().ends_with("clinic.example/log/tile/0/x001/067.p/8"), "{file}");
        }
        for url in ["file:///log/", "clinic.example/log", "http://a/log?x=1", "http://a/log#x", ""]
        {
            assert!(HttpTileStore::new(url).is_err(), "{url}");
        }
    }
}
