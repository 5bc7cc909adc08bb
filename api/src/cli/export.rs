//! `medlock export`: the log as files that anyone can check offline.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use commands::ports::event_store::Damage;
use domain::journal::{self, Envelope, Position, canonical};
use serde::{Deserialize, Serialize};

use super::{DataArgs, Ending, Output, Trouble, print_json, progress, start_logging};
use crate::wiring::{StoredLog, World, open_stored_log};

/// The lines of an export.
pub(super) const LINES_FILE: &str = "events.jsonl";
/// What an export says about itself.
pub(super) const MANIFEST_FILE: &str = "manifest.json";
const LINES: usize = 1_024;

/// Write the log, lines as stored, to a folder that `verify` can check.
///
/// OUT/events.jsonl has every line in position order, OUT/manifest.json says what it is. Reads only; the
/// service may run.
///
/// Not in it yet: leaves, tree tiles, checkpoints, receipts, keys, and a part of the log instead of all of
/// it. Nothing in it is signed, and reports' files are not in it.
#[derive(Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Folder to write to; must be empty or not there.
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

/// What `manifest.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// What this is.
    pub(super) what: String,
    /// Raised when a reader of an older one could go wrong.
    pub(super) format: u32,
    /// When it was made.
    pub(super) made: String,
    /// The log's origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<String>,
    /// Position of the first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) first: Option<u64>,
    /// Position of the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<u64>,
    /// How many lines.
    pub(super) events: u64,
    /// BLAKE3-256 of the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) head: Option<String>,
    /// BLAKE3-256 of `events.jsonl`.
    pub(super) blake3: String,
}

pub(super) async fn run(args: &ExportArgs) -> Ending {
    start_logging(true);
    let config = args.data.settings()?;
    let stored = open_stored_log(&config.data).await?;
    make_empty(&args.out)?;
    let made = World::real()?.clock.now().to_string();
    let manifest = write_lines(&stored, &args.out, made).await?;
    write_manifest(&manifest, &args.out)?;
    match args.output {
        Output::Json => print_json(&manifest)?,
        Output::Table => {
            let (events, out) = (manifest.events, args.out.display());
            println!("{events} events written to {out}, as stored and not checked.");
            println!("Check them with: medlock verify {out}");
        }
    }
    Ok(())
}

/// Refuses a folder with anything in it: an export never mixes with another.
fn make_empty(out: &Path) -> Result<(), Trouble> {
    let named = || format!("{} cannot be used", out.display());
    match std::fs::read_dir(out) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Trouble::Usage(anyhow::anyhow!("{} is not empty", out.display()))),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(out);
            Ok(made.with_context(named)?)
        }
        Err(error) => Err(anyhow::Error::from(error).context(named()).into()),
    }
}

fn create(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::open(File::options().write(true).create_new(true).mode(0o600), path);
    file.with_context(|| format!("{} cannot be made", path.display()))
}

async fn write_lines(stored: &StoredLog, out: &Path, made: String) -> Result<Manifest, Trouble> {
    let length = stored.events.newest().borrow().map_or(0, |newest| newest.0 + 1);
    let path = out.join(LINES_FILE);
    let failed = || format!("{} cannot be written", path.display());
    let mut file = BufWriter::with_capacity(1 << 20, create(&path)?);
    let mut hasher = blake3::Hasher::new();
    let (mut next, mut head, mut origin) = (0, None, None);
    let bar = progress(length, "exporting");
    while next < length {
        let limit = usize::try_from(length - next).unwrap_or(LINES).min(LINES);
        let lines = stored.events.read_all(Position(next), limit).await;
        let lines = lines.map_err(|error| match error.damage() {
            Some(damage) => unreadable(damage),
            None => anyhow::Error::from(error).into(),
        })?;
        let Some(last) = lines.last() else {
            return Err(unreadable(&Damage::Position(Position(next))));
        };
        head = Some(journal::hash(&last.bytes).to_string());
        if origin.is_none() {
            let first = lines.first().and_then(|line| Envelope::read(&line.bytes).ok());
            origin = first.map(|envelope| envelope.source.to_owned());
        }
        for line in &lines {
            for bytes in [line.bytes.as_slice(), b"\n"] {
                file.write_all(bytes).with_context(failed)?;
                hasher.update(bytes);
            }
        }
        next += lines.len() as u64;
        bar.set_position(next);
    }
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
    file.and_then(|file| file.sync_all()).with_context(failed)?;
    bar.finish_and_clear();
    Ok(Manifest {
        what: "medlock export: the whole log, lines as stored".to_owned(),
        format: 1,
        made,
        origin,
        first: (length > 0).then_some(0),
        last: length.checked_sub(1),
        events: length,
        head,
        blake3: hasher.finalize().to_string(),
    })
}

fn unreadable(damage: &Damage) -> Trouble {
    Trouble::Finding(format!("the log cannot be exported whole: {damage}; see medlock verify"))
}

/// The manifest comes last and durable: an export without one was not finished.
fn write_manifest(manifest: &Manifest, out: &Path) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    canonical::write(&serde_json::to_value(manifest)?, &mut bytes)?;
    bytes.push(b'\n');
    let mut file = create(&out.join(MANIFEST_FILE))?;
    file.write_all(&bytes).and_then(|()| file.sync_all())?;
    File::open(out)?.sync_all()?;
    if let Some(parent) = out.canonicalize()?.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}
