//! One access, judged on what stood before it: the decision that was made then, made again.

use super::known::{DoctorFile, Place, Reach, ReviewedLog, ReviewedRecord, SessionFile};
use super::mark::{Flaw, Mark};
use super::reason::because;
use crate::access::event::{
    AccessFact, ClinicalListShown, PageShown, RecordViewed, ReportDownloaded, ViewRefused,
    ViewTokenIssued, ViewingEnded,
};
use crate::access::ground::Ground;
use crate::access::policy::Rule;
use crate::access::policy::lives::TokenFlaw;
use crate::access::policy::v1::{Question, TOKEN_LIFE, VIEWING_LIFE};
use crate::access::policy::v2;
use crate::access::policy::version::Version;
use crate::access::state::Viewing;
use crate::actor::Actor;
use crate::consent::grantee::Reader;
use crate::fold::Recorded;
use crate::ids::{DoctorId, SessionId};
use crate::time::Moment;

/// A permit was in force; or why not, and the events that say so.
pub(super) type Judged = Result<(), (Flaw, Vec<Mark>)>;

/// What became of an event of access.
pub(super) enum Judgement {
    /// It shows or opens something.
    Access(Judged),
    /// It refuses, and this is what the policy says today: a "no" by this rule, or a yes.
    Refusal(Rule, Result<(), Rule>),
    /// It refuses for a session, and does not say for which.
    RefusalOfSession,
    /// It shows nothing.
    Silent,
}

/// Judges an access on what is known before it.
pub(super) fn judge(known: &ReviewedLog, recorded: &Recorded, fact: &AccessFact) -> Judgement {
    if recorded.stream.patient_id().is_none() {
        return Judgement::Access(no(Flaw::NoPatientsStream, []));
    }
    match fact {
        AccessFact::TokenIssued(issued) => {
            let scene = Scene::of(known, recorded, issued.doctor, issued.session);
            Judgement::Access(scene.token(issued).and_then(|()| scene.in_order()))
        }
        AccessFact::Viewed(viewed) => {
            let scene = Scene::of(known, recorded, viewed.doctor, viewed.session);
            Judgement::Access(scene.viewing(viewed).and_then(|()| scene.in_order()))
        }
        AccessFact::PageShown(page) => Judgement::Access(page_shown(known, recorded, page)),
        // It takes nothing back: the page it is about was judged as shown.
        AccessFact::PageNotDrawn(_) => Judgement::Silent,
        AccessFact::ListShown(shown) => Judgement::Access(words(known, recorded, shown)),
        AccessFact::Downloaded(download) => {
            Judgement::Access(downloaded(known.record(&recorded.stream), recorded, download))
        }
        AccessFact::Refused(refused) => refusal(known, recorded, refused),
        AccessFact::ViewingEnded(ended) => stopped(known, recorded, ended),
    }
}

fn no(flaw: Flaw, because: impl IntoIterator<Item = Mark>) -> Judged {
    Err((flaw, because.into_iter().collect()))
}

/// The version that an access names; one that names another than there was so far is not waved through.
fn known_policy(version: u32) -> Result<Version, (Flaw, Vec<Mark>)> {
    Version::of(version).ok_or_else(|| (Flaw::UnknownPolicy, Vec::new()))
}

fn lives(from: Moment, until: Moment, life: std::time::Duration, flaw: Flaw) -> Judged {
    if from < until && until <= from.plus(life) { Ok(()) } else { no(flaw, []) }
}

/// Everything a decision about a doctor at a record reads.
struct Scene<'a> {
    record: &'a ReviewedRecord,
    doctor: &'a DoctorFile,
    session: &'a SessionFile,
    doctor_id: DoctorId,
    recorded: &'a Recorded,
}

impl<'a> Scene<'a> {
    fn of(
        known: &'a ReviewedLog,
        recorded: &'a Recorded,
        who: DoctorId,
        session: SessionId,
    ) -> Self {
        let record = known.record(&recorded.stream);
        let doctor = known.doctor(who);
        let session = known.session(session);
        Self { record, doctor, session, doctor_id: who, recorded }
    }

    /// As the decisions of this version see the doctor.
    const fn reader(&self) -> Reader {
        Reader::doctor(self.doctor_id)
    }

    /// What must hold before anything of a doctor's can be judged.
    fn sound(&self) -> Judged {
        if self.recorded.actor != Actor::Doctor(self.doctor_id) {
            return no(Flaw::AnotherActor, []);
        }
        if self.recorded.behalf.is_some() {
            return no(Flaw::OnAnothersBehalf, []);
        }
        let reaches = [self.record.reach, self.doctor.reach, self.session.reach];
        if reaches.iter().any(|reach| reach.unknown.is_some()) {
            return no(Flaw::UnknownEventBefore, []);
        }
        Ok(())
    }

    fn in_order(&self) -> Judged {
        let reaches = [self.record.reach, self.doctor.reach, self.session.reach];
        in_order(&reaches, self.recorded)
    }

