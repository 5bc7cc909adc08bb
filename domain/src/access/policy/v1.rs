//! Policy, version 1: five questions about the consent, asked in this order, the first "no" answers.

use std::collections::HashSet;
use std::time::Duration;

use super::Rule;
use crate::access::ground::Ground;
use crate::chart::Chart;
use crate::consent::grantee::Reader;
use crate::consent::scope::Purpose;
use crate::consent::state::{Consent, Force};
use crate::identity::doctor::{Doctor, Standing};
use crate::ids::ReportId;
use crate::records::state::Report;
use crate::time::{Moment, minutes};

/// How long a view token lives unused.
pub const TOKEN_LIFE: Duration = minutes(5);
/// How long a viewing lasts.
pub const VIEWING_LIFE: Duration = minutes(15);

/// What a doctor asks.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Who asks.
    pub reader: Reader,
    /// For which report.
    pub report: ReportId,
    /// For what.
    pub purpose: Purpose,
    /// When.
    pub now: Moment,
}

/// May a new viewing be opened? Answers what allows it.
pub fn may_open(chart: &Chart, doctor: &Doctor, asked: Question) -> Result<Ground, Rule> {
    best_consent(chart, doctor, asked, |consent| {
        if consent.has_views_left() { Ok(()) } else { Err(Rule::ViewsUsedUp) }
    })
}

/// May an open viewing go on, on the ground it was opened on? The view that opened it is not counted again.
///
/// This version knows no other ground than a consent.
pub fn may_continue(
    chart: &Chart,
    doctor: &Doctor,
    asked: Question,
    ground: Ground,
) -> Result<(), Rule> {
    only_a_verified_doctor(doctor)?;
    let report = chart.reports.get(&asked.report).ok_or(Rule::NoSuchReport)?;
    let consent = ground.consent().and_then(|id| chart.consents.get(&id)).ok_or(Rule::NoConsent)?;
    a_deny_exception_wins(&chart.consents.of_reader(asked.reader), asked, report)?;
    one_consent_allows(consent, asked, report)
}

/// May a reader be shown a list of a record's reports? Answers the consent that links the two: the newest in
/// force, or else the newest ever given. What the list shows is judged report by report: [`listed`].
pub fn may_list(
    chart: &Chart,
    doctor: &Doctor,
    reader: Reader,
    now: Moment,
) -> Result<Ground, Rule> {
    only_a_verified_doctor(doctor)?;
    let consents = chart.consents.of_reader(reader);
    let in_force = consents.iter().rev().find(|consent| consent.force(now) == Force::InForce);
    let link = in_force.or(consents.last()).ok_or(Rule::NoConsent)?;
    Ok(link.ground())
}

/// Which reports of a record may stand in a reader's list?
///
/// A list names no purpose, so any consent in force will do; an exception of any of them shuts the report
/// for all, as it does for [`may_open`]. Views that are used up hide nothing that was known before.
pub fn listed(chart: &Chart, reader: Reader, now: Moment) -> ListedReports {
    let in_force = letting_in(chart, reader, now);
    let may_stand = |id: ReportId, about: &Report| {
        !in_force.iter().any(|consent| consent.shuts(id, about))
            && in_force.iter().any(|consent| consent.covers(id, about))
    };
    let reports = chart.reports.iter().filter(|(id, about)| may_stand(**id, about));
    ListedReports(reports.map(|(id, _)| *id).collect())
}

/// By which consents does the patient let a reader in now, for anything at all? Oldest first.
pub fn letting_in(chart: &Chart, reader: Reader, now: Moment) -> Vec<&Consent> {
    let mut consents = chart.consents.of_reader(reader);
    consents.retain(|consent| consent.force(now) == Force::InForce);
    consents
}

/// The reports that may stand in one reader's list, as their patient's chart says. Rows come from elsewhere,
/// and may be older than the chart: what does not stand here is not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedReports(HashSet<ReportId>);

impl ListedReports {
    /// Those of them that are not shut by something else.
    pub(super) fn without(mut self, shut: impl Fn(ReportId) -> bool) -> Self {
        self.0.retain(|report| !shut(*report));
        self
    }

