//! Settings: one TOML file, `MEDLOCK_…` from the environment, flags; the later wins, unknown keys are
//! errors. This is the only place that reads the environment.
//!
//! A subsystem's settings are a table of the file, `[transparency]`, and a type of their own. In the
//! environment two underscores stand for the dot: `MEDLOCK_TRANSPARENCY__SCRUB_HOURS`.

mod http;
mod sections;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use http::reachable;
pub use http::{HttpSettings, Networks, ProxyHeader, PublicUrl};
#[cfg(not(feature = "evm"))]
pub(crate) use sections::NO_CHAIN_ANCHOR;
pub use sections::{
    AnchorSettings, DrawingSettings, EvmSettings, IdentitySettings, RateSettings, RecordsSettings,
    ShareSettings, TransparencySettings,
};

/// Every setting.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder of everything that is kept.
    pub data: PathBuf,
    /// The log's origin: a schema-less URL without port. One log = one organisation; fixed by the first
    /// event.
    pub origin: String,
    /// 32 bytes in hex or base64, instead of the key file. Better given by the environment than by a file.
    #[serde(serialize_with = "sections::hidden")]
    pub master_key: Option<SecretString>,
    /// Where requests are answered.
    pub http: HttpSettings,
    /// How often one may ask.
    pub rates: RateSettings,
    /// For how long somebody is signed in.
    pub identity: IdentitySettings,
    /// What may be uploaded.
    pub records: RecordsSettings,
    /// How much one account may have of what there is little of.
    pub shares: ShareSettings,
    /// How pages are drawn.
    pub drawing: DrawingSettings,
    /// How the log is signed and published.
    pub transparency: TransparencySettings,
    /// Where checkpoints are taken.
    pub anchors: AnchorSettings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: "./data".into(),
            origin: "medlock.invalid/log".to_owned(),
            master_key: None,
            http: HttpSettings::default(),
            rates: RateSettings::default(),
            identity: IdentitySettings::default(),
            records: RecordsSettings::default(),
            shares: ShareSettings::default(),
            drawing: DrawingSettings::default(),
            transparency: TransparencySettings::default(),
            anchors: AnchorSettings::default(),
        }
    }
}

/// Flags that override what file and environment say.
#[derive(Debug, Default, Clone)]
pub struct Flags {
    /// The folder with everything, as `--data` says.
    pub data: Option<PathBuf>,
    /// Where to answer, as `--listen` says.
    pub listen: Option<SocketAddr>,
}

/// Flags as the settings they are.
#[derive(Serialize)]
struct SettingsByFlag<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<Listening>,
}

#[derive(Serialize)]
struct Listening {
    listen: SocketAddr,
}

/// What is said, in order; what nobody says is as the types say.
fn figment(file: Option<&Path>, flags: &Flags) -> Figment {
    let said = match file {
        Some(path) => Figment::from(Toml::file_exact(path)),
        None => Figment::from(Toml::file("medlock.toml")),
    };
    // MEDLOCK_LOG says what is logged; it is no setting of the installation.
    let environment = Env::prefixed("MEDLOCK_").ignore(&["log"]).split("__");
    let http = flags.listen.map(|listen| Listening { listen });
    let flags = SettingsByFlag { data: flags.data.as_deref(), http };
    said.merge(environment).merge(Serialized::defaults(flags))
}

fn extract(figment: &Figment) -> anyhow::Result<Config> {
    figment.extract().context("the settings do not fit")
}

impl Config {
    /// Reads the settings.
    pub fn load(file: Option<&Path>, flags: &Flags) -> anyhow::Result<Self> {
        if let Some(file) = file {
            let readable = std::fs::File::open(file);
            readable.with_context(|| format!("{} cannot be read", file.display()))?;
        }
        let config = extract(&figment(file, flags))?;
        config.check()?;
        Ok(config)
    }

    /// The defaults, for a data folder and an address: what tests and the demo start from.
    pub fn of(data: &Path, listen: SocketAddr) -> Self {
        let http = HttpSettings { listen, ..HttpSettings::default() };
        Self { data: data.to_owned(), http, ..Self::default() }
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
        self.rates.check()?;
        self.identity.check()?;
        self.records.check()?;
        self.shares.check()?;
        self.transparency.check()?;
        self.anchors.check()
    }

