//! Settings: one TOML file, `MEDLOCK_…` from the environment, flags; the later wins, unknown keys are
//! errors. This is the only place that reads the environment.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Every setting and its default.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder of everything that is kept.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The log's origin: a schema-less URL without port. One log = one organisation; fixed by the first
    /// event.
    pub origin: String,
    /// 32 bytes in hex or base64, instead of the key file. Better given by the environment than by a file.
    #[serde(default)]
    pub master_key: Option<SecretString>,
    /// Largest report, MiB.
    pub report_mib_max: u64,
    /// How long a session lasts, hours.
    pub session_hours: u64,
    /// Whether the first admin may come in from another machine than this one.
    pub first_admin_from_anywhere: bool,
    /// Requests a minute from one address.
    pub requests_per_minute: u32,
    /// Registrations, log-ins and codes a minute from one address.
    pub logins_per_minute: u32,
    /// Letters a minute to one address, after a burst of ten.
    pub letters_per_minute: u32,
    /// Threads that answer requests; 0 = as many as cores.
    pub workers: usize,
    /// How often a checkpoint is made of what is new, milliseconds. Sizes and times tell how busy an
    /// organisation is: a small practice may choose a minute.
    pub checkpoint_millis: u64,
    /// The last signed checkpoint once more, in no backup of the data folder; beside the data folder if
    /// not set.
    #[serde(default)]
    pub guard_file: Option<PathBuf>,
    /// A c2sp.org/tlog-policy file: who is asked to cosign, and whose cosignatures count.
    #[serde(default)]
    pub witness_policy: Option<PathBuf>,
    /// Whether nothing is published without a quorum of the witnesses.
    pub quorum_only: bool,
    /// For how long events may wait for a signature (or a quorum) before no more reports are shown, seconds.
    pub uncovered_seconds_max: u64,
    /// How often everything stored is read again, hours.
    pub scrub_hours: u64,
    /// How often a checkpoint is anchored, minutes.
    pub anchor_minutes: u64,
    /// When an anchor is too old for the service to be called healthy, minutes.
    pub anchor_late_minutes: u64,
    /// Folder that checkpoints are copied to: a WORM share, another machine's disk.
    #[serde(default)]
    pub anchor_folder: Option<PathBuf>,
    /// Where an EVM node answers. A secret: addresses of hosted nodes carry a key.
    #[serde(default)]
    pub evm_rpc_url: Option<SecretString>,
    /// The chain it must be on.
    #[serde(default)]
    pub evm_chain_id: Option<u64>,
    /// The anchor contract's address.
    #[serde(default)]
    pub evm_contract: Option<String>,
    /// The key that pays, 32 bytes in hex. Better given by the environment than by a file.
    #[serde(default)]
    pub evm_key: Option<SecretString>,
    /// Most that is paid for a unit of gas, gwei; while the chain asks for more, nothing is sent.
    pub evm_gwei_max: u64,
}

#[derive(Serialize)]
struct Defaults {
    data: &'static str,
    listen: &'static str,
    origin: &'static str,
    report_mib_max: u64,
    session_hours: u64,
    first_admin_from_anywhere: bool,
    requests_per_minute: u32,
    logins_per_minute: u32,
    letters_per_minute: u32,
    workers: usize,
    checkpoint_millis: u64,
    quorum_only: bool,
    uncovered_seconds_max: u64,
    scrub_hours: u64,
    anchor_minutes: u64,
    anchor_late_minutes: u64,
    evm_gwei_max: u64,
}

const DEFAULTS: Defaults = Defaults {
    data: "./data",
    listen: "127.0.0.1:8480",
    origin: "medlock.invalid/log",
    report_mib_max: 2_048,
    session_hours: 12,
    first_admin_from_anywhere: false,
    requests_per_minute: 6_000,
    logins_per_minute: 60,
    letters_per_minute: 1,
    workers: 0,
    checkpoint_millis: 1_000,
    quorum_only: false,
    uncovered_seconds_max: 300,
    scrub_hours: 24,
    anchor_minutes: 60,
    anchor_late_minutes: 180,
    evm_gwei_max: 100,
};

/// Flags that override what file and environment say.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Flags {
    /// The folder with everything, as `--data` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// Where to answer, as `--listen` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
}

/// Where the settings come from, in order.
fn figment(file: Option<&Path>, flags: &Flags) -> Figment {
    let mut figment = Figment::from(Serialized::from(DEFAULTS, "default").profile("default"));
    figment = match file {
        Some(path) => figment.merge(Toml::file_exact(path)),
        None => figment.merge(Toml::file("medlock.toml")),
    };
    // MEDLOCK_LOG says what is logged; it is no setting of the installation.
    figment.merge(Env::prefixed("MEDLOCK_").ignore(&["log"])).merge(Serialized::defaults(flags))
}

impl Config {
    /// Reads the settings.
    pub fn load(file: Option<&Path>, flags: &Flags) -> anyhow::Result<Self> {
        if let Some(file) = file {
            let readable = std::fs::File::open(file);
            readable.with_context(|| format!("{} cannot be read", file.display()))?;
        }
        let config: Self = figment(file, flags).extract().context("the settings do not fit")?;
        config.check()?;
        Ok(config)
    }

