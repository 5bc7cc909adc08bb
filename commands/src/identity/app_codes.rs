//! Codes of authenticator apps: TOTP (RFC 6238) as every app knows it, SHA-1, six digits, thirty seconds; a
//! clock may be one step off.

use domain::time::Moment;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::fresh::Fresh;

/// What apps call the service.
const ISSUER: &str = "Medlock";
/// Bytes of a seed (RFC 4226, R6).
const SEED_BYTES: usize = 20;

/// What an app and we both know.
pub(super) struct AppSeed(Secret);

impl AppSeed {
    /// A new one.
    pub(super) fn fresh(fresh: &Fresh) -> Self {
        let mut bytes = Zeroizing::new([0; SEED_BYTES]);
        fresh.fill(bytes.as_mut_slice());
        Self(Secret::from(*bytes))
    }

    /// What `text` answered.
    pub(super) fn read(text: &str) -> Option<Self> {
        let secret = Secret::try_from_base32(text).ok()?;
        (secret.len() == SEED_BYTES).then_some(Self(secret))
    }

    /// As it is typed into an app: base32.
    pub(super) fn text(&self) -> SecretString {
        SecretString::from(self.0.to_base32())
    }

    /// As an app reads it off a picture: `otpauth://totp/…`, which names the account by its address.
    pub(super) fn uri(&self, address: &SecretString) -> Option<SecretString> {
        // A colon would end the issuer's name in it.
        let account = address.expose_secret().replace(':', " ");
        let totp = self.builder().with_account_name(account).with_issuer(Some(ISSUER)).build();
        Some(SecretString::from(totp.ok()?.to_url().ok()?))
    }

    /// The step whose code this is, among those around `now`. Compared in constant time.
    pub(super) fn step(&self, code: &SecretString, now: Moment) -> Option<u64> {
        let seconds = u64::try_from(now.micros() / 1_000_000).ok()?;
        self.totp()?.check(code.expose_secret(), seconds)
    }

    fn builder(&self) -> Builder {
        Builder::new().with_secret(self.0.clone())
    }

    fn totp(&self) -> Option<Totp> {
        self.builder().build().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238, appendix B.
    fn rfc() -> AppSeed {
        AppSeed(Secret::from(*b"12345678901234567890"))
    }

    fn step(code: &str, seconds: i64) -> Option<u64> {
        rfc().step(&SecretString::from(code), Moment::from_micros(seconds * 1_000_000))
    }

    #[test]
    fn codes_are_those_of_the_specification() {
        // The last six digits of its eight, and T in hexadecimal.
        for (seconds, code, counter) in [
            (59, "287082", 0x1),
            (1_111_111_109, "081804", 0x0235_23EC),
            (1_111_111_111, "050471", 0x0235_23ED),
            (1_234_567_890, "005924", 0x0273_EF07),
            (2_000_000_000, "279037", 0x03F9_40AA),
        ] {
            assert_eq!(step(code, seconds), Some(counter), "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_no_more() {
        for (seconds, counter) in
            [(29, Some(1)), (30, Some(1)), (89, Some(1)), (0, Some(1)), (90, None), (1_000, None)]
        {
            assert_eq!(step("287082", seconds), counter, "{seconds}");
        }
        for wrong in ["", "287083", "28708", "2870822", "abcdef", "287 08"] {
            assert_eq!(step(wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_reads_the_seed_from_text_or_picture() {
        assert_eq!(rfc().text().expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = rfc().uri(&SecretString::from("bo+x@example.org")).unwrap();
        assert_eq!(
            uri.expose_secret(),
            "otpauth://totp/Medlock:bo%2Bx%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Medlock"
        );
        assert!(AppSeed::read("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").is_some());
        for other in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1"] {
            assert!(AppSeed::read(other).is_none(), "{other}");
        }
    }
}
