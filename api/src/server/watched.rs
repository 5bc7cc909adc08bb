//! A connection that does not wait for ever: for a request to come or to come whole, nor for a reader that
//! does not read.
//!
//! Bodies have deadlines of their own (`paced.rs`), and the framework cuts the first request's head. What is
//! left is watched here: quiet connections, later heads that trickle in, bodies that nobody wanted, answers
//! that are not taken.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::connections::Seat;
use super::conversation::Conversation;

/// Bytes that a reader takes in each span of [`Deadlines::stalled`], or it does not read.
const TAKEN_MIN: usize = 4_096;

/// How long a connection waits for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    /// For the head of a request, from its first byte on.
    pub(crate) head: Duration,
    /// Between two requests.
    pub(crate) quiet: Duration,
    /// For somebody who takes or sends something little by little.
    pub(crate) stalled: Duration,
}

/// A connection that is watched; it holds its place among the others.
pub(crate) struct WatchedStream<T> {
    io: T,
    deadlines: Deadlines,
    conversation: Conversation,
    turn_seen: u64,
    waiting: Option<Pin<Box<Sleep>>>,
    head_begun: bool,
    sending: Option<Pin<Box<Sleep>>>,
    taken: usize,
    _place: Seat,
}

impl<T> WatchedStream<T> {
    pub(crate) fn new(io: T, deadlines: Deadlines, place: Seat) -> Self {
        Self {
            io,
            deadlines,
            conversation: Conversation::new(deadlines.quiet),
            turn_seen: 0,
            waiting: None,
            head_begun: false,
            sending: None,
            taken: 0,
            _place: place,
        }
    }

    /// What its requests share with it.
    pub(crate) fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// Fails if it has been quiet for too long.
    fn wait(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let turn = self.conversation.turns();
        if turn != self.turn_seen {
            self.turn_seen = turn;
            self.head_begun = false;
            self.waiting = self.conversation.quiet_for().map(|rest| Box::pin(sleep(rest)));
        }
        let over = self.waiting.as_mut().is_some_and(|rest| rest.as_mut().poll(cx).is_ready());
        if over { Err(too_slow()) } else { Ok(()) }
    }

    /// Something came: if no request is under way, the head of one has begun, or a body that nobody wants.
    fn came(&mut self, cx: &mut Context<'_>) {
        if self.head_begun || self.waiting.is_none() {
            return;
        }
        self.head_begun = true;
        let rest = self.conversation.quiet_for().map(|rest| rest.min(self.deadlines.head));
        self.waiting = rest.map(|rest| Box::pin(sleep(rest)));
        if let Some(waiting) = &mut self.waiting {
            // Asked so that it wakes us; it cannot be over yet.
            let _ = waiting.as_mut().poll(cx);
        }
    }

    /// What has been taken by the reader; fails if that is too little for too long.
    fn stalled(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let stalled = self.deadlines.stalled;
        let begun = &mut self.taken;
        let sending = self.sending.get_or_insert_with(|| {
            *begun = 0;
            Box::pin(sleep(stalled))
        });
        while sending.as_mut().poll(cx).is_ready() {
            if self.taken < TAKEN_MIN {
                return Err(too_slow());
            }
            self.taken = 0;
            sending.set(sleep(stalled));
        }
        Ok(())
    }
}

fn too_slow() -> io::Error {
    io::Error::from(io::ErrorKind::TimedOut)
}

impl<T: AsyncRead + Unpin> AsyncRead for WatchedStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.wait(cx)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.came(cx);
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for WatchedStream<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        match &written {
            Poll::Ready(Ok(count)) => self.taken = self.taken.saturating_add(*count),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.stalled(cx)?,
        }
        written
    }

    /// Asked when everything is written, and after every answer.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.sending = None;
        self.wait(cx)?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
