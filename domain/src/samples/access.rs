//! Sample facts of access: Bo looks at Ana's report, for treatment, under her consent.

use super::{BO, GROUND, PAGE_EVENT, REPORT, SESSION, TOKEN, VIEWING, noon};
use crate::access::event::{
    ClinicalList, ClinicalListShown, PageNotDrawn, PageShown, RecordViewed, ReportDownloaded,
    ViewRefused, ViewTokenIssued, ViewingEnd, ViewingEnded,
};
use crate::access::ground::Ground;
use crate::access::page_loss::PageLoss;
use crate::access::policy::v1::{TOKEN_LIFE, VIEWING_LIFE};
use crate::access::policy::{CURRENT, Rule};
use crate::actor::Actor;
use crate::consent::scope::Purpose;

/// A token for Bo, issued at noon.
pub fn view_token_issued() -> ViewTokenIssued {
    ViewTokenIssued {
        token_hash: TOKEN,
        doctor: BO,
        session: SESSION,
        report: REPORT,
        purpose: Purpose::Treat,
        ground: GROUND,
        until: noon().plus(TOKEN_LIFE),
        policy: CURRENT,
    }
}

/// Bo's viewing, opened at noon.
pub fn record_viewed() -> RecordViewed {
    RecordViewed {
        viewing: VIEWING,
        token_hash: TOKEN,
        doctor: BO,
        session: SESSION,
        report: REPORT,
        purpose: Purpose::Treat,
        ground: GROUND,
        until: noon().plus(VIEWING_LIFE),
        policy: CURRENT,
    }
}

/// Bo was refused, because Ana had given no consent.
pub fn view_refused() -> ViewRefused {
    let report = Some(REPORT);
    let purpose = Purpose::Treat;
    ViewRefused { doctor: BO, report, purpose, rule: Rule::NoConsent, policy: CURRENT }
}

/// The first page of Bo's viewing.
pub fn page_shown() -> PageShown {
    PageShown { viewing: VIEWING, report: REPORT, doctor: BO, page: 1, ground: GROUND }
}

/// A picture on that page could not be drawn.
pub fn page_not_drawn() -> PageNotDrawn {
    let PageShown { viewing, report, doctor, page, .. } = page_shown();
    let missing = [PageLoss::Picture].into();
    PageNotDrawn { viewing, report, doctor, page, shown: PAGE_EVENT, missing }
}

/// Bo closed his viewing.
pub fn viewing_ended() -> ViewingEnded {
    ViewingEnded { viewing: VIEWING, reason: ViewingEnd::Closed, rule: None }
}

/// A rule that no longer held ended Bo's viewing.
pub fn viewing_stopped(rule: Rule) -> ViewingEnded {
    ViewingEnded { viewing: VIEWING, reason: ViewingEnd::RuleFailed, rule: Some(rule) }
}

/// Ana downloaded her report.
pub fn report_downloaded() -> ReportDownloaded {
    ReportDownloaded { report: REPORT, ground: Ground::Own {}, in_parts: false }
}

/// Bo was shown the titles of Ana's reports.
pub const fn clinical_list_shown() -> ClinicalListShown {
    let viewer = Actor::Doctor(BO);
    let list = ClinicalList::ReportTitles;
    ClinicalListShown { viewer, session: SESSION, list, ground: GROUND }
}
