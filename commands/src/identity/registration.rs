//! Registering, as a flow: a form waits beside its challenge until the code is answered; only then come the
//! key, the password, the fact and the address that names the account. Whether an address is taken is told to
//! its owner only.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::login::Login;
use domain::identity::specialty::Specialty;
use domain::ids::{AdminId, ChallengeId, DoctorId, PatientId, StreamName};
use secrecy::{ExposeSecret, SecretString};

use super::awaited::{AwaitedRegistration, AwaitedRole};
use super::claim_login::ClaimLogin;
use super::first_admin::{FirstAdminError, FirstAdminFlow};
use super::forms::{FormCheck, FormError};
use super::issue_first_admin_link::FirstAdminRejection;
use super::step_up::{StepUp, StepUpError, StepUpFlow, StepUpRejection, operation};
use crate::decide::Rejection;
use crate::execute::{Caller, ExecuteError, Executor, Outcome};
use crate::fresh::Fresh;
use crate::hashes::login_hash;
use crate::ports::credentials::{ChallengeSubject, Credentials, Operation, WorkError};
use crate::ports::key_vault::KeyVault;
use crate::ports::world::{LetterKind, Throttle};
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

    /// Takes a patient's form and sends a code to the address.
    pub async fn patient(
        &self,
        form: PatientForm,
        source: &str,
    ) -> Result<ChallengeId, RegistrationError> {
        self.throttles.take(Throttle::Registration, source.as_bytes())?;
        let mut check = FormCheck::default();
        let now = self.executor.now();
        check.line("/name", &form.name, LINE_CHARS_MAX);
        check.birth_date("/birth_date", &form.birth_date, now);
        let email = check.email("/email", &form.email);
        let password = check.password("/password", &form.password);
        check.done()?;
        let account = Actor::Patient(PatientId::new(self.fresh.uuid()));
        let role = AwaitedRole::Patient { birth_date: form.birth_date };
        self.ask(account, (form.name, role), email, password).await
    }

    /// Takes a doctor's form and sends a code to the address; a doctor then waits for verification.
    pub async fn doctor(
        &self,
        form: DoctorForm,
        source: &str,
    ) -> Result<ChallengeId, RegistrationError> {
        self.throttles.take(Throttle::Registration, source.as_bytes())?;
        let mut check = FormCheck::default();
        check.line("/name", &form.name, LINE_CHARS_MAX);
        check.line("/licence", &form.licence, LINE_CHARS_MAX);
        check.line("/issuer", &form.issuer, LINE_CHARS_MAX);
        check.line("/specialty_text", &form.specialty_text, LINE_CHARS_MAX);
        let email = check.email("/email", &form.email);
        let password = check.password("/password", &form.password);
        check.done()?;
        let account = Actor::Doctor(DoctorId::new(self.fresh.uuid()));
        let DoctorForm { name, licence, issuer, specialty, specialty_text, .. } = form;
        let role = AwaitedRole::Doctor { licence, issuer, specialty, specialty_text };
        self.ask(account, (name, role), email, password).await
    }

    /// Takes the form of whoever holds the first admin's one-time link, and sends a code to the address.
    pub async fn first_admin(
        &self,
        form: AdminForm,
        source: &str,
    ) -> Result<ChallengeId, RegistrationError> {
        self.throttles.take(Throttle::Registration, source.as_bytes())?;
        self.first_admin.link_lives(&form.token).await?;
        let mut check = FormCheck::default();
        check.line("/name", &form.name, LINE_CHARS_MAX);
        let email = check.email("/email", &form.email);
        let password = check.password("/password", &form.password);
        check.done()?;
        let account = Actor::Admin(AdminId::new(self.fresh.uuid()));
        self.ask(account, (form.name, AwaitedRole::Admin {}), email, password).await
    }

    /// Every limit first; then the form is kept beside its challenge, sealed, and a letter goes out. There is
    /// no account, no key and no event yet, and the work is the same whether the address is taken or not.
    async fn ask(
        &self,
        account: Actor,
        (name, role): (String, AwaitedRole),
        email: SecretString,
        password: SecretString,
    ) -> Result<ChallengeId, RegistrationError> {
        let stamp = self.step_up.stamp(LetterKind::Registration, &email)?;
        let address = login_hash(&*self.vault, &email);
        let login = self.executor.state::<Login>(&StreamName::login(&address)).await?;
        let hash = self.credentials.hash(account, password).await?;
        let password_hash = hash.0.expose_secret().to_owned();
        let email = email.expose_secret().to_owned();
        let awaited = AwaitedRegistration { name, email, password_hash, role };
        let form = Some(awaited.sealed(&*self.vault));
        let (subject, confirm) = (ChallengeSubject { account, form }, confirm_address(account));
        let asked = if login.account.is_none() {
            self.step_up.challenge_at(stamp, subject, confirm, "to confirm this address").await
        } else {
            // The answer looks the same; only the owner of the address learns that it is taken.
            self.step_up.challenge_untold(stamp, subject, confirm, TAKEN).await
        };
        Ok(asked?)
    }

    /// Confirms an address with the code that was sent to it: the account is made, and the address names it.
    /// The first admin brings the link's token again: only now is it used up, and last, for an admin without
    /// a way in would lock the installation for good.
    pub async fn confirm(
        &self,
        answer: StepUp,
        token: Option<SecretString>,
        source: &str,
    ) -> Result<(Actor, Outcome<()>), RegistrationError> {
        let dead = || StepUpRejection::DeadCode.rejection();
        let found = self.step_up.subject(answer.challenge).await;
        // A challenge that lives bounds its answers itself: made-up ones of a neighbour do not use it up.
        if found.is_err() {
            self.throttles.take(Throttle::Code, source.as_bytes())?;
        }
        let subject = found?;
        let (account, form) = (subject.account, subject.form.ok_or_else(dead)?);
        let awaited = AwaitedRegistration::open(&*self.vault, &form).ok_or_else(dead)?;
        self.step_up.check(account, confirm_address(account), &answer).await?;
        let claim = ClaimLogin { address: awaited.address(&*self.vault), account };
        self.executor.would(&claim).await?;
        let link = self.link_of(account, token).await?;
        // Whatever of this is done when the process dies is inert without the rest: no address names the
        // account, and whoever registers again gets another one.
        let caller = || Caller::new(account, self.fresh.request());
        self.credentials.keep(account, awaited.password()).await?;
        awaited.register(&self.executor, &*self.vault, (account, caller())).await?;
        let outcome = self.executor.execute(&claim, caller()).await?;
        if let Some((admin, token)) = link {
            self.first_admin.admit(admin, &token).await?;
        }
        Ok((account, outcome))
    }

    /// The link that the first admin comes in through, if it lives; nobody else needs one.
    async fn link_of(
        &self,
        account: Actor,
        token: Option<SecretString>,
    ) -> Result<Option<(AdminId, SecretString)>, RegistrationError> {
        let Actor::Admin(admin) = account else { return Ok(None) };
        let token = token.ok_or(FirstAdminRejection::LinkDead.rejection())?;
        self.first_admin.link_lives(&token).await?;
        Ok(Some((admin, token)))
    }
}

/// What the owner of an address hears when somebody registers with it again.
pub(super) const TAKEN: (&str, &str) = (
    "You have a Medlock account",
    "Somebody, perhaps you, tried to register with this address.\n\
     It names an account already: log in with it. If it was not you, do nothing.\n",
);

fn confirm_address(account: Actor) -> Operation {
    operation("confirm_address", &[account.to_string().as_bytes()])
}
