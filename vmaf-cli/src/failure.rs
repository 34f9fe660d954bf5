//! Failures of the command, and their reports.
//!
//! Every problem is reported on standard error as one line that begins with `error:` and makes the
//! command exit with status 2. A fact that only deserves attention is a line that begins with
//! `warning:`.

use std::fmt::Display;
use std::io;

use vmaf::one_line;

use crate::NOT_MEASURED;
use crate::wording::WORDING;

/// A result with the error type [`Failure`] by default.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// The reason why the command has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An error in the command line.
    #[error("{0}")]
    Usage(String),

    /// A run that failed.
    #[error(transparent)]
    Run(#[from] vmaf::Error),

    /// A failure that has been reported.
    #[error("the run failed")]
    Reported,

    /// A signal that ended the run, with the exit status that a shell gives a process so ended.
    #[error("a signal ended the run")]
    Signal(u8),
}

impl Failure {
    /// Creates an error in the command line from its message.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// Returns the message, which states remedies as options of the command.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Run(error) => error.message().worded(&WORDING),
            other => one_line(other),
        }
    }

    /// Returns the exit status.
    pub(crate) fn status(&self) -> u8 {
        if let Self::Signal(status) = self { *status } else { NOT_MEASURED }
    }

    /// Reports the failure, unless it has been reported or is a closed pipe.
    pub(crate) fn report(&self) {
        match self {
            Self::Reported | Self::Signal(_) | Self::Run(vmaf::Error::AllFailed) => {}
            Self::Run(vmaf::Error::Output { source, .. })
                if source.kind() == io::ErrorKind::BrokenPipe => {}
            other => error(other.message()),
        }
    }
}

impl From<vmaf_core::Error> for Failure {
    fn from(error: vmaf_core::Error) -> Self {
        Self::Run(error.into())
    }
}

/// Reports a problem because of which a result is missing.
pub(crate) fn error(message: impl Display) {
    line("error", message);
}

/// Reports a fact that affects the interpretation of a result.
pub(crate) fn warning(message: impl Display) {
    line("warning", message);
}

/// Prints a message without a prefix.
pub(crate) fn note(message: impl Display) {
    let _ = console::Term::stderr().write_line(&message.to_string());
}

fn line(kind: &str, message: impl Display) {
    // Errors are ignored: standard error may be closed.
    let _ = console::Term::stderr().write_line(&format!("{kind}: {}", one_line(message)));
}
