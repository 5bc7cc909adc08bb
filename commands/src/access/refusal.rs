//! What the commands of access share: the streams they read, and how a rule's "no" becomes a reason for
//! the caller and, once a minute, a fact.

use domain::access::event::ViewRefused;
use domain::access::ground::Ground;
use domain::access::policy::v1::Question;
use domain::access::policy::{self, Rule, v2};
use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::scope::Purpose;
use domain::identity::doctor::Doctor;
use domain::identity::session::Session;
use domain::ids::{DoctorId, PatientId, ReportId, SessionId, StreamName};
use domain::time::{Moment, minutes};

use crate::decide::{Refusal, Rejection, RejectionKind, RetryAdvice, rejections};

rejections! {
    /// Why nothing is said of a record.
    RecordRejection {
        /// It does not exist, or the caller may not know of it: one answer for both, whoever gives it.
        NoSuchRecord = NotFound, "not_found", "There is no such record.", "Check the address.";
    }
}

/// The reason as callers see it. What they may not know of looks like what does not exist.
pub fn rejection(rule: Rule) -> Rejection {
    if !rule.may_be_named() {
        return RecordRejection::NoSuchRecord.rejection();
    }
    let (kind, code) = (RejectionKind::Forbidden, rule.name());
    Rejection::new(kind, code, rule.in_words(), rule.next_step()).retried(retry(rule))
}

/// What is over stays over; what has not begun begins by itself; the rest is the patient's or an admin's.
const fn retry(rule: Rule) -> RetryAdvice {
    match rule {
        Rule::NoConsent
        | Rule::NoSuchReport
        | Rule::RecordClosed
        | Rule::Barred
        | Rule::ReportHidden
        | Rule::ViewingExpired
        | Rule::ViewingEnded => RetryAdvice::Never,
        Rule::ConsentNotYet => RetryAdvice::AfterWaiting,
        Rule::OnlyAVerifiedDoctor
        | Rule::OnlyAnOpenSession
        | Rule::PurposeNotCovered
        | Rule::ScopeDoesNotCover
        | Rule::ReportExcepted
        | Rule::ConsentExpired
        | Rule::ConsentRevoked
        | Rule::ViewsUsedUp => RetryAdvice::AfterAChange,
    }
}

/// What every decision about a doctor at a record reads: the record, which is written, the doctor and the
/// session; the last two must not have moved when the append happens.
pub(crate) fn record_streams(
    patient: PatientId,
    doctor: DoctorId,
    session: SessionId,
) -> Vec<StreamName> {
    vec![StreamName::patient(patient), StreamName::doctor(doctor), StreamName::session(session)]
}

/// A refusal by `rule`, remembered once a doctor, rule and minute: a patient wants to know that somebody
/// tried, not how often a button was pressed. A chart that does not exist keeps no record.
fn refuse(
    chart: &Chart,
    doctor: DoctorId,
    report: ReportId,
    purpose: Purpose,
    rule: Rule,
    now: Moment,
) -> Refusal {
    let noted_just_now =
        chart.access.refusals.get(&(doctor, rule)).is_some_and(|at| now.since(*at) < minutes(1));
    let report = chart.reports.contains_key(&report).then_some(report);
    let fact = ViewRefused { doctor, report, purpose, rule, policy: policy::CURRENT };
    let record = if noted_just_now || chart.patient.is_none() { vec![] } else { vec![fact.into()] };
    Refusal { record, because: rejection(rule) }
}

/// Whether a doctor may open a viewing now, asked alike for a token and for its use: the session first,
/// then the policy. Answers what allows it, or the refusal.
pub(crate) fn may_open(
    (chart, doctor, session): (&Chart, &Doctor, &Session),
    asked: Question,
) -> Result<Ground, Refusal> {
    let doctor_id = asked.reader.doctor;
    let open = session.is_open_for(Actor::Doctor(doctor_id), asked.now);
    let allowed =
        if open { v2::may_open(chart, doctor, asked) } else { Err(Rule::OnlyAnOpenSession) };
    let Question { report, purpose, now, .. } = asked;
    allowed.map_err(|rule| refuse(chart, doctor_id, report, purpose, rule, now))
}
