//! Durable appends: the event store beside the raw disk and beside a writer that does the least a store
//! could do.

pub(super) mod lines;
mod plain_file;

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use commands::ports::event_store::Append;
use tokio::task::JoinSet;

use self::plain_file::PlainFile;
use super::{Measured, TestBed};

/// Odd, so that the median is one of them.
const ROUNDS: u64 = 3;
/// Bytes of one raw write.
const RAW_BYTES: usize = 512;
const RATE: &str = "1/s";

/// One round at one number of callers, in appends per second.
#[derive(Clone, Copy)]
struct Round {
    raw: f64,
    plain: f64,
    store: f64,
}

/// Measures for each number of `callers`, `seconds` a measurement, in the empty folder `dir`. Callers wait
/// for their answer and ask again at once. All three writers take turns within a round, so that a ratio
/// compares figures of the same moment.
pub async fn run(
    bed: &Arc<dyn TestBed>,
    dir: &Path,
    callers: &[usize],
    seconds: f64,
) -> anyhow::Result<Vec<Measured>> {
    let span = Duration::try_from_secs_f64(seconds)?;
    let store = bed.event_store(&dir.join("events.db")).await?;
    let plain = Arc::new(PlainFile::create(&dir.join("plain"))?);
    let mut rounds = vec![Vec::new(); callers.len()];
    for round in 0..ROUNDS {
        for (rounds, &callers) in rounds.iter_mut().zip(callers) {
            let raw_file = dir.join("raw");
            let raw = tokio::task::spawn_blocking(move || raw_rate(&raw_file, span)).await??;
            let appends = lines::appends(round, callers, span);
            let (plain, store) = (Arc::clone(&plain), Arc::clone(&store));
            let same = appends.clone();
            let plain = move |append| {
                let plain = Arc::clone(&plain);
                async move { Ok(plain.append(append).await?) }
            };
            let store = move |append| {
                let store = Arc::clone(&store);
                async move { Ok(store.append(append).await.map(|_| ())?) }
            };
            let (plain, store) =
                (rate(same, span, plain).await?, rate(appends, span, store).await?);
            rounds.push(Round { raw, plain, store });
        }
    }
    Ok(report(callers, &rounds))
}

fn report(callers: &[usize], rounds: &[Vec<Round>]) -> Vec<Measured> {
    let every: Vec<f64> = rounds.iter().flatten().map(|round| round.raw).collect();
    let mut report = vec![Measured::alone("fdatasync", 1, RATE, &every)];
    let single = callers.iter().zip(rounds).min_by_key(|(callers, _)| **callers);
    for (&callers, rounds) in callers.iter().zip(rounds) {
        let against = |name, pair: fn(&Round) -> (f64, f64)| {
            Measured::against(name, callers, RATE, &rounds.iter().map(pair).collect::<Vec<_>>())
        };
        report.push(against("plain_file", |round| (round.plain, round.raw)));
        report.push(against("append", |round| (round.store, round.plain)));
        report.push(against("append_per_fdatasync", |round| (round.store, round.raw)));
        if let Some((_, alone)) = single {
            let pairs = rounds.iter().zip(alone).map(|(round, alone)| (round.store, alone.store));
            let pairs: Vec<_> = pairs.collect();
            report.push(Measured::against("append_per_single", callers, RATE, &pairs));
        }
    }
    report
}

/// Small writes at the end of a file, each made durable: what the disk gives one caller.
pub(super) fn raw_rate(path: &Path, span: Duration) -> std::io::Result<f64> {
    let mut file = File::create(path)?;
    let started = Instant::now();
    let mut writes = 0.0;
    while started.elapsed() < span {
        file.write_all(&[7; RAW_BYTES])?;
        file.sync_data()?;
        writes += 1.0;
    }
    Ok(writes / started.elapsed().as_secs_f64())
}

/// Answered appends per second, each caller working its list down until the time is over or, on a disk
/// faster than foreseen, the list.
async fn rate<F>(
    appends: Vec<Vec<Append>>,
    span: Duration,
    append: impl Fn(Append) -> F + Clone + Send + 'static,
) -> anyhow::Result<f64>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for list in appends {
        let append = append.clone();
        callers.spawn(async move {
            let mut answered = 0_u32;
            for one in list {
                if started.elapsed() >= span {
                    break;
                }
                append(one).await?;
                answered += 1;
            }
            anyhow::Ok((answered, started.elapsed()))
        });
    }
    let mut answered = 0_u32;
    let mut took = Duration::ZERO;
    while let Some(caller) = callers.join_next().await {
        let (by_caller, until) = caller??;
        answered += by_caller;
        took = took.max(until);
    }
    Ok(f64::from(answered) / took.as_secs_f64())
}
