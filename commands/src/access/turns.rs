//! Turns at drawing: pages are drawn by few processes at once, for one reader after the other. Whoever asks
//! for many pages, or for one that takes long, waits behind themselves and not before everybody else.

mod heavy;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::actor::Actor;
use domain::ids::BlobHash;
use domain::time::Moment;
use tokio::sync::oneshot;
use tokio::time::timeout;

use self::heavy::HeavyPages;
use crate::decide::rejections;

rejections! {
    /// Why a reader gets no turn.
    TurnRejection {
        /// Their own pages stand in line.
        TooManyPages = TooSoon, "too_many_pages", "You have asked for more pages at once than wait for one reader.", "Wait for the pages you asked for, then ask for the next.";
    }
}

/// How many turns there are.
#[derive(Debug, Clone, Copy)]
pub struct TurnLimits {
    /// Pages drawn at once, in all.
    pub at_once: usize,
    /// Pages drawn at once for one reader.
    pub at_once_each: usize,
    /// Pages of one reader that may wait.
    pub waiting_each: usize,
    /// Pages that may wait, in all.
    pub waiting: usize,
    /// How long a page waits.
    pub wait_max: Duration,
}

/// Why there is no turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTurn {
    /// The reader's own pages fill their part of the line.
    #[error("too many pages of this reader wait")]
    OwnPagesWait,
    /// Too many pages wait in all, or none was finished in time.
    #[error("too many pages wait")]
    Busy,
    /// Drawing this page took too much not long ago.
    #[error("the page is known to be too heavy")]
    TooHeavy,
}

/// A page as those who give turns know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedPage {
    /// Whose turn it will be.
    pub reader: Actor,
    /// The report's container.
    pub blob: BlobHash,
    /// Page number, from 1.
    pub page: u32,
    /// Whether it is a part of the page: what a page takes says nothing of a part, nor the other way round.
    pub part: bool,
}

/// The turns, and the pages that get none because they took too much.
#[derive(Clone)]
pub struct DrawingTurns(Arc<Shared>);

struct Shared {
    limits: TurnLimits,
    line: Mutex<ReadersInLine>,
    heavy: Mutex<HeavyPages>,
}

/// Leave to draw one page; the next one's turn comes when it is dropped.
pub struct DrawingTurn {
    of: DrawingTurns,
    reader: Actor,
}

impl Drop for DrawingTurn {
    fn drop(&mut self) {
        self.of.line().end(self.reader);
        self.of.call();
    }
}

impl DrawingTurns {
    /// So many turns; at least one.
    pub fn new(limits: TurnLimits) -> Self {
        let TurnLimits { at_once, at_once_each, .. } = limits;
        let (at_once, at_once_each) = (at_once.max(1), at_once_each.max(1));
        let limits = TurnLimits { at_once, at_once_each, ..limits };
        Self(Arc::new(Shared { limits, line: Mutex::default(), heavy: Mutex::default() }))
    }

    /// Waits for a turn. Dropping the future leaves the line.
    pub async fn take(&self, asked: AskedPage, now: Moment) -> Result<DrawingTurn, NoTurn> {
        if self.heavy().holds(asked, now) {
            return Err(NoTurn::TooHeavy);
        }
        let (give, given) = oneshot::channel();
        self.line().join(&self.0.limits, asked.reader, give)?;
        self.call();
        // The line keeps what it was given until the turn comes, so both errors mean that none came.
        let Ok(Ok(turn)) = timeout(self.0.limits.wait_max, given).await else {
            return Err(NoTurn::Busy);
        };
        // It may have been found out meanwhile, by whoever asked for the same page before.
        if self.heavy().holds(asked, now) { Err(NoTurn::TooHeavy) } else { Ok(turn) }
    }

    /// Remembers for a while that a page took too much.
    pub fn note_heavy(&self, asked: AskedPage, now: Moment) {
        self.heavy().note(asked, now);
    }

    /// Gives out every turn that is free. Outside the lock: a turn that nobody waits for any more is dropped
    /// here, and so gives itself back.
    fn call(&self) {
        loop {
            let next = self.line().next(&self.0.limits);
            let Some((reader, give)) = next else { return };
            drop(give.send(DrawingTurn { of: self.clone(), reader }));
        }
    }

