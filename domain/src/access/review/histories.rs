//! Histories of one clinic, true ones and tampered ones, and what the review says of them.

use std::time::Duration;

use uuid::Uuid;

use super::further::{Clause, FurtherRule};
use super::mark::{Flaw, LISTED_MAX};
use super::{Count, Review, ReviewedLog};
use crate::access::event::{
    ClinicalListShown, PageShown, RecordViewed, ReportDownloaded, ViewRefused, ViewTokenIssued,
    ViewingEnded,
};
use crate::access::ground::Ground;
use crate::access::policy::Rule;
use crate::access::policy::v1::{Question, TOKEN_LIFE, VIEWING_LIFE};
use crate::actor::Actor;
use crate::consent::event::ConsentGranted;
use crate::consent::grantee::{Grantee, Reader};
use crate::consent::scope::{Purpose, Scope};
use crate::fact::Fact;
use crate::identity::event::{Client, SessionOpened};
use crate::ids::{DoctorId, EmergencyId, ReportId, SessionId, StreamName};
use crate::journal::Position;
use crate::records::Category;
use crate::records::event::ReportUploaded;
use crate::samples::{
    self, ANA, BO, CY, EVE, GROUND, History, OTHER_CONSENT, OTHER_REPORT, OTHER_SESSION, REPORT,
    SESSION, token, viewing,
};
use crate::time::{Moment, Period, minutes};

/// A history that is told fact by fact.
#[derive(Clone, Default)]
struct Log(History);

fn refused(rule: Rule) -> Fact {
    ViewRefused { rule, ..samples::view_refused() }.into()
}

impl Log {
    fn add(mut self, stream: &StreamName, actor: Actor, fact: impl Into<Fact>) -> Self {
        self.0.record(stream, actor, fact);
        self
    }

    fn ana(self, fact: impl Into<Fact>) -> Self {
        self.add(&StreamName::patient(ANA), Actor::Patient(ANA), fact)
    }

    fn bo(self, fact: impl Into<Fact>) -> Self {
        self.add(&StreamName::patient(ANA), Actor::Doctor(BO), fact)
    }

    fn eve(self, fact: impl Into<Fact>) -> Self {
        self.add(&StreamName::patient(ANA), Actor::Doctor(EVE), fact)
    }

    fn about(self, doctor: DoctorId, fact: impl Into<Fact>) -> Self {
        self.add(&StreamName::doctor(doctor), Actor::Admin(CY), fact)
    }

    fn suspended(self) -> Self {
        self.about(BO, samples::doctor_suspended())
    }

    fn uploaded(self, report: ReportId, category: Category) -> Self {
        self.ana(ReportUploaded { report, category, ..samples::report_uploaded() })
    }

    fn session(self, session: SessionId, doctor: DoctorId) -> Self {
        let (account, until) = (Actor::Doctor(doctor), self.0.now.plus(minutes(720)));
        let opened = SessionOpened { session, account, until, ..samples::session_opened() };
        self.add(&StreamName::session(session), account, opened)
    }

    fn logout(self) -> Self {
        self.add(&StreamName::session(SESSION), Actor::Doctor(BO), samples::session_ended())
    }

    fn granted(self, change: impl Fn(&mut ConsentGranted)) -> Self {
        let period = Period { from: self.0.now, until: self.0.now.plus(minutes(7 * 24 * 60)) };
        let mut granted = ConsentGranted { period, ..samples::consent_granted() };
        change(&mut granted);
        self.ana(granted)
    }

    fn revoked(self) -> Self {
        self.ana(samples::consent_revoked())
    }

    /// A token that may be used from now on.
    fn token(&self, number: u32) -> ViewTokenIssued {
        let until = self.0.now.plus(TOKEN_LIFE);
        ViewTokenIssued { token_hash: token(number), until, ..samples::view_token_issued() }
    }

    fn issued(self, number: u32, change: impl Fn(&mut ViewTokenIssued)) -> Self {
        let mut issued = self.token(number);
        change(&mut issued);
        self.bo(issued)
    }

    fn viewed(self, number: u32, change: impl Fn(&mut RecordViewed)) -> Self {
        let mut viewed = RecordViewed {
            viewing: viewing(number),
            token_hash: token(number),
            until: self.0.now.plus(VIEWING_LIFE),
            ..samples::record_viewed()
        };
        change(&mut viewed);
        self.bo(viewed)
    }

