//! `JwtTokens`: short-lived tokens for machines, signed with Ed25519 (RFC 7519, RFC 8037).

use std::sync::Arc;
use std::time::Duration;

use commands::ports::credentials::{MachineClaims, MachineTokens, WorkError};
use commands::ports::key_vault::{HashPurpose, KeyVault};
use commands::ports::world::Entropy;
use domain::actor::Actor;
use domain::ids::SessionId;
use domain::time::{Moment, minutes};
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, KeypairBytes};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use moka::sync::Cache;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const LIFE: Duration = minutes(10);
const LIFE_SECONDS: i64 = LIFE.as_secs() as i64;
/// How far a clock may step back before fresh tokens look like tokens from the future.
const SKEW_SECONDS: i64 = 60;
/// Tokens whose signature was checked already; whether account and session still stand is never kept.
const CHECKED_MAX: u64 = 65_536;
/// Longer than any token of ours.
const TOKEN_BYTES_MAX: usize = 2_048;
/// Who may use our tokens: we ourselves.
const AUDIENCE: &str = "medlock";

/// Signs and checks tokens with one key of the installation. Its seed is derived by the vault, so nothing
/// of it is stored and it is the same after a restart.
pub struct JwtTokens {
    signing: EncodingKey,
    checking: DecodingKey,
    header: Header,
    key_set: serde_json::Value,
    issuer: String,
    entropy: Arc<dyn Entropy>,
    checked: Cache<[u8; 32], Claims>,
}

/// The seed gives no key pair.
#[derive(Debug, thiserror::Error)]
#[error("the key of machine tokens could not be made: {0}")]
pub struct NoKey(#[from] jsonwebtoken::errors::Error);

/// What stands in a token. Times are whole seconds (RFC 7519 `NumericDate`).
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Actor,
    sid: SessionId,
    iat: i64,
    exp: i64,
    jti: uuid::Uuid,
}

impl JwtTokens {
    /// The organisation's tokens; `issuer` is the log's origin.
    ///
    /// # Errors
    /// [`NoKey`] if this build's cryptography refuses 32 bytes as an Ed25519 key.
    pub fn new(
        vault: &dyn KeyVault,
        entropy: Arc<dyn Entropy>,
        issuer: &str,
    ) -> Result<Self, NoKey> {
        let seed = vault.keyed_hash(HashPurpose::MachineTokens, &[b"ed25519 seed", b"1"]);
        Self::of(&Zeroizing::new(seed), entropy, issuer)
    }

    fn of(seed: &[u8; 32], entropy: Arc<dyn Entropy>, issuer: &str) -> Result<Self, NoKey> {
        // Version 1 of PKCS#8 (RFC 8410 §7): no public key, it is derived.
        let pkcs8 = KeypairBytes { secret_key: *seed, public_key: None }.to_pkcs8_der();
        let pkcs8 =
            pkcs8.map_err(|_| jsonwebtoken::errors::Error::from(ErrorKind::InvalidEddsaKey))?;
        let signing = EncodingKey::from_ed_der(pkcs8.as_bytes());
        let mut jwk = Jwk::from_encoding_key(&signing, Algorithm::EdDSA)?;
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256)?;
        jwk.common.key_id = Some(thumbprint.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let checking = DecodingKey::from_jwk(&jwk)?;
        let key_set = serde_json::to_value(JwkSet { keys: vec![jwk] });
        Ok(Self {
            signing,
            checking,
            header: Header { kid: Some(thumbprint), ..Header::new(Algorithm::EdDSA) },
            key_set: key_set.map_err(jsonwebtoken::errors::Error::from)?,
            issuer: issuer.to_owned(),
            entropy,
            checked: Cache::new(CHECKED_MAX),
        })
    }

    /// Algorithm, key id, signature, issuer and audience. None of it changes while a token lives, which is
    /// why this much may be remembered. Times are judged by the caller's clock, not by the library's.
    fn check(&self, token: &str) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.kid != self.header.kid {
            return None;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        let decoded = jsonwebtoken::decode::<Claims>(token, &self.checking, &validation);
        decoded.ok().map(|decoded| decoded.claims)
    }
}

impl MachineTokens for JwtTokens {
    fn sign(
        &self,
        session: SessionId,
        actor: Actor,
        now: Moment,
    ) -> Result<(SecretString, Moment), WorkError> {
        let iat = seconds(now);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: actor,
            sid: session,
            iat,
            exp: iat + LIFE_SECONDS,
            jti: self.entropy.uuid(now),
        };
        let token = jsonwebtoken::encode(&self.header, &claims, &self.signing);
        let token = token.map_err(|error| WorkError::Store(Box::new(error)))?;
        Ok((SecretString::from(token), Moment::from_micros(claims.exp * 1_000_000)))
    }

    fn verify(&self, token: &str, now: Moment) -> Option<MachineClaims> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let name = *blake3::hash(token.as_bytes()).as_bytes();
        let claims = match self.checked.get(&name) {
            Some(claims) => claims,
            None => {
                let claims = self.check(token)?;
                self.checked.insert(name, claims.clone());
                claims
            }
        };
        // The upper bound holds a token to about its ten minutes even where a clock was set back.
        let left = claims.exp - seconds(now);
        let lives = (1..=LIFE_SECONDS + SKEW_SECONDS).contains(&left);
        lives.then_some(MachineClaims { session: claims.sid, actor: claims.sub })
    }

    fn key_set(&self) -> serde_json::Value {
        self.key_set.clone()
    }
}

