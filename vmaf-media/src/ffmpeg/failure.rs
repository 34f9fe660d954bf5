//! Failures of FFmpeg's functions.

use std::fmt;

use ffmpeg_next::Error;
use ffmpeg_next::error::{EAGAIN, ENOENT, ENOMEM};

use super::ffi;

/// A failure of one of FFmpeg's functions, described by FFmpeg: `ffmpeg_next` lacks the errors of
/// newer versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failure(Error);

impl Failure {
    /// The decoder needs a packet before it returns a picture.
    pub(super) const AGAIN: Self = Self(Error::Other { errno: EAGAIN });
    /// There are no more pictures or packets.
    pub(super) const END: Self = Self(Error::Eof);
    pub(super) const NO_DECODER: Self = Self(Error::DecoderNotFound);
    pub(super) const NO_MEMORY: Self = Self(Error::Other { errno: ENOMEM });
    pub(super) const NOT_FOUND: Self = Self(Error::Other { errno: ENOENT });
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&ffi::description(self.0))
    }
}
