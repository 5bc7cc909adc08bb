//! The thread that starts drawing processes, and those that wait ready for a page that somebody will ask for.
//!
//! Each waits for one document. A process dies with the thread that started it, so that one thread starts
//! them all and lives as long as the rasteriser does.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use commands::ports::rasteriser::RasteriseError;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::process::{DrawingProcess, failed};

type Started = Result<DrawingProcess, RasteriseError>;

/// What the thread is asked for.
enum Errand {
    /// A process, at once.
    One(oneshot::Sender<Started>),
    /// So many waiting as there should be.
    Waiting,
}

/// What is started, and on which terms.
pub(super) struct Program {
    /// The binary.
    pub(super) path: PathBuf,
    /// For a process that somebody waits for.
    pub(super) terms: String,
    /// For one that waits for somebody.
    pub(super) terms_of_waiting: String,
}

/// Starts processes.
pub(super) struct Starter {
    errands: Sender<Errand>,
    ready: Arc<Mutex<VecDeque<DrawingProcess>>>,
}

impl Starter {
    /// Starts `program`, of which `waiting` wait from now on. What is started is looked after by the runtime
    /// that this is called in.
    ///
    /// # Errors
    /// Outside of a runtime, or if this system has no thread left.
    pub(super) fn new(program: Program, waiting: usize) -> Result<Self, RasteriseError> {
        let runtime = Handle::try_current().map_err(|_| failed("no runtime", None))?;
        let (errands, received) = channel();
        let ready = Arc::default();
        let work = Work { program, waiting, ready: Arc::clone(&ready) };
        thread::Builder::new()
            .name("drawing-starter".to_owned())
            .spawn(move || work.carry_out(&received, &runtime))
            .map_err(|source| failed("no thread", Some(source)))?;
        let starter = Self { errands, ready };
        starter.fill_up();
        Ok(starter)
    }

    /// One that waits and lives, if there is one. What died while it waited is as good as not there.
    pub(super) fn waiting(&self) -> Option<DrawingProcess> {
        let mut ready = locked(&self.ready);
        std::iter::from_fn(|| ready.pop_front()).find_map(|mut one| one.lives().then_some(one))
    }

    /// One that is started now.
    pub(super) async fn new_one(&self) -> Started {
        let (give, given) = oneshot::channel();
        let gone = || failed("nobody starts it", None);
        self.errands.send(Errand::One(give)).map_err(|_| gone())?;
        given.await.map_err(|_| gone())?
    }

    /// Makes up for what was taken or died. Asked once a page, it starts at most so many as should wait,
    /// whatever becomes of them.
    pub(super) fn fill_up(&self) {
        // Gone at the end of the runtime only.
        let _ = self.errands.send(Errand::Waiting);
    }
}

/// The thread's own.
struct Work {
    program: Program,
    waiting: usize,
    ready: Arc<Mutex<VecDeque<DrawingProcess>>>,
}

impl Work {
    fn carry_out(&self, received: &Receiver<Errand>, runtime: &Handle) {
        let _looked_after = runtime.enter();
        while let Ok(errand) = received.recv() {
            match errand {
                Errand::One(give) => {
                    // Who has gone meanwhile leaves one that ends when it is dropped.
                    let _ = give.send(self.start(&self.program.terms));
                }
                Errand::Waiting => self.fill_up(),
            }
        }
    }

    fn start(&self, terms: &str) -> Started {
        DrawingProcess::start(&self.program.path, terms)
    }

    fn fill_up(&self) {
        let living = {
            let mut ready = locked(&self.ready);
            ready.retain_mut(DrawingProcess::lives);
            ready.len()
        };
        for _ in living..self.waiting {
            match self.start(&self.program.terms_of_waiting) {
                Ok(process) => locked(&self.ready).push_back(process),
                // Whoever asks for a page hears it.
                Err(_) => return,
            }
        }
    }
}

fn locked(ready: &Mutex<VecDeque<DrawingProcess>>) -> MutexGuard<'_, VecDeque<DrawingProcess>> {
    ready.lock().unwrap_or_else(PoisonError::into_inner)
}
