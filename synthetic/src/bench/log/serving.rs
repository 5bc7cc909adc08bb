//! Full tiles and bundles over HTTP, beside reading the same files from the disk.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::journal::tile::{Tile, TileKind, WIDTH};
use tokio::task::JoinSet;

use super::super::rounds::ROUNDS;
use super::super::{Measured, MeasuredInstallation};

/// Connections at once.
const CONNECTIONS: usize = 64;
/// Waits for the read models that the commits left behind.
const WAITS_MAX: usize = 6_000;
const MIB: f64 = 1_048_576.0;

pub(super) async fn measure(
    service: &dyn MeasuredInstallation,
    data: &Path,
    seconds: f64,
) -> anyhow::Result<Vec<Measured>> {
    until_nothing_else_works(service).await?;
    let span = Duration::try_from_secs_f64(seconds)?;
    let full = *service.published().borrow() / WIDTH;
    anyhow::ensure!(full > 0, "no tile is full: measure for longer");
    let tile = |kind, index| Tile { kind, index, width: 0 }.full().to_string();
    let names: Arc<[String]> = (0..full)
        .flat_map(|index| [tile(TileKind::Entries, index), tile(TileKind::Hashes(0), index)])
        .collect();
    let (mut requests, mut rate) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let files = names.iter().map(|name| data.join("log").join(name)).collect();
        let read = tokio::task::spawn_blocking(move || read(files, span / 4)).await??;
        let (served, mib) = served(service.address(), &names, span).await?;
        requests.push((served, read));
        rate.push(mib);
    }
    Ok(vec![
        Measured::against("full tiles over HTTP", CONNECTIONS, "1/s", &requests),
        Measured::alone("their bytes", CONNECTIONS, "MiB/s", &rate),
    ])
}

/// The read models take in what was committed; tiles are served by a service at rest.
async fn until_nothing_else_works(service: &dyn MeasuredInstallation) -> anyhow::Result<()> {
    for _ in 0..WAITS_MAX {
        if service.behind() == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the read models did not catch up")
}

/// Files read a second, by one reader.
fn read(files: Vec<PathBuf>, span: Duration) -> std::io::Result<f64> {
    let began = Instant::now();
    let mut count = 0.0;
    for file in files.iter().cycle() {
        std::hint::black_box(std::fs::read(file)?);
        count += 1.0;
        if began.elapsed() >= span {
            break;
        }
    }
    Ok(count / began.elapsed().as_secs_f64())
}

/// Answers and mebibytes a second.
async fn served(
    address: SocketAddr,
    names: &Arc<[String]>,
    span: Duration,
) -> anyhow::Result<(f64, f64)> {
    let client = reqwest::Client::new();
    let began = Instant::now();
    let mut connections = JoinSet::new();
    for first in 0..CONNECTIONS {
        let client = client.clone();
        let names = Arc::clone(names);
        connections.spawn(async move {
            let mut answers = 0_u32;
            let mut bytes = 0_usize;
            for name in names.iter().cycle().skip(first) {
                let answer = client.get(format!("http://{address}/log/{name}")).send().await?;
                bytes += answer.error_for_status()?.bytes().await?.len();
                answers += 1;
                if began.elapsed() >= span {
                    break;
                }
            }
            anyhow::Ok((answers, bytes))
        });
    }
    let (mut answers, mut bytes) = (0.0, 0.0);
    while let Some(connection) = connections.join_next().await {
        let connection = connection?.context("a tile was not served")?;
        answers += f64::from(connection.0);
        bytes += connection.1 as f64;
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok((answers / seconds, bytes / MIB / seconds))
}