    /// The defaults, for a data folder and an address: what tests and the demo start from.
    pub fn of(data: &Path, listen: SocketAddr) -> anyhow::Result<Self> {
        let flags = Flags { data: Some(data.to_owned()), listen: Some(listen) };
        let figment = Figment::from(Serialized::defaults(DEFAULTS));
        Ok(figment.merge(Serialized::defaults(&flags)).extract()?)
    }

    /// The same settings for a log of another name.
    pub(crate) fn under(mut self, origin: &str) -> anyhow::Result<Self> {
        origin.clone_into(&mut self.origin);
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> anyhow::Result<()> {
        let plain = self.origin.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\:".contains(&b));
        anyhow::ensure!(
            plain && !self.origin.is_empty() && self.origin.len() <= 200,
            "origin must be a schema-less URL without port, such as clinic.example/log"
        );
        for (name, number) in [
            ("session_hours", self.session_hours),
            ("report_mib_max", self.report_mib_max),
            ("requests_per_minute", self.requests_per_minute.into()),
            ("logins_per_minute", self.logins_per_minute.into()),
            ("letters_per_minute", self.letters_per_minute.into()),
            ("checkpoint_millis", self.checkpoint_millis),
            ("uncovered_seconds_max", self.uncovered_seconds_max),
            ("scrub_hours", self.scrub_hours),
            ("anchor_minutes", self.anchor_minutes),
            ("anchor_late_minutes", self.anchor_late_minutes),
            ("evm_gwei_max", self.evm_gwei_max),
        ] {
            anyhow::ensure!(number >= 1, "{name} must be at least 1");
        }
        anyhow::ensure!(
            !self.quorum_only || self.witness_policy.is_some(),
            "quorum_only needs a witness_policy"
        );
        anyhow::ensure!(
            self.checkpoint_millis / 1_000 < self.uncovered_seconds_max,
            "checkpoint_millis must be shorter than uncovered_seconds_max"
        );
        let paid = self.evm_rpc_url.is_some() && self.evm_chain_id.is_some();
        anyhow::ensure!(
            self.evm_contract.is_none() || (paid && self.evm_key.is_some()),
            "evm_contract needs evm_rpc_url, evm_chain_id and evm_key"
        );
        Ok(())
    }

    /// Where the guard file lies.
    pub fn guard(&self) -> PathBuf {
        self.guard_file.clone().unwrap_or_else(|| {
            let data = std::path::absolute(&self.data).unwrap_or_else(|_| self.data.clone());
            data.with_added_extension("guard")
        })
    }

    /// Each setting's name, value and where it came from; the keys' values stay out.
    pub fn explain(file: Option<&Path>, flags: &Flags) -> anyhow::Result<Vec<[String; 3]>> {
        let figment = figment(file, flags);
        let known: figment::value::Dict = figment.extract().context("the settings do not fit")?;
        let row = |(name, value): (&String, &figment::value::Value)| {
            let origin = figment.find_metadata(name);
            let origin = origin.map_or("default".into(), from_where);
            let secret = ["master_key", "evm_key", "evm_rpc_url"].contains(&name.as_str());
            let value = if secret { "(given)".to_owned() } else { in_text(value) };
            [name.clone(), value, origin]
        };
        Ok(known.iter().map(row).collect())
    }
}

/// Where a setting came from, as a person would say it.
fn from_where(origin: &figment::Metadata) -> String {
    let name = origin.name.trim_start_matches('&');
    if name == std::any::type_name::<Defaults>() {
        "default".to_owned()
    } else if name == std::any::type_name::<Flags>() {
        "command line".to_owned()
    } else if name.contains("environment") {
        "environment".to_owned()
    } else {
        origin.source.as_ref().map_or_else(|| name.to_owned(), ToString::to_string)
    }
}

fn in_text(value: &figment::value::Value) -> String {
    serde_json::to_string(value).unwrap_or_default().trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_says_where_it_came_from() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("medlock.toml");
        std::fs::write(&file, "session_hours = 3\n").unwrap();
        let flags = Flags { data: Some("here".into()), listen: None };
        let rows = Config::explain(Some(&file), &flags).unwrap();
        let from = |name: &str| &rows.iter().find(|row| row[0] == name).unwrap()[2];
        assert_eq!(from("data"), "command line");
        assert_eq!(from("origin"), "default");
        assert!(from("session_hours").ends_with("medlock.toml"), "{}", from("session_hours"));
    }

    #[test]
    fn the_defaults_are_settings_and_unknown_keys_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("medlock.toml");
        std::fs::write(&file, "session_hours = 3\n").unwrap();
        let config = Config::load(Some(&file), &Flags::default()).unwrap();
        assert_eq!(config.session_hours, 3);
        assert_eq!(config.listen.to_string(), DEFAULTS.listen);
        std::fs::write(&file, "evm_contract = \"0x00\"\n").unwrap();
        assert!(Config::load(Some(&file), &Flags::default()).is_err());
        for bad in ["sesion_hours = 3\n", "session_hours = \"x\"\n", "origin = \"https://x\"\n"] {
            std::fs::write(&file, bad).unwrap();
            assert!(Config::load(Some(&file), &Flags::default()).is_err(), "{bad}");
        }
    }
}
