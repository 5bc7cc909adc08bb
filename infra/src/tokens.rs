//! Machine tokens: JWT, EdDSA, ten minutes. The signing key comes from a seed that the vault derives, so
//! nothing of it is stored.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::ports::credentials::{MachineClaims, MachineTokens, WorkError};
use commands::ports::key_vault::{HashPurpose, KeyVault};
use commands::ports::world::Entropy;
use domain::actor::Actor;
use domain::ids::SessionId;
use domain::time::{Moment, minutes};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use moka::sync::Cache;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How long a token lives.
const TOKEN_LIFE: Duration = minutes(10);
/// Who may use our tokens: we ourselves.
const AUDIENCE: &str = "medlock";
/// Signature checks remembered.
const CHECKED_MAX: u64 = 100_000;

/// Signs and checks machine tokens.
pub struct JwtTokens {
    issuer: String,
    key_id: String,
    public: String,
    signing: EncodingKey,
    checking: DecodingKey,
    entropy: Arc<dyn Entropy>,
    /// Tokens whose signature was right, by their hash. Nothing about accounts or sessions.
    checked: Cache<[u8; 32], Claims>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    jti: String,
    iat: i64,
    exp: i64,
}

/// The seed gives no key pair: cannot happen with 32 bytes.
#[derive(Debug, thiserror::Error)]
#[error("the key of machine tokens could not be made")]
pub struct NoKey;

impl JwtTokens {
    /// The house's tokens; `issuer` is the log's origin.
    pub fn new(
        vault: &dyn KeyVault,
        entropy: Arc<dyn Entropy>,
        issuer: &str,
    ) -> Result<Self, NoKey> {
        let seed = vault.keyed_hash(HashPurpose::MachineTokens, &[b"ed25519 seed", b"1"]);
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| NoKey)?;
        let private = pair.to_pkcs8v1().map_err(|_| NoKey)?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        // RFC 7638 over the members RFC 8037 names, in their order.
        let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
        Ok(Self {
            issuer: issuer.to_owned(),
            key_id: URL_SAFE_NO_PAD.encode(Sha256::digest(thumbprint)),
            signing: EncodingKey::from_ed_der(private.as_ref()),
            checking: DecodingKey::from_ed_components(&public).map_err(|_| NoKey)?,
            public,
            entropy,
            checked: Cache::new(CHECKED_MAX),
        })
    }

    /// The claims, if the signature is ours. Times are judged by the caller's clock, not the system's.
    fn signed(&self, token: &str) -> Option<Claims> {
        let hash = *blake3::hash(token.as_bytes()).as_bytes();
        if let Some(claims) = self.checked.get(&hash) {
            return Some(claims);
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.kid.as_deref() != Some(&self.key_id) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let claims =
            jsonwebtoken::decode::<Claims>(token, &self.checking, &validation).ok()?.claims;
        self.checked.insert(hash, claims.clone());
        Some(claims)
    }
}

impl MachineTokens for JwtTokens {
    fn sign(
        &self,
        session: SessionId,
        actor: Actor,
        now: Moment,
    ) -> Result<(SecretString, Moment), WorkError> {
        let until = now.plus(TOKEN_LIFE);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: actor.to_string(),
            sid: session.to_string(),
            jti: self.entropy.uuid(now).to_string(),
            iat: now.micros() / 1_000_000,
            exp: until.micros() / 1_000_000,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.clone());
        let token = jsonwebtoken::encode(&header, &claims, &self.signing);
        let token = token.map_err(|error| WorkError::Store(Box::new(error)))?;
        Ok((SecretString::from(token), until))
    }

    fn verify(&self, token: &str, now: Moment) -> Option<MachineClaims> {
        let claims = self.signed(token)?;
        if now.micros() / 1_000_000 >= claims.exp {
            return None;
        }
        Some(MachineClaims { session: claims.sid.parse().ok()?, actor: claims.sub.parse().ok()? })
    }

    fn key_set(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "kid": self.key_id, "x": self.public,
        }] })
    }
}
