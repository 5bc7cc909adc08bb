//! What an account said about itself when it registered, opened for the organisation's own use: to send a
//! letter, to print the reader's name into a watermark. Never shown to somebody else from here.

use std::sync::Arc;

use domain::actor::Actor;
use domain::fold::Recorded;
use domain::identity::doctor::{Doctor, Standing};
use domain::identity::registration::Registration;
use domain::ids::{DoctorId, EventId, StreamName};
use domain::journal::{Line, StreamVersion};
use domain::personal_text::PersonalText;
use secrecy::SecretString;

use crate::execute::{ExecuteError, Executor};
use crate::folds::FoldError;
use crate::ports::key_vault::{KeyVault, VaultError};

/// An account's own personal text.
pub struct OwnWords {
    /// Full name.
    pub name: SecretString,
    /// E-mail address, normalised.
    pub email: SecretString,
}

/// Why an account's own personal text could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Its registration could not be read.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The words do not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// They were never sealed, which no stored line can say.
    #[error("clear personal text in the log")]
    ClearWords,
}

/// The accounts, as they registered.
#[derive(Clone)]
pub struct Accounts {
    executor: Arc<Executor>,
    vault: Arc<dyn KeyVault>,
}

impl Accounts {
    /// Their words open under keys of `vault`.
    pub fn new(executor: Arc<Executor>, vault: Arc<dyn KeyVault>) -> Self {
        Self { executor, vault }
    }

    /// Opens an account's own personal text; none for an account that never registered.
    pub async fn own_words(&self, account: Actor) -> Result<Option<OwnWords>, AccountError> {
        let Some(stream) = account.stream() else { return Ok(None) };
        let lines = self.executor.read(&stream, StreamVersion(0), 1).await?;
        let Some(line) = lines.first() else { return Ok(None) };
        let recorded = read(line)?;
        let Some(registration) = Registration::of(&recorded.fact) else { return Ok(None) };
        let (name, email) = (registration.name, registration.email);
        let name = self.open_own(account, recorded.id, "/data/name", name).await?;
        let email = self.open_own(account, recorded.id, "/data/email", email).await?;
        Ok(Some(OwnWords { name, email }))
    }

    /// Where a doctor stands now.
    pub async fn standing(&self, doctor: DoctorId) -> Result<Standing, ExecuteError> {
        let doctor = self.executor.state::<Doctor>(&StreamName::doctor(doctor)).await?;
        Ok(doctor.standing)
    }

    async fn open_own(
        &self,
        account: Actor,
        event: EventId,
        pointer: &str,
        words: &PersonalText,
    ) -> Result<SecretString, AccountError> {
        let PersonalText::Sealed(sealed) = words else { return Err(AccountError::ClearWords) };
        let text = self.vault.unseal(account.owner(), event, pointer, sealed).await?;
        Ok(SecretString::from(text.as_str()))
    }
}

fn read(line: &Line) -> Result<Recorded, ExecuteError> {
    line.recorded().map_err(|source| {
        let stream = line.stream.clone();
        let version = line.version;
        FoldError::Unreadable { stream, version, source }.into()
    })
}
