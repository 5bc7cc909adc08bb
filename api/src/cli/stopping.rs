//! How a service ends: somebody asks it to, or the disk does.

use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::CliResult;
use crate::config::Config;
use crate::server::Running;
use crate::wiring::App;

/// Serves until a signal comes or the store fails.
pub(super) async fn until_stopped(
    app: Arc<App>,
    running: Running,
    config: &Config,
    interrupts: &mut Interrupts,
) -> CliResult {
    let stopped = tokio::select! {
        () = interrupts.next() => None,
        why = app.fatal() => Some(why),
    };
    if let Some(why) = stopped {
        // Nothing in memory can be trusted to match the disk: stop at once, look at it anew at the start.
        tracing::error!(why, "stopping at once");
        return Err(anyhow::anyhow!("{why}; {} was left as it is", config.data.display()).into());
    }
    tracing::info!("stopping");
    running.stop().await?;
    app.close().await;
    Ok(())
}

/// Hears it when somebody asks this process to end. From the first one on, a signal that nobody listens for
/// is lost: one is made before anything is said that may be answered by a signal, and kept to the end.
pub(super) struct Interrupts {
    terminate: Signal,
    interrupt: Signal,
}

impl Interrupts {
    /// Listens from now on.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Comes back when somebody asks, or has asked since this was made or last came back.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
