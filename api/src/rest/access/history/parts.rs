//! An entry of the history, in the parts its sentence is made of: a client can say it in another language,
//! and show some and not others.

use domain::access::event::ViewingEnd;
use domain::access::ground::Ground;
use domain::access::policy::Rule;
use domain::actor::Actor;
use domain::consent::scope::{Exceptions, Scope};
use projections::access::access_history::entry::{
    ConsentTerms, Ended, Entry, EntryKind, What, Who,
};
use projections::access::access_history::sentence::HistorySentence;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::rest::access::GroundBody;
use crate::rest::consent::{ExceptionsBody, PurposeCode, ScopeBody};
use crate::rest::ids::{
    ConsentUuid, DoctorUuid, PositionNumber, PracticeUuid, ReportUuid, ViewingUuid,
};
use crate::rest::when::When;

/// Something that happened to my record.
#[derive(Serialize, ToSchema)]
pub(super) struct HistoryEntry {
    position: PositionNumber,
    /// The event that says so.
    event: String,
    at: When,
    #[schema(inline)]
    kind: HistoryKind,
    /// What happened, in plain words; made of the members beside it. A title stands between asterisks.
    sentence: String,
    /// The doctor who did it; of a consent, the one it lets in; of a bar, the one it keeps out.
    #[serde(skip_serializing_if = "Option::is_none")]
    doctor: Option<DoctorUuid>,
    /// The practice that a consent lets in, or that the doctor acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    practice: Option<PracticeUuid>,
    /// Whether I did it myself.
    own: bool,
    /// How the doctor is called; absent of one whom nobody ever verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportUuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<PurposeCode>,
    /// Of what I shut: whether an emergency still passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    emergency_passes: Option<bool>,
    /// Of a download: whether parts of the file were asked for, within an hour, and not the whole.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    in_parts: bool,
    /// What allowed it, of an access.
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<GroundBody>,
    /// The consent it is about, or rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<ConsentUuid>,
    /// When that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_given_at: Option<When>,
    /// Of what a doctor asked for or did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    outcome: Option<HistoryOutcome>,
    /// The rule that refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    rule: Option<Rule>,
    /// What a consent says besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<TermsBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    viewing: Option<ViewingBody>,
}

/// What kind of thing happened.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum HistoryKind {
    Granted,
    Revoked,
    RecordClosed,
    RecordOpened,
    Barred,
    BarLifted,
    ReportHidden,
    ReportUnhidden,
    Uploaded,
    TokenIssued,
    Viewed,
    Refused,
    Downloaded,
    ListShown,
}

/// Whether they got what they asked for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HistoryOutcome {
    Allowed,
    Refused,
}

/// What a consent says.
#[derive(Serialize, ToSchema)]
struct TermsBody {
    #[schema(value_type = ScopeBody)]
    scope: Scope,
    #[schema(value_type = ExceptionsBody)]
    exceptions: Exceptions,
    from: When,
    until: When,
    /// How many viewings, if limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    views_max: Option<u32>,
}

/// A viewing, and how it ended.
#[derive(Serialize, ToSchema)]
struct ViewingBody {
    viewing: ViewingUuid,
    /// How often a page was recorded as shown and was to be seen, in part at least.
    pages: u32,
    /// How often one was recorded as shown, and then nothing of it was to be seen.
    pages_lost: u32,
    /// How often a part of a page was missing.
    pages_in_part: u32,
    /// When it ends by itself.
    until: When,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<When>,
    /// `closed`, `expired`, or `rule_failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, examples("closed"))]
    ended: Option<ViewingEnd>,
    /// The rule that no longer held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    ended_rule: Option<Rule>,
}

impl From<HistorySentence> for HistoryEntry {
    fn from(HistorySentence { entry, who, title, sentence }: HistorySentence) -> Self {
        let Entry { position, event, at, report, ref what, .. } = entry;
        let (consent, granted_at) = what.consent().unzip();
        let mine = matches!(entry.who, Some(Who::Account(Actor::Patient(_))));
        Self {
            position: position.into(),
            event: event.to_string(),
            at: at.into(),
            kind: what.kind().into(),
            sentence,
            doctor: doctor(&entry),
            practice: practice(&entry),
            own: mine || what.is_of_the_patient(),
            name: who.filter(|_| !mine).map(String::from),
            report: report.map(ReportUuid::from),
            title: title.map(String::from),
            purpose: what.purpose().map(PurposeCode),
            emergency_passes: what.emergency_passes(),
            in_parts: matches!(what, What::Downloaded { in_parts: true, .. }),
            ground: what.ground().map(GroundBody::from),
            consent: consent.map(ConsentUuid::from),
            consent_given_at: granted_at.flatten().map(When::from),
            outcome: outcome(what),
            rule: rule(what),
            terms: terms(what),
            viewing: viewing(what),
        }
    }
}

fn doctor(entry: &Entry) -> Option<DoctorUuid> {
    match entry.who {
        Some(Who::Account(Actor::Doctor(doctor))) => Some(doctor.into()),
        Some(Who::Account(_) | Who::Practice(_)) | None => None,
    }
}

