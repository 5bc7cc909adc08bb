//! An older log that is gone on from: read whole before anything is made of it, taken along line by line.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::audit::event::LogContinued;
use domain::audit::state::LogState;
use domain::fold::Fold as _;
use domain::ids::{StreamName, TreeRoot as RootId};
use domain::journal::chain::ChainCheck;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{Note, VerifierKey};
use domain::journal::tree::{TreeHash, TreeRoot};
use domain::journal::witness_policy::WitnessPolicy;
use domain::journal::{Envelope, Line, Position};

use super::continue_log::ContinueLog;
use super::rotate_log_key::log_key;
use crate::execute::ExecuteError;
use crate::ports::event_store::{
    Append, AppendError, Damage, EventStore, Length, NewLine, ReadError, Request,
};
use crate::ports::key_vault::KeyVault;

/// Lines read at once.
const LINES: usize = 1_024;
/// Keys that the older log may have had after the last event that is left of it.
const KEYS_BEYOND: u32 = 32;

/// Why a log was not gone on with.
#[derive(Debug, thiserror::Error)]
pub enum ContinueError {
    /// The decision, or what carries it out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// What is left is no log.
    #[error("the older log is not whole, and nothing is made of it: {0}. See `medlock verify`")]
    NotWhole(String),
    /// What is left is another log than the one that was signed.
    #[error("{who} has another root at {size} events: this database holds another history")]
    OtherHistory {
        /// Who says so.
        who: &'static str,
        /// At which size.
        size: u64,
    },
    /// A checkpoint that is none of the older log's.
    #[error("{who} does not hold a checkpoint of {origin}, signed by a key of its own")]
    NotItsOwn {
        /// Where it is kept.
        who: &'static str,
        /// The older log.
        origin: String,
    },
    /// The older log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A line could not be taken along.
    #[error("a line could not be taken along: {0}")]
    Append(#[from] AppendError),
}

/// An older log, read from its first line to its last.
pub struct OlderDatabase {
    /// Its name.
    pub origin: String,
    /// How many events it has.
    pub size: u64,
    used: BTreeSet<String>,
    root: TreeHash,
    roots: BTreeMap<u64, TreeHash>,
    /// How many logs it went on from.
    continuations: u32,
    state: LogState,
}

impl OlderDatabase {
    /// Reads it, checks every line, and keeps the roots it has at `sizes`.
    pub async fn read(
        store: &dyn EventStore,
        sizes: impl IntoIterator<Item = u64>,
    ) -> Result<Self, ContinueError> {
        let sizes: BTreeSet<u64> = sizes.into_iter().collect();
        let mut chain = ChainCheck::default();
        let mut tree = TreeRoot::default();
        let mut own = LogState::default();
        let mut used = BTreeSet::new();
        let mut roots = BTreeMap::new();
        let mut log = StreamName::log(0);
        let mut lines = Lines::of(store);
        while let Some(line) = lines.next().await? {
            let at = line.position;
            let not_whole = |what: &dyn std::fmt::Display| {
                ContinueError::NotWhole(format!("position {at}: {what}"))
            };
            chain.take(&line).map_err(|broken| not_whole(&broken))?;
            let envelope = Envelope::read(&line.bytes).map_err(|error| not_whole(&error))?;
            if at == Position(0) && !chain.older().is_empty() {
                log = line.stream.clone();
            }
            if !used.contains(envelope.source) {
                used.insert(envelope.source.to_owned());
            }
            if line.stream == log {
                own.evolve(&envelope.recorded(at).map_err(|error| not_whole(&error))?);
            }
            tree.push(&line.leaf.0);
            if sizes.contains(&tree.size()) {
                roots.insert(tree.size(), tree.root());
            }
        }
        if chain.taken() < chain.promised() {
            return Err(ContinueError::NotWhole("lines that came along are missing".to_owned()));
        }
        Ok(Self {
            origin: chain.source().unwrap_or_default().to_owned(),
            size: tree.size(),
            used,
            root: tree.root(),
            roots,
            continuations: u32::try_from(chain.older().len()).unwrap_or(u32::MAX),
            state: own,
        })
    }

