//! A report is drawn once while it comes in, so that whoever uploads it hears at once what of it cannot be
//! seen, and nobody finds out in front of the patient.

use bytes::Bytes;
use domain::access::page_loss::PageLoss;
use domain::records::drawing_verdict::{DrawingVerdict, LossyPage};
use futures::{StreamExt as _, stream};
use tokio::sync::{Semaphore, mpsc};

use crate::ports::blob_store::{BlobError, ClearBytes};
use crate::ports::rasteriser::{DocumentLook, RasteriseError, Rasteriser};

/// Documents that are looked at once. One more is taken in without a look: a body that waits for its turn
/// would have to be kept somewhere.
const LOOKS_AT_ONCE: usize = 2;
/// Chunks that wait for the drawing process before the upload does.
const CHUNKS_WAITING: usize = 8;

/// The looks that are taken at what comes in.
pub(super) struct UploadLooks(Semaphore);

impl Default for UploadLooks {
    fn default() -> Self {
        Self(Semaphore::new(LOOKS_AT_ONCE))
    }
}

impl UploadLooks {
    /// Looks at a document as it comes in; none of a type that is not drawn. It never fails: what could not
    /// be looked at is said to be so, and the upload goes on.
    pub(super) async fn verdict(
        &self,
        rasteriser: &dyn Rasteriser,
        media_type: &str,
        document: ClearBytes,
    ) -> Option<DrawingVerdict> {
        if !rasteriser.can_draw(media_type) {
            return None;
        }
        let engine = rasteriser.engine();
        let Ok(_turn) = self.0.try_acquire() else {
            return Some(DrawingVerdict::not_looked_at(engine));
        };
        Some(match rasteriser.look(media_type, document).await {
            Ok(look) => found(engine, look),
            Err(error) => refused(engine, &error),
        })
    }
}

fn found(engine: &str, look: DocumentLook) -> DrawingVerdict {
    let DocumentLook { pages, looked_at, missing } = look;
    let lossy = missing.into_iter().map(|(page, missing)| LossyPage { page, missing });
    let engine = engine.to_owned();
    DrawingVerdict { engine, pages: Some(pages), looked_at, lossy: lossy.collect() }
}

/// What a document is that gives no page. Of many pages together nothing can be said by the time they took.
fn refused(engine: &str, error: &RasteriseError) -> DrawingVerdict {
    match error {
        RasteriseError::TooLarge { .. } | RasteriseError::Encrypted | RasteriseError::Damaged => {
            DrawingVerdict::of_nothing(engine, error.loss())
        }
        RasteriseError::TooMuchMemory => DrawingVerdict::of_nothing(engine, PageLoss::Heavy),
        RasteriseError::TooMuchTime
        | RasteriseError::NotDrawable
        | RasteriseError::NoSuchPage { .. }
        | RasteriseError::NoSuchRegion { .. }
        | RasteriseError::Source(_)
        | RasteriseError::Child { .. } => DrawingVerdict::not_looked_at(engine),
    }
}

/// A body, and a copy of it that goes along as far as somebody reads it.
pub(super) fn teed(body: ClearBytes) -> (ClearBytes, ClearBytes) {
    let (sender, receiver) = mpsc::channel::<Result<Bytes, BlobError>>(CHUNKS_WAITING);
    let original = stream::unfold((body, Some(sender)), |(mut body, mut sender)| async move {
        let chunk = body.next().await?;
        if let Some(to) = &sender {
            let copy = chunk.as_ref().map(Bytes::clone).map_err(|_| BlobError::BrokenOff);
            if to.send(copy).await.is_err() {
                sender = None;
            }
        }
        Some((chunk, (body, sender)))
    });
    let copy = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    });
    (original.boxed(), copy.boxed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(parts: Vec<&'static str>) -> ClearBytes {
        stream::iter(parts).map(|part| Ok(Bytes::from_static(part.as_bytes()))).boxed()
    }

    async fn read(body: ClearBytes) -> String {
        let parts: Vec<_> = body.map(|part| part.unwrap()).collect().await;
        String::from_utf8(parts.concat()).unwrap()
    }

    #[tokio::test]
    async fn both_get_every_byte() {
        let (original, copy) = teed(body(["Potassium ", "4.1", " mmol/l"].repeat(40)));
        let (one, other) = tokio::join!(read(original), read(copy));
        assert!(one == other && one.starts_with("Potassium 4.1 mmol/l"));
    }

    #[tokio::test]
    async fn a_copy_that_nobody_reads_holds_nothing_up() {
        let (original, copy) = teed(body(vec!["x"; 100]));
        drop(copy);
        assert_eq!(read(original).await.len(), 100);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_breaks_off_for_both() {
        let broken = stream::iter([Ok(Bytes::from_static(b"x")), Err(BlobError::BrokenOff)]);
        let (original, copy) = teed(broken.boxed());
        let (one, other) = tokio::join!(original.collect::<Vec<_>>(), copy.collect::<Vec<_>>());
        assert!(one[1].is_err() && other[1].is_err());
    }
}
