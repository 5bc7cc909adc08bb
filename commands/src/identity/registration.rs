//! Registering, as a flow: keys and password first, then the fact, then a code to the address; the address
//! names the account once the code is answered. Whether an address is taken is told to its owner only.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::login::Login;
use domain::identity::specialty::Specialty;
use domain::ids::{AdminId, ChallengeId, DoctorId, PatientId, StreamName};
use domain::personal_text::PersonalText;
use secrecy::{ExposeSecret, SecretString};

use super::claim_login::ClaimLogin;
use super::first_admin::{FirstAdminError, FirstAdminFlow};
use super::forms::{FormCheck, FormError};
use super::issue_first_admin_link::FirstAdminRejection;
use super::register_admin::RegisterAdmin;
use super::register_doctor::RegisterDoctor;
use super::register_patient::RegisterPatient;
use super::step_up::{StepUp, StepUpError, StepUpFlow, operation};
use crate::decide::{Command, Rejection};
use crate::execute::{Caller, ExecuteError, Executor, Outcome};
use crate::fresh::Fresh;
use crate::hashes::login_hash;
use crate::ports::credentials::{Credentials, Letter, Operation, WorkError};
use crate::ports::key_vault::{KeyVault, VaultError};
use crate::ports::world::Throttle;
use crate::throttles::Throttles;

/// What a patient types.
pub struct PatientForm {
    /// Full name.
    pub name: String,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: String,
    /// E-mail address.
    pub email: String,
    /// Goes to the password hasher and nowhere else.
    pub password: SecretString,
}

/// What a doctor types.
pub struct DoctorForm {
    /// Full name with title.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: SecretString,
    /// Licence number.
    pub licence: String,
    /// Who issued the licence.
    pub issuer: String,
    /// Group of specialties.
    pub specialty: Specialty,
    /// The specialty in the doctor's own words.
    pub specialty_text: String,
}

/// What the first admin types.
pub struct AdminForm {
    /// The one-time link's token.
    pub token: SecretString,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: SecretString,
}

