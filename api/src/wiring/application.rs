//! The application: every flow of the write side, with the adapters it needs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use commands::access::downloading::DownloadFlow;
use commands::access::lists_shown::ListFlow;
use commands::access::reveal::SealedReports;
use commands::access::signed_log_rule::SignedLogRule;
use commands::access::viewing::ViewingFlow;
use commands::application::Application;
use commands::audit::own_log::OwnLog;
use commands::consent::bar_flow::BarFlow;
use commands::consent::grant_flow::ConsentFlow;
use commands::entity_tags::EntityTags;
use commands::execute::Executor;
use commands::fresh::Fresh;
use commands::identity::account_factors::AccountFactors;
use commands::identity::account_passkeys::AccountPasskeys;
use commands::identity::csrf::CsrfTokens;
use commands::identity::first_admin::FirstAdminFlow;
use commands::identity::letters::Letters;
use commands::identity::log_in::{LogInAttempts, LogInFlow};
use commands::identity::own_words::Accounts;
use commands::identity::passkeys::PasskeyFlow;
use commands::identity::registration::RegistrationFlow;
use commands::identity::resend::ResendFlow;
use commands::identity::second_factors::SecondFactorFlow;
use commands::identity::sessions::SessionFlow;
use commands::identity::standing::StandingFlow;
use commands::identity::step_up::StepUpFlow;
use commands::list_cursors::ListCursors;
use commands::ports::blob_store::BlobStore;
use commands::ports::credentials::{Challenges, Credentials, Sessions};
use commands::ports::event_store::EventStore;
use commands::ports::key_vault::KeyVault;
use commands::ports::passkeys::PasskeyCeremonies;
use commands::ports::world::{Clock, Entropy, SignedLog};
use commands::records::report_scrub::{KnownReportFiles, ReportScrub};
use commands::records::upload_sweep::UploadSweep;
use commands::records::uploading::{UploadFlow, UploadLimits};
use commands::requests::Requests;
use commands::shares::Shares;
use commands::throttles::Throttles;
use domain::ids::StreamName;
use infra::blob_store::DirectoryBlobStore;
use infra::courier::OutboxCourier;
use infra::limiter::{GovernorLimiter, Rate, Rates};
use infra::passkeys::WebauthnCeremonies;
use infra::tokens::JwtTokens;
use infra::work_store::{
    SqliteChallenges, SqliteCredentials, SqliteFactorSecrets, SqliteFamiliarSources,
    SqlitePasskeys, SqliteSessions, WorkDb,
};

use super::start::Start;
use crate::config::{Config, HttpSettings, RateSettings, RecordsSettings, ShareSettings};

/// What the flows share.
struct Shared {
    executor: Arc<Executor>,
    vault: Arc<dyn KeyVault>,
    accounts: Accounts,
    throttles: Throttles,
    shares: Shares,
    signed_log: SignedLogRule,
    fresh: Fresh,
}

pub(super) async fn application(
    config: &Config,
    (events, work): (&Arc<dyn EventStore>, &WorkDb),
    vault: &Arc<dyn KeyVault>,
    (clock, entropy): (&Arc<dyn Clock>, &Arc<dyn Entropy>),
    program: PathBuf,
    start: Start,
    signed_log: Arc<dyn SignedLog>,
) -> anyhow::Result<(Application, Arc<Executor>)> {
    let executor = Arc::new(Executor::new(
        Arc::clone(events),
        Arc::clone(vault),
        Arc::clone(clock),
        Arc::clone(entropy),
        config.origin.clone(),
        start.newest,
    ));
    let unsigned_max = Duration::from_secs(config.transparency.uncovered_seconds_max);
    let shared = Shared {
        accounts: Accounts::new(executor.clone(), vault.clone()),
        throttles: Throttles::new(Arc::new(GovernorLimiter::new(
            &rates(&config.rates, &config.shares)?,
            clock.clone(),
        ))),
        shares: super::shares::shares(&config.shares),
        signed_log: SignedLogRule::new(signed_log, unsigned_max),
        fresh: Fresh::new(entropy.clone(), clock.clone()),
        vault: vault.clone(),
        executor,
    };
    let own_log = own_log(&shared, start.log_stream);
    take_in_correction(&shared.executor, &own_log).await?;
    let people = PeopleFlows::of(config, &shared, work, (clock, entropy)).await?;
    let reports = Reports::of(config, &shared, (clock, entropy), program)?;
    let Shared { executor, vault, accounts, throttles, shares, signed_log, fresh } = shared;
    let application = Application {
        registration: people.registration,
        first_admin: people.first_admin,
        log_in: people.log_in,
        sessions: people.sessions,
        passkeys: people.passkeys,
        second_factors: people.second_factors,
        csrf_tokens: CsrfTokens::new(vault.clone()),
        entity_tags: EntityTags::new(vault.clone()),
        resend: people.resend,
        standing: StandingFlow::new(executor.clone(), accounts.clone(), vault.clone()),
        accounts,
        bars: BarFlow::new(executor.clone()),
        consents: ConsentFlow::new(executor.clone(), people.step_up.clone(), fresh.clone()),
        step_up: people.step_up,
        uploads: reports.uploads,
        report_scrub: reports.report_scrub,
        upload_sweep: reports.upload_sweep,
        viewing: reports.viewing,
        downloads: reports.downloads,
        lists: ListFlow::new(executor.clone(), signed_log, fresh.clone()),
        own_log,
        requests: Requests::new(&*vault, fresh.clone()),
        throttles,
        shares,
        list_cursors: ListCursors::new(vault),
        fresh,
    };
    Ok((application, executor))
}

