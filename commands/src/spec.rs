//! Given facts, when a command, then facts or a reason: how decisions are tested.

use std::fmt::Debug;

use domain::access::policy::Durable;
use domain::actor::Actor;
use domain::fact::Fact;
use domain::identity::event::SessionOpened;
use domain::ids::StreamName;
use domain::samples::{self, ANA, BO, CY, History, SESSION};
use domain::time::minutes;

use crate::decide::{Answer as _, Command, Decided, Decision, Refusal, States};

/// What happened before.
pub(crate) struct Given(History);

/// Nothing happened yet; it is noon.
pub(crate) fn given() -> Given {
    Given(History::default())
}

impl Given {
    /// A fact, at the present time of the specification.
    pub(crate) fn fact(mut self, stream: &StreamName, actor: Actor, fact: impl Into<Fact>) -> Self {
        self.0.record(stream, actor, fact);
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
        self.about_bo(samples::doctor_registered())
    }

    /// Bo is a verified doctor with an open session, Ana a patient with a laboratory report.
    pub(crate) fn the_cast(self) -> Self {
        self.bo_registered()
            .about_bo(samples::doctor_verified())
            .session(Actor::Doctor(BO))
            .ana(samples::patient_registered())
            .bo(samples::report_uploaded())
    }

    /// Bo is suspended.
    pub(crate) fn bo_suspended(self) -> Self {
        self.about_bo(samples::doctor_suspended())
    }

    /// Cy is an admin.
    pub(crate) fn cy_admitted(self) -> Self {
        self.fact(&StreamName::admins(), Actor::Admin(CY), samples::first_admin_admitted())
    }

    /// A session is open for twelve hours.
    pub(crate) fn session(self, account: Actor) -> Self {
        let until = self.0.now.plus(minutes(720));
        let opened = SessionOpened { account, until, ..samples::session_opened() };
        self.fact(&StreamName::session(SESSION), account, opened)
    }

    /// Time passes.
    pub(crate) fn later(mut self, span: std::time::Duration) -> Self {
        self.0.pass(span);
        self
    }

    /// The command's decision.
    pub(crate) fn when<C: Command>(&self, command: &C) -> Then {
        let written = command.streams().swap_remove(0);
        let decision = self.decision(command).map(|decided| match decided {
            Decided::Record(fact, following) => std::iter::once(fact).chain(following).collect(),
            Decided::Already(_) => vec![],
        });
        Then { written, decision }
    }

    fn decision<C: Command>(&self, command: &C) -> Decision<C::Done> {
        let fold = |(stream, folder): (StreamName, &dyn crate::folds::ErasedFold)| {
            let mut state = folder.start();
            for recorded in self.0.of(&stream) {
                folder.evolve(&mut state, recorded);
            }
            state
        };
        let streams = command.streams().into_iter();
        let states: Vec<_> = streams.zip(C::States::folders()).map(fold).collect();
        let refs = C::States::refs(&states).expect("streams fold to the states the command names");
        command.decide(refs, self.0.now)
    }

    /// The command's facts taken in as well: what it looks like when it is done.
    #[track_caller]
    pub(crate) fn done<C: Command>(self, actor: Actor, command: &C) -> Self {
        let then = self.when(command);
        let facts = then.decision.expect("the command is accepted");
        let written = then.written;
        let done = facts.into_iter().fold(self, |given, fact| given.fact(&written, actor, fact));
        assert!(done.answer(command).is_some(), "what is recorded says what the command answers");
        done
    }

    /// What the newest fact of the written stream answers.
    fn answer<C: Command>(&self, command: &C) -> Option<C::Done> {
        let written = command.streams().swap_remove(0);
        let newest = self.0.of(&written).last()?;
        C::Done::read(&Durable::vouch(newest.clone()))
    }

    /// The command is done, and done again: the first time adds a fact, the second time adds nothing and
    /// answers the same. `tests/tidy/complete.rs` looks for a call that names the command's type.
    #[track_caller]
    pub(crate) fn twice<C: Command<Done: Debug>>(self, actor: Actor, command: &C) -> Self {
        let before = self.0.facts.len();
        let done = self.done(actor, command);
        assert_eq!(done.0.facts.len(), before + 1, "the first time adds a fact");
        let first = format!("{:?}", done.answer(command).expect("done answers"));
        match done.decision(command).expect("the command is accepted a second time") {
            Decided::Already(second) => assert_eq!(format!("{second:?}"), first),
            Decided::Record(fact, _) => panic!("the second time adds {fact:?}"),
        }
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