    /// The order to go on from it under another name. Both checkpoints must be its own: the one that was kept
    /// with it, and the one that was kept elsewhere, which counts where it is newer.
    pub fn order(
        self,
        origin: &str,
        (held, guard): (Option<Vec<u8>>, Option<Vec<u8>>),
        vault: &dyn KeyVault,
    ) -> Result<ContinueLog, ContinueError> {
        let held = held.map(|note| self.own(&note, "the checkpoint store", vault)).transpose()?;
        let guard = guard.map(|note| self.own(&note, "the guard file", vault)).transpose()?;
        // A store that holds a checkpoint of more events than there are was not put back with them.
        let (held, beyond) = match held {
            Some(held) if held.0 > self.size => (None, Some(held)),
            held => (held, None),
        };
        let known = held.as_ref().map_or(0, |(size, _)| *size);
        let newer = beyond.into_iter().chain(guard).filter(|(size, _)| *size > known);
        let newer = newer.max_by_key(|(size, _)| *size);
        let continued = LogContinued {
            origin: self.origin,
            size: self.size,
            root: RootId(self.root),
            held: held.map(|(_, note)| note),
            guard: newer.map(|(_, note)| note),
        };
        let log = StreamName::log(self.continuations.saturating_add(1));
        Ok(ContinueLog { log, origin: origin.to_owned(), used: self.used, continued })
    }

    /// A checkpoint's size and text, if this log signed it and does not contradict it.
    fn own(
        &self,
        note: &[u8],
        who: &'static str,
        vault: &dyn KeyVault,
    ) -> Result<(u64, String), ContinueError> {
        let not_its_own = || ContinueError::NotItsOwn { who, origin: self.origin.clone() };
        let parsed = Note::parse(note).map_err(|_| not_its_own())?;
        let policy = WitnessPolicy::of_logs(self.keys(vault));
        let Checkpoint { size, root, .. } =
            policy.judge(&parsed).map_err(|_| not_its_own())?.checkpoint;
        if self.roots.get(&size).is_some_and(|ours| *ours != root) {
            return Err(ContinueError::OtherHistory { who, size });
        }
        Ok((size, parsed.to_string()))
    }

    /// Its keys, and those it may have had later: a key may have been made in what was lost.
    fn keys(&self, vault: &dyn KeyVault) -> Vec<VerifierKey> {
        let newest = self.state.generation().saturating_add(KEYS_BEYOND);
        let key = |generation| log_key(vault, &self.origin, generation).ok();
        (1..=newest).filter_map(key).map(|key| key.public().clone()).collect()
    }
}

/// Copies every line of `older` as it is behind the first one of `newer`, and the requests it remembers.
pub async fn take_along(
    older: &dyn EventStore,
    newer: &dyn EventStore,
) -> Result<(), ContinueError> {
    let mut lines = Lines::of(older);
    let mut to = 1;
    loop {
        let mut appends = Vec::with_capacity(LINES);
        while appends.len() < LINES
            && let Some(line) = lines.next().await?
        {
            appends.push(lines.append_of(line).await?);
        }
        if appends.is_empty() {
            return Ok(());
        }
        let counts: Vec<usize> = appends.iter().map(|append| append.lines.len()).collect();
        for (appended, count) in newer.append_in_order(appends).await?.into_iter().zip(counts) {
            if appended.first != Position(to) || appended.again {
                return Err(ExecuteError::Defect("a line was taken along to another place").into());
            }
            to += count as u64;
        }
    }
}

/// The lines of a log, one after the other.
struct Lines<'a> {
    store: &'a dyn EventStore,
    next: Position,
    read: VecDeque<Line>,
}

impl<'a> Lines<'a> {
    fn of(store: &'a dyn EventStore) -> Self {
        Self { store, next: Position(0), read: VecDeque::new() }
    }

    async fn next(&mut self) -> Result<Option<Line>, ContinueError> {
        if self.read.is_empty() {
            let read = self.store.read_all(self.next, LINES).await;
            let read = read.map_err(|error| match error.damage() {
                Some(damage) => ContinueError::NotWhole(Damage::to_string(damage)),
                None => error.into(),
            })?;
            self.next.0 += read.len() as u64;
            self.read.extend(read);
        }
        Ok(self.read.pop_front())
    }

    /// The append that brought `line`, the lines that came with it included, if its request is remembered.
    async fn append_of(&mut self, line: Line) -> Result<Append, ContinueError> {
        let envelope = Envelope::read(&line.bytes);
        let envelope = envelope.map_err(|error| ContinueError::NotWhole(error.to_string()))?;
        let id = envelope.id.uuid();
        let known = match envelope.request {
            Some(_) => self.store.request(id).await?,
            None => None,
        };
        let known = known.filter(|(appended, _)| appended.first == line.position);
        let (request, count) = match known {
            Some((appended, digest)) => (Request::Keyed { id, digest }, appended.lines),
            None => (Request::Once(id), 1),
        };
        let stream = line.stream.clone();
        let expected = Length(line.version.0);
        let mut lines = vec![NewLine { bytes: line.bytes, leaf: line.leaf }];
        for _ in 1..count {
            let Some(line) = self.next().await? else { break };
            lines.push(NewLine { bytes: line.bytes, leaf: line.leaf });
        }
        Ok(Append { stream, expected, lines, preconditions: Vec::new(), request })
    }
}
