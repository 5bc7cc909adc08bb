//! The policy: who may see a report, by which rule. Versions are kept for ever, so that yesterday's view
//! is judged by yesterday's rule. Nothing outside this module can make a permit.

pub mod lives;
pub mod permit;
pub mod v1;
pub mod v2;
pub mod version;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

pub use permit::{AccessPermit, Durable, PermittedViewing, PersonalTextPermit, Reading};

/// The version that decides now.
pub const CURRENT: u32 = 2;

/// How long a page that was shown answers for parts of it, in the same viewing.
pub const PARTS_OF_A_PAGE_FOR: Duration = Duration::from_secs(60);

/// The rule that refused. Its name is what the person is told, stored in snake case.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Rule {
    /// The doctor is not verified, or suspended.
    OnlyAVerifiedDoctor,
    /// The session is over.
    OnlyAnOpenSession,
    /// No consent by this patient ever named this doctor. Answered like a record that does not exist.
    NoConsent,
    /// There is no such report. Answered the same way.
    NoSuchReport,
    /// The patient closed the whole record. Answered like a record that does not exist.
    RecordClosed,
    /// The patient barred the doctor or their practice. Answered the same way.
    Barred,
    /// The patient hid the report from the doctor or their practice. Answered the same way.
    ReportHidden,
    /// Consents exist, none for this purpose.
    PurposeNotCovered,
    /// The consent's scope does not cover this report.
    ScopeDoesNotCover,
    /// An exception keeps this report shut.
    ReportExcepted,
    /// The consent's period has not begun.
    ConsentNotYet,
    /// The consent's period is over.
    ConsentExpired,
    /// The patient revoked the consent.
    ConsentRevoked,
    /// The viewings the consent allows are used up.
    ViewsUsedUp,
    /// The viewing's time is over.
    ViewingExpired,
    /// The viewing was ended.
    ViewingEnded,
}

impl Rule {
    /// Every rule, in the order above.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name, as it is stored and told.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether the refused may learn that the record exists at all.
    pub const fn may_be_named(self) -> bool {
        !matches!(
            self,
            Self::NoConsent
                | Self::NoSuchReport
                | Self::RecordClosed
                | Self::Barred
                | Self::ReportHidden
        )
    }

    /// What refused, as a sentence for the refused.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::OnlyAVerifiedDoctor => {
                "Only a verified doctor who is not suspended may see or upload a report."
            }
            Self::OnlyAnOpenSession => "The session this was opened in is over.",
            Self::NoConsent
            | Self::NoSuchReport
            | Self::RecordClosed
            | Self::Barred
            | Self::ReportHidden => "There is no such record.",
            Self::PurposeNotCovered => "The patient's consent does not cover this purpose.",
            Self::ScopeDoesNotCover => "The patient's consent does not cover this report.",
            Self::ReportExcepted => "The patient keeps this report closed.",
            Self::ConsentNotYet => "The patient's consent has not begun yet.",
            Self::ConsentExpired => "The patient's consent has expired.",
            Self::ConsentRevoked => "The patient has revoked the consent.",
            Self::ViewsUsedUp => "The number of viewings the patient allowed is used up.",
            Self::ViewingExpired => "The viewing's time is over.",
            Self::ViewingEnded => "The viewing was ended.",
        }
    }

    /// What the refused can do next.
    pub const fn next_step(self) -> &'static str {
        match self {
            Self::OnlyAVerifiedDoctor => {
                "Ask an admin of the organisation about your verification."
            }
            Self::OnlyAnOpenSession => "Log in again.",
            Self::NoConsent
            | Self::NoSuchReport
            | Self::RecordClosed
            | Self::Barred
            | Self::ReportHidden => "Check the patient's code and the report's id.",
            Self::PurposeNotCovered => {
                "Ask for the report under the purpose the patient agreed to."
            }
            Self::ScopeDoesNotCover | Self::ReportExcepted => {
                "Ask the patient to extend the consent if you need this report."
            }
            Self::ConsentNotYet => {
                "Wait until the consent begins, or ask the patient to change it."
            }
            Self::ConsentExpired | Self::ConsentRevoked | Self::ViewsUsedUp => {
                "Ask the patient for a new consent."
            }
            Self::ViewingExpired | Self::ViewingEnded => "Ask for a new view token.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_told_by_the_name_it_is_stored_under() {
        for rule in Rule::ALL.iter().copied() {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.name());
        }
    }

    #[test]
    fn a_no_that_must_not_tell_that_there_is_a_record_is_said_like_one_that_has_none() {
        for rule in Rule::ALL.iter().copied() {
            let hidden = [
                Rule::NoConsent,
                Rule::NoSuchReport,
                Rule::RecordClosed,
                Rule::Barred,
                Rule::ReportHidden,
            ]
            .contains(&rule);
            assert_eq!(rule.may_be_named(), !hidden, "{rule:?}");
            assert_eq!(rule.in_words() == "There is no such record.", hidden, "{rule:?}");
            let next = Rule::NoConsent.next_step();
            assert_eq!(rule.next_step() == next, hidden, "{rule:?}");
        }
    }

    #[test]
    fn every_no_is_a_sentence_and_leads_on() {
        for rule in Rule::ALL.iter().copied() {
            for words in [rule.in_words(), rule.next_step()] {
                assert!(words.ends_with('.') && words.contains(' '), "{rule:?}: {words}");
            }
        }
    }
}
