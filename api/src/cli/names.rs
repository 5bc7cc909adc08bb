//! Names of doctors, asked of the running service with an admin's log-in: on a folder the command line opens
//! nothing that is sealed, and the service records who was shown what.

use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use domain::actor::Actor;
use domain::ids::DoctorId;
use evidence::{complain, terminal};
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::CliError;
use super::status::service_url;
use crate::config::Config;

/// How long the service may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Names asked for at once.
const AT_ONCE: usize = 200;

/// Whose log-in is used to ask for names.
#[derive(Args)]
pub(crate) struct NamesArgs {
    /// Say doctors' names, too: ask the running service for them as this admin. It records that they were
    /// shown. Password and code are asked for, or read from standard input, a line each.
    #[arg(long, value_name = "EMAIL")]
    names_as: Option<String>,
    /// Where the service answers [default: where the settings say it listens].
    #[arg(long, value_name = "URL", requires = "names_as")]
    url: Option<String>,
}

/// Names by account: `doctor:<uuid>`.
pub(crate) type Names = BTreeMap<String, String>;

/// An open session, as the service tells of it.
#[derive(Deserialize)]
struct MachineSession {
    access_token: SecretString,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<NamedDoctor>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct NamedDoctor {
    doctor: DoctorId,
    name: String,
}

impl NamesArgs {
    /// The names, if they are wanted.
    pub(crate) async fn names(&self, config: &Config) -> Result<Names, CliError> {
        let Some(email) = &self.names_as else { return Ok(Names::new()) };
        let service = Answering {
            url: service_url(self.url.as_deref(), config),
            client: Client::builder().timeout(PATIENCE).build().map_err(anyhow::Error::from)?,
        };
        let session = service.log_in(email).await?;
        let names = service.doctors(&session).await;
        // Whether or not they came: nobody needs this session any more.
        let ended = service.client.delete(format!("{}/api/v1/sessions/current", service.url));
        let ended = ended.bearer_auth(session.access_token.expose_secret()).send().await;
        if let Err(error) = ended {
            tracing::warn!(%error, "the session was not ended; it ends by itself");
        }
        names
    }
}

struct Answering {
    url: String,
    client: Client,
}

impl Answering {
    async fn log_in(&self, email: &str) -> Result<MachineSession, CliError> {
        let password = asked("Password: ")?;
        let form = json!({
            "email": email, "password": password.expose_secret(), "client": "machine",
        });
        let first = self.client.post(format!("{}/api/v1/sessions", self.url)).json(&form);
        let (status, mut answer) = self.answer(first).await?;
        if status == StatusCode::ACCEPTED {
            let code = asked("The code that was sent: ")?;
            let form = json!({
                "challenge": answer["challenge"], "code": code.expose_secret(), "client": "machine",
            });
            let second = format!("{}/api/v1/sessions/second-factor", self.url);
            answer = self.answer(self.client.post(second).json(&form)).await?.1;
        }
        Ok(serde_json::from_value(answer).context("the service answers otherwise")?)
    }

    async fn doctors(&self, session: &MachineSession) -> Result<Names, CliError> {
        let mut names = Names::new();
        let mut next = Some(format!("/api/v1/doctors?limit={AT_ONCE}"));
        while let Some(path) = next {
            let asked = self.client.get(format!("{}{path}", self.url));
            let asked = asked.bearer_auth(session.access_token.expose_secret());
            let (_, answer) = self.answer(asked).await?;
            let page: Page =
                serde_json::from_value(answer).context("the service answers otherwise")?;
            let named = |named: NamedDoctor| (Actor::Doctor(named.doctor).to_string(), named.name);
            names.extend(page.items.into_iter().map(named));
            let cursor = page.next;
            next = cursor.map(|cursor| format!("/api/v1/doctors?limit={AT_ONCE}&cursor={cursor}"));
        }
        Ok(names)
    }

    /// An answer that is a yes; a no says why in the service's own words.
    async fn answer(&self, request: RequestBuilder) -> Result<(StatusCode, Value), CliError> {
        let answer = request.send().await;
        let answer = answer
            .with_context(|| format!("nobody answers at {}; is the service up?", self.url))?;
        let status = answer.status();
        let body: Value = answer.json().await.context("what answers is not medlock")?;
        if status.is_success() {
            return Ok((status, body));
        }
        let part = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Err(CliError::Finding(format!("{} ({})", part("detail"), part("code"))))
    }
}

/// A line that nobody else should see: from a terminal without showing it, or from standard input.
fn asked(question: &str) -> Result<SecretString, CliError> {
    let terminal = std::io::stdin().is_terminal();
    if terminal {
        terminal::print_error(question);
        echo("-echo");
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if terminal {
        echo("echo");
        complain!("");
    }
    read.context("nothing can be read from standard input")?;
    let answer = line.trim_end_matches(['\r', '\n']).to_owned();
    if answer.is_empty() {
        return Err(CliError::Usage(anyhow::anyhow!("no answer was given: {}", question.trim())));
    }
    Ok(answer.into())
}

/// Whether the terminal shows what is typed. Where it cannot be told, it goes on showing it.
fn echo(how: &str) {
    let _ = Command::new("stty").arg(how).stdin(Stdio::inherit()).status();
}
