//! How a command ends. Exit codes: 0 ok, 1 a finding, 2 usage, 3 the environment.

use std::process::ExitCode;

use commands::decide::Rejection;
use commands::execute::ExecuteError;
use commands::identity::first_admin::FirstAdminError;
use evidence::complain;
use evidence::terminal::{self, OneLine};

use crate::refusal::{RefusalRow, own};

/// Why a command did not end well.
pub(crate) enum CliError {
    /// It looked, and what it found is not right.
    Finding(String),
    /// It was asked for something that makes no sense.
    Usage(anyhow::Error),
    /// The world is not as it must be.
    Environment(anyhow::Error),
}

impl From<anyhow::Error> for CliError {
    fn from(error: anyhow::Error) -> Self {
        Self::Environment(error)
    }
}

/// A business "no" is what was found; it says what REST says.
impl From<Rejection> for CliError {
    fn from(rejection: Rejection) -> Self {
        let row = RefusalRow::from(rejection);
        Self::Finding(format!("{} ({})", row.in_words(), row.code))
    }
}

/// The rest is the world's fault. Where more is known than that something broke, the table says what to do.
impl From<ExecuteError> for CliError {
    fn from(error: ExecuteError) -> Self {
        if let ExecuteError::Rejected(rejection) = error {
            return rejection.into();
        }
        let row = RefusalRow::from(&error);
        Self::Environment(if row == own::FAILED {
            error.into()
        } else {
            anyhow::anyhow!("{} ({}: {error})", row.in_words(), row.code)
        })
    }
}

impl From<FirstAdminError> for CliError {
    fn from(error: FirstAdminError) -> Self {
        match error {
            FirstAdminError::Rejected(rejection) => rejection.into(),
            FirstAdminError::Execute(error) => error.into(),
        }
    }
}

/// How a command ends.
pub(crate) type CliResult = Result<(), CliError>;

/// Says why it did not end well, and with which code.
pub(super) fn exit_code(ending: CliResult) -> ExitCode {
    let (word, text, code) = match ending {
        Ok(()) if terminal::something_was_lost() => {
            ("error", "what was to be printed could not be written".to_owned(), 3)
        }
        Ok(()) => return ExitCode::SUCCESS,
        Err(CliError::Finding(text)) => ("found", text, 1),
        Err(CliError::Usage(error)) => ("error", in_one_line(&error), 2),
        Err(CliError::Environment(error)) => ("error", in_one_line(&error), 3),
    };
    complain!("{word}: {}", OneLine(text));
    ExitCode::from(code)
}

/// The error and its causes, but for those that were told already: many errors repeat their cause.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.ends_with(&cause) {
            continue;
        }
        let between = if text.is_empty() { "" } else { ": " };
        text = format!("{text}{between}{}", cause.replace('\n', ""));
    }
    text
}
