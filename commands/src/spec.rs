//! Given facts, when a command, then facts or a reason: how decisions are tested.

use std::collections::HashMap;

use domain::access::policy::Durable;
use domain::actor::Actor;
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::identity::event::{
    Client, DoctorRegistered, DoctorSuspended, DoctorVerified, PatientRegistered, SessionOpened,
    SubjectKey,
};
use domain::identity::specialty::Specialty;
use domain::ids::{
    AdminId, ChallengeId, ConsentId, DoctorId, EventId, KeyCommitment, KeyId, PatientId, ReportId,
    SessionId, StreamName, TokenHash, ViewingId,
};
use domain::journal::{Position, StreamVersion};
use domain::records::Category;
use domain::records::event::ReportUploaded;
use domain::time::{Moment, minutes};
use domain::words::Words;
use uuid::Uuid;

use crate::decide::{Answer as _, Command, Decided, Refusal, States};

pub(crate) const ANA: PatientId = PatientId::new(Uuid::from_u128(0xa));
pub(crate) const BO: DoctorId = DoctorId::new(Uuid::from_u128(0xb));
pub(crate) const CY: AdminId = AdminId::new(Uuid::from_u128(0xc));
pub(crate) const SESSION: SessionId = SessionId::new(Uuid::from_u128(0x5e));
pub(crate) const CONSENT: ConsentId = ConsentId::new(Uuid::from_u128(0xc0));
pub(crate) const REPORT: ReportId = ReportId::new(Uuid::from_u128(0x4e));
pub(crate) const VIEWING: ViewingId = ViewingId::new(Uuid::from_u128(0x71));
pub(crate) const CHALLENGE: ChallengeId = ChallengeId::new(Uuid::from_u128(0x0c));
pub(crate) const TOKEN: TokenHash = TokenHash([7; 32]);

/// Noon of a day in the specification's only month.
pub(crate) fn noon() -> Moment {
    "2026-11-23T12:00:00.000000Z".parse().unwrap()
}

pub(crate) fn words() -> Words {
    Words::Sealed("c2VhbGVk".to_owned())
}

pub(crate) fn key() -> SubjectKey {
    SubjectKey { key_id: KeyId([1; 16]), commitment: KeyCommitment([2; 32]) }
}

pub(crate) fn ana_registered() -> Fact {
    let (name, birth_date, email) = (words(), words(), words());
    PatientRegistered { patient: ANA, name, birth_date, email, key: key() }.into()
}

pub(crate) fn report_uploaded(report: ReportId, category: Category) -> Fact {
    ReportUploaded {
        report,
        report_version: 1,
        category,
        media_type: "application/pdf".to_owned(),
        title: words(),
        size: 1_000,
        blob: domain::ids::BlobHash([9; 32]),
        key_id: KeyId([1; 16]),
    }
    .into()
}

/// What happened before.
pub(crate) struct Given {
    now: Moment,
    count: u64,
    streams: HashMap<StreamName, Vec<Recorded>>,
}

/// Nothing happened yet; it is noon.
pub(crate) fn given() -> Given {
    Given { now: noon(), count: 0, streams: HashMap::new() }
}

impl Given {
    /// A fact, at the present time of the specification.
    pub(crate) fn fact(mut self, stream: &StreamName, actor: Actor, fact: impl Into<Fact>) -> Self {
        let lines = self.streams.entry(stream.clone()).or_default();
        lines.push(Recorded {
            position: Position(self.count),
            stream: stream.clone(),
            version: StreamVersion(u32::try_from(lines.len()).unwrap()),
            id: EventId::new(Uuid::from_u128(u128::from(self.count) + 1_000)),
            time: self.now,
            actor,
            behalf: None,
            cause_event: None,
            fact: fact.into(),
        });
        self.count += 1;
        self
    }

    /// A fact on Ana's stream, by Ana.
    pub(crate) fn ana(self, fact: impl Into<Fact>) -> Self {
        self.fact(&StreamName::patient(ANA), Actor::Patient(ANA), fact)
    }

    /// A fact on Ana's stream, by Bo.
    pub(crate) fn bo(self, fact: impl Into<Fact>) -> Self {
        self.fact(&StreamName::patient(ANA), Actor::Doctor(BO), fact)
    }

