//! A service of its own: this program as a child process on a throw-away folder.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::bench::synthetic_log::SOURCE;

/// A running service.
pub(super) struct RunningMedlock {
    pub(super) url: String,
    pub(super) link: Option<String>,
    pub(super) outbox: PathBuf,
    /// From starting the process to its saying that it is ready.
    pub(super) start: Duration,
    child: Child,
}

impl RunningMedlock {
    /// Starts it and waits until it is ready.
    pub(super) async fn start(program: &Path, data: &Path) -> anyhow::Result<Self> {
        let began = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .envs([
                ("MEDLOCK_RATES__LOGINS_PER_MINUTE", "1000000"),
                ("MEDLOCK_RATES__LETTERS_PER_MINUTE", "1000000"),
                ("MEDLOCK_RATES__REQUESTS_PER_MINUTE", "100000000"),
                ("MEDLOCK_SHARES__VIEW_TOKENS_PER_MINUTE", "1000000"),
                ("MEDLOCK_SHARES__UPLOADS_PER_MINUTE", "1000000"),
                ("MEDLOCK_LOG", "error"),
                ("MEDLOCK_ORIGIN", SOURCE),
            ])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let (mut url, mut link) = (None, None);
        while let Some(line) = lines.next_line().await? {
            let rest = line.split_once("http://").map(|(_, rest)| rest.to_owned());
            if let (Some(rest), true) = (&rest, line.starts_with("Medlock answers at")) {
                url = rest.split('/').next().map(|address| format!("http://{address}"));
            }
            if let Some((_, token)) =
                rest.as_ref().and_then(|rest| rest.split_once("#first-admin="))
            {
                link = Some(token.to_owned());
            }
            if line.starts_with("Ready.") {
                break;
            }
        }
        let start = began.elapsed();
        let url = url.context("the service did not start; run `medlock serve` to see why")?;
        Ok(Self { url, link, outbox: data.join("outbox"), start, child })
    }

    /// Ends it, and waits until it has let go of its folder.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Waits until the read models have seen the whole log; ten minutes at most.
    pub(super) async fn until_caught_up(&self) -> anyhow::Result<()> {
        let client = reqwest::Client::new();
        for _ in 0..6_000 {
            let ready = client.get(format!("{}/readyz", self.url)).send().await?;
            let ready: serde_json::Value = ready.json().await?;
            if ready["read_models_behind"] == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("the read models did not catch up")
    }

    /// Forgets what the most was so far.
    pub(super) fn reset_peak(&self) -> anyhow::Result<()> {
        let pid = self.child.id().context("the service has ended")?;
        // 5: reset the peak resident set size (proc(5), clear_refs).
        Ok(std::fs::write(format!("/proc/{pid}/clear_refs"), "5")?)
    }

    /// Memory that is really there, MiB.
    pub(super) fn resident_mib(&self) -> anyhow::Result<f64> {
        self.status("VmRSS:")
    }

    /// The most it ever was, MiB.
    pub(super) fn peak_mib(&self) -> anyhow::Result<f64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> anyhow::Result<f64> {
        let pid = self.child.id().context("the service has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|rest| rest.trim().strip_suffix("kB")).context("no such figure")?;
        Ok(kib.trim().parse::<f64>()? / 1_024.0)
    }
}
