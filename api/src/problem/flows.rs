//! What can go wrong in each flow, and where it stands in the table.

use std::time::Duration;

use commands::access::downloading::DownloadError;
use commands::access::lists_shown::ListError;
use commands::access::reveal::RevealError;
use commands::access::signed_log_rule::LogUnsigned;
use commands::access::turns::{NoTurn, TurnRejection};
use commands::access::viewing::ViewingError;
use commands::consent::bar_flow::BarError;
use commands::consent::grant_flow::ConsentError;
use commands::execute::ExecuteError;
use commands::identity::account_factors::AccountFactorsError;
use commands::identity::account_passkeys::PasskeyError;
use commands::identity::first_admin::FirstAdminError;
use commands::identity::forms::{FieldError, FormError};
use commands::identity::log_in::LogInError;
use commands::identity::own_words::AccountError;
use commands::identity::passkeys::FactorError;
use commands::identity::registration::RegistrationError;
use commands::identity::resend::ResendError;
use commands::identity::sessions::SessionError;
use commands::identity::standing::StandingError;
use commands::identity::step_up::StepUpError;
use commands::ports::key_vault::VaultError;
use commands::records::uploading::UploadError;
use commands::shares::NoShare;
use domain::ids::ChallengeId;

use super::{Problem, ProblemField, busy, failed};
use crate::refusal::own::{ALREADY_ISSUED, BAD_FORM, LOG_UNSIGNED, STEP_UP_REQUIRED, TOO_HEAVY};

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        ExecuteError::from(error).into()
    }
}

impl From<LogUnsigned> for Problem {
    fn from(_: LogUnsigned) -> Self {
        LOG_UNSIGNED.into()
    }
}

impl From<FormError> for Problem {
    fn from(FormError(fields): FormError) -> Self {
        let field = |field: FieldError| ProblemField {
            pointer: field.pointer.to_owned(),
            detail: format!("must {}", field.must),
        };
        Self { errors: fields.into_iter().map(field).collect(), ..BAD_FORM.into() }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Execute(error) => error.into(),
            AccountError::Vault(error) => error.into(),
            AccountError::ClearWords => failed(&error),
        }
    }
}

impl From<RegistrationError> for Problem {
    fn from(error: RegistrationError) -> Self {
        match error {
            RegistrationError::Rejected(no) => no.into(),
            RegistrationError::Form(error) => error.into(),
            RegistrationError::FirstAdmin(error) => error.into(),
            RegistrationError::Execute(error) => error.into(),
            RegistrationError::Work(error) => error.into(),
            RegistrationError::StepUp(error) => error.into(),
        }
    }
}

impl From<ResendError> for Problem {
    fn from(error: ResendError) -> Self {
        match error {
            ResendError::Rejected(no) => no.into(),
            ResendError::StepUp(error) => error.into(),
            ResendError::Execute(error) => error.into(),
            ResendError::Account(error) => error.into(),
        }
    }
}

impl From<FirstAdminError> for Problem {
    fn from(error: FirstAdminError) -> Self {
        match error {
            FirstAdminError::Rejected(no) => no.into(),
            FirstAdminError::Execute(error) => error.into(),
        }
    }
}

impl From<LogInError> for Problem {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::Rejected(no) => no.into(),
            LogInError::Execute(error) => error.into(),
            LogInError::Work(error) => error.into(),
            LogInError::StepUp(error) => error.into(),
            LogInError::Session(error) => error.into(),
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Rejected(no) => no.into(),
            SessionError::Execute(error) => error.into(),
            SessionError::Work(error) => error.into(),
        }
    }
}

impl From<StepUpError> for Problem {
    fn from(error: StepUpError) -> Self {
        match error {
            StepUpError::Rejected(no) => no.into(),
            StepUpError::Account(error) => error.into(),
            StepUpError::Work(error) => error.into(),
            StepUpError::Passkey(error) => error.into(),
            StepUpError::Factors(error) => error.into(),
        }
    }
}

