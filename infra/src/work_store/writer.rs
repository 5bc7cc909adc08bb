//! The one task that writes `work.db`: what waits is done in order in one transaction, and answered when it
//! is durable. A write that fails by its own fault fails alone.

use std::sync::Arc;

use async_trait::async_trait;
use commands::ports::credentials::WorkError;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::sqlite::errors::{Trouble, trouble};
use crate::sqlite::group_commit::{GroupWriter, begin, end, write_groups};

/// One thing to write, as a value: it may be done twice, if what it was done together with was undone.
#[async_trait]
pub(super) trait WorkWrite: Send + Sync + 'static {
    /// What whoever asked wants to know.
    type Answer: Send + 'static;

    /// Does it, within a transaction that holds other writes too.
    async fn write(&self, db: &mut SqliteConnection) -> Result<Self::Answer, sqlx::Error>;
}

/// Where an answer goes.
pub(super) type WriteAnswer<T> = oneshot::Sender<Result<T, WorkError>>;

/// A write and who waits for it.
pub(super) struct Waiting<W: WorkWrite> {
    write: W,
    /// What the write answered; it is told when it is durable.
    done: Option<W::Answer>,
    answer: WriteAnswer<W::Answer>,
}

impl<W: WorkWrite> Waiting<W> {
    pub(super) fn boxed(write: W, answer: WriteAnswer<W::Answer>) -> Box<dyn WaitingWrite> {
        Box::new(Self { write, done: None, answer })
    }
}

/// [`Waiting`], whatever it answers.
#[async_trait]
pub(super) trait WaitingWrite: Send {
    /// Whether nobody waits for it any more.
    fn is_given_up(&self) -> bool;

    async fn write(&mut self, db: &mut SqliteConnection) -> Result<(), sqlx::Error>;

    /// Answers, now that the transaction has ended.
    fn tell(self: Box<Self>, ended: Result<(), WorkError>);
}

#[async_trait]
impl<W: WorkWrite> WaitingWrite for Waiting<W> {
    fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    async fn write(&mut self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.done = Some(self.write.write(db).await?);
        Ok(())
    }

    fn tell(self: Box<Self>, ended: Result<(), WorkError>) {
        let Self { done, answer, .. } = *self;
        let undone = || WorkError::Store("the write was not made".into());
        // Whoever no longer waits asks again, or not.
        let _ = answer.send(ended.and_then(|()| done.ok_or_else(undone)));
    }
}

/// Owns the only connection that writes.
pub(super) struct WorkWriter {
    pub(super) db: SqliteConnection,
    /// Cancelled when the writer ends, above all because a write or an fsync failed.
    pub(super) stopped: CancellationToken,
}

impl WorkWriter {
    /// Works until nobody can ask any more, or until a group fails.
    pub(super) async fn run(mut self, jobs: mpsc::Receiver<Box<dyn WaitingWrite>>) {
        let _stop_on_any_end = self.stopped.clone().drop_guard();
        let never = CancellationToken::new();
        if write_groups(&mut self, jobs, &never).await.is_ok() {
            // Empties the write-ahead log; what is in it is durable either way.
            let _ = sqlx::Connection::close(self.db).await;
        }
    }

    async fn store(&mut self, jobs: &mut [Box<dyn WaitingWrite>]) -> Result<(), sqlx::Error> {
        begin(&mut self.db).await?;
        let mut done = Ok(());
        for job in jobs {
            done = job.write(&mut self.db).await;
            if done.is_err() {
                break;
            }
        }
        end(&mut self.db, done).await
    }
}

impl GroupWriter for WorkWriter {
    type Job = Box<dyn WaitingWrite>;

    const JOBS_MAX: usize = 512;

    async fn commit(&mut self, jobs: &mut Vec<Self::Job>) -> Result<(), Arc<sqlx::Error>> {
        jobs.retain(|job| !job.is_given_up());
        if jobs.is_empty() {
            return Ok(());
        }
        let stored = self.store(jobs).await;
        let own_fault = stored.as_ref().is_err_and(|error| trouble(error) == Trouble::Statement);
        if !own_fault || jobs.len() == 1 {
            return tell(jobs.drain(..), stored);
        }
        // One of them is at fault, and nothing was stored: each by itself, so that only that one fails.
        for mut job in jobs.drain(..) {
            let stored = self.store(std::slice::from_mut(&mut job)).await;
            tell([job], stored)?;
        }
        Ok(())
    }
}

