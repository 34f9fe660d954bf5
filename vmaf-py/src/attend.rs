//! Work on another thread, while the one that called looks after the interpreter: Ctrl-C is seen, and
//! progress shown.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;
use vmaf::RunHandle;

use crate::errors;

/// How often the interpreter is looked after.
const INTERVAL: Duration = Duration::from_millis(50);

/// Does `work`, which `handle` is of, without the interpreter's lock. `progress`, if given, is
/// called with the number of frames that are measured, and that of all or None, now and then and in
/// the end. An exception in it, or in a signal's handler, stops the work and is what is raised.
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
            let worker = scope.spawn(move || {
                // Dropped in the end, whatever becomes of the work.
                let _at_work = at_work;
                work()
            });
            while over.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                Python::attach(|py| py.check_signals().and_then(|()| show(py))).inspect_err(
                    // The thread is waited for: it stops at its next frame.
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
