//! Errors of a run.

use std::io;
use std::ops::Range;

use vmaf_core::memory::OutOfMemory;
use vmaf_media::conform::Accepted;
use vmaf_media::{Message, Remedy, Setting};

use crate::failure::{EncodeFailure, Finding};

/// A result whose error is [`Error`] unless another is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why a run has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A request that can't be fulfilled, or inputs that don't belong together.
    #[error("{0}")]
    Input(Message),

    /// A refusal by the scorer: an unknown model or option, or frames that a feature isn't defined
    /// for.
    #[error(transparent)]
    Core(#[from] vmaf_core::Error),

    /// A video that can't be read or compared.
    #[error(transparent)]
    Media(vmaf_media::Error),

    /// Raw video whose layout is not given.
    #[error("{}", self.message())]
    RawLayout {
        /// The file.
        path: String,
    },

    /// A file that is not a video, where a raw layout was given: its name does not mark it as raw.
    #[error("{}", self.message())]
    NotRaw {
        /// The reason why the file is not a video, with its path.
        reason: Message,
    },

    /// A reference of high dynamic range, which the models are not made for.
    #[error("{}", self.message())]
    HighDynamicRange {
        /// The reference.
        path: String,
        /// The transfer function, or "Dolby Vision".
        kind: String,
    },

    /// A video that is shorter than the offset.
    #[error("{}", self.message())]
    OffsetBeyondEnd {
        /// The video.
        path: String,
        /// The number of its frames.
        frames: u64,
        /// The offset.
        offset: i32,
    },

    /// A reference that is shorter than the frames asked for.
    #[error("{}", self.message())]
    FramesBeyondEnd {
        /// The number of the reference's frames.
        count: u64,
        /// The requested frames; to the end if the end is `u64::MAX`.
        frames: Range<u64>,
    },

    /// An encode that can't be scored, if it is the only one.
    #[error("{0}")]
    Encode(#[from] EncodeFailure),

    /// A result that can't be written.
    #[error("can't write {path}: {source}")]
    Output {
        /// The file, or "standard output".
        path: String,
        /// The system's reason.
        source: io::Error,
    },

    /// An encoder that failed.
    #[error("{encoder} failed at {setting}: {reason}")]
    Encoder {
        /// The encoder's name, or the program of a command line.
        encoder: String,
        /// The setting: "crf 23".
        setting: String,
        /// The encoder's own reason.
        reason: String,
    },

    /// A run whose encodes all failed; its events had the reasons.
    #[error("no encode could be measured")]
    AllFailed,

    /// A run that was stopped by its [`RunHandle`](crate::RunHandle).
    #[error("stopped")]
    Stopped,
}

impl From<OutOfMemory> for Error {
    fn from(refused: OutOfMemory) -> Self {
        vmaf_core::Error::from(refused).into()
    }
}

impl Error {
    /// Returns an error with its own message.
    pub(crate) fn input(message: impl Into<Message>) -> Self {
        Self::Input(message.into())
    }

    /// The error of a file at `path` that can't be written.
    pub(crate) fn output(path: impl Into<String>, source: io::Error) -> Self {
        Self::Output { path: path.into(), source }
    }

    /// Returns the message, which a front end formats in its own words.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Input(message) => message.clone(),
            Self::Encode(failure) => failure.message().clone(),
            Self::Media(error) => error.message(),
            Self::RawLayout { path } => {
                Message::from(format!("{path}: raw video does not state its layout: pass "))
                    .remedy(Setting::RawLayout)
            }
            Self::NotRaw { reason } => Message::from(reason)
                .text("; ")
                .setting(Setting::RawLayout)
                .text(" apply only to files named .yuv or .raw, and to pipes"),
            Self::HighDynamicRange { path, kind } => Message::from(format!(
                "{path} has high dynamic range ({kind}), but the models are made for standard \
                 dynamic range: measure cvvdp, the metric for high dynamic range, without a model, \
                 convert both videos first, or pass "
            ))
            .remedy(Setting::Accept(Accepted::Hdr))
            .text(" to score them as they are"),
            Self::OffsetBeyondEnd { path, frames, offset } => {
                Message::from(format!("{path} has {frames} frames: "))
                    .setting(Setting::Offset(i64::from(*offset)))
                    .text(" skips all of them")
            }
            Self::FramesBeyondEnd { count, frames } => {
                Message::from(format!("the reference has {count} frames: "))
                    .setting(Setting::Frames(frames.clone()))
                    .text(" goes beyond its end")
            }
            error => Message::from(error.to_string()),
        }
    }

    /// Returns the remedies that the message names, in order.
    #[must_use]
    pub fn remedies(&self) -> Vec<Remedy> {
        self.message().remedies().cloned().collect()
    }
}

impl From<vmaf_media::Error> for Error {
    fn from(error: vmaf_media::Error) -> Self {
        match error {
            vmaf_media::Error::Interrupted { .. } => Self::Stopped,
            error => Self::Media(error),
        }
    }
}

impl From<Error> for EncodeFailure {
    fn from(error: Error) -> Self {
        match error {
            Error::Encode(failure) => failure,
            Error::Media(error) => error.into(),
            error @ (Error::RawLayout { .. } | Error::NotRaw { .. }) => {
                Self::new(Finding::Unreadable, error.message())
            }
            error => Self::other(error.message()),
        }
    }
}
