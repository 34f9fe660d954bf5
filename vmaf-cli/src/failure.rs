//! Failures of the command, and how they are reported.
//!
//! Every problem is one line on standard error that begins with `error:` and ends the command with
//! status 2; a fact that only deserves attention is a line that begins with `warning:`.

use std::fmt::Display;
use std::io;

use vmaf::one_line;

use crate::wording::WORDING;

/// A result whose error is [`Failure`] unless another is named.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// The reason why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An error in the command line.
    #[error("{0}")]
    Usage(String),

    /// A run that failed.
    #[error(transparent)]
    Run(#[from] vmaf::Error),

    /// A failure that was reported already.
    #[error("the run failed")]
    Reported,
}

impl Failure {
    /// An error in the command line, with its message.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// Returns the message, with remedies as options of the command.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Run(error) => error.message().worded(&WORDING),
            other => one_line(other),
        }
    }

    /// Reports the failure, unless that was done or nobody reads: a closed pipe is no news.
    pub(crate) fn report(&self) {
        match self {
            Self::Reported | Self::Run(vmaf::Error::AllFailed) => {}
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

/// Reports a problem that costs a result.
pub(crate) fn error(message: impl Display) {
    line("error", message);
}

/// Reports a fact to know about a result.
pub(crate) fn warning(message: impl Display) {
    line("warning", message);
}

/// Reports a fact that costs no result, as it is.
pub(crate) fn note(message: impl Display) {
    let _ = console::Term::stderr().write_line(&message.to_string());
}

fn line(kind: &str, message: impl Display) {
    // Where standard error is closed nobody reads it.
    let _ = console::Term::stderr().write_line(&format!("{kind}: {}", one_line(message)));
}
