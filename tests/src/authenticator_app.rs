//! An authenticator app: what somebody's telephone makes of the key that it was given (RFC 6238). The library
//! is the one that judges; that its codes are those of the specification is tested beside it.

use domain::time::Moment;
use totp_rs::{Builder, Secret, Totp};

/// An app that was given a key.
pub struct AuthenticatorApp(Totp);

impl AuthenticatorApp {
    /// With the key as it is typed.
    pub fn with(key: &str) -> Self {
        let secret = Secret::try_from_base32(key).expect("base32");
        Self(Builder::new().with_secret(secret).build().expect("a key of the right length"))
    }

    /// What it shows at a time.
    pub fn at(&self, now: Moment) -> String {
        let seconds = u64::try_from(now.micros() / 1_000_000).expect("after 1970");
        self.0.generate(seconds).to_string()
    }
}
