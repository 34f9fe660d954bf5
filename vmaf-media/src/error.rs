//! What can go wrong when video is read, and what to do about it.

/// A result whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Why a file could not be read. Every message names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is missing or the system refused to read it.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },

    /// The file is not video, or not in a form that can be read.
    #[error("{path}: {reason}")]
    NotVideo {
        /// The file.
        path: String,
        /// What was found, and what to do.
        reason: String,
    },

    /// The file ends or breaks in the middle of a frame.
    #[error("{path}: frame {frame}: {reason}")]
    Frame {
        /// The file.
        path: String,
        /// The frame's number, from 0.
        frame: u64,
        /// What is wrong with it.
        reason: String,
    },
}