fn own_log(shared: &Shared, stream: StreamName) -> OwnLog {
    let requests = Requests::new(&*shared.vault, shared.fresh.clone());
    OwnLog::new(shared.executor.clone(), shared.vault.clone(), requests, stream)
}

/// The flows about people.
struct PeopleFlows {
    registration: RegistrationFlow,
    first_admin: Arc<FirstAdminFlow>,
    log_in: LogInFlow,
    resend: ResendFlow,
    sessions: Arc<SessionFlow>,
    step_up: Arc<StepUpFlow>,
    passkeys: PasskeyFlow,
    second_factors: SecondFactorFlow,
}

impl PeopleFlows {
    async fn of(
        config: &Config,
        shared: &Shared,
        work: &WorkDb,
        (clock, entropy): (&Arc<dyn Clock>, &Arc<dyn Entropy>),
    ) -> anyhow::Result<Self> {
        let Shared { executor, vault, accounts, throttles, fresh, .. } = shared;
        let challenges: Arc<dyn Challenges> =
            Arc::new(SqliteChallenges::new(work.clone(), vault.clone(), entropy.clone()));
        let credentials: Arc<dyn Credentials> =
            Arc::new(SqliteCredentials::new(work.clone(), vault.clone(), entropy.clone()).await?);
        let courier = Arc::new(OutboxCourier::open(&config.data.join("outbox"))?);
        let letters = Letters::new(courier, vault.clone(), throttles.clone(), fresh.clone());
        let (passkeys, factors) = factors(config, shared, work);
        let step_up = Arc::new(StepUpFlow::new(
            accounts.clone(),
            challenges,
            (passkeys.clone(), factors.clone()),
            letters,
            fresh.clone(),
        ));
        let sessions = Arc::new(sessions(config, shared, work, (clock, entropy))?);
        let first_admin = Arc::new(FirstAdminFlow::new(executor.clone(), fresh.clone()));
        let familiar = Arc::new(SqliteFamiliarSources::new(work.clone()));
        let attempts = LogInAttempts::new(executor.clone(), vault.clone(), familiar, fresh.clone());
        Ok(Self {
            registration: RegistrationFlow::new(
                executor.clone(),
                vault.clone(),
                credentials.clone(),
                step_up.clone(),
                first_admin.clone(),
                throttles.clone(),
                fresh.clone(),
            ),
            log_in: LogInFlow::new(
                attempts,
                credentials,
                step_up.clone(),
                sessions.clone(),
                throttles.clone(),
            ),
            resend: ResendFlow::new(
                executor.clone(),
                vault.clone(),
                accounts.clone(),
                step_up.clone(),
                throttles.clone(),
            ),
            first_admin,
            sessions,
            second_factors: SecondFactorFlow::new(
                executor.clone(),
                accounts.clone(),
                factors,
                step_up.clone(),
                fresh.clone(),
            ),
            passkeys: PasskeyFlow::new(
                executor.clone(),
                accounts.clone(),
                passkeys,
                step_up.clone(),
                fresh.clone(),
            ),
            step_up,
        })
    }
}

fn sessions(
    config: &Config,
    shared: &Shared,
    work: &WorkDb,
    (clock, entropy): (&Arc<dyn Clock>, &Arc<dyn Entropy>),
) -> anyhow::Result<SessionFlow> {
    let Shared { executor, vault, throttles, fresh, .. } = shared;
    let secrets: Arc<dyn Sessions> =
        Arc::new(SqliteSessions::new(work.clone(), vault.clone(), entropy.clone(), clock.clone()));
    let machine_tokens = JwtTokens::new(&**vault, entropy.clone(), &config.origin)?;
    Ok(SessionFlow::new(
        executor.clone(),
        secrets,
        Arc::new(machine_tokens),
        throttles.clone(),
        fresh.clone(),
        Duration::from_secs(config.identity.session_hours * 3_600),
    ))
}

