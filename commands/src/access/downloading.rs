//! A patient takes a copy of a report home, as a flow: the event first, then the bytes.

use std::sync::Arc;

use bytes::Bytes;
use domain::actor::Actor;
use domain::chart::Chart;
use domain::ids::{BlobHash, PatientId, ReportId, StreamName};
use futures::{StreamExt as _, stream};

use super::download_report::{DownloadReport, DownloadReportRejection};
use super::reveal::{RevealError, Revealed, SealedReports};
use super::signed_log_rule::{LogUnsigned, SignedLogRule};
use crate::execute::{Caller, ExecuteError, Executor};
use crate::ports::blob_store::ClearBytes;
use crate::requests::Requests;
use crate::shares::{NoShare, Scarce, Shares};

/// Why nothing is downloaded.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The log is not being signed.
    #[error(transparent)]
    LogUnsigned(#[from] LogUnsigned),
    /// The account has its share of downloads already.
    #[error(transparent)]
    Share(#[from] NoShare),
    /// The report does not open.
    #[error(transparent)]
    Reveal(#[from] RevealError),
}

/// What it takes to download a report.
pub struct DownloadFlow {
    executor: Arc<Executor>,
    reports: SealedReports,
    signed_log: SignedLogRule,
    shares: Shares,
    requests: Requests,
}

/// For how long parts of a file belong to one download, by the clock on the wall.
const HOUR_MICROS: i64 = 3_600_000_000;

impl DownloadFlow {
    /// With what it needs.
    pub fn new(
        executor: Arc<Executor>,
        reports: SealedReports,
        signed_log: SignedLogRule,
        shares: Shares,
        requests: Requests,
    ) -> Self {
        Self { executor, reports, signed_log, shares, requests }
    }

    /// What the file is that a patient could download. Nothing of it leaves, so nothing is recorded.
    pub async fn about(
        &self,
        patient: PatientId,
        report: ReportId,
    ) -> Result<OwnFile, DownloadError> {
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await?;
        let missing = || ExecuteError::from(DownloadReportRejection::NoSuchReport.rejection());
        let known = chart.reports.get(&report).ok_or_else(missing)?;
        Ok(OwnFile { media_type: known.media_type.clone(), size: known.size, blob: known.blob })
    }

    /// A patient downloads their own report, or a part of it: the event first, then the bytes. Parts of one
    /// file that are asked for within an hour are one request in parts: the first of them is the event, and
    /// every further one is given on its permit.
    pub async fn download(
        &self,
        patient: PatientId,
        report: ReportId,
        part: Option<FilePart>,
    ) -> Result<Revealed, DownloadError> {
        self.signed_log.check()?;
        let share = self.shares.take(Scarce::Download, Actor::Patient(patient))?;
        let order = DownloadReport { patient, report, in_parts: part.is_some() };
        let actor = Actor::Patient(patient);
        let hour = self.executor.now().micros() / HOUR_MICROS;
        // No header can hold what this begins with: nobody's own key is the same.
        let parts = part.map(|_| format!("\0parts {report} {hour}"));
        let request = self.requests.of(actor, parts.as_deref(), report.uuid().as_bytes());
        let caller = Caller::new(actor, request);
        let permit = self.executor.execute(&order, caller).await?.done;
        let Revealed { media_type, size, bytes } = self.reports.reveal(permit).await?;
        let bytes = part.into_iter().fold(bytes, |bytes, part| part.of(bytes));
        Ok(Revealed { media_type, size, bytes: share.held_by(bytes).boxed() })
    }
}

/// A report's file, as far as its owner may know it without an event.
#[derive(Debug, Clone)]
pub struct OwnFile {
    /// Media type.
    pub media_type: String,
    /// Length, bytes.
    pub size: u64,
    /// Name of its container, which no other content has.
    pub blob: BlobHash,
}

/// Bytes of a file in a row, counted from 0: of a download that is gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePart {
    /// The first.
    pub first: u64,
    /// The last, which is not before the first.
    pub last: u64,
}

impl FilePart {
    /// How many there are.
    pub const fn length(self) -> u64 {
        self.last - self.first + 1
    }

    /// This part of what comes; nothing is read beyond it.
    fn of(self, bytes: ClearBytes) -> ClearBytes {
        let Self { first, last } = self;
        let part = stream::try_unfold((bytes, 0), move |(mut bytes, mut at)| async move {
            while at <= last
                && let Some(piece) = bytes.next().await
            {
                let piece: Bytes = piece?;
                let length = piece.len() as u64;
                let (from, to) =
                    (first.saturating_sub(at).min(length), (last - at + 1).min(length));
                at += length;
                if from < to {
                    // Both are at most the length of the piece, which is in memory.
                    let part = piece.slice(from as usize..to as usize);
                    return Ok(Some((part, (bytes, at))));
                }
            }
            Ok(None)
        });
        part.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_is_those_bytes_however_they_come() {
        let whole: Vec<u8> = (0..50).collect();
        for piece in [1, 7, 25, 50] {
            for first in 0..50 {
                for last in first..50 {
                    let pieces = whole.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece)));
                    let pieces: Vec<_> = pieces.collect();
                    let part = FilePart { first, last };
                    let came = part.of(stream::iter(pieces).boxed());
                    let came: Vec<Bytes> = came.map(Result::unwrap).collect().await;
                    assert_eq!(came.concat(), whole[first as usize..=last as usize]);
                    assert_eq!(came.concat().len() as u64, part.length());
                }
            }
        }
    }
}
