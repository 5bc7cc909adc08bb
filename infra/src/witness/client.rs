//! `HttpWitness`: asks a witness over HTTP to cosign (c2sp.org/tlog-witness).

use std::time::Duration;

use async_trait::async_trait;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{Note, SignatureLine, VerifierKey};
use domain::journal::tree::TreeHash;
use domain::journal::witnessing::{CheckpointRequest, SIZE_TYPE, cosignatures, size_answered};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use transparency::ports::{Witness, WitnessError};

/// How long a witness may take, from the name's look-up to the answer's last byte.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// Longest answer that is read, bytes: a witness may have many keys, but not that many.
const ANSWER_BYTES_MAX: usize = 64 * 1_024;

/// A witness that answers at a URL. It is asked by way of the proxy that `HTTPS_PROXY` and its kin name, as a
/// program behind a hospital's wall has to.
pub struct HttpWitness {
    name: String,
    key: VerifierKey,
    url: Url,
    client: Client,
}

/// Why a witness cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum WitnessUrlError {
    /// Not a URL, or not of the web. What stands there is not repeated: it may hold a password.
    #[error("the witness {0} has no http or https URL without ? and #: see its line in the policy")]
    Url(String),
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
        let bad = || WitnessUrlError::Url(name.to_owned());
        let mut place = Url::parse(url).map_err(|_| bad())?;
        let web = matches!(place.scheme(), "http" | "https");
        if !web || place.query().is_some() || place.fragment().is_some() {
            return Err(bad());
        }
        place.path_segments_mut().map_err(|()| bad())?.pop_if_empty().push("add-checkpoint");
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
        let status = answer.status();
        let size = is_size(&answer);
        if let Some(why) = later(status) {
            return Err(WitnessError::Later(why));
        }
        match status {
            StatusCode::OK => self.cosigned(&bytes(answer).await?, &checkpoint.text),
            StatusCode::CONFLICT if size => Err(elsewhere(old, &bytes(answer).await?)),
            // Of a tree it stands at itself there is nothing to prove: it has cosigned another one.
            StatusCode::UNPROCESSABLE_ENTITY if covers(checkpoint, old) => {
                Err(WitnessError::OtherTree(old))
            }
            _ => Err(WitnessError::Refused(refusal(status))),
        }
    }
}

/// Whether a checkpoint is of a tree of so many leaves.
fn covers(checkpoint: &Note, size: u64) -> bool {
    Checkpoint::parse(&checkpoint.text).is_ok_and(|checkpoint| checkpoint.size == size)
}

fn is_size(answer: &Response) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.split(';').next()).is_some_and(|kind| kind.trim() == SIZE_TYPE)
}