/// Passkeys are bound to the name the app is opened under: the public one, or `localhost` where it is for
/// this machine alone.
fn ceremonies(http: &HttpSettings) -> Option<Arc<dyn PasskeyCeremonies>> {
    let at = match &http.public_url {
        Some(url) => WebauthnCeremonies::at(url.origin()),
        None => WebauthnCeremonies::on_this_machine(),
    };
    at.map(|ceremonies| Arc::new(ceremonies) as Arc<dyn PasskeyCeremonies>)
}

/// The flows about reports.
struct Reports {
    uploads: UploadFlow,
    report_scrub: ReportScrub,
    upload_sweep: UploadSweep,
    viewing: ViewingFlow,
    downloads: DownloadFlow,
}

impl Reports {
    fn of(
        config: &Config,
        shared: &Shared,
        (clock, entropy): (&Arc<dyn Clock>, &Arc<dyn Entropy>),
        program: PathBuf,
    ) -> anyhow::Result<Self> {
        let Shared { executor, vault, accounts, throttles, shares, signed_log, fresh } = shared;
        let folder = config.data.join("blobs");
        let blobs = DirectoryBlobStore::open(&folder, clock.clone(), entropy.clone())?;
        let blobs: Arc<dyn BlobStore> = Arc::new(blobs);
        let rasteriser = super::drawing::rasteriser(program, &config.drawing)?;
        let known = KnownReportFiles::default();
        let sealed =
            SealedReports::new(executor.clone(), vault.clone(), blobs.clone(), known.clone());
        Ok(Self {
            viewing: ViewingFlow::new(
                executor.clone(),
                accounts.clone(),
                sealed.clone(),
                (rasteriser.clone(), super::drawing::turns(&config.shares)),
                signed_log.clone(),
                throttles.clone(),
                fresh.clone(),
            ),
            downloads: DownloadFlow::new(
                executor.clone(),
                sealed,
                signed_log.clone(),
                shares.clone(),
                Requests::new(&**vault, fresh.clone()),
            ),
            report_scrub: ReportScrub::new(
                executor.clone(),
                vault.clone(),
                blobs.clone(),
                known,
                fresh.clone(),
            ),
            upload_sweep: UploadSweep::new(executor.clone(), blobs.clone()),
            uploads: UploadFlow::new(
                executor.clone(),
                vault.clone(),
                blobs,
                rasteriser,
                fresh.clone(),
                (throttles.clone(), shares.clone()),
                upload_limits(&config.records),
            ),
        })
    }
}

/// A clock that lies behind the log may have been found right before.
async fn take_in_correction(executor: &Executor, own_log: &OwnLog) -> anyhow::Result<()> {
    if executor.clock_behind().is_some()
        && let Some(correction) = &own_log.state().await?.clock
    {
        executor.correct_clock(correction);
    }
    Ok(())
}

fn upload_limits(settings: &RecordsSettings) -> UploadLimits {
    let bytes = |mib: u64| mib.saturating_mul(1 << 20);
    UploadLimits {
        report_bytes_max: bytes(settings.report_mib_max),
        record_bytes_max: bytes(settings.patient_mib_max),
    }
}

fn rates(settings: &RateSettings, shares: &ShareSettings) -> anyhow::Result<Rates> {
    let rate = |per_minute: u32, burst: u32| -> anyhow::Result<Rate> {
        let per_minute = per_minute.try_into()?;
        let burst = burst.max(1).try_into()?;
        Ok(Rate { per_minute, burst })
    };
    Ok(Rates {
        request: rate(settings.requests_per_minute, settings.requests_per_minute / 6)?,
        identity: rate(settings.logins_per_minute, settings.logins_per_minute)?,
        letter: rate(settings.letters_per_minute, settings.letters_per_minute.max(10))?,
        view_token: rate(shares.view_tokens_per_minute, shares.view_tokens_per_minute)?,
        upload: rate(shares.uploads_per_minute, shares.uploads_per_minute)?,
    })
}

/// What an account may answer a challenge with, beside a letter's code.
fn factors(config: &Config, shared: &Shared, work: &WorkDb) -> (AccountPasskeys, AccountFactors) {
    let passkeys = AccountPasskeys::new(
        shared.executor.clone(),
        Arc::new(SqlitePasskeys::new(work.clone())),
        ceremonies(&config.http),
    );
    let secrets = Arc::new(SqliteFactorSecrets::new(work.clone()));
    let factors = AccountFactors::new(passkeys.clone(), secrets, shared.vault.clone());
    (passkeys, factors)
}
