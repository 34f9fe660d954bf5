//! The threads that measure frames.
//!
//! Dropping a [`Pool`] waits for its threads. Those of a plain Rayon pool end some time after it
//! was dropped, but a program may unload this library (`dlclose`) as soon as a scorer is gone.

use std::thread::{Builder, JoinHandle};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::Result;
use crate::error::JobError;

pub(super) struct Pool {
    /// `None` only while the pool is dropped.
    pool: Option<ThreadPool>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts `count` threads.
    pub(super) fn new(count: usize) -> Result<Self> {
        let mut threads = Vec::with_capacity(count);
        let pool = ThreadPoolBuilder::new().num_threads(count).spawn_handler(|thread| {
            threads.push(Builder::new().name("vmaf".to_owned()).spawn(|| thread.run())?);
            Ok(())
        });
        let pool = pool.build();
        let pool = pool.map_err(|error| JobError::Threads { count, reason: error.to_string() })?;
        Ok(Self { pool: Some(pool), threads })
    }

    /// Runs `work` on one of the threads.
    pub(super) fn spawn(&self, work: impl FnOnce() + Send + 'static) {
        if let Some(pool) = &self.pool {
            pool.spawn(work);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.pool.take());
        for thread in self.threads.drain(..) {
            // A thread only fails if Rayon itself panics; its work has caught panics.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Pool;

    #[test]
    fn all_work_is_done_and_all_threads_have_ended_after_the_drop() {
        for count in [1, 3] {
            let done = Arc::new(AtomicUsize::new(0));
            let pool = Pool::new(count).expect("threads");
            for _ in 0..50 {
                let done = done.clone();
                pool.spawn(move || {
                    done.fetch_add(1, Ordering::Relaxed);
                });
            }
            drop(pool);
            assert_eq!(done.load(Ordering::Relaxed), 50);
            assert_eq!(Arc::strong_count(&done), 1, "a thread holds work");
        }
    }
}