/// Longest name, licence, issuer or specialty.
const LINE_CHARS_MAX: usize = 200;

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Not with this address, this link, or not now.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Some fields are not of their form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The link of the first admin could not be judged or used up.
    #[error(transparent)]
    FirstAdmin(#[from] FirstAdminError),
    /// A command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The account's key could not be made.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The password could not be kept.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// The address could not be asked for a code, or the answer was not right.
    #[error(transparent)]
    StepUp(#[from] StepUpError),
}

/// What it takes to register somebody.
pub struct RegistrationFlow {
    executor: Arc<Executor>,
    vault: Arc<dyn KeyVault>,
    credentials: Arc<dyn Credentials>,
    step_up: Arc<StepUpFlow>,
    first_admin: Arc<FirstAdminFlow>,
    throttles: Throttles,
    fresh: Fresh,
}

impl RegistrationFlow {
    /// With what it needs.
    pub fn new(
        executor: Arc<Executor>,
        vault: Arc<dyn KeyVault>,
        credentials: Arc<dyn Credentials>,
        step_up: Arc<StepUpFlow>,
        first_admin: Arc<FirstAdminFlow>,
        throttles: Throttles,
        fresh: Fresh,
    ) -> Self {
        Self { executor, vault, credentials, step_up, first_admin, throttles, fresh }
    }

    /// Registers a patient and sends a code to the address.
    pub async fn patient(
        &self,
        form: PatientForm,
        source: &str,
    ) -> Result<ChallengeId, RegistrationError> {
        self.throttles.take(Throttle::Identity, source.as_bytes())?;
        let mut check = FormCheck::default();
        let today = self.executor.now().date();
        let name = check.line("/name", &form.name, LINE_CHARS_MAX);
        let birth_date = check.birth_date("/birth_date", &form.birth_date, &today);
        let email = check.email("/email", &form.email);
        check.password("/password", &form.password);
        check.done()?;
        let patient = PatientId::new(self.fresh.uuid());
        let account = Actor::Patient(patient);
        let key = self.vault.subject_key(account.owner()).await?;
        let sealed_email = PersonalText::clear(email.expose_secret());
        let order = RegisterPatient { patient, name, birth_date, email: sealed_email, key };
        self.register(account, &order, email, form.password).await
    }

    /// Registers a doctor, who then waits for verification, and sends a code to the address.
    pub async fn doctor(
        &self,
        form: DoctorForm,
        source: &str,
    ) -> Result<ChallengeId, RegistrationError> {
        self.throttles.take(Throttle::Identity, source.as_bytes())?;
        let mut check = FormCheck::default();
        let name = check.line("/name", &form.name, LINE_CHARS_MAX);
        let licence = check.line("/licence", &form.licence, LINE_CHARS_MAX);
        let issuer = check.line("/issuer", &form.issuer, LINE_CHARS_MAX);
        let specialty_text = check.line("/specialty_text", &form.specialty_text, LINE_CHARS_MAX);
        let email = check.email("/email", &form.email);
        check.password("/password", &form.password);
        check.done()?;
        let doctor = DoctorId::new(self.fresh.uuid());
        let account = Actor::Doctor(doctor);
        let key = self.vault.subject_key(account.owner()).await?;
        let sealed_email = PersonalText::clear(email.expose_secret());
        let order = RegisterDoctor {
            doctor,
            name,
            email: sealed_email,
            licence,
            issuer,
            specialty: form.specialty,
            specialty_text,
            key,
        };
        self.register(account, &order, email, form.password).await
    }

    /// Registers the first admin for whoever holds the one-time link, and sends a code to the address.
    pub async fn first_admin(
        &self,
        form: AdminForm,
        source: &str,
    ) -> Result<ChallengeId, RegistrationError> {
        self.throttles.take(Throttle::Identity, source.as_bytes())?;
        self.first_admin.link_lives(&form.token).await?;
        let mut check = FormCheck::default();
        let name = check.line("/name", &form.name, LINE_CHARS_MAX);
        let email = check.email("/email", &form.email);
        check.password("/password", &form.password);
        check.done()?;
        let admin = AdminId::new(self.fresh.uuid());
        let account = Actor::Admin(admin);
        let key = self.vault.subject_key(account.owner()).await?;
        let sealed_email = PersonalText::clear(email.expose_secret());
        let order = RegisterAdmin { admin, name, email: sealed_email, key };
        self.register(account, &order, email, form.password).await
    }

    async fn register<C: Command>(
        &self,
        account: Actor,
        order: &C,
        email: SecretString,
        password: SecretString,
    ) -> Result<ChallengeId, RegistrationError> {
        let address = login_hash(&*self.vault, &email);
        let login = self.executor.state::<Login>(&StreamName::login(&address)).await?;
        self.credentials.set_password(account, password).await?;
        let caller = Caller::new(account, self.fresh.request());
        self.executor.execute(order, caller).await?;
        let confirm = confirm_address(account);
        if login.account.is_none() {
            let what = "to confirm this address";
            return Ok(self.step_up.challenge_at(account, &email, confirm, what).await?);
        }
        // The answer looks the same; only the owner of the address learns that it is taken.
        let letter = Letter {
            to: email,
            subject: "You have a Medlock account".to_owned(),
            text: "Somebody, perhaps you, tried to register with this address.\n\
                   It names an account already: log in with it. If it was not you, do nothing.\n"
                .to_owned()
                .into(),
        };
        Ok(self.step_up.challenge_untold(account, confirm, letter).await?)
    }

    /// Confirms an address with the code that was sent to it. The first admin brings the link's token
    /// again: only now is it used up.
    pub async fn confirm(
        &self,
        answer: StepUp,
        token: Option<SecretString>,
        source: &str,
    ) -> Result<(Actor, Outcome<()>), RegistrationError> {
        self.throttles.take(Throttle::Identity, source.as_bytes())?;
        let (account, email) = self.step_up.whose(answer.challenge).await?;
        self.step_up.check(account, confirm_address(account), &answer).await?;
        let address = login_hash(&*self.vault, &email);
        let claim = ClaimLogin { address, account };
        // Asked before the link is used up: an admin without a way in would lock the installation for good.
        self.executor.would(&claim).await?;
        if let Actor::Admin(admin) = account {
            let token = token.ok_or(FirstAdminRejection::LinkDead.rejection())?;
            self.first_admin.admit(admin, &token).await?;
        }
        let caller = Caller::new(account, self.fresh.request());
        let outcome = self.executor.execute(&claim, caller).await?;
        Ok((account, outcome))
    }
}

fn confirm_address(account: Actor) -> Operation {
    operation("confirm_address", &[account.to_string().as_bytes()])
}
