//! Bars on stderr for long work, shown to a person only.

use std::sync::{Mutex, PoisonError};

use evidence::ports::Progress;
use indicatif::ProgressBar;

use super::printing::progress;

/// The bar of the work that is under way.
#[derive(Default)]
pub(crate) struct Bars(Mutex<Option<ProgressBar>>);

impl Bars {
    fn with(&self, job: impl FnOnce(&mut Option<ProgressBar>)) {
        job(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for Bars {
    fn begin(&self, length: u64, what: &'static str) {
        self.with(|bar| *bar = Some(progress(length, what)));
    }

    fn advance(&self, by: u64) {
        self.with(|bar| bar.iter().for_each(|bar| bar.inc(by)));
    }

    fn end(&self) {
        self.with(|bar| bar.take().iter().for_each(ProgressBar::finish_and_clear));
    }
}
