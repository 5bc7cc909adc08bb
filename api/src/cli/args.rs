//! Options that several commands have.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::ending::CliError;
use crate::config::{Config, Flags};

/// Where things are.
#[derive(Args, Clone, Default)]
pub(crate) struct DataArgs {
    /// Folder of everything that is kept [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Settings file [default: medlock.toml here, or else /etc/medlock/medlock.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Where things are, and where to listen.
#[derive(Args, Clone, Default)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Where to listen [default: 127.0.0.1:8480].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}

/// How to print.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// An id, an account or a stream, in capitals too: in the log each has one spelling.
pub(crate) fn any_case<T: FromStr>(text: &str) -> Result<T, T::Err> {
    text.to_ascii_lowercase().parse()
}

impl DataArgs {
    pub(crate) fn settings(&self) -> Result<Config, CliError> {
        self.settings_at(None)
    }

    fn settings_at(&self, listen: Option<SocketAddr>) -> Result<Config, CliError> {
        let flags = Flags { data: self.data.clone(), listen };
        Config::load(self.config.as_deref(), &flags).map_err(CliError::Usage)
    }
}

impl ServeArgs {
    pub(crate) fn settings(&self) -> Result<Config, CliError> {
        self.data.settings_at(self.listen)
    }
}
