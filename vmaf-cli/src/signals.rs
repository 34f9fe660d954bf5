//! Signals that end the process: spot machines send SIGTERM before they vanish, a user Ctrl-C.
//!
//! The run is told to end, which removes its temporary files and programs and, for a batch, stores
//! its measurements. A run that does not end soon, since an input stalls while it is opened, is left:
//! the process ends anyway. A second signal ends it at once.

use vmaf::{Error, RunHandle};

use crate::failure::{self, Failure, Result};

/// Says that the work is not lost.
fn report_resumable() {
    failure::note("stopped; the same command resumes from here");
}

#[cfg(unix)]
mod unix {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI32, Ordering};
    use std::thread;
    use std::time::Duration;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// The time that the run has to end, in intervals.
    const INTERVAL: Duration = Duration::from_millis(20);
    const GRACE: u32 = 75;

    /// The number that a shell adds to that of a signal that ended a process.
    const OF_SIGNALS: i32 = 128;

    /// The number of the signal that the process received; 0 if none.
    #[derive(Debug, Clone, Default)]
    pub(super) struct SignalNumber(Arc<AtomicI32>);

    impl SignalNumber {
        /// Calls `end` once a signal asks the process to end. If the process has not ended after a
        /// while, calls `leave` and ends it.
        pub(super) fn listen(
            end: impl FnOnce() + Send + 'static,
            leave: impl FnOnce() + Send + 'static,
        ) -> Self {
            let received = Self::default();
            // Without a handler the process ends at once.
            let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return received };
            let number = received.0.clone();
            thread::spawn(move || {
                let Some(signal) = signals.forever().next() else { return };
                number.store(signal, Ordering::Relaxed);
                end();
                for _ in 0..GRACE {
                    thread::sleep(INTERVAL);
                    if signals.pending().next().is_some() {
                        break;
                    }
                }
                leave();
                std::process::exit(OF_SIGNALS + signal);
            });
            received
        }

        /// Returns the exit status of a process that a signal ended, if it received one.
        pub(super) fn status(&self) -> Option<u8> {
            let signal = self.0.load(Ordering::Relaxed);
            (signal != 0).then(|| u8::try_from(OF_SIGNALS + signal).unwrap_or(u8::MAX))
        }
    }
}

#[cfg(not(unix))]
mod other {
    /// The number of the signal that the process received: none here.
    #[derive(Debug, Clone, Default)]
    pub(super) struct SignalNumber;

    impl SignalNumber {
        pub(super) fn listen(_: impl FnOnce(), _: impl FnOnce()) -> Self {
            Self
        }

        pub(super) fn status(&self) -> Option<u8> {
            None
        }
    }
}

#[cfg(not(unix))]
use other::SignalNumber;
#[cfg(unix)]
use unix::SignalNumber;

/// The signal that the process received during a run.
pub(crate) struct ReceivedSignal {
    number: SignalNumber,
    /// True if the same command resumes the run.
    is_resumable: bool,
}

impl ReceivedSignal {
    /// Suspends the batch of `handle` once a signal asks the process to end.
    pub(crate) fn suspend(handle: &RunHandle) -> Self {
        let handle = handle.clone();
        Self::listen(true, move || handle.suspend())
    }

    /// Stops the run of `handle` once a signal asks the process to end. `is_resumable` is true if
    /// the same command resumes it.
    pub(crate) fn stop(handle: &RunHandle, is_resumable: bool) -> Self {
        let handle = handle.clone();
        Self::listen(is_resumable, move || handle.stop())
    }

    fn listen(is_resumable: bool, end: impl FnOnce() + Send + 'static) -> Self {
        let leave = move || {
            if is_resumable {
                report_resumable();
            }
        };
        Self { number: SignalNumber::listen(end, leave), is_resumable }
    }

    /// Returns the outcome of the run; the signal if that stopped it.
    pub(crate) fn outcome<T, E: Into<Failure>>(&self, outcome: Result<T, E>) -> Result<T> {
        let failure = match outcome {
            Ok(outcome) => return Ok(outcome),
            Err(failure) => failure.into(),
        };
        match (&failure, self.number.status()) {
            (Failure::Run(Error::Stopped), Some(status)) => {
                if self.is_resumable {
                    report_resumable();
                }
                Err(Failure::Signal(status))
            }
            _ => Err(failure),
        }
    }
}