    /// Where the guard file lies.
    pub fn guard(&self) -> PathBuf {
        self.transparency.guard_file.clone().unwrap_or_else(|| {
            let data = std::path::absolute(&self.data).unwrap_or_else(|_| self.data.clone());
            data.with_added_extension("guard")
        })
    }

    /// Each setting's name, value and where it came from; secrets stay out.
    pub fn explain(file: Option<&Path>, flags: &Flags) -> anyhow::Result<Vec<[String; 3]>> {
        let figment = figment(file, flags);
        let config = serde_json::to_value(extract(&figment)?)?;
        let mut rows = Vec::new();
        explain(&figment, "", &config, &mut rows);
        Ok(rows)
    }
}

/// A row for each setting in `value`, which `name` names.
fn explain(figment: &Figment, name: &str, value: &Value, rows: &mut Vec<[String; 3]>) {
    let text = match value {
        Value::Object(members) => {
            for (member, value) in members {
                let dot = if name.is_empty() { "" } else { "." };
                explain(figment, &format!("{name}{dot}{member}"), value, rows);
            }
            return;
        }
        Value::Null => "(not set)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.to_string(),
    };
    let said = figment.find_metadata(name);
    rows.push([name.to_owned(), text, said.map_or_else(|| "default".to_owned(), from_where)]);
}

/// Where a setting came from, as a person would say it.
fn from_where(origin: &figment::Metadata) -> String {
    let name = origin.name.trim_start_matches('&');
    if name == std::any::type_name::<SettingsByFlag<'_>>() {
        "command line".to_owned()
    } else if name.contains("environment") {
        "environment".to_owned()
    } else {
        origin.source.as_ref().map_or_else(|| name.to_owned(), ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `medlock.toml` says, loaded.
    fn loaded(text: &str) -> anyhow::Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("medlock.toml");
        std::fs::write(&file, text).unwrap();
        Config::load(Some(&file), &Flags::default())
    }

    #[test]
    fn a_setting_says_where_it_came_from_and_a_secret_only_that_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("medlock.toml");
        let text = "[identity]\nsession_hours = 3\n[anchors.evm]\nkey = \"0xsecret\"\n";
        std::fs::write(&file, text).unwrap();
        let listen = Some("127.0.0.1:9".parse().unwrap());
        let flags = Flags { data: Some("here".into()), listen };
        let rows = Config::explain(Some(&file), &flags).unwrap();
        let row = |name: &str| rows.iter().find(|row| row[0] == name).unwrap();
        assert_eq!(row("data")[1..], ["here", "command line"]);
        assert_eq!(row("http.listen")[1..], ["127.0.0.1:9", "command line"]);
        assert_eq!(row("origin")[2], "default");
        assert_eq!(row("transparency.guard_file")[1..], ["(not set)", "default"]);
        assert_eq!(row("identity.session_hours")[1], "3");
        assert!(row("identity.session_hours")[2].ends_with("medlock.toml"));
        assert_eq!(row("anchors.evm.key")[1], "(given)");
        assert_eq!(row("master_key")[1], "(not set)");
    }

    #[test]
    fn what_is_not_said_is_as_the_types_say() {
        let config = loaded("[http]\nworkers = 3\n").unwrap();
        assert_eq!(config.http.workers, 3);
        assert_eq!(config.http.listen, HttpSettings::default().listen);
        assert_eq!(config.transparency.scrub_hours, TransparencySettings::default().scrub_hours);
    }

    #[test]
    fn unknown_keys_and_settings_that_do_not_fit_are_errors() {
        for bad in [
            "session_hours = 3\n",
            "[identity]\nsesion_hours = 3\n",
            "[identity]\nsession_hours = \"x\"\n",
            "[identity]\nsession_hours = 0\n",
            "[anchors.evm]\ncontract = \"0x00\"\n",
            "[transparency]\nquorum_only = true\n",
            "[transparencies]\nscrub_hours = 1\n",
            "origin = \"https://x\"\n",
            "[http]\npublic_url = \"medlock.example.org\"\n",
            "[http]\ntrusted_proxies = [\"proxy\"]\n",
            "[http]\nproxy_header = \"x_real_ip\"\n",
        ] {
            assert!(loaded(bad).is_err(), "{bad}");
        }
    }
}
