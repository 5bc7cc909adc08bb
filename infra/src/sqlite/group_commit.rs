//! The group commit. One task writes a database; whatever waits when its turn comes is stored in one
//! transaction with one fsync, and answered when that is on the disk. A thousand callers do not wait for a
//! thousand fsyncs.

use std::sync::Arc;

use sqlx::sqlite::SqliteConnection;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Owns the only connection that writes a database.
pub(crate) trait GroupWriter: Send {
    /// What it is asked to do, and who waits for it.
    type Job: Send;

    /// Most jobs in one transaction.
    const JOBS_MAX: usize;

    /// Stores `jobs` in one transaction, takes them off the list and answers each.
    ///
    /// # Errors
    /// After a write, a commit or an fsync that failed nobody knows what reached the disk. Everybody who
    /// waited has been told, and nothing is tried again: the database must be opened anew.
    fn commit(
        &mut self,
        jobs: &mut Vec<Self::Job>,
    ) -> impl Future<Output = Result<(), Arc<sqlx::Error>>> + Send;
}

/// Works until `closing` is cancelled or nobody can ask any more, or until a group fails.
///
/// # Errors
/// See [`GroupWriter::commit`].
pub(crate) async fn write_groups<W: GroupWriter>(
    writer: &mut W,
    mut jobs: mpsc::Receiver<W::Job>,
    closing: &CancellationToken,
) -> Result<(), Arc<sqlx::Error>> {
    let mut waiting = Vec::new();
    while gather(&mut jobs, closing, &mut waiting, W::JOBS_MAX).await {
        writer.commit(&mut waiting).await?;
        waiting.clear();
    }
    Ok(())
}

/// Waits for work. False when there will be no more.
async fn gather<J>(
    jobs: &mut mpsc::Receiver<J>,
    closing: &CancellationToken,
    waiting: &mut Vec<J>,
    most: usize,
) -> bool {
    let taken = tokio::select! {
        taken = jobs.recv_many(waiting, most) => taken,
        () = closing.cancelled() => {
            jobs.close();
            jobs.recv_many(waiting, most).await
        }
    };
    if taken == 0 {
        return false;
    }
    // Callers who were just answered come back at once: a turn each lets them share the next fsync. The
    // first turn in which nobody came ends it, so a lone caller waits for nobody.
    loop {
        let before = waiting.len();
        tokio::task::yield_now().await;
        while waiting.len() < most
            && let Ok(job) = jobs.try_recv()
        {
            waiting.push(job);
        }
        if waiting.len() == before || waiting.len() >= most {
            return true;
        }
    }
}

/// Begins the transaction of a group. The lock is taken now: what is read in it stays true until it ends.
pub(crate) async fn begin(db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(db).await.map(drop)
}

/// Ends it: what was `done` is durable when this answers, or nothing of it was.
pub(crate) async fn end<T>(
    db: &mut SqliteConnection,
    done: Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    let ended = match done {
        Ok(done) => sqlx::raw_sql("COMMIT").execute(&mut *db).await.map(|_| done),
        Err(error) => Err(error),
    };
    if ended.is_err() {
        // SQLite has rolled some failures back by itself and then refuses this. Should the transaction stay
        // open all the same, the next BEGIN fails.
        let _ = sqlx::raw_sql("ROLLBACK").execute(db).await;
    }
    ended
}
