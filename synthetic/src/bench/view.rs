//! `medlock bench view`: what people wait for. Decisions in this process; everything else through HTTP
//! against a service of its own, started from this very program.

mod chart;
mod clinic;
mod service;
mod upload;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clinic::BenchClinic;
use futures::StreamExt as _;
use service::RunningMedlock;

use super::{Measured, TestBed};

/// Callers at once.
const CALLERS: usize = 64;
/// Rounds; the median counts.
const ROUNDS: usize = 3;
/// Most views whose first page is timed, one after the other: one for each patient.
const LOOKS_MAX: usize = 120;

/// How much is made.
#[derive(Debug, Clone, Copy)]
pub struct ViewBenchSizes {
    /// Size of the large upload, MiB.
    pub upload_mib: u64,
    /// Events of the log that a service starts on.
    pub events: u64,
    /// Patients of the clinic; each grants one consent a round.
    pub patients: usize,
}

/// Measures everything, in throw-away folders below `dir`.
pub async fn run(
    bed: &Arc<dyn TestBed>,
    dir: &Path,
    sizes: ViewBenchSizes,
) -> anyhow::Result<Vec<Measured>> {
    let mut all = chart::measure(&**bed, dir).await?;
    all.extend(start(&**bed, dir, sizes.events).await?);
    let service = RunningMedlock::start(bed.program(), &dir.join("clinic")).await?;
    let start = service.start.as_secs_f64() * 1_000.0;
    all.push(Measured::alone("start on an empty folder", 0, "ms", &[start]));
    let at_rest = service.resident_mib()?;
    all.push(Measured::alone("memory at rest", 0, "MiB", &[at_rest]));
    let patients = sizes.patients;
    anyhow::ensure!(patients > 0, "a clinic has a patient");
    eprintln!("making {patients} patients (each costs two Argon2 hashes) …");
    let clinic = BenchClinic::make(bed, &service, patients).await?;
    all.extend(throughput(&clinic, patients, dir).await?);
    all.extend(first_page(&clinic, patients).await?);
    // A service that did nothing before: memory it has at hand already would hide what an upload needs.
    let service = RunningMedlock::start(bed.program(), &dir.join("upload")).await?;
    let clinic = BenchClinic::make(bed, &service, 1).await?;
    all.extend(upload::measure(&service, &clinic, sizes.upload_mib).await?);
    Ok(all)
}

/// From starting the process to its being ready, on a log of `events` events whose read models are still
/// to be made, and again when they are there; and the memory it then rests at.
async fn start(bed: &dyn TestBed, dir: &Path, events: u64) -> anyhow::Result<Vec<Measured>> {
    let data = dir.join("start");
    super::synthetic_log::make(bed, &data, events).await?;
    let mut figures = Vec::new();
    for name in ["start on a long log, read models to be made", "start on a long log"] {
        let mut starts = Vec::new();
        let service = RunningMedlock::start(bed.program(), &data).await?;
        starts.push(service.start.as_secs_f64() * 1_000.0);
        figures.push(Measured::alone(name, 0, "ms", &starts));
        service.until_caught_up().await?;
        figures.push(Measured::alone("memory then, at rest", 0, "MiB", &[service.resident_mib()?]));
        service.stop().await?;
    }
    Ok(figures)
}

/// Grants, view tokens and redeems a second at 64 callers, beside the raw fdatasync rate.
async fn throughput(
    clinic: &BenchClinic,
    patients: usize,
    dir: &Path,
) -> anyhow::Result<Vec<Measured>> {
    let (mut grants, mut asks, mut redeems) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let raw = super::append::raw_rate(&dir.join("raw"), Duration::from_secs(1))?;
        let ready =
            each(clinic, 0..patients, |c, i| async move { c.prepare_grant(i).await }).await?;
        let rate = timed(clinic, ready.0, |c, ready| async move { c.grant(ready).await }).await?;
        grants.push((rate.1, raw));
        let asked = (0..patients).cycle().take(patients * 4).collect();
        let (tokens, rate) = timed(clinic, asked, |c, i| async move { c.ask(i).await }).await?;
        asks.push((rate, raw));
        let (_, rate) =
            timed(clinic, tokens, |c, token| async move { c.redeem(token).await }).await?;
        redeems.push((rate, raw));
    }
    Ok(vec![
        Measured::against("HTTP grants", CALLERS, "1/s", &grants),
        Measured::against("HTTP view tokens", CALLERS, "1/s", &asks),
        Measured::against("HTTP redeems", CALLERS, "1/s", &redeems),
    ])
}

/// Does something for each, 64 at once; answers what came of it, in any order, and how many a second.
async fn timed<I: Send + 'static, T: Send + 'static, F>(
    clinic: &BenchClinic,
    items: Vec<I>,
    work: impl Fn(Arc<BenchClinic>, I) -> F,
) -> anyhow::Result<(Vec<T>, f64)>
where
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
{
    let clinic = Arc::new(clinic.clone());
    let count = items.len();
    let began = Instant::now();
    let done: Vec<_> = futures::stream::iter(items)
        .map(|item| tokio::spawn(work(Arc::clone(&clinic), item)))
        .buffer_unordered(CALLERS)
        .collect()
        .await;
    let seconds = began.elapsed().as_secs_f64();
    let done: Result<Vec<T>, anyhow::Error> = done.into_iter().map(|one| one?).collect();
    Ok((done?, count as f64 / seconds))
}

async fn each<T: Send + 'static, F>(
    clinic: &BenchClinic,
    items: std::ops::Range<usize>,
    work: impl Fn(Arc<BenchClinic>, usize) -> F,
) -> anyhow::Result<(Vec<T>, f64)>
where
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
{
    timed(clinic, items.collect(), work).await
}

/// From redeeming a token to the first page in hand, and from asking for each further page to having it;
/// drawing the first one is shown apart, measured by itself.
async fn first_page(clinic: &BenchClinic, patients: usize) -> anyhow::Result<Vec<Measured>> {
    let (mut whole, mut next, mut drawn) = (Vec::new(), Vec::new(), Vec::new());
    let millis = |began: Instant| began.elapsed().as_secs_f64() * 1_000.0;
    for patient in 0..patients.min(LOOKS_MAX) {
        let token = clinic.ask(patient).await?;
        let began = Instant::now();
        let viewing = clinic.look(token).await?;
        whole.push(millis(began));
        for page in 2..=clinic::PAGES {
            let began = Instant::now();
            clinic.turn_to(&viewing, page).await?;
            next.push(millis(began));
        }
        drawn.push(clinic.draw().await?.as_secs_f64() * 1_000.0);
    }
    let at = |times: &[f64], share: f64| {
        let mut times = times.to_owned();
        times.sort_by(f64::total_cmp);
        times[((times.len() - 1) as f64 * share) as usize]
    };
    let rows = [
        ("redeem to first page, p50", at(&whole, 0.5)),
        ("redeem to first page, p99", at(&whole, 0.99)),
        ("next page of the viewing, p50", at(&next, 0.5)),
        ("next page of the viewing, p99", at(&next, 0.99)),
        ("drawing that page alone, p50", at(&drawn, 0.5)),
        ("drawing that page alone, p99", at(&drawn, 0.99)),
        ("redeem to first page without drawing, p50", at(&whole, 0.5) - at(&drawn, 0.5)),
    ];
    Ok(rows.into_iter().map(|(name, value)| Measured::alone(name, 1, "ms", &[value])).collect())
}
