//! A request's body with a deadline: whole in time, or so much of it in every span of time.

use std::cell::Cell;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures::Stream;
use futures::task::noop_waker_ref;
use tokio::time::{Sleep, sleep};

/// How fast a body must come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    within: Duration,
    bytes_min: usize,
}

impl Pace {
    /// All of it.
    pub(crate) fn whole_within(within: Duration) -> Self {
        Self { within, bytes_min: usize::MAX }
    }

    /// At least so many bytes, again and again: a large body takes as long as it takes.
    pub(crate) fn at_least(bytes_min: usize, within: Duration) -> Self {
        Self { within, bytes_min }
    }
}

/// What became of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFate {
    /// It has not come whole, or nobody has looked yet.
    Unfinished,
    /// It came whole.
    Whole,
    /// It was cut off because it came too slowly.
    TooSlow,
}

/// A body with a deadline.
pub(crate) struct PacedBody {
    body: Payload,
    pace: Pace,
    deadline: Pin<Box<Sleep>>,
    came: usize,
    /// Whether whoever reads it waits for more: time that we take for ourselves is not the sender's.
    awaited: bool,
    fate: Rc<Cell<BodyFate>>,
}

impl PacedBody {
    /// The body of a request that begins now, and where it will be told what became of it.
    pub(crate) fn new(body: Payload, pace: Pace) -> (Self, Rc<Cell<BodyFate>>) {
        let fate = Rc::new(Cell::new(BodyFate::Unfinished));
        let deadline = Box::pin(sleep(pace.within));
        let told = Rc::clone(&fate);
        (Self { body, pace, deadline, came: 0, awaited: false, fate }, told)
    }

    /// Whether the sender has let a whole span go by.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        if self.deadline.as_mut().poll(cx).is_pending() {
            return false;
        }
        if self.awaited && self.came < self.pace.bytes_min {
            return true;
        }
        self.came = 0;
        self.deadline.set(sleep(self.pace.within));
        // Asked so that it wakes us; it cannot be over yet.
        let _ = self.deadline.as_mut().poll(cx);
        false
    }
}

impl Stream for PacedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.fate.get() == BodyFate::TooSlow || self.is_late(cx) {
            self.fate.set(BodyFate::TooSlow);
            let late = io::Error::from(io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(PayloadError::Io(late))));
        }
        let next = Pin::new(&mut self.body).poll_next(cx);
        self.awaited = next.is_pending();
        match &next {
            Poll::Ready(Some(Ok(piece))) => self.came = self.came.saturating_add(piece.len()),
            Poll::Ready(None) => self.fate.set(BodyFate::Whole),
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        next
    }
}

/// What is here already may be the rest of it: then the connection is good for another request.
impl Drop for PacedBody {
    fn drop(&mut self) {
        let mut cx = Context::from_waker(noop_waker_ref());
        while self.fate.get() == BodyFate::Unfinished {
            match Pin::new(&mut self.body).poll_next(&mut cx) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(None) => self.fate.set(BodyFate::Whole),
                Poll::Ready(Some(Err(_))) | Poll::Pending => break,
            }
        }
    }
}
