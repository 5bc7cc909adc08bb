//! How a service ends: somebody asks it to, or the disk does.

use std::sync::Arc;

use super::CliResult;
use crate::config::Config;
use crate::server::Running;
use crate::wiring::App;

/// Serves until a signal comes or the store fails.
pub(super) async fn until_stopped(app: Arc<App>, running: Running, config: &Config) -> CliResult {
    let stopped = tokio::select! {
        signal = interrupted() => signal.map(|()| None)?,
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

/// Comes back when somebody asks this process to end.
pub(super) async fn interrupted() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        pressed = tokio::signal::ctrl_c() => pressed?,
    }
    Ok(())
}
