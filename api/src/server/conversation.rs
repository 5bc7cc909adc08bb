//! What a connection and the requests on it know of each other: whether a request is under way, and for how
//! long the connection may be quiet if none is.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// Shared by a connection and its requests; both live on one thread.
#[derive(Clone)]
pub(crate) struct Conversation(Rc<State>);

struct State {
    under_way: Cell<u32>,
    /// Changes whenever a request begins or ends.
    turns: Cell<u64>,
    closing: Cell<bool>,
    quiet: Duration,
}

/// A request under way, until its answer is sent.
pub(crate) struct AnswerTurn(Conversation);

/// How long what is left of a body is read after the answer, so that the answer is not lost with it.
const LINGER: Duration = Duration::from_secs(2);

impl Conversation {
    /// Nobody has said anything yet. Between two requests it may be quiet for so long.
    pub(crate) fn new(quiet: Duration) -> Self {
        let (under_way, turns, closing) = (Cell::new(0), Cell::new(1), Cell::new(false));
        Self(Rc::new(State { under_way, turns, closing, quiet }))
    }

    /// A request begins.
    pub(crate) fn turn(&self) -> AnswerTurn {
        self.0.under_way.set(self.0.under_way.get() + 1);
        self.next();
        AnswerTurn(self.clone())
    }

    /// A number that is another one whenever a request began or ended.
    pub(super) fn turns(&self) -> u64 {
        self.0.turns.get()
    }

    /// For how long it may be quiet now; none while a request is under way.
    pub(super) fn quiet_for(&self) -> Option<Duration> {
        let rest = if self.0.closing.get() { LINGER } else { self.0.quiet };
        (self.0.under_way.get() == 0).then_some(rest)
    }

    fn next(&self) {
        self.0.turns.set(self.0.turns.get() + 1);
    }
}

impl AnswerTurn {
    /// The request's body did not come whole: nothing more is answered on this connection.
    pub(crate) fn is_the_last(&self) {
        self.0.0.closing.set(true);
    }
}

impl Drop for AnswerTurn {
    fn drop(&mut self) {
        let state = &self.0.0;
        state.under_way.set(state.under_way.get() - 1);
        self.0.next();
    }
}
