//! `medlock prove`: proofs, receipts and history bundles out of a data folder.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::{Args, Subcommand};
use domain::ids::{ConsentId, PatientId, StreamName};
use domain::journal::Position;
use evidence::bundle::folder::BundleFolder;
use evidence::bundle::{HistoryBundle, Source};
use evidence::code;
use evidence::consent::{ConsentEvent, anywhere};
use evidence::ports::LogFiles;
use evidence::published::{EvidenceError, Published, stream_key};
use evidence::{complain, say, terminal};
use tokio::sync::mpsc;

use super::{CliError, CliResult, DataArgs, any_case, start_logging};
use crate::wiring::{
    World, open_known_vault, open_stored_log, open_stored_tree, stored_house_keys, stored_lines,
    stream_keys,
};

/// Make proofs that can be checked without this organisation (docs/proofs.md).
///
/// Reads only; the service may run. Everything is proved against the newest published checkpoint.
#[derive(Args)]
pub(crate) struct ProveArgs {
    #[command(subcommand)]
    what: ProofKind,
}

#[derive(Subcommand)]
enum ProofKind {
    /// Print that an event is in the log: a .tlog-proof.
    Event {
        #[command(flatten)]
        data: DataArgs,
        /// Its position.
        position: u64,
    },
    /// Print that the log only grew from one size to another: hashes, base64, one a line.
    Consistency {
        #[command(flatten)]
        data: DataArgs,
        /// Size of the older tree.
        from: u64,
        /// Size of the newer tree.
        to: u64,
    },
    /// Print the receipt of a consent: its event's line, then a .tlog-proof.
    Consent(ConsentArgs),
    /// Write a patient's history bundle to a folder.
    History {
        #[command(flatten)]
        data: DataArgs,
        /// Whose.
        #[arg(value_parser = any_case::<PatientId>)]
        patient: PatientId,
        /// Folder to write to; must be empty or not there.
        #[arg(value_name = "OUT_DIR")]
        out: PathBuf,
    },
}

#[derive(Args)]
struct ConsentArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Which.
    #[arg(value_parser = any_case::<ConsentId>)]
    consent: ConsentId,
    /// The receipt of its being taken back instead.
    #[arg(long)]
    revoked: bool,
    /// Draw it as a QR code besides.
    #[arg(long, value_name = "FILE.svg")]
    qr: Option<PathBuf>,
}

impl From<EvidenceError> for CliError {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Checkpoint(_)
            | EvidenceError::Line(..)
            | EvidenceError::Unproved(..)
            | EvidenceError::Gone(_) => Self::Finding(format!("{error}; see medlock verify")),
            EvidenceError::Files(_) | EvidenceError::Events(_) | EvidenceError::Keys(_) => {
                Self::Environment(error.into())
            }
        }
    }
}