    fn session_open(&self) -> Judged {
        let actor = Actor::Doctor(self.doctor_id);
        if self.session.session.is_open_for(actor, self.recorded.time) {
            return Ok(());
        }
        let mark = self.session.ended.or(self.session.opened);
        no(Flaw::Rule(Rule::OnlyAnOpenSession), mark)
    }

    fn refused(&self, rule: Rule, asked: Question, only: Option<Ground>) -> Judged {
        no(Flaw::Rule(rule), because(rule, (self.record, self.doctor), asked, only))
    }

    /// Whether those who gave the permit could give it.
    fn given_rightly(&self, ground: Ground) -> Judged {
        let granted = self.record.granted(ground);
        let patient = self.recorded.stream.patient_id().map(Actor::Patient);
        if granted.is_none_or(|mark| Some(mark.actor) != patient) {
            return no(Flaw::ConsentNotByPatient, granted);
        }
        self.standing_rightly()
    }

    /// Whether those who may gave the doctor their standing.
    fn standing_rightly(&self) -> Judged {
        let standing = self.doctor.standing;
        if standing.is_some_and(|mark| matches!(mark.actor, Actor::Admin(_))) {
            return Ok(());
        }
        no(Flaw::StandingNotByAdmin, standing)
    }

    /// The decision that a token and its use share.
    fn may_open(&self, by: Version, asked: Question, named: Ground) -> Judged {
        self.session_open()?;
        match by.may_open(&self.record.chart, &self.doctor.doctor, asked) {
            Err(rule) => self.refused(rule, asked, None),
            Ok(found) if found == named => self.given_rightly(found),
            Ok(found) => no(Flaw::AnotherGround, self.record.granted(found)),
        }
    }

    fn token(&self, issued: &ViewTokenIssued) -> Judged {
        self.sound()?;
        let by = known_policy(issued.policy)?;
        if self.record.chart.access.tokens.contains_key(&issued.token_hash) {
            let before = self.record.place(Place::TokenIssued(issued.token_hash));
            return no(Flaw::TokenIssuedTwice, before);
        }
        let now = self.recorded.time;
        lives(now, issued.until, TOKEN_LIFE, Flaw::TokenLife)?;
        let reader = self.reader();
        let report = issued.report;
        let purpose = issued.purpose;
        self.may_open(by, Question { reader, report, purpose, now }, issued.ground)
    }

    fn viewing(&self, viewed: &RecordViewed) -> Judged {
        self.sound()?;
        let by = known_policy(viewed.policy)?;
        if self.record.chart.access.viewings.contains_key(&viewed.viewing) {
            let before = self.record.place(Place::Viewing(viewed.viewing));
            return no(Flaw::ViewingOpenedTwice, before);
        }
        self.token_opens(viewed)?;
        let now = self.recorded.time;
        lives(now, viewed.until, VIEWING_LIFE, Flaw::ViewingLife)?;
        let reader = self.reader();
        let report = viewed.report;
        let purpose = viewed.purpose;
        self.may_open(by, Question { reader, report, purpose, now }, viewed.ground)
    }

    /// Whether the token was this doctor's in this session, for this, unused and not too old.
    fn token_opens(&self, viewed: &RecordViewed) -> Judged {
        let Some(token) = self.record.chart.access.tokens.get(&viewed.token_hash) else {
            return no(Flaw::NoSuchToken, []);
        };
        let issued_at = self.record.place(Place::TokenIssued(viewed.token_hash));
        match token.may_be_used(viewed.doctor, viewed.session, self.recorded.time) {
            Ok(()) => {}
            Err(TokenFlaw::OfAnother) => return no(Flaw::TokenOfAnother, issued_at),
            Err(TokenFlaw::Used) => {
                return no(Flaw::TokenUsed, self.record.place(Place::TokenUsed(viewed.token_hash)));
            }
            Err(TokenFlaw::Expired) => return no(Flaw::TokenExpired, issued_at),
        }
        // A decision takes both from the token; a line may say otherwise.
        if token.issued.report != viewed.report || token.issued.purpose != viewed.purpose {
            return no(Flaw::TokenForAnother, issued_at);
        }
        Ok(())
    }

    /// Whether an open viewing may go on.
    fn may_continue(&self, viewing: &Viewing) -> Judged {
        let opened = &viewing.opened;
        let opened_at = self.record.place(Place::Viewing(opened.viewing));
        if self.record.unpermitted.contains(&opened.viewing) {
            return no(Flaw::ViewingWithoutPermit, opened_at);
        }
        let now = self.recorded.time;
        let states = (&self.record.chart, &self.doctor.doctor, &self.session.session);
        match viewing.may_go_on(states, now) {
            Ok(()) => self.given_rightly(opened.ground),
            Err(Rule::ViewingEnded) => {
                let ended_at = self.record.place(Place::ViewingEnded(opened.viewing));
                no(Flaw::Rule(Rule::ViewingEnded), ended_at)
            }
            Err(Rule::ViewingExpired) => no(Flaw::Rule(Rule::ViewingExpired), opened_at),
            Err(Rule::OnlyAnOpenSession) => self.session_open(),
            Err(rule) => self.refused(rule, viewing.question(now), Some(opened.ground)),
        }
    }
}

