//! A large upload: how fast it goes through HTTP, encryption, hashing and fsync, and how little memory the
//! service needs for it.

use std::time::Instant;

use futures::StreamExt as _;
use reqwest::{Body, Method};
use serde_json::{Value, json};

use super::clinic::{BenchClinic, text};
use super::service::RunningMedlock;
use crate::bench::Measured;

/// What is sent at once.
const PIECE: usize = 64 * 1_024;

/// Uploads `mib` MiB once.
pub(super) async fn measure(
    service: &RunningMedlock,
    clinic: &BenchClinic,
    mib: u64,
) -> anyhow::Result<Vec<Measured>> {
    let patient = clinic.uploader();
    let path = format!("/api/v1/patients/{}/reports", patient.id);
    let meta = json!({
        "title": "Large", "category": "imaging", "media_type": "application/octet-stream",
    });
    let ticket: Value =
        clinic.request(patient, Method::POST, &path).json(&meta).send().await?.json().await?;
    service.reset_peak()?;
    let before = service.resident_mib()?;
    let piece = bytes::Bytes::from(vec![0x5a; PIECE]);
    let pieces = usize::try_from(mib)? * (1 << 20) / PIECE;
    let body = futures::stream::repeat(piece).take(pieces).map(Ok::<_, std::io::Error>);
    let began = Instant::now();
    let request = clinic.request(patient, Method::PUT, "/api/v1/uploads");
    let request = request.header("Upload-Ticket", text(&ticket, "ticket")?);
    let request = request.header("Content-Length", mib << 20);
    let answer = request.body(Body::wrap_stream(body)).send().await?;
    anyhow::ensure!(answer.status() == 201, "the upload was refused: {}", answer.status());
    let rate = mib as f64 / began.elapsed().as_secs_f64();
    let more = service.peak_mib()? - before;
    Ok(vec![
        Measured::alone("HTTP upload", 1, "MiB/s", &[rate]),
        Measured::alone("memory that upload needed, peak over before", 1, "MiB", &[more]),
    ])
}
