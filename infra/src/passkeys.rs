//! `WebauthnCeremonies`: passkeys as W3C Web Authentication has them, judged by the crate `webauthn-rs`.

use commands::ports::credentials::WorkError;
use commands::ports::passkeys::{
    AskedPasskey, KeptPasskey, NewPasskey, PasskeyCeremonies, PasskeyOwner,
};
use domain::identity::event::PasskeyPlace;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use webauthn_rs::prelude::{
    CredentialID, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder,
};

/// How browsers call this installation in their own dialogue.
const NAME: &str = "Medlock";

/// The relying party: one address of the app.
pub struct WebauthnCeremonies(Webauthn);

impl WebauthnCeremonies {
    /// For an app at this origin, `https://medlock.example.org`; none if it has no name (an IP address is
    /// none), for passkeys are bound to names.
    pub fn at(origin: &str) -> Option<Self> {
        let origin = Url::parse(origin).ok()?;
        let name = origin.domain()?.to_owned();
        Self::of(WebauthnBuilder::new(&name, &origin).ok()?)
    }

    /// For an app on the machine it is used on: `http://localhost`, whatever the port.
    pub fn on_this_machine() -> Option<Self> {
        let origin = Url::parse("http://localhost").ok()?;
        Self::of(WebauthnBuilder::new("localhost", &origin).ok()?.allow_any_port(true))
    }

    fn of(builder: WebauthnBuilder<'_>) -> Option<Self> {
        builder.rp_name(NAME).build().ok().map(Self)
    }
}

impl PasskeyCeremonies for WebauthnCeremonies {
    fn ask_for_new(
        &self,
        owner: &PasskeyOwner,
        known: &[KeptPasskey],
    ) -> Result<AskedPasskey, WorkError> {
        let known: Vec<CredentialID> =
            passkeys(known)?.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let (address, name) = (owner.address.expose_secret(), owner.name.expose_secret());
        let (options, waiting) = self
            .0
            .start_passkey_registration(owner.account, address, name, Some(known))
            .map_err(fault)?;
        asked(&options, &waiting)
    }

    fn judge_new(&self, waiting: &str, answer: &SecretString) -> Option<NewPasskey> {
        let waiting: PasskeyRegistration = read(waiting)?;
        let place = place(answer.expose_secret());
        let answer: RegisterPublicKeyCredential = read(answer.expose_secret())?;
        let passkey = self.0.finish_passkey_registration(&answer, &waiting).ok()?;
        Some(NewPasskey { credential: serde_json::to_string(&passkey).ok()?, place })
    }

    fn ask(&self, known: &[KeptPasskey]) -> Result<AskedPasskey, WorkError> {
        let passkeys = passkeys(known)?;
        let (options, waiting) = self.0.start_passkey_authentication(&passkeys).map_err(fault)?;
        asked(&options, &waiting)
    }

    fn judge(
        &self,
        waiting: &str,
        answer: &SecretString,
        known: &[KeptPasskey],
    ) -> Option<KeptPasskey> {
        let waiting: PasskeyAuthentication = read(waiting)?;
        let answer: PublicKeyCredential = read(answer.expose_secret())?;
        let result = self.0.finish_passkey_authentication(&answer, &waiting).ok()?;
        known.iter().find_map(|kept| {
            let mut passkey: Passkey = read(&kept.credential)?;
            let moved = passkey.update_credential(&result)?;
            // A counter that does not move is no counter, or somebody has a copy of the key.
            if !moved && result.counter() > 0 {
                return None;
            }
            let credential = serde_json::to_string(&passkey).ok()?;
            Some(KeptPasskey { factor: kept.factor, credential })
        })
    }
}

fn passkeys(kept: &[KeptPasskey]) -> Result<Vec<Passkey>, WorkError> {
    kept.iter().map(|kept| serde_json::from_str(&kept.credential).map_err(fault)).collect()
}

fn asked(options: &impl Serialize, waiting: &impl Serialize) -> Result<AskedPasskey, WorkError> {
    let options = serde_json::to_value(options).map_err(fault)?;
    Ok(AskedPasskey { options, waiting: serde_json::to_string(waiting).map_err(fault)? })
}

fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

fn fault(error: impl std::error::Error + Send + Sync + 'static) -> WorkError {
    WorkError::Store(Box::new(error))
}

/// Where a passkey lies, by the ways in which its authenticator can be reached, as the browser told them.
fn place(answer: &str) -> PasskeyPlace {
    let answer: Value = read(answer).unwrap_or_default();
    let told = answer["response"]["transports"].as_array();
    let is_told = |name| told.is_some_and(|told| told.iter().any(|transport| transport == name));
    if is_told("internal") {
        PasskeyPlace::BuiltIn
    } else if ["usb", "nfc", "ble", "smart-card"].into_iter().any(is_told) {
        PasskeyPlace::SecurityKey
    } else if is_told("hybrid") {
        PasskeyPlace::Phone
    } else {
        PasskeyPlace::Untold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_bound_to_names() {
        for named in ["https://medlock.example.org", "https://medlock.example.org:8443"] {
            assert!(WebauthnCeremonies::at(named).is_some(), "{named}");
        }
        for nameless in ["http://127.0.0.1:8480", "https://[2001:db8::1]", "medlock", ""] {
            assert!(WebauthnCeremonies::at(nameless).is_none(), "{nameless}");
        }
        assert!(WebauthnCeremonies::on_this_machine().is_some());
    }

    #[test]
    fn where_a_passkey_lies_is_told_by_its_transports() {
        let told =
            |transports: &str| place(&format!(r#"{{"response":{{"transports":{transports}}}}}"#));
        assert_eq!(told(r#"["hybrid","internal"]"#), PasskeyPlace::BuiltIn);
        assert_eq!(told(r#"["usb","nfc"]"#), PasskeyPlace::SecurityKey);
        assert_eq!(told(r#"["hybrid"]"#), PasskeyPlace::Phone);
        for untold in ["[]", "null", r#"["telepathy"]"#] {
            assert_eq!(told(untold), PasskeyPlace::Untold, "{untold}");
        }
        assert_eq!(place("no json"), PasskeyPlace::Untold);
    }

    #[test]
    fn what_is_no_answer_is_not_taken() {
        let ceremonies = WebauthnCeremonies::on_this_machine().unwrap();
        let owner = PasskeyOwner {
            account: uuid::Uuid::from_u128(1),
            address: "ana@example.org".to_owned().into(),
            name: "Ana".to_owned().into(),
        };
        let asked = ceremonies.ask_for_new(&owner, &[]).unwrap();
        assert_eq!(asked.options["publicKey"]["rp"]["id"], "localhost");
        for answer in ["", "{}", "null", r#"{"id":"x","rawId":"eA","type":"public-key"}"#] {
            let answer = SecretString::from(answer.to_owned());
            assert!(ceremonies.judge_new(&asked.waiting, &answer).is_none());
            assert!(ceremonies.judge_new("no question", &answer).is_none());
            assert!(ceremonies.judge(&asked.waiting, &answer, &[]).is_none());
        }
    }
}
