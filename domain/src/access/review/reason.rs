//! Which events a rule's "no" rests on: found by asking the policy about each consent by itself.

use super::known::{DoctorFile, Place, ReviewedRecord};
use super::mark::Mark;
use crate::access::ground::Ground;
use crate::access::policy::Rule;
use crate::access::policy::v1::Question;
use crate::access::policy::v2;
use crate::consent::state::Consent;
use crate::ids::ConsentId;

/// What the policy says of one consent by itself, the viewings it has left included.
pub(super) fn of_consent(
    record: &ReviewedRecord,
    doctor: &DoctorFile,
    asked: Question,
    consent: &Consent,
) -> Result<(), Rule> {
    v2::may_continue(&record.chart, &doctor.doctor, asked, consent.ground())?;
    if consent.has_views_left() { Ok(()) } else { Err(Rule::ViewsUsedUp) }
}

/// The events behind a "no" to the doctor's question; on `only` one ground, where a viewing hangs on it.
pub(super) fn because(
    rule: Rule,
    (record, doctor): (&ReviewedRecord, &DoctorFile),
    asked: Question,
    only: Option<Ground>,
) -> Vec<Mark> {
    if rule == Rule::OnlyAVerifiedDoctor {
        return doctor.standing.into_iter().collect();
    }
    if matches!(rule, Rule::NoConsent | Rule::NoSuchReport) {
        return Vec::new();
    }
    if let Some(shut) = record.chart.bars.shut(asked.reader, asked.report)
        && v2::rule(shut) == rule
    {
        let place = Place::of_shut(shut, Some(asked.report));
        return place.and_then(|place| record.place(place)).into_iter().collect();
    }
    let consents = record.chart.consents.of_reader(asked.reader).into_iter();
    // An exception of one consent shuts the report under all: whose it is, is what one wants to know.
    if rule == Rule::ReportExcepted {
        let about = record.chart.reports.get(&asked.report);
        let shuts =
            |consent: &&Consent| about.is_some_and(|about| consent.shuts(asked.report, about));
        let granted = |consent: &Consent| record.place(Place::Granted(consent.granted.consent));
        return consents.filter(shuts).filter_map(granted).collect();
    }
    let consents = consents.filter(|consent| only.is_none_or(|only| only == consent.ground()));
    let refused =
        consents.filter(|consent| of_consent(record, doctor, asked, consent) == Err(rule));
    refused.flat_map(|consent| places(rule, record, consent.granted.consent)).collect()
}

/// Where it stands that a consent says this "no".
fn places(rule: Rule, record: &ReviewedRecord, consent: ConsentId) -> Vec<Mark> {
    let second = match rule {
        Rule::ConsentRevoked => Some(Place::Revoked(consent)),
        Rule::ViewsUsedUp => Some(Place::ViewUnder(consent)),
        Rule::OnlyAVerifiedDoctor
        | Rule::OnlyAnOpenSession
        | Rule::NoConsent
        | Rule::NoSuchReport
        | Rule::RecordClosed
        | Rule::Barred
        | Rule::ReportHidden
        | Rule::PurposeNotCovered
        | Rule::ScopeDoesNotCover
        | Rule::ReportExcepted
        | Rule::ConsentNotYet
        | Rule::ConsentExpired
        | Rule::ViewingExpired
        | Rule::ViewingEnded => None,
    };
    // What closed it comes first.
    let places = second.into_iter().chain([Place::Granted(consent)]);
    places.filter_map(|place| record.place(place)).collect()
}
