//! Which events a rule's "no" rests on: found by asking the policy about each consent by itself.

use super::known::{DoctorFile, Place, Record};
use super::mark::Mark;
use crate::access::policy::Rule;
use crate::access::policy::v1::{self, Question};
use crate::ids::ConsentId;

/// What the policy says of one consent by itself, the viewings it has left included.
pub(super) fn of_consent(
    record: &Record,
    doctor: &DoctorFile,
    asked: Question,
    consent: ConsentId,
) -> Result<(), Rule> {
    v1::may_continue(&record.chart, &doctor.doctor, asked, consent)?;
    let left = record.chart.consents.get(&consent).is_some_and(|found| found.has_views_left());
    if left { Ok(()) } else { Err(Rule::ViewsUsedUp) }
}

/// The events behind a "no" to the doctor's question; of `only` one consent, where a viewing hangs on it.
pub(super) fn because(
    rule: Rule,
    (record, doctor): (&Record, &DoctorFile),
    asked: Question,
    only: Option<ConsentId>,
) -> Vec<Mark> {
    if rule == Rule::OnlyAVerifiedDoctor {
        return doctor.standing.into_iter().collect();
    }
    if matches!(rule, Rule::NoConsent | Rule::NoSuchReport) {
        return Vec::new();
    }
    let consents = record.chart.consents_of(asked.doctor).iter().copied();
    let consents = consents.filter(|id| only.is_none_or(|only| only == *id));
    // An exception of one consent shuts the report under all: whose it is, is what one wants to know.
    let shuts = |id: &ConsentId| {
        let report = record.chart.reports.get(&asked.report);
        let consent = record.chart.consents.get(id);
        consent.zip(report).is_some_and(|(consent, report)| consent.shuts(asked.report, report))
    };
    if rule == Rule::ReportExcepted {
        let all = record.chart.consents_of(asked.doctor).iter().copied().filter(shuts);
        return all.filter_map(|id| record.place(Place::Granted(id))).collect();
    }
    let refused = consents.filter(|id| of_consent(record, doctor, asked, *id) == Err(rule));
    refused.flat_map(|id| places(rule, record, id)).collect()
}

/// Where it stands that a consent says this "no".
fn places(rule: Rule, record: &Record, consent: ConsentId) -> Vec<Mark> {
    let second = match rule {
        Rule::ConsentRevoked => Some(Place::Revoked(consent)),
        Rule::ViewsUsedUp => Some(Place::ViewUnder(consent)),
        Rule::OnlyAVerifiedDoctor
        | Rule::OnlyAnOpenSession
        | Rule::NoConsent
        | Rule::NoSuchReport
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