fn seconds(moment: Moment) -> i64 {
    moment.micros() / 1_000_000
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use domain::ids::DoctorId;
    use secrecy::ExposeSecret;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::entropy::OsEntropy;
    use crate::vault::{MasterKey, SqliteKeyVault};

    const ISSUER: &str = "clinic.example/log";

    fn tokens(seed: u8, issuer: &str) -> JwtTokens {
        JwtTokens::of(&[seed; 32], Arc::new(OsEntropy), issuer).unwrap()
    }

    fn noon() -> Moment {
        "2026-11-23T12:00:00.500000Z".parse().unwrap()
    }

    fn bo() -> MachineClaims {
        let actor = Actor::Doctor(DoctorId::new(Uuid::from_u128(1)));
        MachineClaims { session: SessionId::new(Uuid::from_u128(2)), actor }
    }

    fn claims(token: &str) -> Claims {
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }

    fn signed(tokens: &JwtTokens) -> (String, Moment) {
        let (token, until) = tokens.sign(bo().session, bo().actor, noon()).unwrap();
        (token.expose_secret().to_owned(), until)
    }

    #[test]
    fn a_token_lives_ten_minutes_by_the_given_clock_whether_remembered_or_not() {
        let ours = tokens(1, ISSUER);
        let (token, until) = signed(&ours);
        assert_eq!(until, "2026-11-23T12:10:00.000000Z".parse().unwrap());
        for _ in 0..2 {
            assert_eq!(ours.verify(&token, noon()), Some(bo()));
            assert_eq!(ours.verify(&token, noon().plus(Duration::from_secs(599))), Some(bo()));
            assert_eq!(ours.verify(&token, until), None);
            let before = Moment::from_micros(noon().micros() - 59_000_000);
            assert_eq!(ours.verify(&token, before), Some(bo()));
            let before = Moment::from_micros(noon().micros() - 61_000_000);
            assert_eq!(ours.verify(&token, before), None);
            assert_eq!(ours.verify(&token, Moment::default()), None);
        }
        let (other, _) = signed(&ours);
        assert_ne!(token, other, "each has an id of its own");
    }

    #[test]
    fn a_token_of_another_key_house_or_audience_is_none_of_ours() {
        let ours = tokens(1, ISSUER);
        for (seed, issuer) in [(2, ISSUER), (1, "other.example/log")] {
            let (token, _) = signed(&tokens(seed, issuer));
            assert_eq!(ours.verify(&token, noon()), None, "{seed} {issuer}");
        }
        let claims = Claims { aud: "other".to_owned(), ..claims(&signed(&ours).0) };
        let elsewhere = jsonwebtoken::encode(&ours.header, &claims, &ours.signing).unwrap();
        assert_eq!(ours.verify(&elsewhere, noon()), None);
    }

    #[test]
    fn no_other_algorithm_no_missing_key_id_and_no_changed_byte_is_accepted() {
        let ours = tokens(1, ISSUER);
        let (token, _) = signed(&ours);
        let (_, rest) = token.split_once('.').unwrap();
        let (payload, _) = rest.split_once('.').unwrap();
        let kid = ours.header.kid.clone().unwrap();
        let none = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": kid}).to_string());
        assert_eq!(ours.verify(&format!("{none}.{payload}."), noon()), None);

        let claims = claims(&token);
        let public = ours.key_set()["keys"][0]["x"].as_str().unwrap().to_owned();
        let public = URL_SAFE_NO_PAD.decode(public).unwrap();
        let header = Header { kid: Some(kid), ..Header::new(Algorithm::HS256) };
        let forged = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&public));
        assert_eq!(ours.verify(&forged.unwrap(), noon()), None, "the public key as an HMAC secret");

        let nameless = Header::new(Algorithm::EdDSA);
        let nameless = jsonwebtoken::encode(&nameless, &claims, &ours.signing).unwrap();
        assert_eq!(ours.verify(&nameless, noon()), None);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'E' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(ours.verify(&changed, noon()), None, "changed at {at}");
        }
        assert_eq!(ours.verify(&"a".repeat(1 << 20), noon()), None);
    }

    #[test]
    fn the_key_set_is_that_of_rfc_8037() {
        // The key of RFC 8037 appendix A.1, its public half (A.2) and thumbprint (A.3).
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let seed = seed.try_into().unwrap();
        let tokens = JwtTokens::of(&seed, Arc::new(OsEntropy), ISSUER).unwrap();
        let expected = json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        }]});
        assert_eq!(tokens.key_set(), expected);
    }

    #[tokio::test]
    async fn the_key_stays_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.db");
        let mut sets = Vec::new();
        for _ in 0..2 {
            let master = MasterKey::from_text(&"ab".repeat(32)).unwrap();
            let vault = SqliteKeyVault::open(&path, master, Arc::new(OsEntropy)).await.unwrap();
            sets.push(JwtTokens::new(&vault, Arc::new(OsEntropy), ISSUER).unwrap().key_set());
        }
        assert_eq!(sets[0], sets[1]);
    }
}
