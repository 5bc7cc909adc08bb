//! A damaged event log, saved: what is whole goes into a new folder, as a log as far as it has no gap, and
//! beside it what stands behind a gap.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use commands::ports::event_store::{Append, EventStore as _, Length, NewLine, Request};
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::journal::tile::{Tile, TileKind, WIDTH, leaves};
use domain::journal::tree::TreeRoot;
use domain::journal::{Envelope, Leaf, Line, Position};
use evidence::salvage::{Candidate, SalvageReport, Sifted, Sifting};
use infra::checkpoint_store::GuardFile;
use infra::event_store::{
    LogLock, Salvage, SqliteEventStore, SqliteOptions, remember_that_it_held,
};
use serde::Serialize;
use transparency::ports::{Guard as _, TileStore};

use super::log::{public_files, signed};
use super::make_private_folder;
use crate::config::Config;

/// Appends that are made together.
const APPENDS: usize = 1_024;

/// What was saved, and where it lies.
#[derive(Debug, Serialize)]
pub(crate) struct RepairedLog {
    #[serde(flatten)]
    pub(crate) found: SalvageReport,
    /// How many events were signed, as far as guard and public files say.
    pub(crate) signed: u64,
    /// How many of them the public files speak for.
    pub(crate) public: u64,
    /// The log without a gap; none if not even its first event is whole.
    pub(crate) log: Option<PathBuf>,
    /// What stands behind a gap; none if there is none.
    pub(crate) behind: Option<PathBuf>,
}

/// Saves the log of `config` into the folder `into`; changes nothing where it lies.
pub(crate) async fn repair_log(config: &Config, into: &Path) -> anyhow::Result<RepairedLog> {
    let path = config.data.join("events.db");
    let lock = LogLock::take_if_there(&path)?;
    let public = PublicLeaves::read(config).await?;
    let signed = signed(config).await?;
    let reading = tokio::task::spawn_blocking({
        let path = path.clone();
        move || Salvage::read(&path)
    });
    let salvage = reading.await?.with_context(|| format!("{} cannot be read", path.display()))?;
    let events = salvage.once().max(signed).max(public.0.len() as u64);
    anyhow::ensure!(events > 0, "there is nothing of an event log in {}", config.data.display());
    make_private_folder(into)?;
    let mut sifting = Sifting::default();
    let mut saved = SavedLog::begin(into);
    for position in 0..events {
        let found = salvage.at(Position(position)).context("the files changed meanwhile")?;
        let found = found.into_iter().map(|is| Candidate { bytes: is.line, leaf: is.leaf });
        let public = usize::try_from(position).ok().and_then(|at| public.0.get(at)).copied();
        if let Some(sifted) = sifting.take(found.collect(), public) {
            saved.take(sifted).await?;
        }
    }
    let (log, behind) = saved.end(events).await?;
    drop(lock);
    let public = public.0.len() as u64;
    let repaired = RepairedLog { found: sifting.end(), signed, public, log, behind };
    let mut report = private_file(&into.join("repair.json"))?;
    serde_json::to_writer_pretty(&mut report, &repaired)?;
    report.sync_all()?;
    Ok(repaired)
}

/// The leaves that the public files have, as far as they agree with their checkpoint, and it with the guard.
struct PublicLeaves(Vec<Leaf>);

impl PublicLeaves {
    async fn read(config: &Config) -> anyhow::Result<Self> {
        let files = public_files(&config.data);
        let ours = |note: Option<Vec<u8>>| {
            let checkpoint = Checkpoint::parse(&Note::parse(&note?).ok()?.text).ok()?;
            (checkpoint.origin == config.origin).then_some(checkpoint)
        };
        let Some(published) = ours(files.checkpoint().await?) else { return Ok(Self(vec![])) };
        let guard = ours(GuardFile::new(&config.guard()).read().await?);
        let found = Self::of(&*files, published.size).await?;
        let mut tree = TreeRoot::default();
        let mut agrees = found.len() as u64 == published.size;
        for leaf in &found {
            tree.push(&leaf.0);
            let known = [Some(&published), guard.as_ref()].into_iter().flatten();
            let mut known = known.filter(|known| known.size == tree.size());
            agrees &= known.all(|known| known.root == tree.root());
        }
        // Files that are damaged themselves speak for nothing.
        Ok(Self(if agrees { found } else { Vec::new() }))
    }

    async fn of(files: &dyn TileStore, size: u64) -> anyhow::Result<Vec<Leaf>> {
        let mut found = Vec::new();
        for index in 0..size.div_ceil(WIDTH) {
            let tile = Tile::in_tree(TileKind::Entries, index, size);
            let Some(tile) = tile else { break };
            let bundle = match files.read(tile).await? {
                None => files.read(tile.full()).await?,
                bundle => bundle,
            };
            let Some(leaves) = bundle.as_deref().and_then(leaves) else { break };
            found.extend(leaves.into_iter().take(usize::from(tile.width)));
        }
        Ok(found)
    }
}

