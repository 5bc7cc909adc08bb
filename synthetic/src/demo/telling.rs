//! What the demo tells whoever started it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{self, Path};

use anyhow::Context as _;
use domain::journal::tree::TreeRoot;
use domain::journal::{self, Position};

use super::cast::{self, DemoPerson, PASSWORD};
use super::installation::Installation;
use super::story::Story;

/// Lines read at once.
const LINES: usize = 1_024;

/// All there is to tell.
pub struct Guide<'a> {
    /// Where it happened.
    pub installation: &'a dyn Installation,
    /// What happened.
    pub story: &'a Story,
    /// Where it is kept.
    pub kept: Kept<'a>,
    /// Where the demo answers; none if it does not.
    pub address: Option<SocketAddr>,
    /// The program that was called.
    pub program: &'a str,
}

/// Where a demo is kept.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// The data folder.
    pub folder: &'a Path,
    /// Whether it goes when the demo ends.
    pub thrown_away: bool,
}

impl Guide<'_> {
    /// At most forty lines.
    pub async fn text(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        let data = self.data();
        writeln!(
            text,
            "\nALL OF THIS IS SYNTHETIC. No person, report or event in it is real, and the"
        )?;
        writeln!(
            text,
            "keys come from a fixed seed: they protect nothing. Never put real data here.\n"
        )?;
        writeln!(text, "Everybody's password: {PASSWORD}")?;
        writeln!(
            text,
            "Doctors and admins also need a code: the newest letter in {data}/outbox\n"
        )?;
        self.people(&mut text)?;
        self.log(&mut text).await?;
        if let Some(address) = self.address {
            self.first_steps(&mut text, address)?;
        }
        let end = match (self.address, self.kept.thrown_away) {
            (Some(_), true) => "Ctrl-C ends the demo and removes all of it.",
            (Some(_), false) => "Ctrl-C ends the demo; the folder stays until you delete it.",
            (None, true) => "This was all (--once): the folder is removed now.",
            (None, false) => "This was all (--once): the folder stays until you delete it.",
        };
        writeln!(text, "\n{end}")?;
        Ok(text)
    }

    fn people(&self, text: &mut String) -> std::fmt::Result {
        let mut line = |role: &str, standing: &str, person: &DemoPerson| {
            let DemoPerson { email, sees, .. } = person;
            writeln!(text, "  {role:7} {standing:9} {email:33} {sees}")
        };
        for patient in &cast::PATIENTS {
            line("patient", "", patient)?;
        }
        for doctor in &cast::DOCTORS {
            line("doctor", doctor.standing, &doctor.person)?;
        }
        line("admin", "", &cast::ADMIN)
    }

    async fn log(&self, text: &mut String) -> anyhow::Result<()> {
        let mut root = TreeRoot::default();
        let mut newest = None;
        loop {
            let lines = self.installation.lines(Position(root.size()), LINES).await?;
            let Some(last) = lines.last() else { break };
            newest = Some(journal::hash(&last.bytes));
            lines.iter().for_each(|line| root.push(&line.leaf.0));
        }
        let newest = newest.context("nothing happened")?;
        writeln!(text, "\nThe log: {} events", root.size())?;
        writeln!(text, "  head hash  {newest}")?;
        writeln!(text, "  tree root  {}", hex::encode(root.root()))?;
        if self.address.is_some() || !self.kept.thrown_away {
            let program = self.program;
            writeln!(text, "  verify it  {program} verify --data {}", self.data())?;
        }
        Ok(())
    }

    fn data(&self) -> path::Display<'_> {
        self.kept.folder.display()
    }

    fn first_steps(&self, text: &mut String, address: SocketAddr) -> std::fmt::Result {
        let url = format!("http://{address}");
        // Passkeys are bound to names, and this machine's own is `localhost`.
        let page = match address.ip().is_loopback() {
            true => format!("http://localhost:{}", address.port()),
            false => url.clone(),
        };
        let email = cast::ANNELIESE.email;
        let patient = self.story.anneliese.patient;
        writeln!(text, "\nMedlock answers at {url}/ (API: {url}/api/docs/). Open it as")?;
        let doctor = &cast::BEATRIX.person;
        let roles = [("patient", &cast::ANNELIESE), ("doctor", doctor), ("admin", &cast::ADMIN)];
        for (role, person) in roles {
            writeln!(text, "  {role:7}  {page}/login?email={}", person.email)?;
        }
        writeln!(text, "or ask it:")?;
        writeln!(text, "  API={url}/api/v1; ME=$API/patients/{patient}")?;
        writeln!(text, "  TOKEN=$(curl -s $API/sessions -H 'Content-Type: application/json' \\")?;
        writeln!(
            text,
            "    -d '{{\"email\":\"{email}\",\"password\":\"{PASSWORD}\",\"client\":\"machine\"}}' \\"
        )?;
        writeln!(text, "    | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')")?;
        writeln!(
            text,
            "  curl -s -H \"Authorization: Bearer $TOKEN\" \"$ME/consents?which=in_force\""
        )?;
        writeln!(text, "  curl -s -H \"Authorization: Bearer $TOKEN\" $ME/access-history")
    }
}
