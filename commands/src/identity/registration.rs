//! Registering, as a flow: keys and password first, then the fact, then a code to the address; the address
//! names the account once the code is answered. Whether an address is taken is told to its owner only.

use domain::actor::Actor;
use domain::identity::admins::Admins;
use domain::identity::login::Login;
use domain::identity::specialty::Specialty;
use domain::ids::{AdminId, ChallengeId, DoctorId, PatientId, StreamName};
use domain::words::Words;
use secrecy::{ExposeSecret, SecretString};

use super::admit_first_admin::{AdmitFirstAdmin, link_lives};
use super::claim_login::{ClaimLogin, ClaimLoginRejection};
use super::forms::FormCheck;
use super::issue_first_admin_link::{FirstAdminRejection, IssueFirstAdminLink};
use super::register_admin::RegisterAdmin;
use super::register_doctor::RegisterDoctor;
use super::register_patient::RegisterPatient;
use super::step_up::{StepUp, StepUpRejection, operation};
use crate::decide::Command;
use crate::execute::{Caller, Outcome};
use crate::house::{FlowError, House, token_hash};
use crate::ports::credentials::{Letter, Operation};
use crate::ports::world::Throttle;

/// What a patient types.
pub struct PatientForm {
    /// Full name.
    pub name: String,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: String,
    /// E-mail address.
    pub email: String,
    /// Password.
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

impl House {
    /// Registers a patient and sends a code to the address.
    pub async fn register_patient(
        &self,
        form: PatientForm,
        source: &str,
    ) -> Result<ChallengeId, FlowError> {
        self.throttle(Throttle::Identity, source.as_bytes())?;
        let mut check = FormCheck::default();
        let today = self.executor.now().date();
        let name = check.line("/name", &form.name, LINE_CHARS_MAX);
        let birth_date = check.birth_date("/birth_date", &form.birth_date, &today);
        let email = check.email("/email", &form.email);
        check.password("/password", &form.password);
        check.done()?;
        let patient = PatientId::new(self.uuid());
        let account = Actor::Patient(patient);
        let key = self.vault.subject_key(account.owner()).await?;
        let sealed_email = Words::clear(email.expose_secret());
        let order = RegisterPatient { patient, name, birth_date, email: sealed_email, key };
        self.register(account, &order, email, form.password).await
    }

    /// Registers a doctor, who then waits for verification, and sends a code to the address.
    pub async fn register_doctor(
        &self,
        form: DoctorForm,
        source: &str,
    ) -> Result<ChallengeId, FlowError> {
        self.throttle(Throttle::Identity, source.as_bytes())?;
        let mut check = FormCheck::default();
        let name = check.line("/name", &form.name, LINE_CHARS_MAX);
        let licence = check.line("/licence", &form.licence, LINE_CHARS_MAX);
        let issuer = check.line("/issuer", &form.issuer, LINE_CHARS_MAX);
        let specialty_text = check.line("/specialty_text", &form.specialty_text, LINE_CHARS_MAX);
        let email = check.email("/email", &form.email);
        check.password("/password", &form.password);
        check.done()?;
        let doctor = DoctorId::new(self.uuid());
        let account = Actor::Doctor(doctor);
        let key = self.vault.subject_key(account.owner()).await?;
        let sealed_email = Words::clear(email.expose_secret());
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
    pub async fn register_first_admin(
        &self,
        form: AdminForm,
        source: &str,
    ) -> Result<ChallengeId, FlowError> {
        self.throttle(Throttle::Identity, source.as_bytes())?;
        let admins = self.executor.state::<Admins>(&StreamName::admins()).await?;
        let token = token_hash(form.token.expose_secret());
        link_lives(&admins, token, self.executor.now())?;
        let mut check = FormCheck::default();
        let name = check.line("/name", &form.name, LINE_CHARS_MAX);
        let email = check.email("/email", &form.email);
        check.password("/password", &form.password);
        check.done()?;
        let admin = AdminId::new(self.uuid());
        let account = Actor::Admin(admin);
        let key = self.vault.subject_key(account.owner()).await?;
        let sealed_email = Words::clear(email.expose_secret());
        let order = RegisterAdmin { admin, name, email: sealed_email, key };
        self.register(account, &order, email, form.password).await
    }

    async fn register<C: Command>(
        &self,
        account: Actor,
        order: &C,
        email: SecretString,
        password: SecretString,
    ) -> Result<ChallengeId, FlowError> {
        let address = self.login_hash(&email);
        let login = self.executor.state::<Login>(&StreamName::login(&address)).await?;
        self.credentials.set_password(account, password).await?;
        let caller = Caller::new(account, self.fresh_request());
        self.executor.execute(order, caller).await?;
        if login.account.is_none() {
            let confirm = confirm_address(account);
            return self.challenge_at(account, &email, confirm, "to confirm this address").await;
        }
        // The answer looks the same; only the owner of the address learns that it is taken.
        self.throttle(Throttle::Letter, address.0.as_slice())?;
        let now = self.executor.now();
        let (challenge, _) = self.challenges.make(account, confirm_address(account), now).await?;
        let letter = Letter {
            to: email,
            subject: "You have a Medlock account".to_owned(),
            text: "Somebody, perhaps you, tried to register with this address.\n\
                   It names an account already: log in with it. If it was not you, do nothing.\n"
                .to_owned()
                .into(),
        };
        self.courier.send(letter, now).await?;
        Ok(challenge)
    }

    /// Confirms an address with the code that was sent to it. The first admin brings the link's token
    /// again: only now is it used up.
    pub async fn confirm_registration(
        &self,
        answer: StepUp,
        token: Option<SecretString>,
        source: &str,
    ) -> Result<(Actor, Outcome), FlowError> {
        self.throttle(Throttle::Identity, source.as_bytes())?;
        let now = self.executor.now();
        let account = self.challenges.account(answer.challenge, now).await?;
        let account = account.ok_or(StepUpRejection::DeadCode.rejection())?;
        self.check_step_up(account, confirm_address(account), &answer).await?;
        let words = self.own_words(account).await?.ok_or(StepUpRejection::DeadCode.rejection())?;
        let address = self.login_hash(&words.email);
        let login = self.executor.state::<Login>(&StreamName::login(&address)).await?;
        // Asked before the link is used up: an admin without a way in would lock the house for good.
        if login.account.is_some_and(|taken| taken != account) {
            return Err(ClaimLoginRejection::AddressTaken.rejection().into());
        }
        if let Actor::Admin(admin) = account {
            let token = token.ok_or(FirstAdminRejection::LinkDead.rejection())?;
            let order = AdmitFirstAdmin { admin, token_hash: token_hash(token.expose_secret()) };
            let caller = Caller::new(account, self.fresh_request());
            self.executor.execute(&order, caller).await?;
        }
        let order = ClaimLogin { address, account };
        let caller = Caller::new(account, self.fresh_request());
        let outcome = self.executor.execute(&order, caller).await?;
        Ok((account, outcome))
    }

    /// Makes a new one-time link for the first admin; none if there is an admin.
    pub async fn first_admin_link(&self) -> Result<Option<SecretString>, FlowError> {
        let admins = self.executor.state::<Admins>(&StreamName::admins()).await?;
        if !admins.admitted.is_empty() {
            return Ok(None);
        }
        let (token, token_hash) = self.token();
        let caller = Caller::new(Actor::System, self.fresh_request());
        self.executor.execute(&IssueFirstAdminLink { token_hash }, caller).await?;
        Ok(Some(token))
    }
}

fn confirm_address(account: Actor) -> Operation {
    operation("confirm_address", &[account.to_string().as_bytes()])
}
