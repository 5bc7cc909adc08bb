//! How a conformance suite is run: each promise of a port is one test, over every engine there is.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::clock::{ManualClock, SystemClock};
use commands::ports::world::Clock as _;

/// One test for each promise of the module that is called `suite` where this is used, over the place that
/// `$place` makes.
macro_rules! promises {
    ($place:expr; $($promise:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $promise() {
            suite::$promise($place).await;
        }
    )*};
}
pub(crate) use promises;

type Opening<P> = Box<dyn Fn() -> BoxFuture<'static, Arc<P>> + Send + Sync>;

/// Where a store is kept, so that a promise can look at what the next process would find.
pub(crate) struct Place<P: ?Sized> {
    open: Opening<P>,
    /// The clock of whatever is opened here. It stands until it is moved.
    pub(crate) clock: ManualClock,
}

impl<P: ?Sized + 'static> Place<P> {
    /// A place whose store is opened by `open`, which owns what the store is kept in.
    pub(crate) fn new<F>(open: impl Fn(ManualClock) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Arc<P>> + Send + 'static,
    {
        // Not a day of our own choosing: files carry the time at which they were really written.
        let clock = ManualClock::at(SystemClock.now());
        let shown = clock.clone();
        Self { open: Box::new(move || Box::pin(open(shown.clone()))), clock }
    }

    /// The place of a store that is gone with its process: opened again it is the same one.
    pub(crate) fn memory(make: impl FnOnce(ManualClock) -> Arc<P>) -> Self
    where
        P: Send + Sync,
    {
        let clock = ManualClock::at(SystemClock.now());
        let store = make(clock.clone());
        let open = move || -> BoxFuture<'static, Arc<P>> {
            Box::pin(std::future::ready(Arc::clone(&store)))
        };
        Self { open: Box::new(open), clock }
    }

    /// Opens the store: the first time empty, afterwards with everything that was answered before.
    pub(crate) async fn open(&self) -> Arc<P> {
        (self.open)().await
    }
}
