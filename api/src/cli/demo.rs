//! `medlock demo`: a synthetic clinic with five weeks of history, in a folder that is thrown away.

mod folder;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use clap::Args;
use commands::access::viewing::ViewingError;
use commands::application::Application;
use commands::identity::log_in::LogInError;
use domain::journal::{Line, Position};
use evidence::{complain, terminal};
use synthetic::demo::{
    DemoClinic, DemoClock, Guide, Installation, Kept, OPENED_DAYS_AGO, Story, cast,
};

use super::stopping::{Interrupts, until_stopped};
use super::{CliResult, start_logging};
use crate::config::{Config, reachable};
use crate::problem::Problem;
use crate::server::{Running, listen};
use crate::wiring::{App, World};
use folder::DemoFolder;

/// What the demo takes. Settings files and the environment do not count here: they may be those of a real
/// organisation.
#[derive(Args)]
pub(super) struct DemoArgs {
    /// An empty or new folder to keep the demo in [default: one that is removed at the end].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// Make it, print what there is to see, and end.
    #[arg(long)]
    once: bool,
}

/// How long the read models may need for what was made.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

pub(super) async fn run(args: &DemoArgs) -> CliResult {
    start_logging(false);
    if !args.once {
        // Better now than after the clinic is made.
        drop(listen(args.listen)?);
    }
    let folder = DemoFolder::take(args.data.clone())?;
    let config = Config::of(folder.path(), args.listen);
    let mut interrupts = Interrupts::listen()?;
    complain!("Making a synthetic clinic with five weeks of history …");
    // Ends early without leaving anything: the folder goes with its value.
    let (app, story) = tokio::select! {
        made = make(&config) => made?,
        () = interrupts.next() => return Ok(()),
    };
    if args.once {
        terminal::print(told(&app, &story, &folder, None).await?);
        app.close().await;
        return Ok(());
    }
    let running = Running::start(&app, &config)?;
    let address = reachable(running.address);
    terminal::print(told(&app, &story, &folder, Some(address)).await?);
    let ending = until_stopped(app, running, &config, &mut interrupts).await;
    folder.leave()?;
    ending
}

async fn make(config: &Config) -> anyhow::Result<(Arc<App>, Story)> {
    let mut world = World::seeded(&cast::SEED.to_be_bytes())?;
    let clock = Arc::new(DemoClock::days_ago(Arc::clone(&world.clock), OPENED_DAYS_AGO));
    world.clock = Arc::clone(&clock) as _;
    let app = App::open(config, world).await?;
    let outbox = config.data.join("outbox");
    let clinic = DemoClinic::new(Arc::clone(&app) as _, Arc::clone(&clock), outbox);
    let story = Story::play(clinic).await.context("the demo's story broke off")?;
    clock.let_go();
    let newest = app.newest().context("nothing happened")?;
    let seen = app.models.wait_for(newest, SEEN_WITHIN).await;
    anyhow::ensure!(seen, "the read models did not keep up");
    Ok((app, story))
}

/// What the demo tells whoever started it.
async fn told(
    app: &App,
    story: &Story,
    folder: &DemoFolder,
    address: Option<SocketAddr>,
) -> anyhow::Result<String> {
    let kept = Kept { folder: folder.path(), thrown_away: folder.is_thrown_away() };
    let program = std::env::args().next().unwrap_or_else(|| "medlock".to_owned());
    Guide { installation: app, story, kept, address, program: &program }.text().await
}

#[async_trait]
impl Installation for App {
    fn application(&self) -> &Application {
        self
    }

    fn code_of_viewing(&self, error: ViewingError) -> String {
        Problem::from(error).code
    }

    fn code_of_log_in(&self, error: LogInError) -> String {
        Problem::from(error).code
    }

    async fn lines(&self, from: Position, limit: usize) -> anyhow::Result<Vec<Line>> {
        Ok(self.read_all(from, limit).await?)
    }
}
