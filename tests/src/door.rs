//! The front door of an installation, wherever it runs: what a client can do, and the folder its letters
//! land in.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use commands::ports::world::Clock;
use domain::time::Moment;
use reqwest::{Client, Method, Response};
use serde_json::Value;

/// The public surface of an installation.
#[derive(Clone)]
pub struct Door {
    /// Where it answers.
    pub url: String,
    /// Talks to it; keeps no cookies of its own.
    pub client: Client,
    clock: Arc<dyn Clock>,
    outbox: PathBuf,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// Body.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Reads an answer whole.
    pub async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default();
        Self { status, headers, bytes }
    }

    /// The body as JSON; null if it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The answer to a request.
    pub async fn to(request: reqwest::RequestBuilder) -> Self {
        Self::of(request.send().await.expect("an answer")).await
    }

    /// The entries of a list.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        let json = self.json();
        let items = json["items"].as_array();
        items.unwrap_or_else(|| panic!("no items in {} {json}", self.status)).clone()
    }

    /// A member of every entry of a list, as text.
    #[track_caller]
    pub fn column(&self, member: &str) -> Vec<String> {
        let text = |item: &Value| item[member].as_str().unwrap_or_default().to_owned();
        self.items().iter().map(text).collect()
    }

    /// The body without the trace id, which differs in every answer.
    pub fn without_trace(&self) -> String {
        let mut json = self.json();
        for member in ["trace_id", "instance"] {
            json.as_object_mut().map(|members| members.remove(member));
        }
        json.to_string()
    }

    /// A member of the body as text.
    #[track_caller]
    pub fn text(&self, member: &str) -> String {
        let json = self.json();
        let text = json[member].as_str();
        text.unwrap_or_else(|| panic!("no {member} in {} {json}", self.status)).to_owned()
    }

    /// The problem's code; empty if it is no problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The same answer, if its status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// A refusal with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let found = (self.status, self.code());
        assert_eq!(found, (status, code.to_owned()), "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// A header as text; empty if it is missing.
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }
}

impl Door {
    /// The door of the installation that answers at `address` and keeps its data in `data`.
    pub fn new(address: SocketAddr, data: &Path, clock: Arc<dyn Clock>) -> Self {
        let client = Client::builder().build().expect("a client");
        Self { url: format!("http://{address}"), client, clock, outbox: data.join("outbox") }
    }

    /// The present.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// A request without a session.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        Reply::of(request.send().await.expect("an answer")).await
    }

    /// `POST` without a session.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `GET` without a session.
    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The letters that lie in the outbox, newest first; none where there is no outbox any more.
    pub fn letters(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.outbox).into_iter().flatten();
        let dated = entries.filter_map(|entry| {
            let entry = entry.ok()?;
            // A letter may be answered or carried away while we look.
            let written = entry.metadata().and_then(|metadata| metadata.modified()).ok()?;
            Some((written, std::fs::read_to_string(entry.path()).ok()?))
        });
        let mut dated: Vec<_> = dated.collect();
        dated.sort_by_key(|(written, _)| std::cmp::Reverse(*written));
        dated.into_iter().map(|(_, letter)| letter).collect()
    }

    /// The newest letter to an address, whole.
    #[track_caller]
    pub fn letter(&self, to: &str) -> String {
        let letter = self.letter_if_there(to);
        letter.unwrap_or_else(|| panic!("no letter to {to}"))
    }

    /// The same where there may be none, or no outbox any more.
    pub fn letter_if_there(&self, to: &str) -> Option<String> {
        self.letters().into_iter().find(|letter| letter.contains(to))
    }

    /// The code in the newest letter to an address.
    #[track_caller]
    pub fn code(&self, to: &str) -> String {
        self.code_if_there(to).unwrap_or_else(|| panic!("no code in a letter to {to}"))
    }

    /// The same where there may be none.
    pub fn code_if_there(&self, to: &str) -> Option<String> {
        let letter = self.letter_if_there(to)?;
        letter.split("Your code is ").nth(1).and_then(|rest| rest.get(..6)).map(str::to_owned)
    }
}