    fn page(self, number: u32) -> Self {
        self.bo(page_of(number))
    }

    /// A token, its viewing, a page.
    fn visit(self, number: u32) -> Self {
        self.issued(number, |_| {}).viewed(number, |_| {}).page(number)
    }

    fn later(mut self, span: Duration) -> Self {
        self.0.pass(span);
        self
    }

    fn earlier(mut self, span: Duration) -> Self {
        let back = i64::try_from(span.as_micros()).unwrap();
        self.0.now = Moment::from_micros(self.0.now.micros() - back);
        self
    }

    fn review_with(&self, rule: Option<FurtherRule>) -> Review {
        let mut review = Review::with(rule);
        self.0.facts.iter().for_each(|line| review.take(line));
        review
    }

    fn review(&self) -> Review {
        self.review_with(None)
    }

    /// Everything in it had a permit.
    #[track_caller]
    fn clean(&self) {
        let review = self.review();
        assert_eq!(review.findings, []);
        assert_eq!(review.without_permit(), 0);
    }

    /// Its last line, and that one alone, had no permit, by `flaw`, because of the events at `places`.
    #[track_caller]
    fn found(&self, flaw: Flaw, places: &[u64]) {
        let findings = self.review().findings;
        let found: Vec<_> = findings.iter().map(|one| (one.access.position, one.rule)).collect();
        assert_eq!(found, [(self.0.facts.last().unwrap().position, flaw)]);
        let because: Vec<_> = findings[0].because.iter().map(|mark| mark.position.0).collect();
        assert_eq!(because, places, "{}", findings[0]);
    }

    #[track_caller]
    fn found_rule(&self, rule: Rule, places: &[u64]) {
        self.found(Flaw::Rule(rule), places);
    }
}

fn page_of(number: u32) -> PageShown {
    PageShown { viewing: viewing(number), ..samples::page_shown() }
}

/// Noon: Bo is verified (0) and signed in (1), Ana has a laboratory report (2) and one of imaging (3).
fn cast() -> Log {
    Log::default()
        .about(BO, samples::doctor_verified())
        .session(SESSION, BO)
        .uploaded(REPORT, Category::Laboratory)
        .uploaded(OTHER_REPORT, Category::Imaging)
}

/// Ana let Bo in (4).
fn granted() -> Log {
    cast().granted(|_| {})
}

/// Bo looked once: token (5), viewing (6), page (7).
fn seen() -> Log {
    granted().visit(1)
}

#[test]
fn a_true_history_had_a_permit_for_everything() {
    let log = seen()
        .bo(samples::clinical_list_shown())
        .later(minutes(14))
        .page(1)
        .ana(samples::report_downloaded())
        .visit(2)
        .revoked()
        .bo(refused(Rule::ConsentRevoked))
        .bo(ViewingEnded { viewing: viewing(2), ..samples::viewing_stopped(Rule::ConsentRevoked) });
    log.clean();
    let review = log.review();
    assert_eq!((review.judged(), review.events), (9, log.0.facts.len() as u64));
    assert_eq!((review.refusals.agreed, review.refusals.should_have_been_yes), (2, 0));
    assert_eq!(review.grounds, [("consent", 8), ("own", 1)].into());
}

#[test]
fn what_the_patient_took_back_opens_nothing() {
    seen().revoked().page(1).found_rule(Rule::ConsentRevoked, &[8, 4]);
    granted()
        .issued(1, |_| {})
        .revoked()
        .viewed(1, |_| {})
        .found_rule(Rule::ConsentRevoked, &[6, 4]);
    granted().revoked().issued(1, |_| {}).found_rule(Rule::ConsentRevoked, &[5, 4]);
    cast().issued(1, |_| {}).found_rule(Rule::NoConsent, &[]);
    // A line that says that it was earlier stands after the revoke all the same.
    let dated_back = seen().later(minutes(2)).revoked().earlier(minutes(1)).page(1);
    dated_back.found_rule(Rule::ConsentRevoked, &[8, 4]);
    let expired = seen().later(VIEWING_LIFE).uploaded(samples::report(1), Category::Other);
    expired.earlier(minutes(1)).page(1).found(Flaw::TimeGoesBack, &[8]);
}

