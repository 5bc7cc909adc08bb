//! One batch of appends: which of them may happen, decided one after another as if each came alone, and
//! what has to be stored for those.

use std::collections::HashMap;

use commands::ports::event_store::{Append, AppendError, Appended, Length, NewLine, Request};
use domain::ids::{RequestDigest, StreamName};
use domain::journal::Position;
use uuid::Uuid;

/// What the writer knows of a stream. One without a number does not exist yet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct KnownStream {
    pub(super) id: Option<i64>,
    pub(super) length: Length,
}

/// A line with its place.
pub(super) struct Filed {
    pub(super) position: Position,
    pub(super) stream: i64,
    pub(super) version: u32,
    pub(super) line: NewLine,
}

/// Requests by id.
pub(super) type AppendsByRequest = HashMap<Uuid, (Appended, RequestDigest)>;

/// What a batch would store.
pub(super) struct AppendBatch {
    /// Where the next line goes.
    pub(super) next: Position,
    /// The highest stream number given.
    pub(super) streams_given: i64,
    /// Every stream the batch names.
    pub(super) known: HashMap<StreamName, KnownStream>,
    /// The remembered requests the batch names.
    pub(super) requests: AppendsByRequest,
    /// Lines to store, in position order.
    pub(super) lines: Vec<Filed>,
    /// Streams to make.
    pub(super) new_streams: Vec<(i64, StreamName)>,
    /// Requests to remember.
    pub(super) new_requests: Vec<(Uuid, RequestDigest, Appended)>,
}

impl AppendBatch {
    /// Takes an append in, or says why not; one that is refused leaves no trace in the batch.
    pub(super) fn admit(&mut self, append: Append) -> Result<Appended, AppendError> {
        if let Request::Keyed { id, digest } = append.request
            && let Some((first_answer, known)) = self.requests.get(&id)
        {
            return if *known == digest {
                Ok(Appended { again: true, ..*first_answer })
            } else {
                Err(AppendError::RequestReused)
            };
        }
        self.must_be(&append.stream, append.expected)?;
        for (stream, length) in &append.preconditions {
            self.must_be(stream, *length)?;
        }
        Ok(self.file(append))
    }

    fn must_be(&self, stream: &StreamName, length: Length) -> Result<(), AppendError> {
        let known = self.known.get(stream).copied().unwrap_or_default();
        if known.length == length { Ok(()) } else { Err(AppendError::Conflict(stream.clone())) }
    }

    fn file(&mut self, append: Append) -> Appended {
        let known = self.known.entry(append.stream.clone()).or_default();
        let stream = *known.id.get_or_insert_with(|| {
            self.streams_given += 1;
            self.new_streams.push((self.streams_given, append.stream.clone()));
            self.streams_given
        });
        let first = self.next;
        let mut lines = 0;
        for line in append.lines {
            let version = known.length.0;
            self.lines.push(Filed { position: self.next, stream, version, line });
            self.next.0 += 1;
            known.length.0 += 1;
            lines += 1;
        }
        let answer = Appended { first, lines, again: false };
        if let Request::Keyed { id, digest } = append.request {
            self.requests.insert(id, (answer, digest));
            self.new_requests.push((id, digest, answer));
        }
        answer
    }
}
