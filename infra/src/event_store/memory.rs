//! The event store for tests: same words, no disk.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use commands::ports::event_store::{
    Append, AppendError, Appended, EventStore, Length, ReadError, Request,
};
use domain::ids::{RequestDigest, StreamName};
use domain::journal::{Leaf, Line, Position, StreamVersion};
use tokio::sync::watch;
use uuid::Uuid;

use super::check_lengths;

/// Events in a vector.
pub struct MemoryEventStore {
    log: Mutex<Log>,
    newest: watch::Sender<Option<Position>>,
}

#[derive(Default)]
struct Log {
    lines: Vec<Line>,
    streams: HashMap<StreamName, Vec<usize>>,
    requests: HashMap<Uuid, (Appended, RequestDigest)>,
}

impl Default for MemoryEventStore {
    fn default() -> Self {
        Self { log: Mutex::default(), newest: watch::Sender::new(None) }
    }
}

impl MemoryEventStore {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// No step between lock and unlock can panic half-way, so a poisoned log is whole.
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn length(&self, stream: &StreamName) -> Length {
        let lines = self.streams.get(stream).map_or(0, Vec::len);
        Length(u32::try_from(lines).unwrap_or(u32::MAX))
    }

    fn append(&mut self, append: Append) -> Result<Appended, AppendError> {
        if let Request::Keyed { id, digest } = append.request
            && let Some((first_answer, known)) = self.requests.get(&id)
        {
            return if *known == digest {
                Ok(Appended { again: true, ..*first_answer })
            } else {
                Err(AppendError::RequestReused)
            };
        }
        let written = [(append.stream.clone(), append.expected)];
        let moved = written.iter().chain(&append.preconditions);
        if let Some((stream, _)) = { moved }.find(|(name, length)| self.length(name) != *length) {
            return Err(AppendError::Conflict(stream.clone()));
        }
        let first = Position(self.lines.len() as u64);
        let count = u32::try_from(append.lines.len()).unwrap_or(u32::MAX);
        let filed = self.streams.entry(append.stream.clone()).or_default();
        for (version, line) in (append.expected.0..).zip(append.lines) {
            filed.push(self.lines.len());
            self.lines.push(Line {
                position: Position(self.lines.len() as u64),
                stream: append.stream.clone(),
                version: StreamVersion(version),
                bytes: line.bytes,
                leaf: line.leaf,
            });
        }
        let answer = Appended { first, lines: count, again: false };
        if let Request::Keyed { id, digest } = append.request {
            self.requests.insert(id, (answer, digest));
        }
        Ok(answer)
    }
}

#[async_trait]
impl EventStore for MemoryEventStore {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        check_lengths(&append)?;
        let mut log = self.log();
        let answer = log.append(append)?;
        // Told under the lock, so that two appends cannot tell their positions in the wrong order.
        self.newest.send_replace(log.lines.last().map(|line| line.position));
        Ok(answer)
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<Line>, ReadError> {
        let log = self.log();
        let filed = log.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let wanted = filed.iter().skip(from.0 as usize).take(limit);
        Ok(wanted.map(|&index| log.lines[index].clone()).collect())
    }

    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, ReadError> {
        let from = usize::try_from(from.0).unwrap_or(usize::MAX);
        Ok(self.log().lines.iter().skip(from).take(limit).cloned().collect())
    }

    async fn leaves(&self, from: Position, limit: usize) -> Result<Vec<Leaf>, ReadError> {
        let from = usize::try_from(from.0).unwrap_or(usize::MAX);
        Ok(self.log().lines.iter().skip(from).take(limit).map(|line| line.leaf).collect())
    }

    async fn lengths(&self, streams: &[StreamName]) -> Result<Vec<Length>, ReadError> {
        let log = self.log();
        Ok(streams.iter().map(|stream| log.length(stream)).collect())
    }

    fn newest(&self) -> watch::Receiver<Option<Position>> {
        self.newest.subscribe()
    }

    async fn request(&self, id: Uuid) -> Result<Option<(Appended, RequestDigest)>, ReadError> {
        Ok(self.log().requests.get(&id).copied())
    }
}
