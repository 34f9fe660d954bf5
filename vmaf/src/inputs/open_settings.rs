//! Settings for opening a run's videos.

use vmaf_media::conform::{Accepted, oriented};
use vmaf_media::{OpenOptions, Rational, RawVideo, Source, StreamInfo, is_named_raw};

use crate::error::{Error, Result};
use crate::handle::RunHandle;
use crate::request::{ConformOptions, Options, Pairing, StreamChoice};

/// Settings for opening a run's videos.
pub struct OpenSettings {
    /// The layout of raw video, if it is given.
    pub raw: Option<RawVideo>,
    /// True if all files are raw, whatever their names, except those whose first bytes show another
    /// format.
    pub all_raw: bool,
    /// The streams to read of files with several.
    pub streams: StreamChoice,
    pub frame_rate: Option<Rational>,
    /// Threads for a decoder; 0 lets it choose.
    pub threads: usize,
    /// True if bit depths may differ: all frames are then promoted to the deepest.
    pub mixed_bit_depths: bool,
    /// The conversions that make videos comparable; without them videos must match.
    pub conform: Option<ConformOptions>,
    /// The pairing of frames.
    pub pairing: Pairing,
    /// The number of frames skipped at the start of the encodes or, if negative, of the reference.
    pub offset: i32,
    /// True if frames are read again after scoring.
    pub indexed: bool,
    /// The handle that can stop reading.
    pub handle: RunHandle,
}

impl OpenSettings {
    /// Returns the settings that the options define. `handle` can stop reading.
    pub(crate) fn new(options: &Options, handle: &RunHandle) -> Self {
        Self {
            raw: options.raw,
            all_raw: false,
            streams: options.streams.clone(),
            frame_rate: options.frame_rate,
            threads: options.threads,
            mixed_bit_depths: true,
            conform: Some(options.conform.clone()),
            pairing: options.align,
            offset: options.offset,
            indexed: false,
            handle: handle.clone(),
        }
    }

    /// Opens the video at `path`, with the stream of this number if one is given.
    pub fn open(&self, path: &str, stream: Option<u32>) -> Result<Box<dyn Source>> {
        let raw = self.raw.filter(|_| self.all_raw || is_named_raw(path) || is_pipe(path));
        let mut options = OpenOptions {
            raw,
            frame_rate: self.frame_rate,
            threads: self.threads,
            stream,
            indexed: self.indexed,
            accepted: self.conform.as_ref().map_or_else(
                // Without conversions, videos are scored as they are stored.
                || vec![Accepted::Changes],
                |conform| conform.accept.clone(),
            ),
            ..OpenOptions::default()
        };
        if let Some(conform) = &self.conform {
            options.no_film_grain = !conform.film_grain;
        }
        let opened = vmaf_media::open(path, &options).map_err(|error| match error {
            vmaf_media::Error::NotVideo { .. } if raw.is_none() && is_named_raw(path) => {
                Error::RawLayout { path: path.to_owned() }
            }
            error @ vmaf_media::Error::NotVideo { .. } if self.raw.is_some() && raw.is_none() => {
                Error::NotRaw { reason: error.message() }
            }
            error => error.into(),
        });
        opened.map(|source| self.handle.stoppable(source))
    }

    /// Opens a video again, with the orientation that it had in `info`.
    pub(crate) fn reopen(&self, info: &StreamInfo) -> Result<Box<dyn Source>> {
        Ok(oriented(self.open(&info.path, info.stream)?, info.orientation)?)
    }
}

/// Returns true if a video comes through a pipe, standard input or a named one.
fn is_pipe(path: &str) -> bool {
    let is_special = || {
        let metadata = std::fs::metadata(path);
        metadata.is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
    };
    path == "-" || path == "/dev/stdin" || path.starts_with("/dev/fd/") || is_special()
}
