//! A patient's history bundle: every line of one stream that the published checkpoint covers, a proof
//! for each, and what shows that there are no others. Made piece by piece: a long history needs no more
//! memory.

pub mod archive;
pub mod folder;

use std::sync::Arc;

use domain::actor::Actor;
use domain::ids::StreamName;
use domain::journal::{Line, LineError, Position, StreamKey, StreamVersion, canonical};
use domain::time::Moment;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::ports::StoredLines;
use crate::published::{EvidenceError, OrganisationKeys, Published};

/// Names of the files, which the checker looks for.
pub const LINES: &str = "events.jsonl";
/// See [`LINES`].
pub const MANIFEST: &str = "manifest.json";
/// See [`LINES`].
pub const POSITIONS: &str = "positions";
/// See [`LINES`].
pub const KEYS: &str = "keys.txt";
/// See [`LINES`].
pub const POLICY: &str = "policy";
/// See [`LINES`].
pub const STREAM_KEYS: &str = "stream-keys";
/// See [`LINES`].
pub const CHECKPOINT: &str = "log/checkpoint";
const README: &str = "README.txt";
/// Lines that are read together.
const LINES_READ: usize = 128;

/// Where the proof of the line at a position lies.
pub fn proof_file(position: u64) -> String {
    format!("proofs/{position}.tlog-proof")
}

/// What a bundle is made of, in order.
#[derive(Debug)]
pub enum Piece {
    /// A file begins.
    File {
        /// Its path within the bundle.
        path: String,
        /// How many bytes follow.
        size: u64,
    },
    /// Bytes of the file that began last.
    Bytes(Vec<u8>),
    /// Nothing follows: the bundle is whole.
    End,
}

/// Takes the pieces; an error says that the bundle will never be whole.
pub type Pieces = mpsc::Sender<Result<Piece, EvidenceError>>;

/// What a bundle is about and made from.
pub struct Source {
    /// The stored lines.
    pub events: Arc<dyn StoredLines>,
    /// The public files.
    pub published: Published,
    /// Whose history.
    pub stream: StreamName,
    /// The key of the stream's tags.
    pub key: StreamKey,
    /// Whom the organisation says to believe.
    pub keys: OrganisationKeys,
    /// When it is made.
    pub made: Moment,
    /// For whom, if somebody asked.
    pub by: Option<Actor>,
}

/// What is known of the lines before any is written.
struct Plan {
    positions: Vec<Position>,
    bytes: u64,
    blake3: blake3::Hash,
    head: String,
}

/// A bundle that is ready to be written.
pub struct HistoryBundle {
    source: Source,
    plan: Plan,
}

impl HistoryBundle {
    /// Reads the lines once; none if the checkpoint covers not one of them.
    pub async fn plan(source: Source) -> Result<Option<Self>, EvidenceError> {
        let mut positions = Vec::new();
        let mut bytes = 0;
        let mut hasher = blake3::Hasher::new();
        let mut head = String::new();
        loop {
            let lines = source.lines(positions.len()).await?;
            let covered = lines.iter().take_while(|line| source.published.covers(line.position));
            let before = positions.len();
            for line in covered {
                positions.push(line.position);
                bytes += line.bytes.len() as u64 + 1;
                hasher.update(&line.bytes).update(b"\n");
                head = domain::journal::hash(&line.bytes).to_string();
            }
            if positions.len() - before < LINES_READ {
                break;
            }
        }
        let blake3 = hasher.finalize();
        let plan = Plan { positions, bytes, blake3, head };
        Ok((!plan.positions.is_empty()).then_some(Self { source, plan }))
    }

    /// How many lines it holds.
    pub fn events(&self) -> usize {
        self.plan.positions.len()
    }

    /// Gives out every piece. Ends early if nobody takes them any more.
    pub async fn write(&self, pieces: &Pieces) {
        match self.give(pieces).await {
            Ok(()) => drop(pieces.send(Ok(Piece::End)).await),
            Err(BundleStop::Nobody) => {}
            Err(BundleStop::Error(error)) => {
                tracing::error!(%error, "a history bundle broke off");
                drop(pieces.send(Err(error)).await);
            }
        }
    }

    async fn give(&self, pieces: &Pieces) -> Result<(), BundleStop> {
        let mut digests = Vec::new();
        for (path, text) in self.small_files() {
            digests.push((path, blake3::hash(text.as_bytes())));
            file(pieces, path, text.into_bytes()).await?;
        }
        let note = self.source.published.note.to_string();
        file(pieces, CHECKPOINT, note.into_bytes()).await?;
        self.give_lines(pieces).await?;
        self.give_proofs(pieces).await?;
        // The manifest comes last: a bundle without one was not finished.
        file(pieces, MANIFEST, self.manifest(&digests)?).await
    }

    async fn give_lines(&self, pieces: &Pieces) -> Result<(), BundleStop> {
        let path = LINES.to_owned();
        let size = self.plan.bytes;
        send(pieces, Piece::File { path, size }).await?;
        let mut from = 0;
        while from < self.plan.positions.len() {
            let lines = self.lines(from).await?;
            from += lines.len();
            let bytes = lines.iter().flat_map(|line| [line.bytes.as_slice(), b"\n"]);
            send(pieces, Piece::Bytes(bytes.collect::<Vec<_>>().concat())).await?;
        }
        Ok(())
    }

    async fn give_proofs(&self, pieces: &Pieces) -> Result<(), BundleStop> {
        let mut from = 0;
        while from < self.plan.positions.len() {
            let lines = self.lines(from).await?;
            from += lines.len();
            for line in lines {
                let receipt = self.source.published.receipt(&line).await?;
                let gone = EvidenceError::Gone(line.version.0);
                let proof = receipt.ok_or(gone)?.proof.to_string();
                file(pieces, &proof_file(line.position.0), proof.into_bytes()).await?;
            }
        }
        Ok(())
    }

