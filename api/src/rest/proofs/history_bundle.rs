//! Everything that is logged about me, with what shows that it is all.

use actix_web::web::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpResponse, get, web};
use commands::shares::Scarce;
use domain::ids::{PatientId, StreamName};
use evidence::bundle::archive::Archive;
use evidence::bundle::{HistoryBundle, Piece, Pieces, Source};
use evidence::published::EvidenceError;
use futures::StreamExt as _;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

use super::published;
use crate::actor::Requester;
use crate::problem::{FAILED, NOT_FOUND, NOT_PUBLISHED_YET, Problem};
use crate::rest::HandlerResult;
use crate::rest::paths::PatientPath;
use crate::wiring::App;

/// Pieces of a bundle that wait to be sent.
const PIECES_WAITING: usize = 8;
/// How long a reader may take nothing of a bundle: it holds one of few places.
const STALLED_MAX: Duration = Duration::from_secs(30);
/// How long the whole may take.
const WHOLE_MAX: Duration = Duration::from_secs(30 * 60);

/// A piece, or why there is none.
type Made = Result<Piece, EvidenceError>;

/// Everything that is logged about me, with what shows that it is all. A folder of files, as one tar file
/// (docs/proofs.md).
#[utoipa::path(
    tag = "proofs",
    params(PatientPath),
    responses((status = 200, description = "The folder that docs/verify/README.md describes",
               content_type = "application/x-tar"),),
)]
#[get("/api/v1/patients/{patient}/history-bundle")]
pub(super) async fn history_bundle(
    app: web::Data<App>,
    caller: Requester,
    path: Path<PatientPath>,
) -> HandlerResult {
    let patient = caller.only(path.patient.0)?;
    let share = app.shares.take(Scarce::Bundle, caller.actor())?;
    let app = app.into_inner();
    let made = app.now();
    let (give, pieces) = mpsc::channel(PIECES_WAITING);
    let (answer, answered) = oneshot::channel();
    tokio::spawn(async move {
        bundle(app, caller, patient, answer, &give).await;
        drop(share);
    });
    answered.await.map_err(|_| FAILED)??;
    let seconds = u64::try_from(made.micros() / 1_000_000).unwrap_or_default();
    let mut archive = Archive::new(seconds);
    let bytes = ReceiverStream::new(pieces).map(move |piece| {
        let bytes = piece.map_err(std::io::Error::other).and_then(|piece| archive.take(piece));
        bytes.map(web::Bytes::from)
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"medlock-history.tar\""))
        .content_type("application/x-tar")
        .streaming(bytes))
}

/// Plans a bundle, tells whether there is one, and gives it out piece by piece.
async fn bundle(
    app: Arc<App>,
    caller: Requester,
    patient: PatientId,
    answer: oneshot::Sender<Result<(), Problem>>,
    give: &Pieces,
) {
    match plan(&app, caller, patient).await {
        Ok(bundle) => {
            // Whoever asked may be gone already: then nobody takes the pieces either.
            let _ = answer.send(Ok(()));
            let (made, next) = mpsc::channel(1);
            let write = async move { bundle.write(&made).await };
            let whole = async { tokio::join!(write, hand_out(next, give)) };
            // Without its manifest, which comes last, a bundle is not whole: whoever has it can tell.
            if timeout(WHOLE_MAX, whole).await.is_err() {
                tracing::warn!("a history bundle was taken too slowly, and given up");
            }
        }
        Err(problem) => drop(answer.send(Err(problem))),
    }
}

/// Hands out pieces as they are made. Who takes none for a while leaves the place to others.
async fn hand_out(mut next: mpsc::Receiver<Made>, give: &Pieces) {
    while let Some(piece) = next.recv().await {
        let taken = timeout(STALLED_MAX, give.send(piece)).await;
        if !matches!(taken, Ok(Ok(()))) {
            return;
        }
    }
}

async fn plan(app: &App, caller: Requester, patient: PatientId) -> Result<HistoryBundle, Problem> {
    let stream = StreamName::patient(patient);
    let source = Source {
        events: app.stored_lines(),
        published: published(app).await?,
        key: app.stream_key(&stream).await?.ok_or(NOT_FOUND)?,
        stream,
        keys: app.organisation_keys(),
        made: app.now(),
        by: Some(caller.actor()),
    };
    Ok(HistoryBundle::plan(source).await?.ok_or(NOT_PUBLISHED_YET)?)
}
