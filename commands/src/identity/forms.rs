//! What people type, checked for form before it becomes personal text that nobody looks into again.

use std::time::Duration;

use domain::personal_text::PersonalText;
use domain::personal_text::plain::is_plain;
use domain::time::Moment;
use email_address::{EmailAddress, Options};
use jiff::civil::Date;
use secrecy::{ExposeSecret, SecretString};

use super::typed;

/// A field that is not of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// RFC 6901 pointer into the request body.
    pub pointer: &'static str,
    /// What it must be.
    pub must: &'static str,
}

/// Some fields of a form are not of their form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("some fields are not of their form")]
pub struct FormError(pub Vec<FieldError>);

/// Collects what is wrong with a form, so that a person hears all of it at once.
#[derive(Debug, Default)]
pub struct FormCheck(Vec<FieldError>);

/// Fewest characters of a password (NIST SP 800-63B asks for 8; nothing else is asked of it).
const PASSWORD_CHARS_MIN: usize = 10;
/// Most characters of a password: hashing must stay bounded.
const PASSWORD_CHARS_MAX: usize = 256;

/// How far the day is ahead of UTC where it begins first.
const EASTERNMOST: Duration = Duration::from_secs(14 * 3_600);

impl FormCheck {
    /// One line of text, 1 to `chars_max` characters, all of them seen.
    pub fn line(&mut self, pointer: &'static str, text: &str, chars_max: usize) -> PersonalText {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= chars_max;
        if !fits || text.chars().any(char::is_control) {
            let must = "be one line of text, not empty and not too long";
            self.0.push(FieldError { pointer, must });
        } else if !is_plain(text) {
            let must = "hold no character that is not seen or that turns the direction of reading";
            self.0.push(FieldError { pointer, must });
        }
        PersonalText::clear(text)
    }

    /// A date of birth, `YYYY-MM-DD`, not in the future anywhere at `now` and not before 1880.
    pub fn birth_date(&mut self, pointer: &'static str, text: &str, now: Moment) -> PersonalText {
        // East of Greenwich today begins up to fourteen hours earlier.
        let today = now.plus(EASTERNMOST).date();
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        if !date.is_some_and(|date| date.year() >= 1880 && *text <= *today) {
            self.0.push(FieldError { pointer, must: "be a date of birth of the form YYYY-MM-DD" });
        }
        PersonalText::clear(text)
    }

    /// An e-mail address, normalised. A letter to it is the real check.
    pub fn email(&mut self, pointer: &'static str, text: &str) -> SecretString {
        let address = typed::email(text);
        // An address of a mail server on the internet, without a name beside it.
        let form = Options::default().with_required_tld();
        let form = form.without_display_text().without_domain_literal();
        let sound = EmailAddress::parse_with_options(&address, form).is_ok()
            && address.len() <= 254
            // What the library takes inside quotes, or as a letter, would be trouble in a letter's head.
            && !address
                .contains(|c: char| c.is_control() || c.is_whitespace() || "<>,;\"".contains(c));
        if !sound {
            self.0.push(FieldError { pointer, must: "be an e-mail address" });
        }
        SecretString::from(address)
    }

    /// A password that is about to be set, as it is hashed.
    pub fn password(&mut self, pointer: &'static str, password: &SecretString) -> SecretString {
        let password = typed::password(password);
        let chars = password.expose_secret().chars().count();
        if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&chars) {
            self.0.push(FieldError { pointer, must: "have 10 to 256 characters" });
        }
        password
    }

    /// Anything else.
    pub fn require(&mut self, holds: bool, pointer: &'static str, must: &'static str) {
        if !holds {
            self.0.push(FieldError { pointer, must });
        }
    }

    /// All that is wrong, if anything is.
    pub fn done(self) -> Result<(), FormError> {
        if self.0.is_empty() { Ok(()) } else { Err(FormError(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(check: impl Fn(&mut FormCheck)) -> bool {
        let mut form = FormCheck::default();
        check(&mut form);
        form.done().is_err()
    }

    #[test]
    fn forms_are_checked_for_form_only() {
        for good in ["ana@example.org", " Ana.B+x@Sub.Example.org "] {
            assert!(!wrong(|form| drop(form.email("/email", good))), "{good}");
        }
        let bad = ["", "ana", "@x.org", "ana@", "ana@x", "a b@x.org", "a@b@c.org", "a@x.org\n"];
        let never = ["a@localhost", "a..b@x.org", ".a@x.org", "a@x..org", "a@-x.org", "a@[::1]"];
        let quoted = ["Ana <ana@x.org>", "\"a b\"@x.org", "\"ab\"@x.org", "a\u{85}b@x.org"];
        let long = [format!("{}@x.org", "a".repeat(65)), format!("a@{}org", "x.".repeat(127))];
        let long = long.iter().map(String::as_str);
        for bad in [&bad[..], &never, &quoted].concat().into_iter().chain(long) {
            let bad = bad.replace('\n', "\nBcc: x");
            assert!(wrong(|form| drop(form.email("/email", &bad))), "{bad}");
        }
        let unseen = ["Bo\u{202e}greB", "Bo\u{200b}Berg", "\u{3164}"];
        for bad in [&["", "   ", "a\nb", &"x".repeat(201)][..], &unseen].concat() {
            assert!(wrong(|form| drop(form.line("/name", bad, 200))), "{bad:?}");
        }
        let born = |text: &str, now: &str| {
            let now = now.parse().unwrap();
            !wrong(|form| drop(form.birth_date("/birth_date", text, now)))
        };
        let morning = "2026-11-23T09:59:59.999999Z";
        assert!(born("1980-02-29", morning) && born("2026-11-23", morning));
        for bad in ["1981-02-29", "2026-11-24", "80-1-1", "1879-01-01", "1980-2-9"] {
            assert!(!born(bad, morning), "{bad}");
        }
        assert!(born("2026-11-24", "2026-11-23T10:00:00.000000Z"), "it is there on Kiritimati");
        assert!(!born("2026-11-25", "2026-11-23T23:59:59.000000Z"));
        let password = |text: &str| !wrong(|form| drop(form.password("/password", &text.into())));
        assert!(password("long enough") && !password("short"));
        assert!(!password(&"o\u{308}".repeat(9)), "nine letters, typed as eighteen");
    }
}