    /// The next planned lines from version `from` on: never none.
    async fn lines(&self, from: usize) -> Result<Vec<Line>, EvidenceError> {
        let mut lines = self.source.lines(from).await?;
        lines.truncate(self.plan.positions.len() - from);
        if lines.is_empty() {
            return Err(EvidenceError::Gone(u32::try_from(from).unwrap_or(u32::MAX)));
        }
        Ok(lines)
    }

    fn small_files(&self) -> Vec<(&'static str, String)> {
        let Source { keys, stream, key, .. } = &self.source;
        let lines = |lines: Vec<String>| lines.iter().map(|line| format!("{line}\n")).collect();
        let mut files = vec![
            (README, README_TEXT.to_owned()),
            (KEYS, lines(keys.log.iter().map(ToString::to_string).collect())),
            (STREAM_KEYS, format!("{stream} {}\n", hex::encode(key.0))),
            (POSITIONS, lines(self.plan.positions.iter().map(ToString::to_string).collect())),
        ];
        if let Some(policy) = &keys.policy_text {
            files.push((POLICY, policy.clone()));
        }
        files
    }

    fn manifest(&self, digests: &[(&str, blake3::Hash)]) -> Result<Vec<u8>, EvidenceError> {
        let (source, plan) = (&self.source, &self.plan);
        let mut digests = digests.to_vec();
        digests.sort_unstable_by_key(|(path, _)| *path);
        let digest = |(path, hash): &(&str, blake3::Hash)| {
            let hash = hash.to_string();
            json!({ "path": path, "blake3": hash })
        };
        let ends = |position: Option<&Position>| position.map_or(0, |position| position.0);
        let mut said = Map::new();
        let mut say = |name: &str, value: Value| said.insert(name.to_owned(), value);
        say("what", json!(WHAT));
        say("format", json!(2));
        say("made", json!(source.made.to_string()));
        say("origin", json!(source.published.checkpoint.origin));
        say("events", json!(plan.positions.len()));
        say("first", json!(ends(plan.positions.first())));
        say("last", json!(ends(plan.positions.last())));
        say("streams", json!([source.stream.as_str()]));
        say("head", json!(plan.head));
        say("blake3", json!(plan.blake3.to_string()));
        say("digests", digests.iter().map(digest).collect());
        if let Some(by) = source.by {
            say("by", json!(by.to_string()));
        }
        let mut bytes = Vec::new();
        let unfit = |error| {
            let error = LineError::NotCanonical(error);
            EvidenceError::Line(Position(source.published.checkpoint.size), error.into())
        };
        canonical::write(&Value::Object(said), &mut bytes).map_err(unfit)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl Source {
    /// Lines of the stream from version `from` on, fewer than asked for only at its end.
    async fn lines(&self, from: usize) -> Result<Vec<Line>, EvidenceError> {
        let from = StreamVersion(u32::try_from(from).unwrap_or(u32::MAX));
        Ok(self.events.of_stream(&self.stream, from, LINES_READ).await?)
    }
}

/// Why no further piece is given.
enum BundleStop {
    /// Whoever wanted the bundle is gone.
    Nobody,
    Error(EvidenceError),
}

impl From<EvidenceError> for BundleStop {
    fn from(error: EvidenceError) -> Self {
        Self::Error(error)
    }
}

async fn send(pieces: &Pieces, piece: Piece) -> Result<(), BundleStop> {
    pieces.send(Ok(piece)).await.map_err(|_| BundleStop::Nobody)
}

async fn file(pieces: &Pieces, path: &str, bytes: Vec<u8>) -> Result<(), BundleStop> {
    let path = path.to_owned();
    let size = bytes.len() as u64;
    send(pieces, Piece::File { path, size }).await?;
    send(pieces, Piece::Bytes(bytes)).await
}

const WHAT: &str = "a patient's history: all lines of one stream under the checkpoint, with proofs";

const README_TEXT: &str = "\
YOUR HISTORY, AND HOW IT CAN BE CHECKED

What is in this folder
  events.jsonl       everything the organisation has logged about your record, one event a line, as stored
  positions          where each of these lines stands in the organisation's log
  proofs/            for each line a proof that it stands there
  log/checkpoint     the log's length and root, signed by the organisation, cosigned by its witnesses if it has any
  keys.txt, policy   the organisation's keys, and whom it asks to cosign: its own word, bring yours from elsewhere
  stream-keys        the key of your stream. Who has it can tell which leaves of the public log are yours, and
                     nothing more; keep it to yourself all the same
  manifest.json      what this is, with digests; it is written last

What it proves
  Every event has a leaf in the public log, with a tag that only the key of its stream can make. With your key
  anybody can make the tags of your events number 0, 1, 2 and so on, and look through all leaves of the log up
  to the cosigned checkpoint. If each of your tags stands there exactly once, at the position of its line, and
  the tag of the next number stands nowhere, then nothing that was logged about you was withheld from you.
      medlock check THIS_FOLDER --log https://medlock.example.org/log/ --witness-policy POLICY
  The leaves are not in this folder, because there are as many as events in the whole log: they come from the
  log's address, from an export, or from whoever keeps a copy. Without them each line is proved, and that they
  are all is not.

What it does not prove
  - An access that was never logged: no log can show it. Against that stands that the service logs before it shows.
  - What happened after the checkpoint. Ask for a new bundle.
  - What sealed personal text says (names, titles, reasons): it stays sealed in here. Digests cover the sealed form.
  - Times: they are the organisation's own claim. Only a cosignature says when somebody else saw the log.
  - Who you are dealing with: with the organisation's own keys alone, this folder agrees with itself and no more.
";