/// Evidence is kept as a file: every byte of it counts.
fn print_exactly(evidence: &impl std::fmt::Display) -> CliResult {
    match write!(terminal::exact(), "{evidence}") {
        Err(error) if !terminal::nobody_reads(&error) => Err(anyhow::Error::from(error).into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn not_covered() -> CliError {
    CliError::Finding("no published checkpoint covers this yet".to_owned())
}

/// Why the first `size` events are not covered: the log may not even have them.
async fn nothing_covers(data: &DataArgs, size: u64) -> CliError {
    let length = async {
        let stored = open_stored_log(&data.settings()?.data).await?;
        Ok::<_, CliError>(stored.opened().length)
    };
    match length.await {
        Ok(length) if size > length => {
            let last = size.saturating_sub(1);
            let what = format!("there is no position {last}: the log has {length} events");
            CliError::Usage(anyhow::anyhow!(what))
        }
        Ok(_) => not_covered(),
        Err(error) => error,
    }
}

pub(super) async fn run(args: &ProveArgs) -> CliResult {
    start_logging(true);
    match &args.what {
        ProofKind::Event { data, position } => {
            let files = open_stored_tree(&data.settings()?).await?.files;
            let proof = published(files).await?.proof(Position(*position)).await?;
            match proof {
                Some(proof) => print_exactly(&proof)?,
                None => return Err(nothing_covers(data, position.saturating_add(1)).await),
            }
        }
        ProofKind::Consistency { data, from, to } => {
            if from > to {
                return Err(CliError::Usage(anyhow::anyhow!("the older tree is named first")));
            }
            let files = open_stored_tree(&data.settings()?).await?.files;
            let hashes = published(files).await?.consistency(*from, *to).await?;
            let Some(hashes) = hashes else { return Err(nothing_covers(data, *to).await) };
            hashes.iter().for_each(|hash| say!("{}", BASE64.encode(hash)));
        }
        ProofKind::Consent(args) => consent(args).await?,
        ProofKind::History { data, patient, out } => history(data, *patient, out).await?,
    }
    Ok(())
}

async fn published(files: Arc<dyn LogFiles>) -> Result<Published, CliError> {
    Published::newest(files).await?.ok_or_else(not_covered)
}

async fn consent(args: &ConsentArgs) -> CliResult {
    let config = args.data.settings()?;
    let stored = open_stored_log(&config.data).await?;
    let files = open_stored_tree(&config).await?.files;
    let events = anywhere(&*stored_lines(&stored.events), args.consent).await?;
    let none = || CliError::Usage(anyhow::anyhow!("no such consent was ever given here"));
    let events = events.ok_or_else(none)?;
    let which = if args.revoked { ConsentEvent::Revoked } else { ConsentEvent::Granted };
    let not_revoked = || CliError::Finding("this consent was not taken back".to_owned());
    let (line, _) = events.line(which).ok_or_else(not_revoked)?;
    let receipt = published(files).await?.receipt(line).await?.ok_or_else(not_covered)?;
    if let Some(path) = &args.qr {
        let too_long = || CliError::Finding("this receipt is too long for a QR code".to_owned());
        let code = code::code(&receipt).ok_or_else(too_long)?;
        let written = std::fs::write(path, code.svg);
        written.with_context(|| format!("{} cannot be written", path.display()))?;
        if code.without_cosignatures {
            complain!("the code is without the witnesses' signatures, which did not fit");
        }
    }
    print_exactly(&receipt)
}

async fn history(data: &DataArgs, patient: PatientId, out: &Path) -> CliResult {
    let config = data.settings()?;
    let stored = open_stored_log(&config.data).await?;
    let vault = open_known_vault(&config).await?;
    let files = open_stored_tree(&config).await?.files;
    let stream = StreamName::patient(patient);
    let held = stored.opened().lines.lengths(std::slice::from_ref(&stream)).await;
    if held.map_err(anyhow::Error::from)?.iter().all(|length| *length == 0) {
        return Err(CliError::Usage(anyhow::anyhow!("the log has no {stream}")));
    }
    let none = || CliError::Finding("the stream's key is destroyed: nothing proves it".to_owned());
    let source = Source {
        events: stored_lines(&stored.events),
        published: published(files).await?,
        key: stream_key(&*stream_keys(&vault), &stream).await?.ok_or_else(none)?,
        stream,
        keys: stored_house_keys(&config, &stored, &*vault).await?,
        made: World::real()?.clock.now(),
        by: None,
    };
    let bundle = HistoryBundle::plan(source).await?.ok_or_else(not_covered)?;
    let unusable = || format!("{} cannot be used", out.display());
    let mut folder = BundleFolder::empty(out).with_context(unusable)?;
    let (give, mut pieces) = mpsc::channel(1);
    let writing = async {
        while let Some(piece) = pieces.recv().await {
            folder.take(piece?).with_context(unusable)?;
        }
        Ok::<(), CliError>(())
    };
    let sending = async {
        bundle.write(&give).await;
        drop(give);
    };
    let (written, ()) = tokio::join!(writing, sending);
    written?;
    let events = bundle.events();
    let out = out.display();
    say!("{events} events of the patient's stream written to {out}, each with its proof.");
    say!("The folder holds the key of the stream: it is the patient's.");
    say!("Check it with: medlock check {out} --log {}", config.data.join("log").display());
    Ok(())
}
