//! Reacting to times that have come: whatever a list says is due, each by itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::journal::request::RequestKey;

use super::{
    DueReaction, Fate, ParkedReaction, Pass, Reaction, TRIES_MAX, caller, carry_out, say_parked,
    work_hinders,
};
use crate::execute::Executor;
use crate::ports::due_list::{Due, DueList};

/// Entries read at once.
const LOT: usize = 256;

/// A reaction to what is due, and what it could not do so far.
pub struct WhenDue<R: DueReaction> {
    reaction: R,
    list: Arc<dyn DueList<R::Item>>,
    key: RequestKey,
    /// Held for a whole pass.
    passing: tokio::sync::Mutex<()>,
    /// What went wrong with which entry of the list: the others go on.
    set_aside: Mutex<BTreeMap<u64, SetAside>>,
}

/// An entry that failed.
#[derive(Debug, Clone, Copy)]
enum SetAside {
    /// So often, and is tried again.
    Tried(u32),
    /// And is not tried again.
    Parked(ParkedReaction),
}

impl<R: DueReaction> WhenDue<R> {
    /// The reaction to the entries of `list`.
    pub fn new(reaction: R, list: Arc<dyn DueList<R::Item>>, key: RequestKey) -> Self {
        let passing = tokio::sync::Mutex::new(());
        Self { reaction, list, key, passing, set_aside: Mutex::default() }
    }

    fn set_aside(&self) -> MutexGuard<'_, BTreeMap<u64, SetAside>> {
        self.set_aside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take(&self, executor: &Executor, due: &Due<R::Item>) -> Fate {
        let which = self.reaction.which(&due.what);
        let name = match which.as_str() {
            "" => self.reaction.name().to_owned(),
            which => format!("{} {which}", self.reaction.name()),
        };
        let order = self.reaction.react(due);
        carry_out(executor, &order, caller(&self.key, &name, due.cause)).await
    }

    /// Notes what came of an entry; answers why the pass is not a good one, if so.
    fn note(&self, fate: Fate, due: &Due<R::Item>) -> Option<&'static str> {
        let mut set_aside = self.set_aside();
        let tried = match set_aside.get(&due.place) {
            Some(SetAside::Tried(tried)) => tried + 1,
            Some(SetAside::Parked(_)) | None => 1,
        };
        let reason = match fate {
            Fate::Settled => {
                set_aside.remove(&due.place);
                return None;
            }
            Fate::WritesRefused(why) => return Some(why),
            Fate::Again(why) if tried < TRIES_MAX => {
                set_aside.insert(due.place, SetAside::Tried(tried));
                return Some(why);
            }
            Fate::Again(why) | Fate::Hopeless(why) => why,
        };
        let parked = ParkedReaction { position: due.position, reason };
        let parked = SetAside::Parked(say_parked(self.reaction.name(), parked));
        set_aside.insert(due.place, parked);
        None
    }

    fn is_parked(&self, place: u64) -> bool {
        matches!(self.set_aside().get(&place), Some(SetAside::Parked(_)))
    }

    async fn go_through(&self, executor: &Executor) -> Result<Pass, Pass> {
        let now = executor.now();
        let (mut place, mut hindered) = (0, None);
        loop {
            let due = self.list.due(now, place, LOT).await.map_err(|error| work_hinders(&error))?;
            let Some(due) = due else { return Ok(Pass::Waiting) };
            for one in due.iter().filter(|one| !self.is_parked(one.place)) {
                let fate = self.take(executor, one).await;
                if fate == Fate::Settled {
                    let settled = self.list.settle(one).await;
                    settled.map_err(|error| work_hinders(&error))?;
                }
                if let Some(why) = self.note(fate, one) {
                    hindered = Some(why);
                }
                if let Fate::WritesRefused(why) = fate {
                    return Err(Pass::Hindered(why));
                }
            }
            match due.last() {
                Some(last) if due.len() == LOT => place = last.place + 1,
                Some(_) | None => return Ok(hindered.map_or(Pass::Done, Pass::Hindered)),
            }
        }
    }
}

#[async_trait]
impl<R: DueReaction> Reaction for WhenDue<R> {
    fn name(&self) -> &'static str {
        self.reaction.name()
    }

    fn what(&self) -> &'static str {
        self.reaction.what()
    }

    async fn pass(&self, executor: &Executor) -> Pass {
        let _passing = self.passing.lock().await;
        self.go_through(executor).await.unwrap_or_else(|hindered| hindered)
    }

    fn parked(&self) -> Vec<ParkedReaction> {
        let set_aside = self.set_aside();
        let parked = set_aside.values().filter_map(|entry| match entry {
            SetAside::Parked(parked) => Some(*parked),
            SetAside::Tried(_) => None,
        });
        parked.collect()
    }
}
