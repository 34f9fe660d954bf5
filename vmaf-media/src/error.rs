//! Errors of reading and comparing videos.

use serde::{Deserialize, Serialize};

use crate::message::Message;
use crate::setting::Remedy;

/// A result whose error is [`Error`] unless another is given.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why a file can't be read or compared. Every message names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is missing or the system refused to read it.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// The system's error.
        source: std::io::Error,
    },

    /// The file is not video, or not in a form that can be read.
    #[error("{path}: {reason}")]
    NotVideo {
        /// The file.
        path: String,
        /// The reason, with remedies.
        reason: Message,
    },

    /// The video can't be compared with its reference as it is.
    #[error("{path} {reason}")]
    Mismatch {
        /// The file.
        path: String,
        /// The property that differs.
        what: Mismatch,
        /// The difference in words, with remedies.
        reason: Message,
    },

    /// The file is truncated or damaged in the middle of a frame.
    #[error("{path}: frame {frame}: {reason}")]
    Frame {
        /// The file.
        path: String,
        /// The frame's number, from 0.
        frame: u64,
        /// The reason, with remedies.
        reason: Message,
    },

    /// A wait for a frame that an [`Interrupt`](crate::Interrupt) ended.
    #[error("{path}: stopped while it was read")]
    Interrupted {
        /// The file.
        path: String,
    },
}

/// A difference that keeps two videos from being compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mismatch {
    /// The size, if scaling is not allowed or would be downwards.
    Size,
    /// The display aspect ratio.
    Shape,
    /// A crop that is not within the picture.
    Crop,
    /// The chroma: one video has it and the other doesn't.
    Chroma,
    /// Rotation and mirroring.
    Rotation,
    /// Primaries, transfer or matrix.
    Color,
    /// The range, which one of the files doesn't state.
    Range,
    /// Interlaced frames.
    Interlaced,
    /// Black bars around one picture.
    Bars,
    /// The pairing of frames.
    Time,
    /// The part of the reference that an encode shows, or its position.
    Geometry,
}

impl Error {
    /// Returns the message, which a front end words in its own language.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Io { .. } | Self::Interrupted { .. } => Message::from(self.to_string()),
            Self::NotVideo { path, reason } => Message::from(format!("{path}: ")).then(reason),
            Self::Mismatch { path, reason, .. } => Message::from(format!("{path} ")).then(reason),
            Self::Frame { path, frame, reason } => {
                Message::from(format!("{path}: frame {frame}: ")).then(reason)
            }
        }
    }

    /// Returns the remedies that the message names, in order.
    #[must_use]
    pub fn remedies(&self) -> Vec<Remedy> {
        self.message().remedies().cloned().collect()
    }

    pub(crate) fn io(path: &str, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    pub(crate) fn not_video(path: &str, reason: impl Into<Message>) -> Self {
        Self::NotVideo { path: path.to_owned(), reason: reason.into() }
    }

    pub(crate) fn frame(path: &str, frame: u64, reason: impl Into<Message>) -> Self {
        Self::Frame { path: path.to_owned(), frame, reason: reason.into() }
    }
}
