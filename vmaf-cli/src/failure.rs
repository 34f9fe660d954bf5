//! What ends a run without a result, and how it is told.
//!
//! Every problem is one line on standard error that begins with `error:` and ends the command with
//! status 2; what only deserves attention is a line that begins with `warning:`.

use std::fmt::Display;
use std::io;

/// A result whose error is [`Failure`] unless another is named.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something in the command line or between the inputs that can't be done.
    #[error("{0}")]
    Input(String),

    /// The scorer refused.
    #[error(transparent)]
    Core(#[from] vmaf_core::Error),

    /// A video could not be read.
    #[error(transparent)]
    Media(#[from] vmaf_media::Error),

    /// A result could not be written.
    #[error("can't write {path}: {source}")]
    Output {
        /// The file, or "standard output".
        path: String,
        /// What the system said.
        source: io::Error,
    },

    /// All there is to say was said already.
    #[error("the run failed")]
    Told,
}

impl Failure {
    /// A failure with a message of its own.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }

    /// The failure to write `path`.
    pub(crate) fn output(path: impl Into<String>, source: io::Error) -> Self {
        Self::Output { path: path.into(), source }
    }

    /// What it says, in one line, as the command tells it.
    #[must_use]
    pub fn message(&self) -> String {
        plain(self)
    }

    /// Tells people, unless they know or nobody reads: a closed pipe is no news.
    pub(crate) fn tell(&self) {
        match self {
            Self::Told => {}
            Self::Output { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => {}
            other => error(other),
        }
    }
}

/// Tells people of a problem that costs a result.
pub(crate) fn error(message: impl Display) {
    line("error", message);
}

/// Tells people of what they should know about a result.
pub(crate) fn warning(message: impl Display) {
    line("warning", message);
}

/// Tells people something that costs no result, as it is.
pub(crate) fn note(message: impl Display) {
    let _ = console::Term::stderr().write_line(&message.to_string());
}

fn line(kind: &str, message: impl Display) {
    // Where standard error is closed there is nobody to tell.
    let _ = console::Term::stderr().write_line(&format!("{kind}: {}", plain(message)));
}

/// A message in one line, without the system's number for an error, which its words say already.
pub(crate) fn plain(message: impl Display) -> String {
    let message = message.to_string();
    let words: Vec<&str> = message.split_whitespace().collect();
    let message = words.join(" ");
    match message.rsplit_once(" (os error ") {
        Some((words, number)) => {
            format!("{words}{}", number.split_once(')').map_or("", |(_, rest)| rest))
        }
        None => message,
    }
}