/// A decision's time is never before the newest event of the streams it read.
fn in_order(reaches: &[Reach], recorded: &Recorded) -> Judged {
    let later = reaches.iter().filter_map(|reach| reach.latest);
    match later.max_by_key(|mark| mark.time).filter(|mark| mark.time > recorded.time) {
        Some(later) => no(Flaw::TimeGoesBack, [later]),
        None => Ok(()),
    }
}

fn page_shown(known: &ReviewedLog, recorded: &Recorded, page: &PageShown) -> Judged {
    let record = known.record(&recorded.stream);
    let Some(viewing) = record.chart.access.viewings.get(&page.viewing) else {
        return no(Flaw::NoSuchViewing, []);
    };
    let opened = &viewing.opened;
    let opened_at = record.place(Place::Viewing(page.viewing));
    if opened.doctor != page.doctor {
        return no(Flaw::ViewingOfAnother, opened_at);
    }
    if opened.report != page.report {
        return no(Flaw::ViewingOfAnotherReport, opened_at);
    }
    if opened.ground != page.ground {
        return no(Flaw::AnotherGround, opened_at);
    }
    let scene = Scene::of(known, recorded, page.doctor, opened.session);
    scene.sound()?;
    // A page names no policy: the one that opened the viewing decides on.
    known_policy(opened.policy)?;
    scene.may_continue(viewing)?;
    scene.in_order()
}

/// A list with clinical text asks for a verified doctor, an open session and any consent, past or present.
fn words(known: &ReviewedLog, recorded: &Recorded, shown: &ClinicalListShown) -> Judged {
    let Actor::Doctor(doctor) = shown.viewer else { return no(Flaw::AnotherActor, []) };
    let scene = Scene::of(known, recorded, doctor, shown.session);
    scene.sound()?;
    let (chart, account) = (&scene.record.chart, &scene.doctor.doctor);
    let link = v2::may_list(chart, account, scene.reader(), recorded.time);
    if link == Err(Rule::OnlyAVerifiedDoctor) {
        return no(Flaw::Rule(Rule::OnlyAVerifiedDoctor), scene.doctor.standing);
    }
    scene.session_open()?;
    match link {
        Ok(found) if found == shown.ground => scene.given_rightly(found)?,
        Ok(found) => return no(Flaw::AnotherGround, scene.record.granted(found)),
        Err(rule) => return no(Flaw::Rule(rule), scene.record.unlinked(scene.reader())),
    }
    scene.in_order()
}

fn downloaded(record: &ReviewedRecord, recorded: &Recorded, download: &ReportDownloaded) -> Judged {
    if recorded.stream.patient_id().map(Actor::Patient) != Some(recorded.actor) {
        return no(Flaw::AnotherActor, []);
    }
    if recorded.behalf.is_some() {
        return no(Flaw::OnAnothersBehalf, []);
    }
    if download.ground != (Ground::Own {}) {
        return no(Flaw::AnotherGround, []);
    }
    if record.reach.unknown.is_some() {
        return no(Flaw::UnknownEventBefore, []);
    }
    if !record.chart.reports.contains_key(&download.report) {
        return no(Flaw::Rule(Rule::NoSuchReport), []);
    }
    in_order(&[record.reach], recorded)
}

fn refusal(known: &ReviewedLog, recorded: &Recorded, refused: &ViewRefused) -> Judgement {
    if refused.rule == Rule::OnlyAnOpenSession {
        return Judgement::RefusalOfSession;
    }
    let record = known.record(&recorded.stream);
    let doctor = known.doctor(refused.doctor);
    // A report that is not named is one that does not exist: only what is asked before it can differ.
    let Some(report) = refused.report else {
        let now = if doctor.is_verified() { Rule::NoSuchReport } else { Rule::OnlyAVerifiedDoctor };
        return Judgement::Refusal(refused.rule, Err(now));
    };
    let reader = Reader::doctor(refused.doctor);
    let purpose = refused.purpose;
    let asked = Question { reader, report, purpose, now: recorded.time };
    let by = Version::of(refused.policy).unwrap_or(Version::Two);
    let now = by.may_open(&record.chart, &doctor.doctor, asked).map(|_| ());
    Judgement::Refusal(refused.rule, now)
}

/// A viewing that a rule ended is a refusal too; one that was closed shows nothing.
fn stopped(known: &ReviewedLog, recorded: &Recorded, ended: &ViewingEnded) -> Judgement {
    let Some(rule) = ended.rule else { return Judgement::Silent };
    let record = known.record(&recorded.stream);
    let Some(viewing) = record.chart.access.viewings.get(&ended.viewing) else {
        return Judgement::Silent;
    };
    let opened = &viewing.opened;
    let scene = Scene::of(known, recorded, opened.doctor, opened.session);
    let now = match scene.may_continue(viewing) {
        Err((Flaw::Rule(now), _)) => Err(now),
        // What has no permit for another reason was rightly stopped.
        Err(_) => Err(rule),
        Ok(()) => Ok(()),
    };
    Judgement::Refusal(rule, now)
}
