//! Work on another thread while the calling thread attends to the interpreter: it handles Ctrl-C
//! and reports progress.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::{self, Builder};
use std::time::Duration;

use pyo3::prelude::*;
use vmaf::RunHandle;

use crate::errors;

/// The interval at which the interpreter is attended to.
const INTERVAL: Duration = Duration::from_millis(50);

/// Runs `work`, which belongs to `handle`, without the interpreter's lock. `progress`, if given, is
/// called at intervals and at the end with the number of measured frames and the total, or None if
/// that is unknown. An exception in it or in a signal handler stops the work and is raised.
pub(crate) fn attend<T: Send>(
    py: Python<'_>,
    handle: &RunHandle,
    progress: Option<&Py<PyAny>>,
    work: impl FnOnce() -> vmaf::Result<T> + Send,
) -> PyResult<T> {
    let show = |py: Python<'_>| match progress {
        Some(progress) => progress.call1(py, handle.progress()).map(drop),
        None => Ok(()),
    };
    let worked = py.detach(|| {
        thread::scope(|scope| {
            let (at_work, over) = sync_channel::<()>(0);
            let worker = Builder::new().spawn_scoped(scope, move || {
                // Dropped at the end, even if the work panics.
                let _at_work = at_work;
                work()
            })?;
            while over.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                Python::attach(|py| py.check_signals().and_then(|()| show(py))).inspect_err(
                    // The scope waits for the thread, which stops at its next frame.
                    |_| handle.stop(),
                )?;
            }
            match worker.join() {
                Ok(worked) => worked.map_err(errors::of_run),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    })?;
    show(py)?;
    Ok(worked)
}
