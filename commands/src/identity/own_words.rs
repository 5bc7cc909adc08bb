//! What an account said about itself when it registered, opened for the house's own use: to send a letter,
//! to print the reader's name into a watermark. Never shown to somebody else from here.

use domain::actor::Actor;
use domain::fact::Fact;
use domain::identity::event::{AdminFact, DoctorFact, PatientFact};
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
        let Some((name, email)) = registered(line)? else { return Ok(None) };
        let name = self.open_own(account, line, "/data/name", &name).await?;
        let email = self.open_own(account, line, "/data/email", &email).await?;
        Ok(Some(OwnWords { name, email }))
    }

    async fn open_own(
        &self,
        account: Actor,
        line: &Line,
        pointer: &str,
        words: &Words,
    ) -> Result<SecretString, FlowError> {
        let Words::Sealed(sealed) = words else {
            return Err(ExecuteError::Defect("clear words in the log").into());
        };
        let event = read(line)?.id;
        let text = self.vault.unseal(account.owner(), event, pointer, sealed).await?;
        Ok(SecretString::from(text.as_str()))
    }
}

fn read(line: &Line) -> Result<domain::fold::Recorded, ExecuteError> {
    line.recorded().map_err(|source| {
        let (stream, version) = (line.stream.clone(), line.version);
        FoldError::Unreadable { stream, version, source }.into()
    })
}

fn registered(line: &Line) -> Result<Option<(Words, Words)>, ExecuteError> {
    Ok(match read(line)?.fact {
        Fact::Patient(PatientFact::Registered(fact)) => Some((fact.name, fact.email)),
        Fact::Doctor(DoctorFact::Registered(fact)) => Some((fact.name, fact.email)),
        Fact::Admin(AdminFact::Registered(fact)) => Some((fact.name, fact.email)),
        Fact::Doctor(_)
        | Fact::Admin(_)
        | Fact::Admins(_)
        | Fact::Login(_)
        | Fact::Session(_)
        | Fact::Consent(_)
        | Fact::Records(_)
        | Fact::Access(_)
        | Fact::Log(_) => None,
    })
}
