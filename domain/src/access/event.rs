//! The facts of access, on the patient's stream.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::access::ground::Ground;
use crate::access::page_loss::PageLoss;
use crate::access::policy::Rule;
use crate::actor::Actor;
use crate::consent::scope::Purpose;
use crate::fact::family::facts;
use crate::ids::{ConsentId, DoctorId, EventId, ReportId, SessionId, TokenHash, ViewingId};
use crate::time::Moment;

facts! {
    /// What is recorded of access.
    AccessFact {
        /// A doctor got a single-use view token.
        TokenIssued(ViewTokenIssued) = "access.view_token_issued.v1",
        /// A doctor was refused.
        Refused(ViewRefused) = "access.view_refused.v1",
        /// A token was redeemed and a viewing opened.
        Viewed(RecordViewed) = "access.record_viewed.v1",
        /// A page was shown.
        PageShown(PageShown) = "access.page_shown.v1",
        /// A page that was recorded as shown was not to be seen, or not whole.
        PageNotDrawn(PageNotDrawn) = "access.page_not_drawn.v1",
        /// A viewing ended.
        ViewingEnded(ViewingEnded) = "access.viewing_ended.v1",
        /// The patient downloaded their own report.
        Downloaded(ReportDownloaded) = "access.report_downloaded.v1",
        /// Somebody else was shown clinical text in a list.
        ListShown(ClinicalListShown) = "access.clinical_list_shown.v1",
    }
}

impl AccessFact {
    /// Why it was allowed, of what shows or opens something.
    pub const fn ground(&self) -> Option<Ground> {
        match self {
            Self::TokenIssued(issued) => Some(issued.ground),
            Self::Viewed(viewed) => Some(viewed.ground),
            Self::PageShown(page) => Some(page.ground),
            Self::Downloaded(download) => Some(download.ground),
            Self::ListShown(shown) => Some(shown.ground),
            Self::Refused(_) | Self::PageNotDrawn(_) | Self::ViewingEnded(_) => None,
        }
    }

    /// The consent under which it opened a viewing: one fewer may be opened.
    pub const fn viewed_under(&self) -> Option<ConsentId> {
        match self {
            Self::Viewed(viewed) => viewed.ground.consent(),
            Self::TokenIssued(_)
            | Self::Refused(_)
            | Self::PageShown(_)
            | Self::PageNotDrawn(_)
            | Self::ViewingEnded(_)
            | Self::Downloaded(_)
            | Self::ListShown(_) => None,
        }
    }
}

/// `access.view_token_issued.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewTokenIssued {
    /// Hash of the token; the token itself is kept nowhere.
    pub token_hash: TokenHash,
    /// For whom.
    pub doctor: DoctorId,
    /// Bound to this session.
    pub session: SessionId,
    /// For this report.
    pub report: ReportId,
    /// For this purpose.
    pub purpose: Purpose,
    /// Why it was allowed.
    pub ground: Ground,
    /// When it dies unused.
    pub until: Moment,
    /// Version of the policy that decided.
    pub policy: u32,
}

/// `access.view_refused.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRefused {
    /// Who was refused.
    pub doctor: DoctorId,
    /// What they asked for; absent where no such report exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportId>,
    /// Why the doctor looks: an HL7 v3 PurposeOfUse code.
    pub purpose: Purpose,
    /// Which rule refused.
    pub rule: Rule,
    /// Version of the policy that decided.
    pub policy: u32,
}

/// `access.record_viewed.v1`: appended before the first byte is decrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordViewed {
    /// The viewing this opens.
    pub viewing: ViewingId,
    /// The token it used up.
    pub token_hash: TokenHash,
    /// Who looks.
    pub doctor: DoctorId,
    /// In which session.
    pub session: SessionId,
    /// At what.
    pub report: ReportId,
    /// For what.
    pub purpose: Purpose,
    /// Why it was allowed.
    pub ground: Ground,
    /// When it ends by itself.
    pub until: Moment,
    /// Version of the policy that decided.
    pub policy: u32,
}

/// `access.page_shown.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageShown {
    /// In this viewing.
    pub viewing: ViewingId,
    /// Of this report.
    pub report: ReportId,
    /// To whom.
    pub doctor: DoctorId,
    /// Page number, from 1.
    pub page: u32,
    /// Why it was allowed: as its viewing.
    pub ground: Ground,
}

/// `access.page_not_drawn.v1`: what was not to be seen of a page. The page stays shown for every rule and
/// every review: it was decrypted for its reader, and this only says what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageNotDrawn {
    /// In this viewing.
    pub viewing: ViewingId,
    /// Of this report.
    pub report: ReportId,
    /// To whom.
    pub doctor: DoctorId,
    /// Page number, from 1.
    pub page: u32,
    /// The `access.page_shown` that this is about.
    pub shown: EventId,
    /// What was not to be seen; never empty.
    pub missing: BTreeSet<PageLoss>,
}

impl PageNotDrawn {
    /// Whether nothing of the page was to be seen.
    pub fn is_of_the_whole(&self) -> bool {
        self.missing.iter().any(|loss| loss.is_of_the_whole())
    }
}

/// Why a viewing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewingEnd {
    /// The doctor closed it.
    Closed,
    /// A rule no longer held when the next page was asked for.
    RuleFailed,
    /// Its time was over; nobody asked for another page.
    Expired,
}

/// `access.viewing_ended.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewingEnded {
    /// The viewing that is over.
    pub viewing: ViewingId,
    /// Why.
    pub reason: ViewingEnd,
    /// The rule that no longer held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
}

/// `access.report_downloaded.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportDownloaded {
    /// The report.
    pub report: ReportId,
    /// Why it was allowed.
    pub ground: Ground,
    /// Parts of it, within the hour: a download that is gone on with is one fact and not ten. Left out of a
    /// whole one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_parts: bool,
}

/// A list that shows clinical text to somebody other than the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClinicalList {
    /// Titles of reports a consent covers.
    ReportTitles,
}

/// `access.clinical_list_shown.v1`: once per viewer, session, kind and ten minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClinicalListShown {
    /// Who read.
    pub viewer: Actor,
    /// In which session.
    pub session: SessionId,
    /// What kind of list.
    pub list: ClinicalList,
    /// Why it was allowed. It need not be in force any more: what the list shows is judged entry by entry.
    pub ground: Ground,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Fact;
    use crate::samples::{self, CONSENT, GROUND};

    fn of(fact: impl Into<Fact>) -> AccessFact {
        fact.into().access().unwrap().clone()
    }

    #[test]
    fn what_shows_or_opens_something_says_why_and_a_viewing_counts_for_its_consent() {
        let shows = [
            (of(samples::view_token_issued()), None),
            (of(samples::record_viewed()), Some(CONSENT)),
            (of(samples::page_shown()), None),
            (of(samples::clinical_list_shown()), None),
        ];
        for (fact, viewed_under) in shows {
            assert_eq!(fact.ground(), Some(GROUND), "{fact:?}");
            assert_eq!(fact.viewed_under(), viewed_under, "{fact:?}");
        }
        let download = of(samples::report_downloaded());
        assert_eq!((download.ground(), download.viewed_under()), (Some(Ground::Own {}), None));
        for silent in [of(samples::view_refused()), of(samples::viewing_ended())] {
            assert_eq!((silent.ground(), silent.viewed_under()), (None, None), "{silent:?}");
        }
    }
}