impl From<AccountFactorsError> for Problem {
    fn from(error: AccountFactorsError) -> Self {
        match error {
            AccountFactorsError::Execute(error) => error.into(),
            AccountFactorsError::Passkey(error) => error.into(),
            AccountFactorsError::Work(error) => error.into(),
            AccountFactorsError::Vault(error) => error.into(),
        }
    }
}

impl From<PasskeyError> for Problem {
    fn from(error: PasskeyError) -> Self {
        match error {
            PasskeyError::Rejected(no) => no.into(),
            PasskeyError::Execute(error) => error.into(),
            PasskeyError::Work(error) => error.into(),
        }
    }
}

impl From<FactorError> for Problem {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::StepUpRequired(challenge) => step_up_required(challenge),
            FactorError::Rejected(no) => no.into(),
            FactorError::StepUp(error) => error.into(),
            FactorError::Passkey(error) => error.into(),
            FactorError::Factors(error) => error.into(),
            FactorError::Vault(error) => error.into(),
            FactorError::AlreadyShown => ALREADY_ISSUED.into(),
            FactorError::Account(error) => error.into(),
            FactorError::Execute(error) => error.into(),
            FactorError::Work(error) => error.into(),
        }
    }
}

fn step_up_required(challenge: ChallengeId) -> Problem {
    Problem { challenge: Some(challenge.to_string()), ..STEP_UP_REQUIRED.into() }
}

impl From<StandingError> for Problem {
    fn from(error: StandingError) -> Self {
        match error {
            StandingError::Execute(error) => error.into(),
            StandingError::Rejected(no) => no.into(),
            StandingError::Account(error) => error.into(),
        }
    }
}

impl From<BarError> for Problem {
    fn from(BarError::Execute(error): BarError) -> Self {
        error.into()
    }
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::StepUpRequired(challenge) => step_up_required(challenge),
            ConsentError::StepUp(error) => error.into(),
            ConsentError::Execute(error) => error.into(),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Rejected(no) => no.into(),
            UploadError::Form(error) => error.into(),
            UploadError::Share(no) => no.into(),
            UploadError::Execute(error) => error.into(),
            UploadError::Vault(error) => error.into(),
            UploadError::Blob(error) => error.into(),
        }
    }
}

impl From<RevealError> for Problem {
    fn from(error: RevealError) -> Self {
        match error {
            RevealError::Execute(error) => error.into(),
            RevealError::Vault(error) => error.into(),
            RevealError::Blob(error) => error.into(),
        }
    }
}

impl From<NoShare> for Problem {
    fn from(no: NoShare) -> Self {
        match no {
            NoShare::OfTheAccount(no) => no.into(),
            NoShare::OfAll => busy(),
        }
    }
}

impl From<NoTurn> for Problem {
    fn from(no: NoTurn) -> Self {
        match no {
            NoTurn::OwnPagesWait => {
                TurnRejection::TooManyPages.rejection().after(Duration::from_secs(1)).into()
            }
            NoTurn::Busy => busy(),
            NoTurn::TooHeavy => TOO_HEAVY.into(),
        }
    }
}

impl From<ViewingError> for Problem {
    fn from(error: ViewingError) -> Self {
        match error {
            ViewingError::Rejected(no) => no.into(),
            ViewingError::Execute(error) => error.into(),
            ViewingError::LogUnsigned(error) => error.into(),
            ViewingError::AlreadyIssued => ALREADY_ISSUED.into(),
            ViewingError::Account(error) => error.into(),
            ViewingError::Reveal(error) => error.into(),
            ViewingError::Turn(no) => no.into(),
            ViewingError::Rasterise(error) => error.into(),
        }
    }
}

impl From<DownloadError> for Problem {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::Execute(error) => error.into(),
            DownloadError::LogUnsigned(error) => error.into(),
            DownloadError::Share(no) => no.into(),
            DownloadError::Reveal(error) => error.into(),
        }
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Rejected(no) => no.into(),
            ListError::Execute(error) => error.into(),
            ListError::LogUnsigned(error) => error.into(),
        }
    }
}
