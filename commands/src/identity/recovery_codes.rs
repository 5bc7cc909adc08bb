//! Recovery codes: written on paper, for whoever has lost the telephone.

use domain::ids::FactorId;
use secrecy::{ExposeSecret, SecretString};

use crate::fresh::Fresh;
use crate::ports::factor_secrets::RecoveryHash;
use crate::ports::key_vault::{HashPurpose, KeyVault};

/// Codes of a set.
pub(crate) const RECOVERY_CODES: u32 = 10;
/// Thirty-two letters and digits that nobody takes for one another on paper.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters of a code: 80 bits.
const CHARS: usize = 16;

/// A new code, as it is shown: in groups of four.
pub(super) fn fresh_code(fresh: &Fresh) -> SecretString {
    let mut bytes = zeroize::Zeroizing::new([0; CHARS]);
    fresh.fill(bytes.as_mut_slice());
    let mut text = String::with_capacity(CHARS + 3);
    for (n, byte) in bytes.iter().enumerate() {
        if n > 0 && n % 4 == 0 {
            text.push('-');
        }
        // 256 is eight times 32: every character is equally likely.
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    SecretString::from(text)
}

/// What was typed, as it is hashed, if it has the form of a recovery code; hyphens and blanks are gone.
pub(super) fn read(typed: &SecretString) -> Option<SecretString> {
    let text = typed.expose_secret().to_lowercase();
    let fits = text.len() == CHARS && text.bytes().all(|byte| ALPHABET.contains(&byte));
    fits.then(|| SecretString::from(text))
}

/// All that is kept of a code: good in its own set and no other.
pub(super) fn hash(vault: &dyn KeyVault, factor: FactorId, code: &SecretString) -> RecoveryHash {
    let set = factor.to_string();
    let parts = [set.as_bytes(), code.expose_secret().as_bytes()];
    vault.keyed_hash(HashPurpose::RecoveryCode, &parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_shown_or_typed_and_nothing_else_is_one() {
        let reads = |text: &str| {
            let typed = super::super::typed::code(&SecretString::from(text));
            read(&typed).map(|code| code.expose_secret().to_owned())
        };
        for typed in ["abcd-efgh-ijkm-2345", "ABCD EFGH IJKM 2345\n", "abcdefghijkm2345"] {
            assert_eq!(reads(typed).as_deref(), Some("abcdefghijkm2345"), "{typed}");
        }
        for other in
            ["", "123456", "abcd-efgh-ijkm-234", "abcd-efgh-ijkm-2340", "abcd-efgh-ijkm-234l"]
        {
            assert_eq!(reads(other), None, "{other}");
        }
    }
}
