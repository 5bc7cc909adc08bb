//! Whoever owns everything inside: a copy of the folder with database, vault and master key, our source, and
//! with them the key that signs the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use commands::audit::rotate_log_key::log_key;
use commands::ports::key_vault::KeyVault as _;
use domain::ids::StreamName;
use domain::journal::note::NoteKey;
use domain::journal::tree::leaf_hash;
use domain::journal::{Leaf, Line, StreamKey, hash};
use infra::checkpoint_store::SqliteCheckpointStore;
use infra::entropy::OsEntropy;
use infra::vault::{MasterKey, SqliteKeyVault};
use tests::app::TestApp;
use tests::witness::WatchedLog;
use transparency::ports::CheckpointStore as _;

use crate::audit::folder::{Outcome, copy, medlock};
use crate::audit::tamper::tamper;

/// The origin of every installation here.
pub(super) const ORIGIN: &str = "medlock.invalid/log";

/// An owner who forges, and what the log is by their will.
pub(super) struct Forger {
    pub(super) data: PathBuf,
    pub(super) lines: Vec<Line>,
    held: usize,
    vault: SqliteKeyVault,
}

impl Forger {
    /// Takes a copy of an installation that stands still.
    pub(super) async fn of(app: &TestApp, lines: &[Line], name: &str) -> Self {
        let data = app.data().with_file_name(name);
        copy(&app.data(), &data);
        std::fs::copy(guard_of(&app.data()), guard_of(&data)).unwrap();
        let entropy = Arc::new(OsEntropy);
        let (key, vault) = (data.with_added_extension("key"), data.join("vault.db"));
        let (master, _) = MasterKey::load_or_make(&key, &vault, &*entropy).unwrap();
        let vault = SqliteKeyVault::open(&vault, master, entropy).await.unwrap();
        Self { data, lines: lines.to_vec(), held: lines.len(), vault }
    }

    /// The key that signs the log: it follows from the vault.
    pub(super) fn key(&self) -> NoteKey {
        log_key(&self.vault, ORIGIN, 1).unwrap()
    }

    /// The key of a stream's tags.
    pub(super) async fn stream_key(&self, stream: &StreamName) -> StreamKey {
        self.vault.stream_key(stream, stream.owner()).await.unwrap()
    }

    /// Puts other bytes in the place of a line, leaf and all; what follows stays as it is.
    pub(super) async fn edit(&mut self, at: usize, bytes: Vec<u8>) {
        let key = self.stream_key(&self.lines[at].stream.clone()).await;
        let line = &mut self.lines[at];
        line.leaf = Leaf::of(&key, line.version, &bytes);
        line.bytes = bytes;
    }

    /// The same, and every later line of the stream is linked to it anew.
    pub(super) async fn rewrite(&mut self, at: usize, bytes: Vec<u8>) {
        let mut before = self.lines[at].clone();
        self.edit(at, bytes).await;
        let mut link = hash(&self.lines[at].bytes);
        for next in at + 1..self.lines.len() {
            if self.lines[next].stream != before.stream {
                continue;
            }
            let old = std::mem::replace(&mut before, self.lines[next].clone());
            let text = String::from_utf8(before.bytes.clone()).unwrap();
            let linked = text.replace(&hash(&old.bytes).to_string(), &link.to_string());
            assert_ne!(linked, text, "it was linked to the line before it");
            self.edit(next, linked.into_bytes()).await;
            link = hash(&self.lines[next].bytes);
        }
    }

    /// The tree over the leaves, signed with the log's own key.
    pub(super) fn log(&self) -> WatchedLog {
        WatchedLog::of(self.key(), self.lines.iter().map(|line| leaf_hash(&line.leaf.0)).collect())
    }

    /// How many lines there are by now.
    pub(super) fn size(&self) -> u64 {
        self.lines.len() as u64
    }

    /// Brings everything in the folder in line with the forgery: rows, count, hint, last checkpoint, guard,
    /// tiles.
    pub(super) async fn keep(&self) {
        let row = |line: &Line| {
            let (bytes, leaf) = (hex::encode(&line.bytes), hex::encode(line.leaf.0));
            let place = line.position.0 + 1;
            format!("UPDATE events SET line=x'{bytes}', leaf=x'{leaf}' WHERE position={place};")
        };
        let rows: String = self.lines.iter().map(row).collect();
        let size = self.size();
        let cut = format!(
            "DELETE FROM events WHERE position > {size};
             UPDATE sqlite_sequence SET seq = {size} WHERE name = 'events';"
        );
        let cut = if self.lines.len() < self.held { cut } else { String::new() };
        tamper(&self.data, cut + &rows).await;
        // It says how many events there were.
        std::fs::remove_file(self.data.join("events.db-hint")).unwrap();
        let note = self.log().note(size).to_string().into_bytes();
        let store = SqliteCheckpointStore::open(&self.data.join("log.db")).await.unwrap();
        let last = store.last().await.unwrap();
        assert!(store.swap(last.as_deref(), &note).await.unwrap());
        drop(store);
        std::fs::write(guard_of(&self.data), &note).unwrap();
        std::fs::remove_dir_all(self.data.join("log")).unwrap();
        let rebuilt = medlock(&["log", "rebuild"], &self.data);
        assert_eq!(rebuilt.code, 0, "{rebuilt:?}");
    }

    /// What an officer is told who looks at the folder.
    pub(super) fn verified(&self) -> Outcome {
        medlock(&["verify"], &self.data)
    }
}

/// Where the guard of a data folder lies.
pub(super) fn guard_of(data: &Path) -> PathBuf {
    data.with_extension("guard")
}

/// The line with the first digit of its salt changed: still a valid line, of the same length.
pub(super) fn edited(line: &Line) -> Vec<u8> {
    let text = String::from_utf8(line.bytes.clone()).unwrap();
    let (before, after) = text.split_once("\"salt\":\"").unwrap();
    let digit = if after.starts_with('0') { '1' } else { '0' };
    format!("{before}\"salt\":\"{digit}{}", &after[1..]).into_bytes()
}
