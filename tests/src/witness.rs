//! A witness as a process of its own, and logs that are made for it to watch.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{KeyKind, Note, NoteKey, VerifierKey};
use domain::journal::proof::{consistency, inclusion, nodes, span_hash};
use domain::journal::tile::Node;
use domain::journal::tree::{TreeHash, TreeRoot, leaf_hash, node_hash};
use domain::journal::witnessing::CheckpointRequest;

use crate::door::Reply;
use crate::program::medlock;

/// A running `medlock witness`.
pub struct WitnessProcess {
    /// Where it answers, without a slash at the end.
    pub url: String,
    /// What its cosignatures are checked with.
    pub key: VerifierKey,
    /// The line it prints for a policy file.
    pub policy_line: String,
    arguments: Vec<String>,
    data: PathBuf,
    child: Child,
}

impl WitnessProcess {
    /// Starts a witness on a folder and a free port, and waits until it answers.
    pub fn start(data: &Path, name: &str, logs: &[VerifierKey]) -> Self {
        let mut arguments = vec!["--name".to_owned(), name.to_owned()];
        arguments.extend(logs.iter().map(|log| format!("--log={log}")));
        Self::start_with(data, &arguments)
    }

    /// The same, told as on the command line.
    pub fn start_with(data: &Path, arguments: &[String]) -> Self {
        Self::start_at(data, arguments.to_vec(), "127.0.0.1:0")
    }

    fn start_at(data: &Path, arguments: Vec<String>, address: &str) -> Self {
        let log = data.with_extension("log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log);
        let mut child = Self::command(data, &arguments, address)
            .stdout(Stdio::piped())
            .stderr(log.expect("a log file"))
            .spawn()
            .expect("medlock starts");
        let stdout = child.stdout.take().expect("its output");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let printed: Vec<String> =
            lines.by_ref().take_while(|line| !line.starts_with("Ready.")).collect();
        let after = |word: &str| printed.iter().find_map(|line| line.split_once(word));
        let (_, url) = after("Witness answers at ").expect("it says where it answers");
        let (_, rest) = after("  witness ").expect("it prints a policy line");
        let key = rest.split(' ').nth(1).expect("a verifier key").parse().expect("a vkey");
        let url = url.trim_end_matches('/').to_owned();
        let policy_line = format!("witness {rest}");
        Self { url, key, policy_line, arguments, data: data.to_owned(), child }
    }

    /// What starts it.
    pub fn command(data: &Path, arguments: &[String], address: &str) -> Command {
        let mut command = Command::new(medlock());
        command.args(["witness", "--listen", address, "--data"]).arg(data).args(arguments);
        command.env("MEDLOCK_LOG", "error");
        command
    }

    /// The same witness once more, on the same folder, while this one runs.
    pub fn second(&self) -> Command {
        Self::command(&self.data, &self.arguments, "127.0.0.1:0")
    }

    /// Kills it: no handler runs, nothing is flushed.
    pub fn kill(&mut self) {
        self.child.kill().expect("it was alive");
        self.child.wait().expect("it is dead");
    }

    /// Kills it if it lives, and starts it again at the same address.
    pub fn restart(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let address = self.url.trim_start_matches("http://").to_owned();
        *self = Self::start_at(&self.data, self.arguments.clone(), &address);
    }

    /// Waits until it ends by itself; answers its exit code.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends the body of a request.
    pub async fn asked(&self, client: &reqwest::Client, body: impl Into<reqwest::Body>) -> Reply {
        Reply::to(client.post(format!("{}/add-checkpoint", self.url)).body(body)).await
    }
}

impl Drop for WitnessProcess {
    fn drop(&mut self) {
        // A story that failed must not leave a witness behind; one that was killed is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A log of leaves that say nothing, as long as it was made, of which any smaller tree can be shown.
pub struct WatchedLog {
    /// Signs its checkpoints.
    pub key: NoteKey,
    /// Hashes of complete subtrees, by level.
    levels: Vec<Vec<TreeHash>>,
}

impl WatchedLog {
    /// A log of `size` leaves.
    pub fn new(origin: &str, size: u64) -> Self {
        Self::forked(origin, size, size, 0)
    }

    /// A log of the same origin and key, but with other leaves from `common` on.
    pub fn forked(origin: &str, size: u64, common: u64, branch: u8) -> Self {
        let leaf = |index: u64| {
            let branch = if index < common { 0 } else { branch };
            leaf_hash(&[&index.to_be_bytes()[..], &[branch]].concat())
        };
        let seed = blake3::hash(origin.as_bytes());
        let key = NoteKey::new(origin, KeyKind::Ed25519, seed.as_bytes()).expect("a name");
        Self::of(key, (0..size).map(leaf).collect())
    }

    /// The log whose leaves have these hashes.
    pub fn of(key: NoteKey, leaves: Vec<TreeHash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let pairs = below.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1]));
            levels.push(pairs.collect());
        }
        Self { key, levels }
    }

    /// What its signatures are checked with.
    pub fn public(&self) -> VerifierKey {
        self.key.public().clone()
    }

    fn node(&self, node: Node) -> Option<TreeHash> {
        let level = self.levels.get(usize::try_from(node.level).ok()?)?;
        level.get(usize::try_from(node.index).ok()?).copied()
    }

    /// Its first `size` leaves.
    pub fn checkpoint(&self, size: u64) -> Checkpoint {
        let edge = nodes(&(0..size)).into_iter().map(|node| self.node(node).expect("a node"));
        let root = TreeRoot::resume(size, edge.collect()).expect("an edge").root();
        Checkpoint { origin: self.key.public().name().to_owned(), size, root }
    }

    /// The same, signed.
    pub fn note(&self, size: u64) -> Note {
        let text = self.checkpoint(size).text();
        Note { signatures: vec![self.key.sign(&text, 0)], text }
    }

    /// That its first `new` leaves continue its first `old` ones.
    pub fn proof(&self, old: u64, new: u64) -> Vec<TreeHash> {
        let spans = consistency(old, new).expect("old before new");
        spans.iter().map(|span| span_hash(span, |node| self.node(node)).expect("nodes")).collect()
    }

    /// Path of leaf `index` in its first `size` leaves.
    pub fn path(&self, index: u64, size: u64) -> Vec<TreeHash> {
        let spans = inclusion(index, size).expect("a leaf");
        spans.iter().map(|span| span_hash(span, |node| self.node(node)).expect("nodes")).collect()
    }

    /// Asks for a cosignature.
    pub fn request(&self, old: u64, new: u64) -> CheckpointRequest {
        CheckpointRequest { old, proof: self.proof(old.min(new), new), note: self.note(new) }
    }
}