#[test]
fn a_suspended_or_unverified_doctor_sees_nothing() {
    seen().suspended().page(1).found_rule(Rule::OnlyAVerifiedDoctor, &[8]);
    seen().suspended().about(BO, samples::doctor_reinstated()).page(1).clean();
    let eve = cast().session(OTHER_SESSION, EVE).granted(|o| o.grantee = Grantee::Doctor(EVE));
    let issued = ViewTokenIssued { doctor: EVE, session: OTHER_SESSION, ..eve.token(1) };
    eve.eve(issued).found_rule(Rule::OnlyAVerifiedDoctor, &[]);
}

#[test]
fn only_those_who_may_give_a_permit_give_one() {
    let mut log = cast();
    let by_herself = StreamName::doctor(BO);
    log.0.facts.remove(0);
    let log = log.add(&by_herself, Actor::Doctor(BO), samples::doctor_verified());
    log.granted(|_| {}).issued(1, |_| {}).found(Flaw::StandingNotByAdmin, &[3]);
    let mut log = granted();
    log.0.facts[4].actor = Actor::Doctor(BO);
    log.issued(1, |_| {}).found(Flaw::ConsentNotByPatient, &[4]);
}

#[test]
fn purpose_scope_exceptions_and_period_hold_at_every_view() {
    let research = granted().issued(1, |o| o.purpose = Purpose::Hresch);
    research.found_rule(Rule::PurposeNotCovered, &[4]);
    let excepted = cast().granted(|o| o.exceptions.reports = [REPORT].into());
    excepted.issued(1, |_| {}).found_rule(Rule::ReportExcepted, &[4]);
    let narrow =
        cast().granted(|o| o.scope = Scope::Categories { categories: [Category::Imaging].into() });
    narrow.issued(1, |_| {}).found_rule(Rule::ScopeDoesNotCover, &[4]);
    let later = cast().granted(|o| o.period.from = o.period.from.plus(minutes(1)));
    later.issued(1, |_| {}).found_rule(Rule::ConsentNotYet, &[4]);
    let short = cast().granted(|o| o.period.until = o.period.from.plus(minutes(10))).visit(1);
    short.later(minutes(10)).page(1).found_rule(Rule::ConsentExpired, &[4]);
    granted().issued(1, |o| o.report = samples::report(1)).found_rule(Rule::NoSuchReport, &[]);
    // An exception that came with a second consent shuts what the first one opened.
    let second = |log: Log| {
        log.granted(|o| {
            (o.consent, o.exceptions.reports) = (OTHER_CONSENT, [REPORT].into());
        })
    };
    second(seen()).page(1).found_rule(Rule::ReportExcepted, &[8]);
}

#[test]
fn more_views_than_the_consent_allows_are_found() {
    let once = cast().granted(|o| o.views_max = Some(1)).visit(1);
    once.clone().page(1).clean();
    once.clone().issued(2, |_| {}).found_rule(Rule::ViewsUsedUp, &[6, 4]);
    let two = cast().granted(|o| o.views_max = Some(1)).issued(1, |_| {}).issued(2, |_| {});
    two.viewed(1, |_| {}).viewed(2, |_| {}).found_rule(Rule::ViewsUsedUp, &[7, 4]);
}

#[test]
fn a_token_opens_once_for_whom_and_what_it_was_issued() {
    let issued = || granted().issued(1, |_| {});
    issued().viewed(2, |_| {}).found(Flaw::NoSuchToken, &[]);
    issued().viewed(1, |_| {}).viewed(2, |o| o.token_hash = token(1)).found(Flaw::TokenUsed, &[6]);
    issued().later(TOKEN_LIFE).viewed(1, |_| {}).found(Flaw::TokenExpired, &[5]);
    let other = issued().session(OTHER_SESSION, BO);
    other.viewed(1, |o| o.session = OTHER_SESSION).found(Flaw::TokenOfAnother, &[5]);
    issued().viewed(1, |o| o.report = OTHER_REPORT).found(Flaw::TokenForAnother, &[5]);
    issued().viewed(1, |o| o.purpose = Purpose::Etreat).found(Flaw::TokenForAnother, &[5]);
    issued().issued(1, |_| {}).found(Flaw::TokenIssuedTwice, &[5]);
    granted().issued(1, |o| o.until = o.until.plus(minutes(1))).found(Flaw::TokenLife, &[]);
    granted().issued(1, |o| o.until = samples::noon()).found(Flaw::TokenLife, &[]);
    issued().viewed(1, |o| o.until = o.until.plus(minutes(1))).found(Flaw::ViewingLife, &[]);
    let again = issued().viewed(1, |_| {}).issued(2, |_| {});
    again.viewed(2, |o| o.viewing = viewing(1)).found(Flaw::ViewingOpenedTwice, &[6]);
}

