//! The house: the write side and everything its flows need.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use commands::execute::Executor;
use commands::house::{House, Limits};
use commands::ports::event_store::EventStore;
use commands::ports::key_vault::KeyVault;
use commands::ports::world::{Clock, Entropy, SignedLog};
use infra::blob_store::DirectoryBlobStore;
use infra::courier::OutboxCourier;
use infra::limiter::{GovernorLimiter, Rate, Rates};
use infra::rasteriser::ChildRasteriser;
use infra::tokens::JwtTokens;
use infra::work_store::{SqliteChallenges, SqliteCredentials, SqliteSessions, WorkDb};

use super::Start;
use crate::config::Config;

pub(super) async fn house(
    config: &Config,
    events: &Arc<dyn EventStore>,
    vault: &Arc<dyn KeyVault>,
    (clock, entropy): (&Arc<dyn Clock>, &Arc<dyn Entropy>),
    program: PathBuf,
    start: Start,
    signed_log: Arc<dyn SignedLog>,
) -> anyhow::Result<House> {
    let data = &config.data;
    let work = WorkDb::open(&data.join("work.db")).await?;
    let (vault, clock, entropy) = (vault.clone(), clock.clone(), entropy.clone());
    let sessions = SqliteSessions::new(work.clone(), vault.clone(), entropy.clone(), clock.clone());
    let challenges = SqliteChallenges::new(work.clone(), vault.clone(), entropy.clone());
    let credentials = SqliteCredentials::new(work.clone(), entropy.clone()).await?;
    let machine_tokens = JwtTokens::new(&*vault, entropy.clone(), &config.origin)?;
    let blobs = DirectoryBlobStore::open(&data.join("blobs"), clock.clone(), entropy.clone())?;
    let courier = OutboxCourier::open(&data.join("outbox"))?;
    let rasteriser = ChildRasteriser::new(program, infra::rasteriser::Limits::default());
    let executor = Executor::new(
        events.clone(),
        vault.clone(),
        clock.clone(),
        entropy.clone(),
        config.origin.clone(),
        start.newest,
    );
    let house = House {
        executor,
        vault,
        blobs: Arc::new(blobs),
        credentials: Arc::new(credentials),
        sessions: Arc::new(sessions),
        challenges: Arc::new(challenges),
        machine_tokens: Arc::new(machine_tokens),
        courier: Arc::new(courier),
        rasteriser: Arc::new(rasteriser),
        signed_log,
        limiter: Arc::new(GovernorLimiter::new(&rates(config)?, clock)),
        entropy,
        log_stream: start.log_stream,
        limits: Limits {
            report_bytes_max: config.report_mib_max << 20,
            session_life: Duration::from_secs(config.session_hours * 3_600),
            uncovered_max: Duration::from_secs(config.uncovered_seconds_max),
        },
    };
    take_in_correction(&house).await?;
    Ok(house)
}

/// A clock that lies behind the log may have been found right before.
async fn take_in_correction(house: &House) -> anyhow::Result<()> {
    if house.executor.clock_behind().is_some()
        && let Some(correction) = &house.log_state().await?.clock
    {
        house.executor.correct_clock(correction);
    }
    Ok(())
}

fn rates(config: &Config) -> anyhow::Result<Rates> {
    let rate = |per_minute: u32, burst: u32| -> anyhow::Result<Rate> {
        let (per_minute, burst) = (per_minute.try_into()?, burst.max(1).try_into()?);
        Ok(Rate { per_minute, burst })
    };
    Ok(Rates {
        request: rate(config.requests_per_minute, config.requests_per_minute / 6)?,
        identity: rate(config.logins_per_minute, config.logins_per_minute)?,
        letter: rate(config.letters_per_minute, config.letters_per_minute.max(10))?,
    })
}
