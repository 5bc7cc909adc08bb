//! A registration that waits for its code: what somebody typed, sealed to ourselves, beside the challenge. It
//! is no event and no account yet; it is gone with the challenge, whatever became of that.

use domain::actor::Actor;
use domain::identity::specialty::Specialty;
use domain::ids::LoginHash;
use domain::personal_text::PersonalText;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::register_admin::RegisterAdmin;
use super::register_doctor::RegisterDoctor;
use super::register_patient::RegisterPatient;
use crate::execute::{Caller, ExecuteError, Executor};
use crate::hashes::login_hash;
use crate::ports::credentials::PasswordHash;
use crate::ports::key_vault::KeyVault;

/// What is asked of everybody, and what of this role.
#[derive(Serialize, Deserialize)]
pub(super) struct AwaitedRegistration {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) password_hash: String,
    pub(super) role: AwaitedRole,
}

/// What is asked of one role only.
#[derive(Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub(super) enum AwaitedRole {
    Patient { birth_date: String },
    Doctor { licence: String, issuer: String, specialty: Specialty, specialty_text: String },
    Admin {},
}

impl AwaitedRegistration {
    /// Sealed under a key of the installation.
    pub(super) fn sealed(&self, vault: &dyn KeyVault) -> String {
        let note = zeroize::Zeroizing::new(serde_json::to_vec(self).unwrap_or_default());
        vault.seal_note(&note)
    }

    /// What `sealed` answered; none if it is anything else.
    pub(super) fn open(vault: &dyn KeyVault, sealed: &str) -> Option<Self> {
        serde_json::from_slice(&vault.open_note(sealed)?).ok()
    }

    pub(super) fn password(&self) -> PasswordHash {
        PasswordHash(SecretString::from(self.password_hash.as_str()))
    }

    pub(super) fn address(&self, vault: &dyn KeyVault) -> LoginHash {
        login_hash(vault, &SecretString::from(self.email.as_str()))
    }

    /// Makes the account's key, and the fact that the account is there.
    pub(super) async fn register(
        &self,
        executor: &Executor,
        vault: &dyn KeyVault,
        (account, caller): (Actor, Caller),
    ) -> Result<(), ExecuteError> {
        let key = vault.subject_key(account.owner()).await?;
        let name = PersonalText::clear(&self.name);
        let email = PersonalText::clear(&self.email);
        match (account, &self.role) {
            (Actor::Patient(patient), AwaitedRole::Patient { birth_date }) => {
                let birth_date = PersonalText::clear(birth_date);
                let order = RegisterPatient { patient, name, birth_date, email, key };
                executor.execute(&order, caller).await?;
            }
            (
                Actor::Doctor(doctor),
                AwaitedRole::Doctor { licence, issuer, specialty, specialty_text },
            ) => {
                let order = RegisterDoctor {
                    doctor,
                    name,
                    email,
                    licence: PersonalText::clear(licence),
                    issuer: PersonalText::clear(issuer),
                    specialty: *specialty,
                    specialty_text: PersonalText::clear(specialty_text),
                    key,
                };
                executor.execute(&order, caller).await?;
            }
            (Actor::Admin(admin), AwaitedRole::Admin {}) => {
                executor.execute(&RegisterAdmin { admin, name, email, key }, caller).await?;
            }
            (
                Actor::Patient(_)
                | Actor::Doctor(_)
                | Actor::Manager(_)
                | Actor::Admin(_)
                | Actor::System,
                _,
            ) => return Err(ExecuteError::Defect("a registration of another role")),
        }
        Ok(())
    }
}