#[test]
fn a_view_names_the_consent_and_the_policy_it_was_decided_by() {
    let wrong = |log: Log| log.issued(1, |o| o.ground = Ground::Consent { consent: OTHER_CONSENT });
    wrong(granted()).found(Flaw::AnotherGround, &[4]);
    granted().issued(1, |o| o.policy = 3).found(Flaw::UnknownPolicy, &[]);
    granted().issued(1, |_| {}).viewed(1, |o| o.policy = 0).found(Flaw::UnknownPolicy, &[]);
}

#[test]
fn what_is_kept_shut_is_judged_by_the_version_that_knows_of_it() {
    let closed = || granted().ana(samples::record_closed());
    closed().issued(1, |_| {}).found_rule(Rule::RecordClosed, &[5]);
    closed().issued(1, |o| o.policy = 1).clean();
    closed().bo(samples::clinical_list_shown()).found_rule(Rule::RecordClosed, &[5]);
    let barred = granted().ana(samples::bar_set());
    barred.issued(1, |_| {}).found_rule(Rule::Barred, &[5]);
    let hidden = granted().ana(samples::report_hidden());
    hidden.issued(1, |_| {}).found_rule(Rule::ReportHidden, &[5]);
    let opened = closed().ana(samples::record_opened());
    opened.issued(1, |_| {}).clean();
    let open = granted().issued(1, |_| {}).viewed(1, |_| {}).ana(samples::record_closed());
    open.page(1).found_rule(Rule::RecordClosed, &[7]);
}

#[test]
fn what_claims_another_ground_is_found() {
    let emergency = Ground::Emergency { emergency: EmergencyId::new(Uuid::from_u128(1)) };
    cast().issued(1, |o| o.ground = emergency).found_rule(Rule::NoConsent, &[]);
    granted().issued(1, |o| o.ground = emergency).found(Flaw::AnotherGround, &[4]);
    let page = PageShown { ground: emergency, ..page_of(1) };
    seen().bo(page).found(Flaw::AnotherGround, &[6]);
    let listed = ClinicalListShown { ground: emergency, ..samples::clinical_list_shown() };
    granted().bo(listed).found(Flaw::AnotherGround, &[4]);
    let download = ReportDownloaded { ground: GROUND, ..samples::report_downloaded() };
    cast().ana(download).found(Flaw::AnotherGround, &[]);
}

#[test]
fn nobody_acts_for_another_yet() {
    let for_ana = |mut log: Log| {
        log.0.facts.last_mut().unwrap().behalf = Some(Actor::Patient(ANA));
        log
    };
    for_ana(granted().issued(1, |_| {})).found(Flaw::OnAnothersBehalf, &[]);
    for_ana(cast().ana(samples::report_downloaded())).found(Flaw::OnAnothersBehalf, &[]);
}

#[test]
fn a_page_hangs_on_its_viewing() {
    seen().later(VIEWING_LIFE).page(1).found_rule(Rule::ViewingExpired, &[6]);
    let closed = ViewingEnded { viewing: viewing(1), ..samples::viewing_ended() };
    seen().bo(closed).page(1).found_rule(Rule::ViewingEnded, &[8]);
    seen().page(2).found(Flaw::NoSuchViewing, &[]);
    let other = PageShown { report: OTHER_REPORT, ..page_of(1) };
    seen().bo(other).found(Flaw::ViewingOfAnotherReport, &[6]);
    let eves = PageShown { doctor: EVE, ..page_of(1) };
    seen().eve(eves).found(Flaw::ViewingOfAnother, &[6]);
    seen().eve(page_of(1)).found(Flaw::AnotherActor, &[]);
    let elsewhere = seen().add(&StreamName::doctor(BO), Actor::Doctor(BO), page_of(1));
    elsewhere.found(Flaw::NoPatientsStream, &[]);
    let forged = granted().viewed(1, |_| {}).page(1).review().findings;
    let rules: Vec<_> = forged.iter().map(|one| one.rule).collect();
    assert_eq!(rules, [Flaw::NoSuchToken, Flaw::ViewingWithoutPermit]);
}

