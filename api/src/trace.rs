//! The trace id of the request that is being answered: it names no other room, so that each may ask for it.

use std::future::Future;

tokio::task_local! {
    static TRACE: String;
}

/// The trace id of the request being answered; empty outside one.
pub(crate) fn current() -> String {
    TRACE.try_with(Clone::clone).unwrap_or_default()
}

/// Work whose trace id is this one.
pub(crate) async fn within<F: Future>(trace: String, work: F) -> F::Output {
    TRACE.scope(trace, work).await
}
