//! Reacting to events: every event in the order of the log, from a cursor of the reaction's own.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::journal::request::RequestKey;
use domain::journal::{Line, Position};

use super::{
    EventReaction, Fate, ParkedReaction, Pass, Reaction, TRIES_MAX, caller, carry_out, say_parked,
    work_hinders,
};
use crate::execute::Executor;
use crate::ports::cursors::Cursors;

/// Events read at once. The cursor is kept after each lot, and before whatever stands in the way.
const LOT: usize = 256;

/// A reaction to events and how far it has come.
pub struct OnEvents<R> {
    reaction: R,
    cursors: Arc<dyn Cursors>,
    key: RequestKey,
    /// Held for a whole pass. How often the event it stands at was tried.
    passing: tokio::sync::Mutex<(Position, u32)>,
    /// Events are taken in order: one that is parked stops the reaction.
    parked: Mutex<Option<ParkedReaction>>,
}

impl<R: EventReaction> OnEvents<R> {
    /// The reaction, its place kept in `cursors`. Never seen before, it begins at the end of the log: what
    /// happened before there was such a reaction is not reacted to.
    pub fn new(reaction: R, cursors: Arc<dyn Cursors>, key: RequestKey) -> Self {
        let passing = tokio::sync::Mutex::new((Position(0), 0));
        Self { reaction, cursors, key, passing, parked: Mutex::new(None) }
    }

    /// Takes the event in; answers why it cannot go on.
    async fn take(&self, executor: &Executor, line: &Line) -> Fate {
        // An event that nobody can read may be the one to react to.
        let Ok(recorded) = line.recorded() else {
            return Fate::Hopeless("the event cannot be read");
        };
        let Some(order) = self.reaction.react(&recorded) else { return Fate::Settled };
        let caller = caller(&self.key, self.reaction.name(), recorded.id);
        carry_out(executor, &order, caller).await
    }

    /// Whether the event that could not be taken in is tried again.
    fn hinder(&self, fate: Fate, at: Position, tries: &mut (Position, u32)) -> Pass {
        *tries = if tries.0 == at { (at, tries.1 + 1) } else { (at, 1) };
        let reason = match fate {
            Fate::Settled => return Pass::Done,
            Fate::WritesRefused(why) => return Pass::Hindered(why),
            Fate::Again(why) if tries.1 < TRIES_MAX => return Pass::Hindered(why),
            Fate::Again(why) | Fate::Hopeless(why) => why,
        };
        let parked = say_parked(self.reaction.name(), ParkedReaction { position: at, reason });
        *self.parked.lock().unwrap_or_else(PoisonError::into_inner) = Some(parked);
        Pass::Done
    }

    /// Where it stands; at the end of the log if it never stood anywhere, or if the log is a shorter one now.
    async fn stand(&self, executor: &Executor) -> Result<Position, Pass> {
        let end = Position(executor.newest().map_or(0, |newest| newest.0 + 1));
        let kept = self.cursors.cursor(self.reaction.name()).await;
        match kept.map_err(|error| work_hinders(&error))? {
            Some(next) if next <= end => Ok(next),
            Some(_) | None => {
                self.keep(end).await?;
                Ok(end)
            }
        }
    }

    async fn keep(&self, next: Position) -> Result<(), Pass> {
        let kept = self.cursors.keep_cursor(self.reaction.name(), next).await;
        kept.map_err(|error| work_hinders(&error))
    }

    async fn follow(&self, executor: &Executor, tries: &mut (Position, u32)) -> Result<Pass, Pass> {
        let mut next = self.stand(executor).await?;
        loop {
            let lines = executor.read_all(next, LOT).await;
            let lines = lines.map_err(|_| Pass::Hindered("the event store failed"))?;
            let Some(last) = lines.last() else { return Ok(Pass::Done) };
            let end = Position(last.position.0 + 1);
            for line in &lines {
                let fate = self.take(executor, line).await;
                if fate != Fate::Settled {
                    self.keep(line.position).await?;
                    return Ok(self.hinder(fate, line.position, tries));
                }
            }
            self.keep(end).await?;
            next = end;
        }
    }
}

#[async_trait]
impl<R: EventReaction> Reaction for OnEvents<R> {
    fn name(&self) -> &'static str {
        self.reaction.name()
    }

    fn what(&self) -> &'static str {
        self.reaction.what()
    }

    async fn pass(&self, executor: &Executor) -> Pass {
        let mut tries = self.passing.lock().await;
        if !self.parked().is_empty() {
            return Pass::Done;
        }
        self.follow(executor, &mut tries).await.unwrap_or_else(|hindered| hindered)
    }

    fn parked(&self) -> Vec<ParkedReaction> {
        let parked = *self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        parked.into_iter().collect()
    }
}
