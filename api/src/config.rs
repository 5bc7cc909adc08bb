//! Settings: one TOML file, `MEDLOCK_…` from the environment, flags; the later wins, unknown keys are
//! errors. This is the only place that reads the environment.
//!
//! A subsystem's settings are a table of the file, `[transparency]`, and a type of their own. In the
//! environment two underscores stand for the dot: `MEDLOCK_TRANSPARENCY__SCRUB_HOURS`.

mod http;
mod page;
mod said;
mod sections;
mod synthetic;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use figment::Figment;
use figment::providers::{Format as _, Serialized, Toml};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use http::{HttpSettings, Networks, ProxyHeader, PublicUrl};
pub(crate) use http::{TlsFiles, reachable};
pub use page::{SettingRow, settings_told};
use said::{Environment, WithoutBlanks};
#[cfg(not(feature = "evm"))]
pub(crate) use sections::NO_CHAIN_ANCHOR;
pub use sections::{
    AnchorSettings, DrawingSettings, EvmSettings, IdentitySettings, RateSettings, RecordsSettings,
    ShareSettings, TransparencySettings,
};
pub(crate) use synthetic::{SYNTHETIC_MARK, is_synthetic};

/// Every setting.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder of everything that is kept.
    #[schema(value_type = String)]
    pub data: PathBuf,
    /// The log's origin: a schema-less URL without port, such as clinic.example/log. One log = one
    /// organisation; fixed by the first event. If not set, a house on this machine alone is begun for trying,
    /// under a name of chance that ends in .invalid; with http.public_url or beyond this machine it must be
    /// set.
    pub origin: String,
    /// 32 bytes in hex or base64, instead of the key file. Better given by the environment than by a file.
    #[serde(serialize_with = "sections::hidden")]
    #[schema(value_type = Option<String>, default = json!(null))]
    pub master_key: Option<SecretString>,
    /// The master key's file; made at the first start, beside the data folder and not in it if not set.
    #[schema(value_type = Option<String>)]
    pub master_key_file: Option<PathBuf>,
    /// The open descriptor that the master key is read from, once.
    pub master_key_fd: Option<u32>,
    /// Whether anybody said the origin. A house that is only tried goes by what lies in its folder.
    #[serde(skip)]
    #[schema(ignore)]
    origin_said: bool,
    /// The master key as a service manager hands it over.
    #[serde(skip)]
    #[schema(ignore)]
    credential: Option<PathBuf>,
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
            origin_said: false,
            master_key: None,
            master_key_file: None,
            master_key_fd: None,
            credential: None,
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

/// Where the settings are looked for if no file is given.
const USUAL_FILES: [&str; 2] = ["medlock.toml", "/etc/medlock/medlock.toml"];

/// What systemd calls the master key among the credentials of a service.
const CREDENTIAL: &str = "medlock-master-key";

