//! Failures of encodes: the reasons why they can't be scored.

use std::fmt;

use serde::{Deserialize, Serialize};
use vmaf_media::{Message, Mismatch, Remedy, align, geometry};

/// The reason why an encode has no result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncodeFailure {
    finding: Box<Finding>,
    message: Message,
}

/// A finding about an encode that can't be scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// Its frames do not match those of the reference, in order.
    Frames(align::Finding),
    /// Its pictures show another part of the reference's, or are displaced.
    Picture(geometry::Finding),
    /// It differs from the reference in a way that makes scores meaningless.
    Mismatch(Mismatch),
    /// It can't be read, or not to its end.
    Unreadable,
    /// It ends before the reference.
    Shorter {
        /// The number of its frames.
        frames: u64,
    },
    /// It is longer than the reference.
    Longer {
        /// The number of the reference's frames.
        frames: u64,
    },
    /// Something else, which the message describes.
    Other,
}

impl EncodeFailure {
    /// Returns a failure of the encode at `path`: its frames do not match the reference's.
    pub(crate) fn frames(path: &str, finding: align::Finding) -> Self {
        let message = Message::from(format!("{path} ")).then(finding.message());
        Self::new(Finding::Frames(finding), message)
    }

    /// Returns a failure of the encode at `path`: its pictures are displaced.
    pub(crate) fn picture(path: &str, finding: geometry::Finding) -> Self {
        let message = Message::from(format!("{path} ")).then(finding.message());
        Self::new(Finding::Picture(finding), message)
    }

    /// Returns a failure that only its message describes.
    pub(crate) fn other(message: impl Into<Message>) -> Self {
        Self::new(Finding::Other, message.into())
    }

    /// Returns the failure of a run whose encodes all failed.
    pub(crate) fn all<'a>(failures: impl Iterator<Item = &'a Self>) -> Self {
        failures
            .cloned()
            .reduce(|all, other| Self::other(all.message.text("; ").then(other.message)))
            .unwrap_or_else(|| Self::other("there are no encodes"))
    }

    pub(crate) fn new(finding: Finding, message: Message) -> Self {
        Self { finding: Box::new(finding), message }
    }

    /// Returns the finding.
    #[must_use]
    pub fn finding(&self) -> &Finding {
        &self.finding
    }

    /// Returns the message, which names the encode and ends with remedies.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Returns the remedies that the message names, in order.
    pub fn remedies(&self) -> impl Iterator<Item = &Remedy> {
        self.message.remedies()
    }
}

impl fmt::Display for EncodeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

impl std::error::Error for EncodeFailure {}

impl From<vmaf_media::Error> for EncodeFailure {
    fn from(error: vmaf_media::Error) -> Self {
        let finding = match &error {
            vmaf_media::Error::Mismatch { what, .. } => Finding::Mismatch(*what),
            _ => Finding::Unreadable,
        };
        Self::new(finding, error.message())
    }
}
