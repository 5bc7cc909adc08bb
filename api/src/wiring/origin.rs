//! The name of a log that nobody named: a house that is tried on its own machine gets one of chance, which no
//! other has. Whoever is reached by others says the name first, for it can never change.

use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use commands::ports::world::Entropy as _;
use infra::entropy::OsEntropy;

use super::{make_private_folder, presence};
use crate::config::Config;

/// Where the name of a log comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// It is said, or stands in the events of a log that is older than this rule.
    Already,
    /// A start before this one gave it.
    ForTrying,
    /// Nobody said or gave one yet.
    Not,
}

impl Named {
    fn of(config: &Config) -> Self {
        let tried = config.tried_origin_file().is_file();
        let begun = config.data.join("events.db").is_file();
        match (config.origin_is_said(), tried, begun) {
            (true, _, _) | (false, false, true) => Self::Already,
            (false, true, _) => Self::ForTrying,
            (false, false, false) => Self::Not,
        }
    }
}

/// Refuses a house that others are to reach and whose log has no name of its owner's. Makes nothing.
pub(crate) fn refuse_unless_named(config: &Config) -> anyhow::Result<()> {
    let named = Named::of(config);
    let here_only = config.http.listen.ip().to_canonical().is_loopback();
    let alone = here_only && config.http.public_url.is_none();
    match named {
        Named::Already => Ok(()),
        Named::ForTrying | Named::Not if alone => Ok(()),
        Named::ForTrying => anyhow::bail!(
            "the log in {} was begun for trying, as {}, and others are to reach it now: set origin to \
             that name to keep it for ever, or begin in another folder under a name of yours",
            config.data.display(),
            config.origin
        ),
        Named::Not => anyhow::bail!(
            "origin is not set, and others are to reach this house (http.listen, http.public_url): set it \
             to a URL of yours without scheme and port, such as clinic.example/log; once there is an \
             event it can never change"
        ),
    }
}

/// The settings with the name that this house goes by: one of chance is kept in its folder before anything
/// else is made.
pub(crate) async fn name_the_log(config: Config) -> anyhow::Result<Config> {
    if Named::of(&config) != Named::Not {
        return Ok(config);
    }
    presence::what_was_there_is_there(&config).await?;
    let mut chance = [0; 8];
    OsEntropy.fill(&mut chance);
    let origin = format!("{}.invalid/log", hex::encode(chance));
    make_private_folder(&config.data)?;
    let file = config.tried_origin_file();
    keep(&file, &origin).with_context(|| format!("{} cannot be written", file.display()))?;
    config.under(&origin)
}

/// Written whole or not at all: a start that was cut off leaves no half name.
fn keep(file: &Path, origin: &str) -> std::io::Result<()> {
    let half = file.with_extension("new");
    let mut to = File::create(&half)?;
    to.set_permissions(Permissions::from_mode(0o600))?;
    writeln!(to, "{origin}")?;
    to.sync_all()?;
    std::fs::rename(&half, file)
}
