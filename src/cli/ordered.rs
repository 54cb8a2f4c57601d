use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, PoisonError};

/// Does `work` for `0..n` on `jobs` threads and hands the results to `deliver`
/// on this thread, in order.
///
/// At most twice as many items as threads are in memory at a time, and the one
/// that `deliver` holds: a worker waits when the oldest result has not been
/// delivered. `deliver` may end the run. `work` must not panic.
pub(super) fn ordered<T: Send>(n: usize, jobs: usize, work: impl Fn(usize) -> T + Sync, mut deliver: impl FnMut(T) -> ControlFlow<()>) {
    let jobs = jobs.min(n);
    let pool = if jobs > 1 { rayon::ThreadPoolBuilder::new().num_threads(jobs).build().ok() } else { None };
    let Some(pool) = pool else {
        for idx in 0..n {
            if deliver(work(idx)).is_break() {
                return;
            }
        }
        return;
    };
    let window = Window { state: Mutex::default(), changed: Condvar::new(), n, size: 2 * jobs };
    pool.in_place_scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|_| {
                while let Some(idx) = window.take() {
                    window.put(idx, work(idx));
                }
            });
        }
        for idx in 0..n {
            if deliver(window.wait_for(idx)).is_break() {
                window.stop();
                break;
            }
        }
    });
}

/// The items between the first undelivered one and the last started one.
struct Window<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    n: usize,
    size: usize,
}

struct State<T> {
    next_start: usize,
    next_delivery: usize,
    done: BTreeMap<usize, T>,
    stopped: bool,
}

impl<T> Default for State<T> {
    fn default() -> Self {
        Self { next_start: 0, next_delivery: 0, done: BTreeMap::new(), stopped: false }
    }
}

impl<T> Window<T> {
    fn state(&self) -> std::sync::MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next item to start, when there is room for it; `None` at the end.
    fn take(&self) -> Option<usize> {
        let mut state = self.state();
        while !state.stopped && state.next_start < self.n && state.next_start >= state.next_delivery + self.size {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped || state.next_start == self.n {
            return None;
        }
        state.next_start += 1;
        Some(state.next_start - 1)
    }

    fn put(&self, idx: usize, result: T) {
        self.state().done.insert(idx, result);
        self.changed.notify_all();
    }

    fn wait_for(&self, idx: usize) -> T {
        let mut state = self.state();
        loop {
            if let Some(result) = state.done.remove(&idx) {
                state.next_delivery = idx + 1;
                self.changed.notify_all();
                return result;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_and_few_are_in_memory() {
        for jobs in [1, 2, 5] {
            let in_memory = AtomicUsize::new(0);
            let most = AtomicUsize::new(0);
            let mut seen = Vec::new();
            let work = |idx: usize| {
                most.fetch_max(in_memory.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Uneven work, so that later items finish first.
                (0..(97 - idx) * 200).fold(idx, |sum, i| sum ^ std::hint::black_box(i)) & usize::from(idx == usize::MAX) | idx
            };
            ordered(97, jobs, work, |idx| {
                in_memory.fetch_sub(1, Ordering::SeqCst);
                seen.push(idx);
                ControlFlow::Continue(())
            });
            assert_eq!(seen, (0..97).collect::<Vec<_>>());
            assert!(most.into_inner() <= 2 * jobs + 1);
        }
    }

    #[test]
    fn a_run_can_be_ended_early() {
        let mut n_seen = 0;
        ordered(
            1000,
            3,
            |idx| idx,
            |_| {
                n_seen += 1;
                if n_seen == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!(n_seen, 4);
    }
}