/// A witness that stands where we think it does and still sees a conflict has cosigned another tree of that
/// size: asking again would never end.
fn elsewhere(old: u64, answer: &[u8]) -> WitnessError {
    match size_answered(answer) {
        Some(size) if size == old => WitnessError::OtherTree(old),
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
        422 => {
            "what it cosigned last does not lead to this checkpoint: one of the two trees is forked"
        }
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};

    use domain::journal::note::{KeyKind, NoteKey};

    use super::*;

    /// A witness of one answer, in bytes as they go over the line; answers where it listens.
    fn answering(answer: impl Into<Vec<u8>>) -> String {
        let answer = answer.into();
        served(move |stream| {
            read_request(stream);
            // The client may have hung up on an answer that is too long.
            let _ = stream.write_all(&answer);
        })
    }

    fn served(serve: impl FnOnce(&mut TcpStream) + Send + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/prefix/", listener.local_addr().unwrap());
        std::thread::spawn(move || serve(&mut listener.accept().unwrap().0));
        url
    }

    fn read_request(stream: &mut TcpStream) -> Vec<u8> {
        let mut read = Vec::new();
        let mut room = [0; 4_096];
        // The note's last line is the last of the body.
        while !(read.ends_with(b"\n") && String::from_utf8_lossy(&read).contains("\u{2014} ")) {
            let length = stream.read(&mut room).unwrap();
            assert!(length > 0, "the request ends with a note");
            read.extend_from_slice(&room[..length]);
        }
        read
    }

    fn http(status: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
    }

    fn key(seed: u8) -> NoteKey {
        NoteKey::new("w", KeyKind::Cosignature, &[seed; 32]).unwrap()
    }

    fn note() -> Note {
        let text = Checkpoint { origin: "a/log".into(), size: 7, root: [7; 32] }.text();
        let log = NoteKey::new("a/log", KeyKind::Ed25519, &[1; 32]).unwrap();
        Note { signatures: vec![log.sign(&text, 0)], text }
    }

    async fn asked(url: &str) -> Result<Vec<SignatureLine>, WitnessError> {
        let witness = HttpWitness::new("ours", key(2).public().clone(), url).unwrap();
        witness.add_checkpoint(5, &[[3; 32]], &note()).await
    }

    #[tokio::test]
    async fn the_request_is_the_specifications() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let url = served(move |stream| {
            sender.send(read_request(stream)).unwrap();
            let line = key(2).sign(&note().text, 9).to_string();
            stream.write_all(http("200 OK", "", &line).as_bytes()).unwrap();
        });
        let lines = asked(&url).await.unwrap();
        assert_eq!(lines, [key(2).sign(&note().text, 9)]);
        let request = String::from_utf8(receiver.recv().unwrap()).unwrap();
        assert!(request.starts_with("POST /prefix/add-checkpoint HTTP/1.1\r\n"), "{request}");
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let proof = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";
        assert_eq!(body, format!("old 5\n{proof}\n\n{}", note()));
    }

    #[tokio::test]
    async fn every_answer_has_its_meaning() {
        let text = note().text;
        let good = key(2).sign(&text, 9).to_string();
        let other = key(3).sign(&text, 9).to_string();
        let forged = key(2).sign("another text\n", 9).to_string();
        let size = "content-type: text/x.tlog.size\r\n";
        let refuses = "the witness refuses: ";
        for (answer, error) in [
            (http("200 OK", "", &format!("{other}{good}")), "cosigned"),
            (http("200 OK", "", &other), "it answered without a cosignature by its key"),
            (http("200 OK", "", &format!("{good}{forged}")), "the signature by w is not right"),
            (http("200 OK", "", ""), "not a signed note: the answer's last line does not end"),
            (http("200 OK", "", &good.repeat(1_000)), "its answer is too long"),
            (http("409 Conflict", size, "9\n"), "the witness has last cosigned a tree of 9 leaves"),
            (
                http("409 Conflict", size, "5\n"),
                "the witness has cosigned another tree of 5 leaves",
            ),
            (http("409 Conflict", size, "09\n"), "it answered with a size that is none"),
            (http("409 Conflict", "", "9\n"), "status 409: a conflict without a size"),
            (http("400 Bad Request", "", "x"), "status 400: the request is malformed"),
            (http("403 Forbidden", "", ""), "status 403: it does not trust the log's key"),
            (http("404 Not Found", "", ""), "status 404: it does not know the log"),
            (
                http("422 X", "", ""),
                "status 422: what it cosigned last does not lead to this checkpoint: one of the two \
                 trees is forked",
            ),
            (http("302 Found", "location: /\r\n", ""), "status 302: an answer no witness gives"),
            (http("204 No Content", "", ""), "status 204: an answer no witness gives"),
            (http("429 Too Many Requests", "", ""), "later: status 429"),
            (http("500 Internal Server Error", "", &good), "later: status 500"),
            (http("503 Service Unavailable", "", ""), "later: status 503"),
        ] {
            let found = match asked(&answering(answer.clone())).await {
                Ok(lines) => {
                    format!("cosigned{}", if lines.len() == 1 { "" } else { " too often" })
                }
                Err(WitnessError::Later(why)) => format!("later: {why}"),
                Err(error) => error.to_string().trim_start_matches(refuses).to_owned(),
            };
            assert_eq!(found, error, "{answer:.80}");
        }
    }

    #[tokio::test]
    async fn a_fork_is_named_a_fork() {
        let witness = |url: &str| HttpWitness::new("ours", key(2).public().clone(), url).unwrap();
        for fork in
            [http("422 X", "", "x"), http("409 X", "content-type: text/x.tlog.size\r\n", "7\n")]
        {
            let answer = witness(&answering(fork)).add_checkpoint(7, &[], &note()).await;
            assert!(matches!(answer, Err(WitnessError::OtherTree(7))), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn who_is_not_there_hangs_up_or_speaks_something_else_may_answer_later() {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let cut = http("200 OK", "", "x").replace("length: 1", "length: 9");
        for url in [
            format!("http://{nobody}"),
            answering(""),
            answering("SSH-2.0-x\r\n"),
            answering(cut),
            served(|stream| stream.write_all(b"no TLS").unwrap()).replace("http:", "https:"),
        ] {
            let error = asked(&url).await.unwrap_err();
            assert!(matches!(error, WitnessError::Later(_)), "{url}: {error}");
            assert!(!error.to_string().contains("/prefix"), "no URL: {error}");
        }
    }

    #[tokio::test]
    async fn nobody_is_waited_for_longer_than_five_seconds() {
        let hold = |stream: &mut TcpStream| {
            let _ = stream.read_to_end(&mut Vec::new());
        };
        let silent = served(move |stream| hold(stream));
        let endless = served(move |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx").unwrap();
            hold(stream);
        });
        let both = futures::future::join(asked(&silent), asked(&endless));
        let both = tokio::time::timeout(ANSWERS_WITHIN * 2, both).await.unwrap();
        for error in [both.0, both.1] {
            assert!(matches!(error, Err(WitnessError::Later(_))), "{error:?}");
        }
    }

    #[test]
    fn a_witness_has_an_address_of_the_web() {
        for wrong in
            ["", "witness", "ftp://h/", "http://", "http://h/?a=b", "http://h/#a", "file:///etc/"]
        {
            let made = HttpWitness::new("ours", key(2).public().clone(), wrong);
            assert!(matches!(made, Err(WitnessUrlError::Url(_))), "{wrong:?}");
        }
        for right in ["http://h", "https://h/", "https://h:8481/a/b/"] {
            assert!(HttpWitness::new("ours", key(2).public().clone(), right).is_ok(), "{right:?}");
        }
    }
}