/// What is being written.
struct SavedLog {
    path: PathBuf,
    store: Option<SqliteEventStore>,
    /// The append that is not known to be whole yet, and those before it.
    open: Vec<Line>,
    appends: Vec<Append>,
    behind: Option<EventsBehind>,
}

impl SavedLog {
    fn begin(into: &Path) -> Self {
        let path = into.join("events.db");
        Self { path, store: None, open: Vec::new(), appends: Vec::new(), behind: None }
    }

    async fn take(&mut self, sifted: Sifted) -> anyhow::Result<()> {
        if !sifted.in_prefix {
            let behind = match &mut self.behind {
                Some(behind) => behind,
                None => self.behind.insert(EventsBehind::begin(&self.path)?),
            };
            return behind.take(&sifted);
        }
        let line = sifted.line;
        if !self.open.first().is_some_and(|first| belong_together(first, &line)) {
            self.close_append()?;
        }
        self.open.push(line);
        if self.appends.len() >= APPENDS { self.flush().await } else { Ok(()) }
    }

    /// Makes an append of the lines that came together, as it was when they came.
    fn close_append(&mut self) -> anyhow::Result<()> {
        let lines = std::mem::take(&mut self.open);
        let Some(first) = lines.first() else { return Ok(()) };
        let envelope = Envelope::read(&first.bytes)?;
        let id = envelope.id.uuid();
        let request = match envelope.request {
            Some(digest) => Request::Keyed { id, digest },
            None => Request::Once(id),
        };
        let (stream, expected) = (first.stream.clone(), Length(first.version.0));
        let new = |line: Line| NewLine { bytes: line.bytes, leaf: line.leaf };
        let lines = lines.into_iter().map(new).collect();
        let preconditions = Vec::new();
        self.appends.push(Append { stream, expected, lines, preconditions, request });
        Ok(())
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        let appends = std::mem::take(&mut self.appends);
        if appends.is_empty() {
            return Ok(());
        }
        let store = match &mut self.store {
            Some(store) => store,
            None => {
                anyhow::ensure!(!self.path.exists(), "there is a log in {}", self.path.display());
                let store = SqliteEventStore::open(&self.path, SqliteOptions::default()).await?;
                self.store.insert(store)
            }
        };
        let mut next = store.newest().borrow().map_or(0, |newest| newest.0 + 1);
        for appended in store.append_in_order(appends).await? {
            let in_place = appended.first == Position(next) && !appended.again;
            anyhow::ensure!(in_place, "an event came to stand elsewhere than at {next}");
            next += u64::from(appended.lines);
        }
        Ok(())
    }

    /// Answers where the log is, and what stands behind its gap. The log remembers that it held `once`
    /// events.
    async fn end(mut self, once: u64) -> anyhow::Result<(Option<PathBuf>, Option<PathBuf>)> {
        self.close_append()?;
        self.flush().await?;
        let log = match &self.store {
            Some(store) => {
                store.close().await;
                remember_that_it_held(&self.path, once)?;
                Some(self.path)
            }
            None => None,
        };
        Ok((log, self.behind.map(EventsBehind::end).transpose()?))
    }
}

/// Whether a line came with the append of `first`: it follows in the stream, by the same request.
fn belong_together(first: &Line, line: &Line) -> bool {
    let request = |line: &Line| Some(Envelope::read(&line.bytes).ok()?.cause.to_owned());
    first.stream == line.stream && request(first) == request(line)
}

/// Events behind a gap, in files as an export has them, with their leaves.
struct EventsBehind {
    path: PathBuf,
    lines: BufWriter<File>,
    positions: BufWriter<File>,
    leaves: BufWriter<File>,
}

impl EventsBehind {
    fn begin(log: &Path) -> anyhow::Result<Self> {
        let path = log.with_file_name("events.jsonl");
        let file = |name: &str| private_file(&path.with_file_name(name)).map(BufWriter::new);
        let (positions, leaves) = (file("positions")?, file("leaves")?);
        Ok(Self { lines: file("events.jsonl")?, path, positions, leaves })
    }

    fn take(&mut self, Sifted { line, .. }: &Sifted) -> anyhow::Result<()> {
        self.lines.write_all(&line.bytes)?;
        self.lines.write_all(b"\n")?;
        writeln!(self.positions, "{}", line.position)?;
        writeln!(self.leaves, "{}", hex::encode(line.leaf.0))?;
        Ok(())
    }

    fn end(self) -> anyhow::Result<PathBuf> {
        for file in [self.lines, self.positions, self.leaves] {
            file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        }
        Ok(self.path)
    }
}

/// A file that was not there, in a folder that is nobody else's.
fn private_file(path: &Path) -> anyhow::Result<File> {
    let made = File::create_new(path);
    let file = made.with_context(|| format!("{} cannot be made", path.display()))?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}
