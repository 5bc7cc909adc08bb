//! The only reaction loop: what happened, or a time that has come, becomes a command.
//!
//! A reaction itself is pure and stands in its feature's `reactions/`. Here its orders are carried out: one
//! pass at a time, at least once each, under a request id made of the reaction's name and the event that
//! caused it, so that a second time adds nothing. A reaction never holds what a command waits for.

mod on_events;
mod when_due;

use async_trait::async_trait;
use domain::actor::Actor;
use domain::fold::Recorded;
use domain::ids::EventId;
use domain::journal::Position;
use domain::journal::request::RequestKey;

pub use self::on_events::OnEvents;
pub use self::when_due::WhenDue;
use crate::decide::{Command, Rejection, RejectionKind};
use crate::execute::{Caller, ExecuteError, Executor};
use crate::folds::FoldError;
use crate::ports::credentials::WorkError;
use crate::ports::due_list::Due;
use crate::ports::event_store::Request;
use crate::ports::key_vault::VaultError;

/// How often an order that failed for a reason of its own is tried before it is parked.
pub const TRIES_MAX: u32 = 8;

/// What follows from an event.
pub trait EventReaction: Send + Sync {
    /// The order it gives.
    type Order: Command<Done: Send>;

    /// Its name, for ever: request ids are made of it.
    fn name(&self) -> &'static str;

    /// What it does, for a person: `ends viewings whose time is over`.
    fn what(&self) -> &'static str;

    /// What the event leads to; nothing if it is not this reaction's business.
    fn react(&self, recorded: &Recorded) -> Option<Self::Order>;
}

/// What follows from a time that has come.
pub trait DueReaction: Send + Sync {
    /// What becomes due.
    type Item: Send + Sync;
    /// The order it gives.
    type Order: Command<Done: Send>;

    /// Its name, for ever: request ids are made of it.
    fn name(&self) -> &'static str;

    /// What it does, for a person: `ends viewings whose time is over`.
    fn what(&self) -> &'static str;

    /// What tells this item from others that the same event made due; nothing where there is only one.
    fn which(&self, _item: &Self::Item) -> String {
        String::new()
    }

    /// What the item leads to.
    fn react(&self, due: &Due<Self::Item>) -> Self::Order;
}

/// A reaction with all it needs, whatever it reacts to.
#[async_trait]
pub trait Reaction: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// What it does, for a person.
    fn what(&self) -> &'static str;

    /// Does what there is to do now. Whoever calls it while another pass runs waits for that one first.
    async fn pass(&self, executor: &Executor) -> Pass;

    /// What it could not do and does not try again until the process starts anew.
    fn parked(&self) -> Vec<ParkedReaction>;
}

/// What came of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Everything there was to do is done, or parked.
    Done,
    /// The list of what is due is being filled: nothing was done.
    Waiting,
    /// Something stood in the way of it: to be tried again after a rest.
    Hindered(&'static str),
}

/// An order that is not tried again until the process starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParkedReaction {
    /// The event that caused it.
    pub position: Position,
    /// Why, in words that hold nothing of what stands in it.
    pub reason: &'static str,
}

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is done, or there was nothing to do.
    Settled,
    /// The whole service cannot write: no fault of the order, however often it is tried.
    WritesRefused(&'static str),
    /// It may work at another try.
    Again(&'static str),
    /// It will fail however often it is tried.
    Hopeless(&'static str),
}

/// The caller of a reaction's order: nobody asked, so the system does it, and says which event it reacts to.
fn caller(key: &RequestKey, name: &str, cause: EventId) -> Caller {
    let id = key.reaction_id(name, cause);
    let request = Request::Keyed { id, digest: key.reaction_digest(name, cause) };
    Caller { cause_event: Some(cause), ..Caller::new(Actor::System, request) }
}

/// Carries an order out.
async fn carry_out<C: Command>(executor: &Executor, order: &C, caller: Caller) -> Fate {
    match executor.execute(order, caller).await {
        Ok(_) => Fate::Settled,
        Err(ExecuteError::Rejected(rejection)) => rejected(rejection),
        Err(error) => {
            tracing::warn!(%error, "a reaction's order failed");
            failed(&error)
        }
    }
}

/// A "no" is an answer, unless the order itself makes no sense or comes too soon.
fn rejected(Rejection { kind, code, .. }: Rejection) -> Fate {
    match kind {
        RejectionKind::Invalid => Fate::Hopeless("its order makes no sense"),
        RejectionKind::TooSoon => Fate::Again("its order came too soon"),
        RejectionKind::Unauthenticated
        | RejectionKind::Forbidden
        | RejectionKind::NotFound
        | RejectionKind::Conflict
        | RejectionKind::AlreadyThere => {
            tracing::info!(code, "a reaction's order was refused: there is nothing to do");
            Fate::Settled
        }
    }
}

const fn failed(error: &ExecuteError) -> Fate {
    match error {
        ExecuteError::Rejected(_) => Fate::Settled,
        ExecuteError::DiskFull | ExecuteError::Vault(VaultError::DiskFull) => {
            Fate::WritesRefused("the disk is full")
        }
        ExecuteError::ClockBehind(_) | ExecuteError::ClockOffWitness(_) => {
            Fate::WritesRefused("the clock is in doubt")
        }
        ExecuteError::Contended => Fate::Again("others keep writing the same record"),
        ExecuteError::Store(_) | ExecuteError::Fold(FoldError::Read(_)) => {
            Fate::Again("the event store failed")
        }
        ExecuteError::Vault(VaultError::Vault(_)) => Fate::Again("the key vault failed"),
        ExecuteError::Vault(VaultError::NoKey | VaultError::Damaged) => {
            Fate::Hopeless("a key is missing or does not open")
        }
        ExecuteError::Fold(FoldError::Unreadable { .. }) => {
            Fate::Hopeless("an event of the record cannot be read")
        }
        ExecuteError::RequestReused => Fate::Hopeless("its request id stands for something else"),
        ExecuteError::Line(_) => Fate::Hopeless("its event would be too long"),
        ExecuteError::NoAnswer | ExecuteError::Defect(_) => Fate::Hopeless("a defect"),
    }
}

/// Why work state stood in the way.
fn work_hinders(error: &WorkError) -> Pass {
    tracing::warn!(%error, "a reaction's own state could not be read or kept");
    Pass::Hindered("what is kept of it could not be read or written")
}

/// Says once that something is parked.
fn say_parked(reaction: &'static str, parked: ParkedReaction) -> ParkedReaction {
    let ParkedReaction { position, reason } = parked;
    tracing::error!(reaction, %position, reason, "a reaction is parked");
    parked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_is_an_answer_and_a_broken_house_is_no_fault_of_the_order() {
        let no = |kind| rejected(Rejection { kind, ..crate::throttles::TOO_MANY });
        assert_eq!(no(RejectionKind::Conflict), Fate::Settled);
        assert!(matches!(no(RejectionKind::Invalid), Fate::Hopeless(_)));
        assert!(matches!(no(RejectionKind::TooSoon), Fate::Again(_)));
        assert!(matches!(failed(&ExecuteError::DiskFull), Fate::WritesRefused(_)));
        assert!(matches!(failed(&ExecuteError::Contended), Fate::Again(_)));
        assert!(matches!(failed(&ExecuteError::Defect("x")), Fate::Hopeless(_)));
    }
}