    /// A fact on Bo's stream, by admin Cy.
    pub(crate) fn about_bo(self, fact: impl Into<Fact>) -> Self {
        self.fact(&StreamName::doctor(BO), Actor::Admin(CY), fact)
    }

    /// Bo is registered.
    pub(crate) fn bo_registered(self) -> Self {
        let (name, email, licence, issuer) = (words(), words(), words(), words());
        let (specialty, specialty_text) = (Specialty::Radiology, words());
        self.about_bo(DoctorRegistered {
            doctor: BO,
            name,
            email,
            licence,
            issuer,
            specialty,
            specialty_text,
            key: key(),
        })
    }

    /// Bo is a verified doctor with an open session, Ana a patient with a laboratory report.
    pub(crate) fn the_cast(self) -> Self {
        self.bo_registered()
            .about_bo(DoctorVerified { evidence: words() })
            .session(Actor::Doctor(BO))
            .ana(ana_registered())
            .bo(report_uploaded(REPORT, Category::Laboratory))
    }

    /// Bo is suspended.
    pub(crate) fn bo_suspended(self) -> Self {
        self.about_bo(DoctorSuspended { reason: words() })
    }

    /// A session is open for twelve hours.
    pub(crate) fn session(self, account: Actor) -> Self {
        let until = self.now.plus(minutes(720));
        let opened = SessionOpened {
            session: SESSION,
            account,
            client: Client::Browser,
            practice: None,
            until,
        };
        self.fact(&StreamName::session(SESSION), account, opened)
    }

    /// Time passes.
    pub(crate) fn later(mut self, span: std::time::Duration) -> Self {
        self.now = self.now.plus(span);
        self
    }

    /// The command's decision.
    pub(crate) fn when<C: Command>(&self, command: &C) -> Then {
        let fold = |(stream, folder): (StreamName, &dyn crate::folds::Folder)| {
            let mut state = folder.start();
            for recorded in self.streams.get(&stream).into_iter().flatten() {
                folder.evolve(&mut state, recorded);
            }
            state
        };
        let states: Vec<_> =
            command.streams().into_iter().zip(C::States::folders()).map(fold).collect();
        let refs = C::States::refs(&states).expect("streams fold to the states the command names");
        let written = command.streams().swap_remove(0);
        let decision = command.decide(refs, self.now).map(|decided| match decided {
            Decided::Record(fact) => vec![fact],
            Decided::Already(_) => vec![],
        });
        Then { written, decision }
    }

    /// The command's facts taken in as well: what it looks like when it is done.
    pub(crate) fn done<C: Command>(self, actor: Actor, command: &C) -> Self {
        let then = self.when(command);
        let facts = then.decision.expect("the command is accepted");
        let written = then.written;
        let done = facts.into_iter().fold(self, |given, fact| given.fact(&written, actor, fact));
        let recorded = done.streams.get(&written).and_then(|lines| lines.last());
        let durable = recorded.map(|recorded| Durable::vouch(recorded.clone()));
        assert!(
            durable.as_ref().and_then(C::Done::read).is_some(),
            "what is recorded says what the command answers"
        );
        done
    }
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Then {
    written: StreamName,
    decision: Result<Vec<Fact>, Refusal>,
}

impl Then {
    /// Exactly these facts.
    #[track_caller]
    pub(crate) fn then(self, facts: &[Fact]) {
        assert_eq!(self.decision.expect("the command is accepted"), facts);
    }

    /// Nothing: it was done before.
    #[track_caller]
    pub(crate) fn then_nothing(self) {
        self.then(&[]);
    }

    /// Accepted, with facts of these types.
    #[track_caller]
    pub(crate) fn then_kinds(self, kinds: &[&str]) {
        let facts = self.decision.expect("the command is accepted");
        assert_eq!(facts.iter().map(Fact::kind).collect::<Vec<_>>(), kinds);
    }

    /// Refused for this reason; answers the facts that remember it.
    #[track_caller]
    pub(crate) fn refused(self, code: &str) -> Vec<Fact> {
        let refusal = self.decision.expect_err("the command is refused");
        assert_eq!(refusal.because.code, code);
        refusal.record
    }
}
