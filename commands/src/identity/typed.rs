//! What people type is the same whatever keyboard, mail program or system it went through.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization as _;

use domain::personal_text::plain::acts;

/// A password, NFKC (NIST SP 800-63B asks for it or NFKD): an é is one letter, typed as one or as two.
pub(super) fn password(typed: &SecretString) -> SecretString {
    SecretString::from(typed.expose_secret().nfkc().collect::<String>())
}

/// A code: read aloud in groups, copied with a newline, or typed in the wide digits of a Japanese keyboard.
pub(super) fn code(typed: &SecretString) -> SecretString {
    let between = |c: &char| {
        c.is_whitespace()
            || acts(*c)
            || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}')
    };
    SecretString::from(typed.expose_secret().nfkc().filter(|c| !between(c)).collect::<String>())
}

/// How an address is compared: trimmed, in lower case, composed.
pub(super) fn email(typed: &str) -> String {
    typed.trim().to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_is_the_same_however_it_was_typed() {
        let same = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|text| password(&SecretString::from(text)));
            one.expose_secret() == other.expose_secret()
        };
        assert!(same("pass w\u{f6}rter", "pass wo\u{308}rter"));
        assert!(same("\u{212b}ngstr\u{f6}m 12", "A\u{30a}ngstro\u{308}m 12"));
        assert!(same("\u{ff11}\u{ff12}\u{ff13}", "123"));
        assert!(!same("Passwort", "passwort"), "nothing else is made alike");
        assert!(!same(" passwort", "passwort"), "blanks count");
        assert_eq!(email(" Ana@M\u{fc}ller.example "), email("ana@mu\u{308}ller.EXAMPLE"));
    }

    #[test]
    fn a_code_may_be_typed_as_it_is_read() {
        for typed in [
            "123456",
            "123 456",
            " 123456\r\n",
            "123-456",
            "123\u{2013}456",
            "123\u{a0}456",
            "12 34 56",
            "\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}\u{ff16}",
            "\u{200b}123456\u{feff}",
        ] {
            assert_eq!(code(&SecretString::from(typed)).expose_secret(), "123456", "{typed:?}");
        }
        assert_eq!(code(&SecretString::from("12345x")).expose_secret(), "12345x");
    }
}