    fn line(&self) -> MutexGuard<'_, ReadersInLine> {
        self.0.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn heavy(&self) -> MutexGuard<'_, HeavyPages> {
        self.0.heavy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type WaitingPages = VecDeque<oneshot::Sender<DrawingTurn>>;

/// Who is drawn for, and who waits: the readers in the order in which they are served, each with the pages
/// they wait for, oldest first.
#[derive(Default)]
struct ReadersInLine {
    running: HashMap<Actor, usize>,
    readers: VecDeque<(Actor, WaitingPages)>,
}

impl ReadersInLine {
    fn join(
        &mut self,
        limits: &TurnLimits,
        reader: Actor,
        give: oneshot::Sender<DrawingTurn>,
    ) -> Result<(), NoTurn> {
        self.forget_who_left();
        if self.readers.iter().map(|(_, waiting)| waiting.len()).sum::<usize>() >= limits.waiting {
            return Err(NoTurn::Busy);
        }
        match self.readers.iter_mut().find(|(waits, _)| *waits == reader) {
            None => self.readers.push_back((reader, [give].into())),
            Some((_, waiting)) if waiting.len() >= limits.waiting_each => {
                return Err(NoTurn::OwnPagesWait);
            }
            Some((_, waiting)) => waiting.push_back(give),
        }
        Ok(())
    }

    fn forget_who_left(&mut self) {
        self.readers.iter_mut().for_each(|(_, waiting)| waiting.retain(|give| !give.is_closed()));
        self.readers.retain(|(_, waiting)| !waiting.is_empty());
    }

    /// The next turn, if one is free and somebody may have it: that reader goes to the end of the line.
    fn next(&mut self, limits: &TurnLimits) -> Option<(Actor, oneshot::Sender<DrawingTurn>)> {
        self.forget_who_left();
        if self.running.values().sum::<usize>() >= limits.at_once {
            return None;
        }
        let running = |reader: &Actor| self.running.get(reader).copied().unwrap_or_default();
        let mut readers = self.readers.iter();
        let place = readers.position(|(reader, _)| running(reader) < limits.at_once_each)?;
        let (reader, mut waiting) = self.readers.remove(place)?;
        let give = waiting.pop_front()?;
        if !waiting.is_empty() {
            self.readers.push_back((reader, waiting));
        }
        *self.running.entry(reader).or_default() += 1;
        Some((reader, give))
    }

