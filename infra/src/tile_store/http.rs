//! The public files of somebody's log, read over HTTP.

use std::time::Duration;

use async_trait::async_trait;
use domain::journal::note::NOTE_BYTES_MAX;
use domain::journal::tile::Tile;
use projections::ports::{PortError, TileStore};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

/// How long one file may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// Files below a URL such as `https://clinic.example/log/`.
pub struct HttpTileStore {
    client: Client,
    prefix: Url,
}

/// What stands where a log's URL was expected.
#[derive(Debug, thiserror::Error)]
pub enum LogUrlError {
    /// Not a URL of the web.
    #[error("{0:?} is no http or https URL")]
    Url(String),
    /// The HTTP client could not be made.
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

impl HttpTileStore {
    /// The log whose files lie below `url`.
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
        Ok(Self { client, prefix })
    }

    async fn get(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, PortError> {
        let url = self.prefix.join(path).map_err(failed)?;
        let mut answer = self.client.get(url).send().await.map_err(unreached)?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            status => return Err(failed(format!("{path}: status {}", status.as_u16()))),
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreached)? {
            if bytes.len() + chunk.len() > bytes_max {
                return Err(failed(format!("{path} is longer than it may be")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(bytes))
    }
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PortError {
    PortError { what: "the log's address", source: source.into() }
}

/// The error without its URL, which may hold a password.
fn unreached(error: reqwest::Error) -> PortError {
    failed(error.without_url())
}

#[async_trait]
impl TileStore for HttpTileStore {
    async fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, PortError> {
        self.get(&tile.to_string(), tile.bytes()).await
    }

    async fn write(&self, _: Vec<(Tile, Vec<u8>)>) -> Result<(), PortError> {
        Err(failed("somebody else's log is only read"))
    }

    async fn forget_partial(&self, _: &[Tile]) -> Result<(), PortError> {
        Err(failed("somebody else's log is only read"))
    }

    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, PortError> {
        self.get("checkpoint", NOTE_BYTES_MAX).await
    }

    async fn publish(&self, _: &[u8]) -> Result<(), PortError> {
        Err(failed("somebody else's log is only read"))
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
