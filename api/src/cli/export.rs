//! `medlock export`: evidence as files that anyone can check offline (docs/verify/README.md).

use std::path::PathBuf;

use clap::Args;
use domain::ids::{PatientId, StreamName};
use evidence::export::format::STREAM_KEYS_FILE;
use evidence::export::stop::ExportError;
use evidence::export::{ExportSource, ExportSummary, own_facts};
use evidence::say;

use super::bars::Bars;
use super::{CliError, CliResult, DataArgs, Output, print_json, start_logging};
use crate::wiring::{
    World, house_keys, open_known_vault, open_stored_log, open_stored_tree, stream_keys,
};

/// Write evidence to a folder that anyone can check: `medlock verify OUT`, or docs/verify/check.py.
///
/// Lines as stored, the tree with all its leaves as it is published, its checkpoint, the log's keys, the
/// organisation's witness policy, what anchors gave, and the keys of the streams it is about. Reads only; the
/// service may run. Not in it: reports' files, and what sealed personal text says.
#[derive(Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Folder to write to; must be empty or not there.
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// One patient's stream, with its key: what you give to that patient, and to nobody else.
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    patient: Option<String>,
    /// Every event, with the keys of all streams: for officers. Who has it can tell for every leaf of the
    /// public log whose it is.
    #[arg(long)]
    all: bool,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

impl From<ExportError> for CliError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::NotEmpty(_) => Self::Usage(error.into()),
            ExportError::NotWhole(what) => Self::Finding(what),
            ExportError::World(error) => Self::Environment(error),
        }
    }
}

impl ExportArgs {
    /// The one stream it is about; none for the whole log.
    fn stream(&self) -> Result<Option<StreamName>, CliError> {
        let Some(patient) = &self.patient else {
            return if self.all {
                Ok(None)
            } else {
                Err(CliError::Usage(anyhow::anyhow!(
                    "say what the export is about: --patient ID for one patient's history, or --all \
                     for every event with every stream's key, which is for officers only"
                )))
            };
        };
        let patient = patient.to_ascii_lowercase();
        let by_stream = patient.parse::<StreamName>().ok().and_then(|stream| stream.patient_id());
        let id = by_stream.or_else(|| patient.parse::<PatientId>().ok());
        let wrong = || CliError::Usage(anyhow::anyhow!("{patient:?} is no patient's id"));
        Ok(Some(StreamName::patient(id.ok_or_else(wrong)?)))
    }
}

pub(super) async fn run(args: &ExportArgs) -> CliResult {
    start_logging(true);
    let stream = args.stream()?;
    let made = make(args, stream.as_ref()).await?;
    match args.output {
        Output::Json => print_json(&made)?,
        Output::Table => tell(args, &made),
    }
    Ok(())
}

/// The tree is read before the lines: what is appended meanwhile is newer than the checkpoint, never the
/// other way round.
async fn make(args: &ExportArgs, stream: Option<&StreamName>) -> Result<ExportSummary, CliError> {
    let config = args.data.settings()?;
    let tree = open_stored_tree(&config).await?;
    let log = open_stored_log(&config.data).await?.opened();
    let vault = open_known_vault(&config).await?;
    if let Some(stream) = stream {
        let held = log.lines.lengths(std::slice::from_ref(stream)).await;
        if held.map_err(anyhow::Error::from)?.iter().all(|length| *length == 0) {
            return Err(CliError::Usage(anyhow::anyhow!("the log has no {stream}")));
        }
    }
    let own = own_facts(&*log.lines).await?;
    let origin = own.origin.as_deref().unwrap_or(&config.origin);
    let keys = house_keys(&config, origin, &*vault, &own.log)?;
    let source = ExportSource {
        tree: &tree,
        log: &log,
        stream_keys: &*stream_keys(&vault),
        own,
        keys: &keys,
        stream,
        made: World::real()?.clock.now(),
        progress: &Bars::default(),
    };
    Ok(evidence::export::make(source, &args.out).await?)
}

fn tell(args: &ExportArgs, made: &ExportSummary) {
    let events = made.manifest.events;
    let out = args.out.display();
    say!("{events} events written to {out}, as stored and not checked.");
    match (made.covered, made.not_covered) {
        (0, _) => say!("There is no checkpoint yet: nothing signed covers them."),
        (covered, 0) => say!("The checkpoint over {covered} events covers all of them."),
        (covered, newer) => {
            say!("The checkpoint over {covered} events does not cover the newest {newer} yet.");
        }
    }
    if made.without_key > 0 {
        say!("{} streams have no key any more: their tags cannot be checked.", made.without_key);
    }
    if args.all {
        say!(
            "ATTENTION: {out}/{STREAM_KEYS_FILE} holds the keys of all streams. Whoever has it can tell, for\n\
             every leaf of the public log, whose it is. Give it to nobody who may not know that."
        );
    } else {
        say!(
            "ATTENTION: {out}/{STREAM_KEYS_FILE} holds the key of this stream. Whoever has it can count this\n\
             patient's events in the public log. Give it to the patient only."
        );
    }
    say!("Check it with: medlock verify {out}");
}