/// Where the master key comes from.
pub(crate) enum MasterKeySource<'a> {
    /// It stands in the settings.
    Value(&'a SecretString),
    /// It was handed over as an open file.
    Descriptor(u32),
    /// A service manager has put it here.
    Credential(&'a Path),
    /// It lies here, or will.
    File(PathBuf),
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

/// The file that counts: the given one, or else the first that is there of one in the working folder and one
/// in `/etc/medlock`. No folder above is looked into: whoever may write there must not set anything here.
fn settings_file(given: Option<&Path>, usual: [&Path; 2]) -> Option<PathBuf> {
    given.or_else(|| usual.into_iter().find(|path| is_there(path))).map(Path::to_owned)
}

/// Whether there is something under this name, be it readable or not.
fn is_there(path: &Path) -> bool {
    !path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// What is said, in order; what nobody says is as the types say.
fn figment(file: Option<&Path>, environment: &Environment, flags: &Flags) -> Figment {
    let toml = file.map(|path| WithoutBlanks(Toml::file_exact(path)));
    let said = toml.map(Figment::from).unwrap_or_default();
    let http = flags.listen.map(|listen| Listening { listen });
    let flags = SettingsByFlag { data: flags.data.as_deref(), http };
    said.merge(environment.settings()).merge(Serialized::defaults(flags))
}

fn extract(figment: &Figment) -> anyhow::Result<Config> {
    figment.extract().context("the settings do not fit")
}

impl Config {
    /// Reads the settings.
    pub fn load(file: Option<&Path>, flags: &Flags) -> anyhow::Result<Self> {
        let file = settings_file(file, USUAL_FILES.map(Path::new));
        if let Some(file) = &file {
            let readable = std::fs::File::open(file);
            readable.with_context(|| format!("{} cannot be read", file.display()))?;
        }
        let environment = Environment::read()?;
        environment.tell();
        let said = figment(file.as_deref(), &environment, flags);
        let mut config = extract(&said)?;
        config.credential = credential();
        config.origin_said = said.find_metadata("origin").is_some();
        config.go_by_what_was_tried()?;
        config.check().map_err(|error| with_places(&said, &config, error))?;
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
        let keys = [
            self.master_key.is_some(),
            self.master_key_file.is_some(),
            self.master_key_fd.is_some(),
        ];
        anyhow::ensure!(
            keys.into_iter().filter(|given| *given).count() <= 1,
            "master_key, master_key_file and master_key_fd say the same thing: give one of them"
        );
        self.rates.check()?;
        self.http.check()?;
        self.identity.check()?;
        self.records.check()?;
        self.shares.check()?;
        self.drawing.check()?;
        self.transparency.check()?;
        self.anchors.check()
    }

    /// Where the name lies that a house was given which is only tried.
    pub(crate) fn tried_origin_file(&self) -> PathBuf {
        self.data.join("origin")
    }

    /// Whether anybody said the origin: it names a log for ever.
    pub(crate) fn origin_is_said(&self) -> bool {
        self.origin_said
    }

    /// Where nobody says the origin, the one that lies in the folder counts, if one does.
    fn go_by_what_was_tried(&mut self) -> anyhow::Result<()> {
        let file = self.tried_origin_file();
        if self.origin_said || !file.is_file() {
            return Ok(());
        }
        let kept = std::fs::read_to_string(&file);
        let kept = kept.with_context(|| format!("{} cannot be read", file.display()))?;
        kept.trim().clone_into(&mut self.origin);
        Ok(())
    }

    /// Where the guard file lies.
    pub fn guard(&self) -> PathBuf {
        self.transparency.guard_file.clone().unwrap_or_else(|| self.beside_the_data("guard"))
    }

    /// Where the master key comes from: from where the settings say, or else from a service manager, or
    /// else from beside the data folder.
    pub(crate) fn master_key_source(&self) -> MasterKeySource<'_> {
        if let Some(value) = &self.master_key {
            MasterKeySource::Value(value)
        } else if let Some(descriptor) = self.master_key_fd {
            MasterKeySource::Descriptor(descriptor)
        } else if let Some(file) = &self.master_key_file {
            // The operator named it: that it is a link is the operator's choice.
            MasterKeySource::File(file.canonicalize().unwrap_or_else(|_| file.clone()))
        } else if let Some(credential) = &self.credential {
            MasterKeySource::Credential(credential)
        } else {
            MasterKeySource::File(self.beside_the_data("key"))
        }
    }

    /// The name of the data folder with an extension: beside it, in no copy of it.
    fn beside_the_data(&self, extension: &str) -> PathBuf {
        let data = std::path::absolute(&self.data).unwrap_or_else(|_| self.data.clone());
        data.with_added_extension(extension)
    }

    /// Each setting's name, value and where it came from; secrets stay out.
    pub fn explain(file: Option<&Path>, flags: &Flags) -> anyhow::Result<Vec<[String; 3]>> {
        let file = settings_file(file, USUAL_FILES.map(Path::new));
        let figment = figment(file.as_deref(), &Environment::read()?, flags);
        let mut config = extract(&figment)?;
        config.origin_said = figment.find_metadata("origin").is_some();
        config.go_by_what_was_tried()?;
        let config = serde_json::to_value(config)?;
        let mut rows = Vec::new();
        explain(&figment, "", &config, &mut rows);
        Ok(rows)
    }
}

/// The master key among this service's credentials, if a service manager has put it there.
fn credential() -> Option<PathBuf> {
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY")?;
    Some(Path::new(&folder).join(CREDENTIAL)).filter(|path| path.exists())
}

/// Says of every setting that an error names where it was said.
fn with_places(said: &Figment, config: &Config, error: anyhow::Error) -> anyhow::Error {
    let mut rows = Vec::new();
    explain(said, "", &serde_json::to_value(config).unwrap_or_default(), &mut rows);
    let text = error.to_string();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && !"._".contains(c)).collect();
    let named = rows.iter().filter(|[name, _, from]| {
        words.iter().any(|word| word.trim_end_matches('.') == name) && from != "default"
    });
    let places: Vec<String> = named.map(|[name, _, from]| format!("{name} from {from}")).collect();
    if places.is_empty() { error } else { error.context(places.join(", ")) }
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
    fn one_file_counts_and_none_from_a_folder_above() {
        let folder = tempfile::tempdir().unwrap();
        let [here, etc, given] = ["here", "etc", "given"].map(|name| folder.path().join(name));
        let found = |given: Option<&Path>| settings_file(given, [&here, &etc]);
        assert_eq!(found(None), None);
        std::fs::write(&etc, "").unwrap();
        assert_eq!(found(None), Some(etc.clone()));
        std::os::unix::fs::symlink("nowhere", &here).unwrap();
        assert_eq!(found(None), Some(here.clone()), "an error beats another file");
        assert_eq!(found(Some(&given)), Some(given.clone()));
    }

    #[test]
    fn what_is_not_said_is_as_the_types_say() {
        let config = loaded("[http]\nworkers = 3\n").unwrap();
        assert_eq!(config.http.workers, 3);
        assert_eq!(config.http.listen, HttpSettings::default().listen);
        assert_eq!(config.transparency.scrub_hours, TransparencySettings::default().scrub_hours);
    }

    #[test]
    fn what_is_blank_is_not_said() {
        let config = loaded("[anchors]\nfolder = \"\"\n[http]\npublic_url = \" \"\n").unwrap();
        assert_eq!((config.anchors.folder, config.http.public_url), (None, None));
        let config = loaded("origin = \"\"\nmaster_key_file = \"\"\nmaster_key_fd = 3\n").unwrap();
        assert_eq!(config.origin, Config::default().origin);
    }

    #[test]
    fn an_error_names_the_setting_and_the_file() {
        for (bad, name) in [
            ("[identity]\nsession_hours = \"x\"\n", "identity.session_hours"),
            ("[identity]\nsession_hours = 0\n", "identity.session_hours"),
            ("[identity]\nsesion_hours = 1\n", "sesion_hours"),
            ("[http]\npublic_url = \"medlock.example.org\"\n", "http.public_url"),
            ("[http]\nhead_millis = 1\n", "http.head_millis"),
            ("[http]\ntls_key = \"key.pem\"\n", "http.tls_key"),
            ("origin = \"https://x\"\n", "origin"),
            ("[transparency]\nquorum_only = true\n", "transparency.quorum_only"),
        ] {
            let said = format!("{:#}", loaded(bad).unwrap_err());
            assert!(said.contains(name) && said.contains("medlock.toml"), "{said}");
        }
    }

    #[test]
    fn a_number_that_nothing_could_hold_is_refused_by_its_name_and_the_file() {
        for section in ["drawing", "shares", "records"] {
            let all = serde_json::to_value(Config::default()).unwrap();
            let numbers = all[section].as_object().unwrap().iter();
            let numbers = numbers.filter(|(_, value)| value.is_number()).map(|(name, _)| name);
            for name in numbers {
                let said = loaded(&format!("[{section}]\n{name} = {}\n", i64::MAX)).unwrap_err();
                let said = format!("{said:#}");
                let named = said.contains(&format!("{section}.{name}"));
                assert!(named && said.contains("medlock.toml"), "{said}");
            }
        }
        let largest = "[drawing]\nwaiting = 64\nkept = 256\nkept_mib_max = 65536\n";
        assert!(loaded(&format!("{largest}kept_seconds_max = 900\n")).is_ok());
        assert!(loaded("[drawing]\nwaiting = 0\nkept = 0\n").is_ok(), "none is a number too");
        for more in ["waiting = 65", "kept = 257", "kept_mib_max = 65537", "kept_seconds_max = 901"]
        {
            assert!(loaded(&format!("[drawing]\n{more}\n")).is_err(), "{more}");
        }
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
            "[http]\ntls_key = \"key.pem\"\n",
            "[http]\nbody_millis = 0\n",
            "[http]\nproxy_header = \"x_real_ip\"\n",
            "master_key_fd = 3\nmaster_key_file = \"a\"\n",
        ] {
            assert!(loaded(bad).is_err(), "{bad}");
        }
    }
}