/// Answers everybody; an error that may have left anything on the disk is the end.
fn tell(
    jobs: impl IntoIterator<Item = Box<dyn WaitingWrite>>,
    stored: Result<(), sqlx::Error>,
) -> Result<(), Arc<sqlx::Error>> {
    let Err(error) = stored else {
        jobs.into_iter().for_each(|job| job.tell(Ok(())));
        return Ok(());
    };
    let trouble = trouble(&error);
    let error = Arc::new(error);
    for job in jobs {
        job.tell(Err(match trouble {
            Trouble::DiskFull => WorkError::DiskFull,
            Trouble::Busy => WorkError::Busy,
            Trouble::Statement | Trouble::Lost => WorkError::Store(Box::new(Arc::clone(&error))),
        }));
    }
    if trouble == Trouble::Lost { Err(error) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;
    use sqlx::Connection as _;
    use sqlx::sqlite::SqliteConnectOptions;

    use super::super::fixture::WorkFixture;
    use super::*;

    /// Says how far a reaction is, once: a second time is a fault of its own.
    struct First(u32);

    #[async_trait]
    impl WorkWrite for First {
        type Answer = u32;

        async fn write(&self, db: &mut SqliteConnection) -> Result<u32, sqlx::Error> {
            let sql = "INSERT INTO reaction_cursors (reaction, next) VALUES (?, 0)";
            sqlx::query(sql).bind(self.0).execute(db).await?;
            Ok(self.0)
        }
    }

    /// Nothing that can be expected to happen.
    struct Impossible;

    #[async_trait]
    impl WorkWrite for Impossible {
        type Answer = ();

        async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
            sqlx::query("DELETE FROM nothing").execute(db).await.map(drop)
        }
    }

    async fn kept(fixture: &WorkFixture) -> i64 {
        let sql = "SELECT count(*) FROM reaction_cursors";
        sqlx::query_scalar(sql).fetch_one(&fixture.db.readers).await.unwrap()
    }

    #[tokio::test]
    async fn a_write_that_is_at_fault_fails_alone() {
        let fixture = WorkFixture::new().await;
        let numbers = [1, 2, 1, 3, 2, 4];
        let answers = join_all(numbers.map(|number| fixture.db.write(First(number)))).await;
        for (number, answer) in numbers.into_iter().zip(&answers) {
            if let Ok(answered) = answer {
                assert_eq!(*answered, number, "everybody hears of their own");
            }
        }
        let refused: Vec<bool> = answers.iter().map(Result::is_err).collect();
        assert_eq!(refused, [false, false, true, false, true, false], "in the order of asking");
        assert_eq!(kept(&fixture).await, 4);
        fixture.db.write(First(5)).await.unwrap();
    }

    #[tokio::test]
    async fn many_writes_share_their_commits() {
        let fixture = WorkFixture::new().await;
        let log = fixture.folder.path().join("work.db-wal");
        let before = std::fs::metadata(&log).unwrap().len();
        let answers = join_all((0..1_000).map(|number| fixture.db.write(First(number)))).await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(kept(&fixture).await, 1_000);
        // A commit of its own would write a page for every one of them.
        let written = std::fs::metadata(&log).unwrap().len() - before;
        assert!(written < 1_000 * 4_096 / 10, "{written}");
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_written() {
        let fixture = WorkFixture::new().await;
        let path = fixture.folder.path().join("work.db");
        let options = SqliteConnectOptions::new().filename(path);
        let mut shell = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut shell).await.unwrap();
        let mut held = Box::pin(fixture.db.write(First(1)));
        assert!(futures::poll!(&mut held).is_pending());
        while fixture.db.writes.capacity() < fixture.db.writes.max_capacity() {
            tokio::task::yield_now().await;
        }
        let mut given_up = Box::pin(fixture.db.write(First(2)));
        assert!(futures::poll!(&mut given_up).is_pending());
        drop(given_up);
        sqlx::raw_sql("COMMIT").execute(&mut shell).await.unwrap();
        held.await.unwrap();
        fixture.db.write(First(3)).await.unwrap();
        assert_eq!(kept(&fixture).await, 2);
    }

    #[tokio::test]
    async fn a_failure_that_nobody_expected_is_the_end() {
        let fixture = WorkFixture::new().await;
        let (before, failed) =
            tokio::join!(fixture.db.write(First(1)), fixture.db.write(Impossible));
        assert!(matches!(before, Err(WorkError::Store(_))), "one transaction, one fate");
        assert!(matches!(failed, Err(WorkError::Store(_))));
        fixture.db.stopped().cancelled().await;
        let after = fixture.db.write(First(2)).await;
        assert!(matches!(after, Err(WorkError::Store(_))));
        assert_eq!(kept(&fixture).await, 0, "reading goes on");
    }
}