    /// Whether a report is one of them.
    pub fn hold(&self, report: ReportId) -> bool {
        self.0.contains(&report)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

fn best_consent(
    chart: &Chart,
    doctor: &Doctor,
    asked: Question,
    and: impl Fn(&Consent) -> Result<(), Rule>,
) -> Result<Ground, Rule> {
    only_a_verified_doctor(doctor)?;
    let mut nearest: Option<Rule> = None;
    let Some(report) = chart.reports.get(&asked.report) else { return Err(Rule::NoSuchReport) };
    // Link first: without any consent, past or present, the doctor may not learn that the report exists.
    let consents = chart.consents.of_reader(asked.reader);
    if consents.is_empty() {
        return Err(Rule::NoConsent);
    }
    a_deny_exception_wins(&consents, asked, report)?;
    // Newest first: the patient's latest word is the one that gets named.
    for consent in consents.into_iter().rev() {
        match one_consent_allows(consent, asked, report).and_then(|()| and(consent)) {
            Ok(()) => return Ok(consent.ground()),
            Err(rule) => nearest = Some(nearest.map_or(rule, |other| nearer(other, rule))),
        }
    }
    Err(nearest.unwrap_or(Rule::NoConsent))
}

pub(super) fn only_a_verified_doctor(doctor: &Doctor) -> Result<(), Rule> {
    if doctor.standing == Standing::Verified { Ok(()) } else { Err(Rule::OnlyAVerifiedDoctor) }
}

/// An exception of any consent in force for this reader shuts the report for all of them.
fn a_deny_exception_wins(
    consents: &[&Consent],
    asked: Question,
    report: &Report,
) -> Result<(), Rule> {
    let shut = consents.iter().any(|consent| {
        consent.force(asked.now) == Force::InForce && consent.shuts(asked.report, report)
    });
    if shut { Err(Rule::ReportExcepted) } else { Ok(()) }
}

fn one_consent_allows(consent: &Consent, asked: Question, report: &Report) -> Result<(), Rule> {
    // Exactly: BTG is a child of TREAT in HL7's hierarchy and is never reached by a treatment consent.
    if consent.granted.purpose != asked.purpose {
        return Err(Rule::PurposeNotCovered);
    }
    if !asked.reader.is(consent.granted.grantee) {
        return Err(Rule::NoConsent);
    }
    if consent.shuts(asked.report, report) {
        return Err(Rule::ReportExcepted);
    }
    if !consent.covers(asked.report, report) {
        return Err(Rule::ScopeDoesNotCover);
    }
    match consent.force(asked.now) {
        Force::InForce => Ok(()),
        Force::NotYet => Err(Rule::ConsentNotYet),
        Force::Expired => Err(Rule::ConsentExpired),
        Force::Revoked => Err(Rule::ConsentRevoked),
    }
}

/// Of two reasons, the one that came closer to a yes: it is the one worth telling.
fn nearer(a: Rule, b: Rule) -> Rule {
    let distance = |rule: Rule| match rule {
        Rule::ViewsUsedUp => 0,
        Rule::ConsentNotYet => 1,
        Rule::ConsentRevoked => 2,
        Rule::ConsentExpired => 3,
        Rule::ReportExcepted => 4,
        Rule::ScopeDoesNotCover => 5,
        Rule::PurposeNotCovered => 6,
        Rule::OnlyAVerifiedDoctor
        | Rule::OnlyAnOpenSession
        | Rule::NoConsent
        | Rule::NoSuchReport
        | Rule::RecordClosed
        | Rule::Barred
        | Rule::ReportHidden
        | Rule::ViewingExpired
        | Rule::ViewingEnded => 7,
    };
    if distance(b) < distance(a) { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::event::ConsentGranted;
    use crate::consent::grantee::Grantee;
    use crate::consent::scope::Exceptions;
    use crate::ids::{EmergencyId, MandateId, PracticeId, StreamName};
    use crate::samples::{
        self, ANA, BO, EVE, GROUND, History, OTHER_CONSENT, REPORT, consent, noon,
    };
    use crate::time::Period;

    const PRACTICE: PracticeId = PracticeId::new(uuid::Uuid::from_u128(0x9a));

    fn for_the_practice() -> ConsentGranted {
        let grantee = Grantee::Practice(PRACTICE);
        ConsentGranted { consent: OTHER_CONSENT, grantee, ..samples::consent_granted() }
    }

    fn chart(consents: impl IntoIterator<Item = ConsentGranted>) -> Chart {
        let mut history = History::default();
        let stream = StreamName::patient(ANA);
        let ana = crate::actor::Actor::Patient(ANA);
        history.record(&stream, ana, samples::patient_registered());
        history.record(&stream, ana, samples::report_uploaded());
        consents.into_iter().for_each(|granted| history.record(&stream, ana, granted));
        history.facts.iter().fold(Chart::default(), |mut chart, fact| {
            crate::fold::Fold::evolve(&mut chart, fact);
            chart
        })
    }

    fn verified() -> Doctor {
        Doctor { standing: Standing::Verified, ..Doctor::default() }
    }

    fn asked(reader: Reader) -> Question {
        Question { reader, report: REPORT, purpose: Purpose::Treat, now: noon() }
    }

    fn open(chart: &Chart, reader: Reader) -> Result<Ground, Rule> {
        may_open(chart, &verified(), asked(reader))
    }

    #[test]
    fn a_consent_to_a_practice_counts_for_its_members_in_a_session_for_it_only() {
        let chart = chart([for_the_practice()]);
        let member = Reader { doctor: EVE, practice: Some(PRACTICE) };
        let ground = Ground::Practice { consent: OTHER_CONSENT, practice: PRACTICE };
        assert_eq!(open(&chart, member), Ok(ground));
        assert_eq!(may_continue(&chart, &verified(), asked(member), ground), Ok(()));
        let elsewhere = PracticeId::new(uuid::Uuid::from_u128(0x9b));
        for other in [Reader::doctor(EVE), Reader { practice: Some(elsewhere), ..member }] {
            assert_eq!(open(&chart, other), Err(Rule::NoConsent));
            let goes_on = may_continue(&chart, &verified(), asked(other), ground);
            assert_eq!(goes_on, Err(Rule::NoConsent));
        }
    }

    #[test]
    fn an_exception_counts_for_whom_its_consent_names() {
        let exceptions = Exceptions { reports: [REPORT].into(), ..Exceptions::default() };
        let narrow = ConsentGranted { exceptions, ..for_the_practice() };
        let chart = chart([samples::consent_granted(), narrow]);
        let member = Reader { doctor: BO, practice: Some(PRACTICE) };
        assert_eq!(open(&chart, member), Err(Rule::ReportExcepted));
        assert_eq!(open(&chart, Reader::doctor(BO)), Ok(GROUND));
    }

    #[test]
    fn the_newest_word_counts_across_grantees() {
        let chart = chart([samples::consent_granted(), for_the_practice()]);
        let member = Reader { doctor: BO, practice: Some(PRACTICE) };
        let newest = Ground::Practice { consent: OTHER_CONSENT, practice: PRACTICE };
        assert_eq!(open(&chart, member), Ok(newest));
        assert_eq!(may_list(&chart, &verified(), member, noon()), Ok(newest));
    }

    #[test]
    fn this_version_lets_nobody_go_on_without_a_consent() {
        let chart = chart([samples::consent_granted()]);
        let id = uuid::Uuid::from_u128(1);
        for ground in [
            Ground::Emergency { emergency: EmergencyId::new(id) },
            Ground::Proxy { mandate: MandateId::new(id) },
            Ground::Own {},
            Ground::Consent { consent: consent(77) },
        ] {
            let goes_on = may_continue(&chart, &verified(), asked(Reader::doctor(BO)), ground);
            assert_eq!(goes_on, Err(Rule::NoConsent), "{ground:?}");
        }
    }

    #[test]
    fn a_list_rests_on_a_consent_in_force_before_one_that_is_over() {
        let mut over = ConsentGranted { consent: OTHER_CONSENT, ..samples::consent_granted() };
        over.period.until = over.period.from;
        let both = chart([samples::consent_granted(), over.clone()]);
        let bo = Reader::doctor(BO);
        assert_eq!(may_list(&both, &verified(), bo, noon()), Ok(GROUND));
        let past = chart([over]);
        let link = Ground::Consent { consent: OTHER_CONSENT };
        assert_eq!(may_list(&past, &verified(), bo, noon()), Ok(link));
        assert_eq!(may_list(&past, &verified(), Reader::doctor(EVE), noon()), Err(Rule::NoConsent));
        assert_eq!(may_list(&past, &Doctor::default(), bo, noon()), Err(Rule::OnlyAVerifiedDoctor));
    }

    /// Each no, and what of the sample consent must change for it.
    fn reasons() -> Vec<(Rule, ConsentGranted)> {
        let granted = samples::consent_granted;
        let (from, until) = (granted().period.from, granted().period.until);
        let imaging = [crate::records::Category::Imaging];
        let scope = crate::consent::scope::Scope::Categories { categories: imaging.into() };
        let not_yet = Period { from: until, until: until.plus(minutes(1)) };
        let expired = Period { from: Moment::default(), until: from };
        vec![
            (Rule::ViewsUsedUp, ConsentGranted { views_max: Some(0), ..granted() }),
            (Rule::ConsentNotYet, ConsentGranted { period: not_yet, ..granted() }),
            (Rule::ConsentExpired, ConsentGranted { period: expired, ..granted() }),
            (Rule::ScopeDoesNotCover, ConsentGranted { scope, ..granted() }),
            (Rule::PurposeNotCovered, ConsentGranted { purpose: Purpose::Hresch, ..granted() }),
        ]
    }

    #[test]
    fn each_question_has_its_no() {
        let bo = Reader::doctor(BO);
        for (rule, granted) in reasons() {
            let chart = chart([granted]);
            assert_eq!(open(&chart, bo), Err(rule));
            let goes_on = may_continue(&chart, &verified(), asked(bo), GROUND);
            let counted_once = rule == Rule::ViewsUsedUp;
            assert_eq!(goes_on, if counted_once { Ok(()) } else { Err(rule) }, "{rule:?}");
        }
        let chart = chart([samples::consent_granted()]);
        assert_eq!(may_open(&chart, &Doctor::default(), asked(bo)), Err(Rule::OnlyAVerifiedDoctor));
        let missing = Question { report: samples::OTHER_REPORT, ..asked(bo) };
        assert_eq!(may_open(&chart, &verified(), missing), Err(Rule::NoSuchReport));
        assert_eq!(open(&chart, Reader::doctor(EVE)), Err(Rule::NoConsent));
    }

    #[test]
    fn of_several_noes_the_nearest_to_a_yes_is_told_in_whatever_order_they_were_given() {
        let reasons = reasons();
        for (near, (rule, granted)) in reasons.iter().enumerate() {
            for (_, farther) in &reasons[near + 1..] {
                let other = ConsentGranted { consent: OTHER_CONSENT, ..farther.clone() };
                for consents in [[granted.clone(), other.clone()], [other, granted.clone()]] {
                    assert_eq!(open(&chart(consents), Reader::doctor(BO)), Err(*rule));
                }
            }
        }
    }

    #[test]
    fn every_rule_has_its_distance_from_a_yes() {
        let by_distance = [
            Rule::ViewsUsedUp,
            Rule::ConsentNotYet,
            Rule::ConsentRevoked,
            Rule::ConsentExpired,
            Rule::ReportExcepted,
            Rule::ScopeDoesNotCover,
            Rule::PurposeNotCovered,
            Rule::NoConsent,
        ];
        for pair in by_distance.windows(2) {
            assert_eq!(nearer(pair[0], pair[1]), pair[0]);
            assert_eq!(nearer(pair[1], pair[0]), pair[0]);
        }
        assert_eq!(nearer(Rule::NoSuchReport, Rule::NoConsent), Rule::NoSuchReport);
    }

    #[test]
    fn a_list_holds_what_some_consent_in_force_covers_and_none_shuts() {
        let bo = Reader::doctor(BO);
        let shut = Exceptions { reports: [REPORT].into(), ..Exceptions::default() };
        let excepted = ConsentGranted {
            consent: OTHER_CONSENT,
            exceptions: shut,
            ..samples::consent_granted()
        };
        let whole = chart([samples::consent_granted()]);
        let reports = listed(&whole, bo, noon());
        assert!(reports.hold(REPORT) && !reports.hold(samples::OTHER_REPORT));
        assert_eq!(reports.count(), 1);
        assert_eq!(letting_in(&whole, bo, noon()).len(), 1);
        let over = samples::consent_granted().period.until;
        for (chart, reader, now) in [
            (&whole, Reader::doctor(EVE), noon()),
            (&whole, bo, over),
            (&chart([samples::consent_granted(), excepted]), bo, noon()),
            (&chart([reasons()[3].1.clone()]), bo, noon()),
        ] {
            let reports = listed(chart, reader, now);
            assert!(!reports.hold(REPORT));
            assert_eq!(reports.count(), 0);
        }
        assert!(letting_in(&whole, Reader::doctor(EVE), noon()).is_empty());
        assert!(letting_in(&whole, bo, over).is_empty());
    }
}
