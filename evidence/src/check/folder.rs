//! The checking of a history bundle: a folder of files about one stream.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use domain::ids::{EventHash, StreamName};
use domain::journal::chain::Broken;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{NOTE_BYTES_MAX, Note, VerifierKey};
use domain::journal::receipt::LogProof;
use domain::journal::witness_policy::WitnessPolicy;
use domain::journal::{Envelope, LINE_BYTES_MAX, Leaf, StreamKey, StreamVersion};
use serde::Deserialize;

use super::scan::{HeldLine, StreamScan};
use super::{Verdict, Wrong, believed};
use crate::bundle::{
    CHECKPOINT, KEYS, LINES, MANIFEST, POLICY, POSITIONS, STREAM_KEYS, proof_file,
};
use crate::ports::{LogFiles, Progress};
use crate::text_ends::{as_written, breaks_off, first_line_of, has_digest, line_of};

/// Largest small file, bytes.
pub(super) const SMALL_MAX: u64 = 16 << 20;

/// What is to be checked, and against what.
pub struct Check<'a> {
    /// The bundle.
    pub folder: &'a Path,
    /// Whom somebody believes; the bundle's own word if nobody was named.
    pub policy: Option<WitnessPolicy>,
    /// The log's public files.
    pub log: Option<&'a dyn LogFiles>,
    /// Who waits.
    pub progress: &'a dyn Progress,
}

/// The members of a manifest that are looked at.
#[derive(Deserialize)]
struct ReadManifest {
    format: u32,
    events: u64,
    blake3: String,
    #[serde(default)]
    streams: Vec<String>,
    #[serde(default)]
    digests: Vec<ReadDigest>,
}

#[derive(Deserialize)]
struct ReadDigest {
    path: String,
    blake3: String,
}

/// A stream and its lines, as they were found.
struct Found {
    stream: StreamName,
    key: StreamKey,
    checkpoint: Checkpoint,
    held: HashMap<u32, HeldLine>,
    /// Lines that no root covers yet.
    newer: u64,
    /// Lines that come without a proof of their own.
    unproved: u64,
    /// Lines that were written for an older log, which this one goes on from.
    older: u64,
}

/// How far the chain of the stream holds.
struct StreamChain {
    next: u32,
    head: EventHash,
}

impl StreamChain {
    fn take(&mut self, envelope: &Envelope<'_>, line: &[u8]) -> Result<(), Broken> {
        let stream = envelope.stream.clone();
        let version = envelope.version;
        if version.0 != self.next {
            let expected = StreamVersion(self.next);
            let found = version;
            return Err(Broken::Version { stream, expected, found });
        }
        if envelope.prev != self.head {
            return Err(Broken::Prev { stream, version });
        }
        (self.next, self.head) = (version.0.saturating_add(1), domain::journal::hash(line));
        Ok(())
    }
}

