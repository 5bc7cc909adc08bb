//! What an account said about itself when it registered, opened for the house's own use: to send a letter,
//! to print the reader's name into a watermark. Never shown to somebody else from here.

use domain::actor::Actor;
use domain::fold::Recorded;
use domain::identity::event::Registration;
use domain::ids::EventId;
use domain::journal::{Line, StreamVersion};
use domain::words::Words;
use secrecy::SecretString;

use crate::execute::ExecuteError;
use crate::folds::FoldError;
use crate::house::{FlowError, House};

/// An account's own words.
pub struct OwnWords {
    /// Full name.
    pub name: SecretString,
    /// E-mail address, normalised.
    pub email: SecretString,
}

impl House {
    /// Opens an account's own words; none for an account that never registered.
    pub async fn own_words(&self, account: Actor) -> Result<Option<OwnWords>, FlowError> {
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

    async fn open_own(
        &self,
        account: Actor,
        event: EventId,
        pointer: &str,
        words: &Words,
    ) -> Result<SecretString, FlowError> {
        let Words::Sealed(sealed) = words else {
            return Err(ExecuteError::Defect("clear words in the log").into());
        };
        let text = self.vault.unseal(account.owner(), event, pointer, sealed).await?;
        Ok(SecretString::from(text.as_str()))
    }
}

fn read(line: &Line) -> Result<Recorded, ExecuteError> {
    line.recorded().map_err(|source| {
        let (stream, version) = (line.stream.clone(), line.version);
        FoldError::Unreadable { stream, version, source }.into()
    })
}