#[test]
fn a_session_must_be_open_and_the_doctors_own() {
    seen().logout().page(1).found_rule(Rule::OnlyAnOpenSession, &[8]);
    granted().later(minutes(720)).issued(1, |_| {}).found_rule(Rule::OnlyAnOpenSession, &[1]);
    let nobodys = granted().issued(1, |o| o.session = OTHER_SESSION);
    nobodys.found_rule(Rule::OnlyAnOpenSession, &[]);
    let eves = granted().session(OTHER_SESSION, EVE);
    eves.issued(1, |o| o.session = OTHER_SESSION).found_rule(Rule::OnlyAnOpenSession, &[5]);
}

#[test]
fn words_and_downloads_are_judged_too() {
    let shown = samples::clinical_list_shown();
    granted().bo(shown.clone()).clean();
    cast().bo(shown.clone()).found_rule(Rule::NoConsent, &[]);
    granted().logout().bo(shown.clone()).found_rule(Rule::OnlyAnOpenSession, &[5]);
    granted().suspended().bo(shown.clone()).found_rule(Rule::OnlyAVerifiedDoctor, &[5]);
    granted().ana(shown).found(Flaw::AnotherActor, &[]);
    let download = samples::report_downloaded();
    cast().ana(download.clone()).clean();
    cast().bo(download).found(Flaw::AnotherActor, &[]);
    let report = samples::report(1);
    let unknown = ReportDownloaded { report, ..samples::report_downloaded() };
    cast().ana(unknown).found_rule(Rule::NoSuchReport, &[]);
}

#[test]
fn an_event_nobody_can_read_lets_nothing_through() {
    for stream in [StreamName::patient(ANA), StreamName::doctor(BO), StreamName::session(SESSION)] {
        let (log, mut review) = (granted(), Review::default());
        log.0.facts.iter().for_each(|line| review.take(line));
        review.take_unknown(&stream, Position(5));
        let log = log.issued(1, |_| {});
        review.take(log.0.facts.last().unwrap());
        assert_eq!(review.findings[0].rule, Flaw::UnknownEventBefore, "{stream}");
        assert_eq!((review.events, review.unknown), (7, 1), "those nobody can read are counted");
    }
}

#[test]
fn what_had_no_permit_is_counted_and_told_with_where_it_stands_and_why() {
    let log = granted().logout().bo(samples::clinical_list_shown());
    let review = log.review();
    assert_eq!((review.without_permit(), review.judged()), (1, 1));
    let counted = review.accesses["access.clinical_list_shown.v1"];
    assert_eq!(counted, Count { permitted: 0, without: 1 });
    let words = review.findings[0].to_string();
    let stream = StreamName::patient(ANA);
    let told = format!("position 6, {stream} version 3: access.clinical_list_shown.v1 without");
    assert!(words.starts_with(&told), "{words}");
    let why = Rule::OnlyAnOpenSession;
    assert!(words.contains(&format!("by {}: {}", why.name(), why.in_words())), "{words}");
    assert!(words.contains("See position 5, identity.session_ended.v1"), "{words}");
}

#[test]
fn findings_beyond_what_is_listed_are_counted_all_the_same() {
    let mut review = Review::default();
    let log = (0..=LISTED_MAX).fold(cast(), |log, _| log.bo(samples::report_downloaded()));
    log.0.facts.iter().for_each(|line| review.take(line));
    assert_eq!(review.findings.len(), LISTED_MAX);
    assert_eq!(review.without_permit(), LISTED_MAX as u64 + 1);
}

#[test]
fn refusals_that_the_policy_does_not_bear_out_are_counted() {
    let log = granted()
        .bo(refused(Rule::ConsentRevoked))
        .bo(refused(Rule::OnlyAnOpenSession))
        .revoked()
        .bo(refused(Rule::ConsentExpired))
        .bo(refused(Rule::ConsentRevoked));
    log.clean();
    let counted = log.review().refusals;
    assert_eq!((counted.should_have_been_yes, counted.not_judged), (1, 1));
    assert_eq!((counted.by_another_rule, counted.agreed), (1, 1));
}

