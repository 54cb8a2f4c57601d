use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this shows no bar.
const QUIET_FOR: Duration = Duration::from_millis(700);

/// A bar on standard error, on a terminal, for long work.
pub(super) struct Progress {
    started: Instant,
    n_files: usize,
    n_done: usize,
    wanted: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn new(n_files: usize, quiet: bool) -> Self {
        let wanted = !quiet && n_files > 1 && io::stderr().is_terminal();
        Self { started: Instant::now(), n_files, n_done: 0, wanted, bar: None }
    }

    /// Does something that may print, without the bar in its way.
    pub(super) fn around<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// One more file is done.
    pub(super) fn step(&mut self) {
        self.n_done += 1;
        if self.wanted && self.bar.is_none() && self.started.elapsed() > QUIET_FOR {
            let bar = ProgressBar::with_draw_target(Some(self.n_files as u64), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}") {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.n_done as u64);
        }
    }

    pub(super) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