impl Check<'_> {
    /// Checks everything there is; what cannot be read is a finding.
    pub async fn run(self) -> Verdict {
        let mut verdict = Verdict::default();
        let words = match self.all(&mut verdict).await {
            Ok(words) => words,
            Err(wrong) => {
                verdict.wrong(wrong);
                String::new()
            }
        };
        verdict.conclude(words)
    }

    async fn all(&self, verdict: &mut Verdict) -> Result<String, Wrong> {
        let own = self.policy.is_none();
        let policy = match &self.policy {
            Some(policy) => policy.clone(),
            None => self.own_policy()?,
        };
        if own {
            verdict.not_checked(
                "whose keys these are: they came with the bundle; bring --witness-policy or --key",
            );
        }
        let note = Note::parse(&self.small(CHECKPOINT, NOTE_BYTES_MAX as u64)?);
        let note = note.map_err(|error| Wrong::unread(format!("{CHECKPOINT}: {error}")))?;
        let checkpoint = believed(&note, &policy, verdict)?.checkpoint;
        let said = self.manifest(verdict)?;
        let mut found = self.subject(&said, checkpoint)?;
        match self.lines(&said, &mut found, verdict) {
            Ok(words) => verdict.checked(words),
            Err(wrong) => verdict.wrong(wrong),
        }
        if found.unproved > 0 && self.log.is_none() {
            let what = format!("{} lines have no proof, and no log was named", found.unproved);
            verdict.wrong(Wrong::new(what));
        }
        if found.newer > 0 {
            let newer = found.newer;
            verdict.not_checked(format!(
                "{newer} lines newer than the checkpoint: no root covers them"
            ));
        }
        if found.older > 0 {
            let older = found.older;
            verdict.not_checked(format!("the older log that {older} lines were written for"));
        }
        let Found { stream, key, checkpoint, held, .. } = &found;
        match self.log {
            Some(log) => {
                StreamScan::new(stream, key, held)
                    .run(log, checkpoint, verdict, self.progress)
                    .await;
            }
            None => verdict
                .not_checked("whether these lines are all: that takes the log's leaves, --log"),
        }
        verdict.not_checked("what happened after the checkpoint: ask for a newer bundle");
        Ok(self.words(&found, own))
    }

    fn words(&self, found: &Found, own: bool) -> String {
        let Checkpoint { origin, size, .. } = &found.checkpoint;
        let lines = found.held.len();
        let stream = &found.stream;
        let whose = if own { "Right in itself, by the word of its own keys" } else { "Right" };
        match self.log {
            Some(_) => format!(
                "{whose}: these {lines} lines are all that {origin} has of {stream} among its first {size} events."
            ),
            None => format!(
                "{whose}: these {lines} lines of {stream} stand among the first {size} events of {origin}; \
                 whether they are all was not checked."
            ),
        }
    }

    fn small(&self, name: &str, bytes_max: u64) -> Result<Vec<u8>, Wrong> {
        let wrong = |error: std::io::Error| Wrong::unread(format!("{name}: {error}"));
        let file = File::open(self.folder.join(name)).map_err(wrong)?;
        let mut bytes = Vec::new();
        file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(wrong)?;
        if bytes.len() as u64 > bytes_max {
            return Err(Wrong::unread(format!("{name} is longer than it may be")));
        }
        Ok(as_written(&bytes).into_owned())
    }

    fn small_text(&self, name: &str) -> Result<String, Wrong> {
        let text = String::from_utf8(self.small(name, SMALL_MAX)?);
        text.map_err(|_| Wrong::unread(format!("{name} is no text")))
    }

    /// The keys that came along, and the policy if one did.
    fn own_policy(&self) -> Result<WitnessPolicy, Wrong> {
        let text = self.small_text(KEYS)?;
        let keys: Result<Vec<VerifierKey>, _> = text.lines().map(str::parse).collect();
        let keys = keys.map_err(|error| Wrong::unread(format!("{KEYS}: {error}")))?;
        if !self.folder.join(POLICY).is_file() {
            return Ok(WitnessPolicy::of_logs(keys));
        }
        let policy = WitnessPolicy::parse(&self.small_text(POLICY)?).map_err(Wrong::new)?;
        Ok(policy.of_log(keys))
    }

    fn manifest(&self, verdict: &mut Verdict) -> Result<ReadManifest, Wrong> {
        let bytes = self.small(MANIFEST, SMALL_MAX)?;
        let said: Result<ReadManifest, _> = serde_json::from_slice(&bytes);
        let said = said.map_err(|error| Wrong::unread(format!("{MANIFEST}: {error}")))?;
        if said.format != 2 {
            return Err(Wrong::unread("the manifest is of a format that is not known here"));
        }
        let lines = ReadDigest { path: LINES.to_owned(), blake3: said.blake3.clone() };
        for ReadDigest { path, blake3 } in said.digests.iter().chain([&lines]) {
            let plain = Path::new(path)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)));
            let file = self.folder.join(path);
            if !plain || !file.is_file() {
                let what = format!("{path}, which the manifest speaks of, is missing");
                return Err(Wrong::unread(what));
            }
            let unread = |error: std::io::Error| Wrong::unread(format!("{path}: {error}"));
            if has_digest(&file, blake3).map_err(unread)? {
                continue;
            }
            if path == LINES && breaks_off(&file).map_err(unread)? {
                return Err(Wrong::unread(format!("{path} was cut off")));
            }
            verdict.wrong(Wrong::new(format!("{path} is not the file the manifest speaks of")));
        }
        Ok(said)
    }

    fn reader(&self, name: &str) -> Option<BufReader<File>> {
        let file = File::open(self.folder.join(name));
        file.ok().map(|file| BufReader::with_capacity(1 << 20, file))
    }

    fn subject(&self, said: &ReadManifest, checkpoint: Checkpoint) -> Result<Found, Wrong> {
        let [stream] = said.streams.as_slice() else {
            return Err(Wrong::new("this is not about one stream: see medlock verify"));
        };
        let stream: StreamName = stream.parse().map_err(Wrong::new)?;
        let text = self.small_text(STREAM_KEYS)?;
        let keys: BTreeMap<&str, &str> =
            text.lines().filter_map(|line| line.split_once(' ')).collect();
        let mut key = [0; 32];
        let hex = keys.get(stream.as_str()).copied().unwrap_or_default();
        hex::decode_to_slice(hex, &mut key)
            .map_err(|_| Wrong::new(format!("{STREAM_KEYS} has no key of {stream}")))?;
        let held = HashMap::new();
        let key = StreamKey(key);
        Ok(Found { stream, key, checkpoint, held, newer: 0, unproved: 0, older: 0 })
    }

    /// Checks every line; goes on after the first that is wrong, so that the scan knows what is held.
    fn lines(
        &self,
        said: &ReadManifest,
        found: &mut Found,
        verdict: &mut Verdict,
    ) -> Result<String, Wrong> {
        let positions = self.reader(POSITIONS);
        let mut positions = positions.map(|reader| reader.lines());
        let reader = self.reader(LINES);
        let mut reader = reader.ok_or_else(|| Wrong::unread(format!("{LINES} is missing")))?;
        let mut chain = Some(StreamChain { next: 0, head: EventHash::ZERO });
        let mut count = 0;
        loop {
            let mut line = Vec::new();
            let most = LINE_BYTES_MAX as u64 + 2;
            let read = reader.by_ref().take(most).read_until(b'\n', &mut line);
            if read.map_err(Wrong::new)? == 0 {
                break;
            }
            let position = match &mut positions {
                None => Some(count),
                Some(lines) => {
                    let line = lines.next().and_then(Result::ok);
                    line.and_then(|line| line.trim_start_matches('\u{feff}').parse().ok())
                }
            };
            let position = position
                .ok_or_else(|| Wrong::new(format!("line {} has no position", count + 1)))?;
            count += 1;
            let plain = if count == 1 { first_line_of(&line) } else { line_of(&line) };
            if !line.ends_with(b"\n") && Envelope::read(plain).is_err() {
                return Err(Wrong::unread(format!("{LINES} was cut off")));
            }
            if let Err(what) = self.line(plain, position, chain.as_mut(), found) {
                chain = None;
                verdict.wrong(Wrong::at(position, what));
            }
        }
        if count != said.events || positions.is_some_and(|mut lines| lines.next().is_some()) {
            let what =
                format!("there are {count} lines, and the manifest or the positions say others");
            return Err(Wrong::new(what));
        }
        let proofs = if found.unproved == 0 { ", proof of each" } else { "" };
        Ok(format!("{count} lines: form, chain, digests, tags{proofs}"))
    }

    fn line(
        &self,
        line: &[u8],
        position: u64,
        chain: Option<&mut StreamChain>,
        found: &mut Found,
    ) -> Result<(), String> {
        let envelope = Envelope::read(line).map_err(|error| error.to_string())?;
        if envelope.stream != found.stream {
            return Err(format!("the line is of {}", envelope.stream));
        }
        let version = envelope.version;
        let leaf = Leaf::of(&found.key, version, line);
        found.held.insert(version.0, HeldLine { position, leaf });
        if let Some(chain) = chain {
            chain.take(&envelope, line).map_err(|error| error.to_string())?;
        }
        if envelope.source != found.checkpoint.origin {
            found.older += 1;
        }
        if position >= found.checkpoint.size {
            found.newer += 1;
            return Ok(());
        }
        self.proof(line, position, version, found)
    }

    fn proof(
        &self,
        line: &[u8],
        position: u64,
        version: StreamVersion,
        found: &mut Found,
    ) -> Result<(), String> {
        let name = proof_file(position);
        if !self.folder.join(&name).is_file() {
            found.unproved += 1;
            return Ok(());
        }
        let text = self.small_text(&name).map_err(|wrong| wrong.what)?;
        let proof = LogProof::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        let checkpoint = proof.follow().map_err(|error| format!("{name}: {error}"))?;
        if checkpoint != found.checkpoint || proof.index != position {
            return Err(format!("{name} is of another place or another checkpoint"));
        }
        if !proof.leaf.matches(line) {
            return Err("the leaf does not carry the digests of the line".to_owned());
        }
        if !proof.leaf.tagged(&found.key, version) {
            let stream = &found.stream;
            return Err(format!("the leaf's tag is not that of {stream} version {version}"));
        }
        Ok(())
    }
}
