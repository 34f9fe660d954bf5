//! Errors of a run.

use std::fmt::Display;
use std::io;

/// A result whose error is [`Error`] unless another is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why a run has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A request that can't be fulfilled, or inputs that don't belong together.
    #[error("{0}")]
    Input(String),

    /// A refusal by the scorer: an unknown model or option, or frames that a feature isn't defined
    /// for.
    #[error(transparent)]
    Core(#[from] vmaf_core::Error),

    /// A video that can't be read or compared.
    #[error(transparent)]
    Media(#[from] vmaf_media::Error),

    /// Raw video whose layout is not given.
    #[error("{path}: raw video does not state its layout: give its size and pixel format")]
    RawLayout {
        /// The file.
        path: String,
    },

    /// A file that is no video, beside a layout of raw video: its name does not say that it is raw.
    #[error("{reason}; raw video is read from files named .yuv or .raw, and from pipes")]
    NotRaw {
        /// The reason why the file is no video, with its path.
        reason: String,
    },

    /// A result that can't be written.
    #[error("can't write {path}: {source}")]
    Output {
        /// The file, or "standard output".
        path: String,
        /// The system's reason.
        source: io::Error,
    },

    /// A run of which no encode can be measured; an event of the run had the reason of each.
    #[error("no encode can be measured")]
    AllFailed,

    /// A run that was stopped by its [`RunHandle`](crate::RunHandle).
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// An error with a message of its own.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }

    /// The error of a file at `path` that can't be written.
    pub(crate) fn output(path: impl Into<String>, source: io::Error) -> Self {
        Self::Output { path: path.into(), source }
    }

    /// The message in one line.
    #[must_use]
    pub fn message(&self) -> String {
        one_line(self)
    }
}

/// Returns a message in one line, without the system's number for an error, which its words repeat.
#[must_use]
pub fn one_line(message: impl Display) -> String {
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