fn practice(entry: &Entry) -> Option<PracticeUuid> {
    match (entry.who, entry.what.ground()) {
        (Some(Who::Practice(practice)), _) | (_, Some(Ground::Practice { practice, .. })) => {
            Some(practice.into())
        }
        (Some(Who::Account(_)) | None, _) => None,
    }
}

const fn outcome(what: &What) -> Option<HistoryOutcome> {
    match what {
        What::Refused { .. } => Some(HistoryOutcome::Refused),
        What::TokenIssued { .. }
        | What::Viewed { .. }
        | What::Downloaded { .. }
        | What::ListShown { .. } => Some(HistoryOutcome::Allowed),
        What::Granted { .. }
        | What::Revoked { .. }
        | What::RecordClosed { .. }
        | What::RecordOpened
        | What::Barred { .. }
        | What::BarLifted
        | What::ReportHidden { .. }
        | What::ReportUnhidden
        | What::Uploaded => None,
    }
}

const fn rule(what: &What) -> Option<Rule> {
    match what {
        What::Refused { rule, .. } => Some(*rule),
        What::Granted { .. }
        | What::Revoked { .. }
        | What::RecordClosed { .. }
        | What::RecordOpened
        | What::Barred { .. }
        | What::BarLifted
        | What::ReportHidden { .. }
        | What::ReportUnhidden
        | What::Uploaded
        | What::TokenIssued { .. }
        | What::Viewed { .. }
        | What::Downloaded { .. }
        | What::ListShown { .. } => None,
    }
}

fn terms(what: &What) -> Option<TermsBody> {
    let What::Granted { until, terms: Some(terms), .. } = what else { return None };
    let ConsentTerms { scope, exceptions, from, views_max } = terms;
    let (from, until) = ((*from).into(), (*until).into());
    let (scope, exceptions) = (scope.clone(), exceptions.clone());
    Some(TermsBody { scope, exceptions, from, until, views_max: *views_max })
}

fn viewing(what: &What) -> Option<ViewingBody> {
    let What::Viewed { viewing, pages, until, ended, .. } = what else { return None };
    Some(ViewingBody {
        viewing: (*viewing).into(),
        pages: pages.shown.saturating_sub(pages.lost),
        pages_lost: pages.lost,
        pages_in_part: pages.in_part,
        until: (*until).into(),
        ended_at: ended.as_ref().map(|ended| ended.at.into()),
        ended: ended.as_ref().map(|Ended { why, .. }| *why),
        ended_rule: ended.as_ref().and_then(|Ended { rule, .. }| *rule),
    })
}

impl From<HistoryKind> for EntryKind {
    fn from(kind: HistoryKind) -> Self {
        match kind {
            HistoryKind::Granted => Self::Granted,
            HistoryKind::Revoked => Self::Revoked,
            HistoryKind::RecordClosed => Self::RecordClosed,
            HistoryKind::RecordOpened => Self::RecordOpened,
            HistoryKind::Barred => Self::Barred,
            HistoryKind::BarLifted => Self::BarLifted,
            HistoryKind::ReportHidden => Self::ReportHidden,
            HistoryKind::ReportUnhidden => Self::ReportUnhidden,
            HistoryKind::Uploaded => Self::Uploaded,
            HistoryKind::TokenIssued => Self::TokenIssued,
            HistoryKind::Viewed => Self::Viewed,
            HistoryKind::Refused => Self::Refused,
            HistoryKind::Downloaded => Self::Downloaded,
            HistoryKind::ListShown => Self::ListShown,
        }
    }
}

impl HistoryEntry {
    /// The columns of a table of entries, by the names of their members.
    pub(super) const COLUMNS: [&str; 15] = [
        "at", "kind", "outcome", "sentence", "doctor", "name", "practice", "purpose", "report",
        "title", "consent", "rule", "own", "position", "event",
    ];

    /// Its cells, in the order of [`Self::COLUMNS`]; empty where a member is absent.
    pub(super) fn cells(&self) -> [String; 15] {
        let said = serde_json::to_value(self).unwrap_or_default();
        Self::COLUMNS.map(|name| match &said[name] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                other.to_string()
            }
        })
    }
}

impl From<EntryKind> for HistoryKind {
    fn from(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Granted => Self::Granted,
            EntryKind::Revoked => Self::Revoked,
            EntryKind::RecordClosed => Self::RecordClosed,
            EntryKind::RecordOpened => Self::RecordOpened,
            EntryKind::Barred => Self::Barred,
            EntryKind::BarLifted => Self::BarLifted,
            EntryKind::ReportHidden => Self::ReportHidden,
            EntryKind::ReportUnhidden => Self::ReportUnhidden,
            EntryKind::Uploaded => Self::Uploaded,
            EntryKind::TokenIssued => Self::TokenIssued,
            EntryKind::Viewed => Self::Viewed,
            EntryKind::Refused => Self::Refused,
            EntryKind::Downloaded => Self::Downloaded,
            EntryKind::ListShown => Self::ListShown,
        }
    }
}
