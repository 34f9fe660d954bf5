//! Signals that end the process: spot machines send SIGTERM before they vanish, a user Ctrl-C.

use crate::failure;

/// Tells that the work is not lost.
pub(crate) fn report() {
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
    use vmaf::RunHandle;

    /// The time to store what was measured; the process then ends anyway.
    const GRACE: Duration = Duration::from_millis(1500);

    /// What a shell adds to the number of a signal that ended a process.
    const OF_SIGNALS: i32 = 128;

    /// The signal that the process received.
    #[derive(Debug, Default)]
    pub(crate) struct ReceivedSignal(Arc<AtomicI32>);

    impl ReceivedSignal {
        /// Suspends the run of `handle` once a signal asks the process to end.
        pub(crate) fn suspend(handle: &RunHandle) -> Self {
            let received = Self::default();
            // Without a handler the process ends at once, and the latest checkpoint is the state.
            let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return received };
            let (handle, signal_number) = (handle.clone(), received.0.clone());
            thread::spawn(move || {
                if let Some(signal) = signals.forever().next() {
                    signal_number.store(signal, Ordering::Relaxed);
                    handle.suspend();
                    thread::sleep(GRACE);
                    super::report();
                    std::process::exit(OF_SIGNALS + signal);
                }
            });
            received
        }

        /// Returns the exit status of a process that a signal ended, if it received one.
        pub(crate) fn status(&self) -> Option<u8> {
            let signal = self.0.load(Ordering::Relaxed);
            (signal != 0).then(|| u8::try_from(OF_SIGNALS + signal).unwrap_or(u8::MAX))
        }
    }
}

#[cfg(not(unix))]
mod other {
    use vmaf::RunHandle;

    /// The signal that the process received: none here.
    #[derive(Debug, Default)]
    pub(crate) struct ReceivedSignal;

    impl ReceivedSignal {
        pub(crate) fn suspend(_: &RunHandle) -> Self {
            Self
        }

        pub(crate) fn status(&self) -> Option<u8> {
            None
        }
    }
}

#[cfg(not(unix))]
pub(crate) use other::ReceivedSignal;
#[cfg(unix)]
pub(crate) use unix::ReceivedSignal;
