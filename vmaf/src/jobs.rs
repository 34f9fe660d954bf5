//! Work that several threads share.

use std::thread::{self, Builder};

/// Runs `work` in `count` threads at once, one of them the caller's, and returns when it has ended
/// in all. There are fewer if the system refuses to start more.
pub(crate) fn in_jobs(count: usize, work: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 1..count {
            if Builder::new().spawn_scoped(scope, &work).is_err() {
                break;
            }
        }
        work();
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn all_jobs_work_at_once() {
        let (jobs, at_work) = (AtomicUsize::new(0), Barrier::new(3));
        in_jobs(3, || {
            at_work.wait();
            jobs.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(jobs.into_inner(), 3);
    }
}
