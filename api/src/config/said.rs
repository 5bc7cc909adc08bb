//! What a file and the environment say: what is blank is not said, what an orchestrator sets for a service of
//! our name is no setting, and what is no text is refused.

use std::ffi::OsString;

use anyhow::Context as _;
use figment::providers::Env;
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

/// How the names of settings begin in the environment.
const PREFIX: &str = "MEDLOCK_";
/// Not settings of the installation: what is logged, and in which size our tests tell their stories to the
/// programs they start.
const NO_SETTINGS: [&str; 2] = ["log", "soak"];

/// What the environment says, and the names in it that are no settings.
pub(super) struct Environment {
    links: Vec<String>,
}

impl Environment {
    /// Reads the names; a value that is no UTF-8 is an error, for nobody can say what it meant.
    pub(super) fn read() -> anyhow::Result<Self> {
        Self::of(std::env::vars_os())
    }

    fn of(variables: impl Iterator<Item = (OsString, OsString)>) -> anyhow::Result<Self> {
        let mut links = Vec::new();
        for (name, value) in variables {
            let shown = name.to_string_lossy().to_uppercase();
            let Some(own) = shown.strip_prefix(PREFIX) else { continue };
            if is_service_link(own) {
                links.push(own.to_lowercase());
                continue;
            }
            let text = name.to_str().and(value.to_str());
            text.with_context(|| format!("{shown} in the environment is not UTF-8"))?;
        }
        links.sort_unstable();
        Ok(Self { links })
    }

    /// Says once which names are ignored.
    pub(super) fn tell(&self) {
        if !self.links.is_empty() {
            let names: Vec<String> =
                self.links.iter().map(|name| format!("{PREFIX}{}", name.to_uppercase())).collect();
            let names = names.join(" ");
            tracing::warn!(names, "an orchestrator sets these for a service of our name: ignored");
        }
    }

    /// The settings in it.
    pub(super) fn settings(&self) -> WithoutBlanks<Env> {
        let links = self.links.iter().map(String::as_str);
        let ignored: Vec<&str> = NO_SETTINGS.into_iter().chain(links).collect();
        WithoutBlanks(Env::prefixed(PREFIX).ignore(&ignored).split("__"))
    }
}

/// Whether a name, behind our prefix, is one that Kubernetes or Docker makes of the name of a service:
/// `PORT`, `SERVICE_HOST`, `PORT_8480_TCP_ADDR`, `API_SERVICE_PORT_HTTP`.
fn is_service_link(name: &str) -> bool {
    let parts: Vec<&str> = name.split('_').collect();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let port = |at: usize| {
        let rest = &parts[at + 1..];
        match rest {
            [] => true,
            [number, protocol] => digits(number) && ["TCP", "UDP", "SCTP"].contains(protocol),
            [number, protocol, what] => {
                digits(number)
                    && ["TCP", "UDP", "SCTP"].contains(protocol)
                    && ["ADDR", "PORT", "PROTO"].contains(what)
            }
            [_] | [_, _, _, _, ..] => false,
        }
    };
    let service =
        name.ends_with("SERVICE_HOST") || parts.windows(2).any(|pair| pair == ["SERVICE", "PORT"]);
    service || (0..parts.len()).any(|at| parts[at] == "PORT" && port(at))
}

/// What is said, but for texts of blanks: `MEDLOCK_ANCHORS__FOLDER=` is how many say that it is not set.
pub(super) struct WithoutBlanks<P>(pub(super) P);

impl<P: Provider> Provider for WithoutBlanks<P> {
    fn metadata(&self) -> Metadata {
        self.0.metadata()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut said = self.0.data()?;
        said.values_mut().for_each(drop_blanks);
        Ok(said)
    }
}

fn drop_blanks(said: &mut Dict) {
    said.retain(|_, value| {
        if let Value::Dict(_, section) = value {
            drop_blanks(section);
        }
        value.as_str().is_none_or(|text| !text.trim().is_empty())
    });
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    #[test]
    fn what_an_orchestrator_sets_is_told_from_settings() {
        for link in [
            "PORT",
            "SERVICE_HOST",
            "SERVICE_PORT",
            "SERVICE_PORT_HTTP",
            "PORT_8480_TCP",
            "PORT_8480_TCP_ADDR",
            "PORT_53_UDP_PROTO",
            "API_SERVICE_HOST",
            "API_PORT",
            "API_PORT_8480_TCP_PORT",
        ] {
            assert!(is_service_link(link), "{link}");
        }
        let config = serde_json::to_value(super::super::Config::default()).unwrap();
        let sections = config.as_object().unwrap();
        for (name, value) in sections {
            let inner = value.as_object().into_iter().flatten().map(|(inner, _)| inner);
            let names = inner.map(|inner| format!("{name}__{inner}")).chain([name.clone()]);
            for name in names {
                assert!(!is_service_link(&name.to_uppercase()), "{name}");
            }
        }
        for no in ["HTTP__PORT_X", "PORTS", "PORT_8480", "PORT_TCP_8480", "PORT_8480_TCP_X"] {
            assert!(!is_service_link(no), "{no}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_and_named() {
        let pair = |name: &str, value: &[u8]| (name.into(), OsString::from_vec(value.to_vec()));
        let read = |pairs: Vec<(OsString, OsString)>| Environment::of(pairs.into_iter());
        assert!(read(vec![pair("MEDLOCK_ORIGIN", b"a.example"), pair("PATH", b"\xff")]).is_ok());
        let refused = read(vec![pair("MEDLOCK_ORIGIN", b"m\xfcll.example")]).err().unwrap();
        assert!(refused.to_string().contains("MEDLOCK_ORIGIN"), "{refused}");
        let links = read(vec![pair("medlock_port", b"tcp://10.0.0.1:8480")]).unwrap().links;
        assert_eq!(links, ["port"]);
    }
}
