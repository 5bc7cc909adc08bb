//! `medlock witness`: a witness of transparency logs that stands alone and that anybody can run.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use domain::journal::note::{KeyKind, VerifierKey};
use domain::journal::witness_policy::WitnessPolicy;
use evidence::say;

use super::stopping::Interrupts;
use super::{CliError, CliResult, start_logging};
use crate::wiring::Cosigner;
use crate::witness;

/// Run a witness: it cosigns the checkpoints of the logs it is told of, as long as they only grow.
///
/// A witness belongs to somebody else than the log: another department, another organisation, a patient
/// association. It needs no installation and no database, answers c2sp.org/tlog-witness requests, and keeps
/// one small file for each log in its folder, which must never be restored from a backup.
#[derive(Args)]
pub(crate) struct WitnessArgs {
    /// Folder of its key and its records; made at the first start.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Its name, a URL without scheme: witness.example/w1. One folder has one name.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Verifier key of a log to watch; may be given more than once.
    #[arg(long = "log", value_name = "VKEY", required_unless_present = "policy")]
    logs: Vec<VerifierKey>,
    /// Policy file (c2sp.org/tlog-policy) whose logs are watched too.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8481")]
    listen: SocketAddr,
}

pub(super) async fn run(args: &WitnessArgs) -> CliResult {
    start_logging(false);
    let logs = logs(args).map_err(CliError::Usage)?;
    let cosigner = Cosigner::open(&args.data, &args.name, logs)?;
    tell(&cosigner, &args.data);
    let key = cosigner.key().clone();
    let mut interrupts = Interrupts::listen()?;
    let (running, failed) = witness::start(cosigner, args.listen)?;
    say!("The line that names it in a policy file; put the URL there by which logs reach it:");
    say!("  witness {} {key} http://{}/", key.name(), running.address);
    say!("Witness answers at http://{}/", running.address);
    say!("Ready. Stop it with Ctrl-C.");
    tokio::select! {
        () = interrupts.next() => {}
        () = failed.cancelled() => {
            let data = args.data.display();
            let why = anyhow::anyhow!("a record may not have reached the disk; {data} was left as it is");
            return Err(why.into());
        }
    }
    tracing::info!("stopping");
    running.stop().await?;
    Ok(())
}

fn tell(cosigner: &Cosigner, data: &Path) {
    if cosigner.key_made {
        say!("Made a witness's key in {}. It stays on this machine.", data.display());
    }
    say!("Its verifier key, for all who are to believe it:");
    say!("  {}", cosigner.key());
    say!("It watches:");
    for log in cosigner.logs() {
        say!("  {}", log.name());
    }
}

/// The logs of the options and of the policy file, each once.
fn logs(args: &WitnessArgs) -> anyhow::Result<Vec<VerifierKey>> {
    let mut logs = args.logs.clone();
    if let Some(path) = &args.policy {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let policy = WitnessPolicy::parse(&text).with_context(|| format!("{}", path.display()))?;
        logs.extend(policy.logs.into_iter().map(|log| log.key));
    }
    let mut found: Vec<VerifierKey> = Vec::new();
    for log in logs {
        let name = log.name();
        anyhow::ensure!(
            log.kind() == KeyKind::Ed25519,
            "the key of {name} is a witness's, not a log's"
        );
        if !found.contains(&log) {
            found.push(log);
        }
    }
    anyhow::ensure!(!found.is_empty(), "the policy names no log, and --log none");
    Ok(found)
}