#[test]
fn a_refusal_of_a_report_that_does_not_exist_is_held_against_where_the_doctor_stands() {
    let nothing = |rule| ViewRefused { report: None, rule, ..samples::view_refused() };
    let agreed = |log: Log, rule| log.bo(nothing(rule)).review().refusals.agreed;
    assert_eq!(agreed(granted(), Rule::NoSuchReport), 1);
    assert_eq!(agreed(granted(), Rule::OnlyAVerifiedDoctor), 0);
    assert_eq!(agreed(granted().suspended(), Rule::NoSuchReport), 0);
    assert_eq!(agreed(granted().suspended(), Rule::OnlyAVerifiedDoctor), 1);
}

#[test]
fn a_session_that_ended_twice_ended_the_first_time() {
    let log = granted().logout().logout().bo(samples::clinical_list_shown());
    log.found_rule(Rule::OnlyAnOpenSession, &[5]);
}

/// What a further rule refuses: viewings, pages of these, other pages, the clause.
#[track_caller]
fn refuses(log: &Log, change: impl Fn(&mut FurtherRule), expected: (u64, u64, u64), by: Clause) {
    let mut rule = FurtherRule::default();
    change(&mut rule);
    assert_eq!(rule.flaw(), None);
    let review = log.review_with(Some(rule));
    assert_eq!(review.findings, [], "a further rule is no part of the policy");
    let what_if = review.what_if().unwrap();
    let viewed = log.0.facts.iter().filter(|line| line.fact.body::<RecordViewed>().is_some());
    assert_eq!(what_if.viewings, viewed.count() as u64);
    let counted = (what_if.viewings_refused, what_if.pages_of_these, what_if.pages_refused);
    assert_eq!(counted, expected, "{what_if:?}");
    let of_clause = what_if.by_clause.get(&by).copied().unwrap_or_default();
    assert_eq!(of_clause, expected.0 + expected.2, "{what_if:?}");
    assert_eq!(what_if.refused.len() as u64, of_clause);
}