    fn end(&mut self, reader: Actor) {
        if let Some(running) = self.running.get_mut(&reader) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(&reader);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;

    use domain::ids::DoctorId;
    use domain::samples::noon;
    use futures::FutureExt as _;

    use super::*;

    const LIMITS: TurnLimits = TurnLimits {
        at_once: 2,
        at_once_each: 1,
        waiting_each: 3,
        waiting: 8,
        wait_max: Duration::from_secs(30),
    };

    fn reader(n: u128) -> Actor {
        Actor::Doctor(DoctorId::new(uuid::Uuid::from_u128(n)))
    }

    fn page(reader: Actor) -> AskedPage {
        AskedPage { reader, blob: BlobHash([7; 32]), page: 1, part: false }
    }

    /// A page in the line: its reader, and which of theirs it is.
    type Name = (u128, u32);
    type Came = Vec<(Name, DrawingTurn)>;

    /// Somebody in the line.
    struct Asking {
        name: Name,
        turn: Pin<Box<dyn Future<Output = Result<DrawingTurn, NoTurn>>>>,
    }

    /// Readers ask for pages in this order; each is asked once, so that it stands in line.
    fn ask(turns: &DrawingTurns, names: &[Name]) -> (Came, Vec<Asking>) {
        let mut waiting = Vec::new();
        for name in names.iter().copied() {
            let turns = turns.clone();
            let turn = async move { turns.take(page(reader(name.0)), noon()).await };
            waiting.push(Asking { name, turn: Box::pin(turn) });
        }
        (came(&mut waiting), waiting)
    }

    /// The turns that came, in the order of the asking.
    fn came(waiting: &mut Vec<Asking>) -> Came {
        let mut came = Vec::new();
        waiting.retain_mut(|asking| match (&mut asking.turn).now_or_never() {
            Some(Ok(turn)) => {
                came.push((asking.name, turn));
                false
            }
            Some(Err(no)) => panic!("{:?}: {no}", asking.name),
            None => true,
        });
        came
    }

    fn names(turns: &[(Name, DrawingTurn)]) -> Vec<Name> {
        turns.iter().map(|(name, _)| *name).collect()
    }

    #[tokio::test]
    async fn one_reader_after_the_other_however_many_pages_each_asks_for() {
        let turns = DrawingTurns::new(TurnLimits { at_once: 1, ..LIMITS });
        let (mut now, mut waiting) = ask(&turns, &[(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (3, 1)]);
        let mut order = Vec::new();
        while !now.is_empty() {
            order.extend(names(&now));
            drop(now);
            now = came(&mut waiting);
        }
        assert_eq!(order, [(1, 1), (1, 2), (2, 1), (3, 1), (1, 3), (1, 4)]);
    }

    #[tokio::test]
    async fn a_place_is_kept_for_another_reader() {
        let turns = DrawingTurns::new(LIMITS);
        let (now, mut waiting) = ask(&turns, &[(1, 1), (1, 2), (1, 3)]);
        assert_eq!(names(&now), [(1, 1)], "one of two");
        let (other, _) = ask(&turns, &[(2, 1)]);
        assert_eq!(names(&other), [(2, 1)], "at once, before pages that waited longer");
        assert!(came(&mut waiting).is_empty());
        drop(now);
        assert_eq!(names(&came(&mut waiting)), [(1, 2)]);
    }

    #[tokio::test]
    async fn the_line_is_bounded_for_each_and_for_all() {
        let turns = DrawingTurns::new(LIMITS);
        let (_now, _waiting) = ask(&turns, &[(1, 1), (1, 2), (1, 3), (1, 4)]);
        let more = turns.take(page(reader(1)), noon()).await.err();
        assert_eq!(more, Some(NoTurn::OwnPagesWait));
        let (_others, _line) = ask(&turns, &[(2, 1), (2, 2), (3, 1), (4, 1), (5, 1), (6, 1)]);
        let full = turns.take(page(reader(9)), noon()).await.err();
        assert_eq!(full, Some(NoTurn::Busy));
    }

    #[tokio::test]
    async fn whoever_leaves_the_line_takes_no_turn() {
        let turns = DrawingTurns::new(TurnLimits { at_once: 1, ..LIMITS });
        let (now, mut waiting) = ask(&turns, &[(1, 1), (2, 1), (2, 2), (3, 1)]);
        waiting.remove(0);
        drop(now);
        let next = came(&mut waiting);
        assert_eq!(names(&next), [(2, 2)]);
        // A turn that came and was never looked at goes on to the next.
        waiting.clear();
        drop(next);
        let (free, _) = ask(&turns, &[(4, 1)]);
        assert_eq!(names(&free), [(4, 1)]);
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let turns =
            DrawingTurns::new(TurnLimits { at_once: 1, wait_max: Duration::ZERO, ..LIMITS });
        let first = turns.take(page(reader(1)), noon()).await.ok().unwrap();
        assert_eq!(turns.take(page(reader(2)), noon()).await.err(), Some(NoTurn::Busy));
        drop(first);
        assert!(turns.take(page(reader(2)), noon()).await.is_ok());
    }

    #[tokio::test]
    async fn a_page_that_took_too_much_gets_no_turn() {
        let turns = DrawingTurns::new(LIMITS);
        turns.note_heavy(page(reader(1)), noon());
        assert_eq!(turns.take(page(reader(2)), noon()).await.err(), Some(NoTurn::TooHeavy));
    }

    #[tokio::test]
    async fn nor_does_one_that_waited_while_it_was_found_out() {
        let turns = DrawingTurns::new(TurnLimits { at_once: 1, ..LIMITS });
        let (now, _) = ask(&turns, &[(1, 1)]);
        let mut second = Box::pin(turns.take(page(reader(2)), noon()));
        assert!((&mut second).now_or_never().is_none());
        turns.note_heavy(page(reader(1)), noon());
        drop(now);
        assert_eq!(second.await.err(), Some(NoTurn::TooHeavy));
    }
}