#[test]
fn what_would_be_refused_beyond_what_is_listed_is_counted_all_the_same() {
    let late = (0..=LISTED_MAX).fold(seen().later(minutes(10)), |log, _| log.page(1));
    let hours = Some(clock(r#"{"from": "12:00", "until": "12:05"}"#));
    let review = late.review_with(Some(FurtherRule { hours, ..FurtherRule::default() }));
    let what_if = review.what_if().unwrap();
    assert_eq!(what_if.pages_refused, LISTED_MAX as u64 + 1);
    assert_eq!(what_if.refused.len(), LISTED_MAX);
}

fn clock(text: &str) -> super::further::Hours {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_further_rule_is_asked_of_every_viewing_and_page() {
    let log = seen().later(minutes(10)).page(1).visit(2);
    let none = (0, 0, 0);
    refuses(&log, |o| o.purposes = Some([Purpose::Etreat].into()), (2, 3, 0), Clause::Purposes);
    refuses(&log, |o| o.purposes = Some([Purpose::Treat].into()), none, Clause::Purposes);
    let laboratory =
        |o: &mut FurtherRule| o.categories_closed = Some([Category::Laboratory].into());
    refuses(&log, laboratory, (2, 3, 0), Clause::CategoriesClosed);
    refuses(&log, |o| o.clients = Some(vec![Client::Machine]), (2, 3, 0), Clause::Clients);
    refuses(&log, |o| o.clients = Some(vec![Client::Browser]), none, Clause::Clients);
    // Noon is inside, ten past is not: the first viewing is opened, its second page is not shown.
    let morning =
        |o: &mut FurtherRule| o.hours = Some(clock(r#"{"from":"07:00","until":"12:05"}"#));
    refuses(&log, morning, (1, 1, 1), Clause::Hours);
    let night = |o: &mut FurtherRule| o.hours = Some(clock(r#"{"from":"22:00","until":"06:00"}"#));
    refuses(&log, night, (2, 3, 0), Clause::Hours);
    let monday = |o: &mut FurtherRule| o.weekdays = Some([super::further::Weekday::Monday].into());
    refuses(&log, monday, none, Clause::Weekdays);
    refuses(&log, |o| o.consent_days_max = Some(6), (2, 3, 0), Clause::ConsentDaysMax);
    refuses(&log, |o| o.consent_days_max = Some(7), none, Clause::ConsentDaysMax);
    refuses(&log, |o| o.consent_age_days_max = Some(0), (1, 1, 1), Clause::ConsentAgeDaysMax);
    refuses(
        &log,
        |o| o.doctor_verified_days_min = Some(1),
        (2, 3, 0),
        Clause::DoctorVerifiedDaysMin,
    );
    refuses(&log, |o| o.doctor_verified_days_min = Some(0), none, Clause::DoctorVerifiedDaysMin);
}

#[test]
fn a_viewing_that_would_have_been_refused_uses_nothing_up() {
    let log = seen().visit(2).visit(3).later(minutes(700)).visit(4);
    refuses(&log, |o| o.views_per_consent_max = Some(3), (1, 1, 0), Clause::ViewsPerConsentMax);
    let next_day = log.clone().later(minutes(30)).session(OTHER_SESSION, BO);
    let other = |o: &mut ViewTokenIssued| o.session = OTHER_SESSION;
    let next_day = next_day.issued(5, other).viewed(5, |o| o.session = OTHER_SESSION);
    let one_a_day = |o: &mut FurtherRule| o.views_per_doctor_and_day_max = Some(1);
    refuses(&next_day, one_a_day, (3, 3, 0), Clause::ViewsPerDoctorAndDayMax);
    let mut both = FurtherRule { views_per_consent_max: Some(1), ..FurtherRule::default() };
    both.hours = Some(clock(r#"{"from":"13:00","until":"23:59"}"#));
    let review = log.review_with(Some(both));
    // The three at noon were refused for the hour, so that the one in the night is the first.
    assert_eq!(review.what_if().unwrap().viewings_refused, 3);
}

#[test]
fn a_rule_that_makes_no_sense_is_refused() {
    assert!(FurtherRule::default().flaw().is_some());
    let empty = FurtherRule { purposes: Some([].into()), ..FurtherRule::default() };
    assert_eq!(empty.flaw(), Some("a list is empty"));
    let hours = Some(clock(r#"{"from":"07:00","until":"07:00"}"#));
    assert!(FurtherRule { hours, ..FurtherRule::default() }.flaw().is_some());
    for wrong in ["7:00", "24:00", "07:60", "0700", "", "+7:00"] {
        let text = format!(r#"{{"from":"{wrong}","until":"08:00"}}"#);
        assert!(serde_json::from_str::<super::further::Hours>(&text).is_err(), "{wrong}");
    }
    assert!(serde_json::from_str::<FurtherRule>(r#"{"purpose":["TREAT"]}"#).is_err());
}

/// What is known after a log.
fn known(log: &Log) -> ReviewedLog {
    let mut known = ReviewedLog::default();
    log.0.facts.iter().for_each(|line| known.take(line));
    known
}

#[test]
fn an_explanation_names_the_rule_and_the_events() {
    let explain = |log: &Log| {
        let (report, purpose) = (REPORT, Purpose::Treat);
        let asked = Question { reader: Reader::doctor(BO), report, purpose, now: log.0.now };
        let explanation = known(log).explain(&StreamName::patient(ANA), asked);
        assert_eq!(explanation.allowed, explanation.rule.is_none());
        let places: Vec<_> = explanation.because.iter().map(|mark| mark.position.0).collect();
        (explanation.ground, explanation.rule, places)
    };
    assert_eq!(explain(&granted()), (Some(GROUND), None, vec![4, 0, 2]));
    assert_eq!(explain(&cast()), (None, Some(Rule::NoConsent), vec![]));
    assert_eq!(explain(&granted().revoked()), (None, Some(Rule::ConsentRevoked), vec![5, 4]));
    let stopped = granted().suspended();
    assert_eq!(explain(&stopped), (None, Some(Rule::OnlyAVerifiedDoctor), vec![5]));
    let expired = granted().later(minutes(8 * 24 * 60));
    assert_eq!(explain(&expired), (None, Some(Rule::ConsentExpired), vec![4]));
    // Of two consents the newest that opens is the one; the other says why it does not.
    let research = |o: &mut ConsentGranted| {
        (o.consent, o.purpose) = (OTHER_CONSENT, Purpose::Hresch);
    };
    let both = granted().granted(research);
    assert_eq!(explain(&both), (Some(GROUND), None, vec![4, 0, 2]));
    let asked = Question {
        reader: Reader::doctor(BO),
        report: REPORT,
        purpose: Purpose::Treat,
        now: both.0.now,
    };
    let explanation = known(&both).explain(&StreamName::patient(ANA), asked);
    let each: Vec<_> = explanation.consents.iter().map(|one| one.refused_by).collect();
    assert_eq!(each, [None, Some(Rule::PurposeNotCovered)]);
}
