//! How a run opens its videos, and what it takes for comparable.

use vmaf_core::Format;
use vmaf_media::conform::{Accepted, Plan, Rect, oriented};
use vmaf_media::{OpenOptions, Rational, RawVideo, Source, StreamInfo, is_named_raw};

use crate::conform::{Conforming, Measure};
use crate::error::{self, Error, Result};
use crate::handle::RunHandle;
use crate::request::{Pairing, StreamChoice};

/// How a run opens its videos.
pub struct Opening {
    /// The layout of raw video, where it is given.
    pub raw: Option<RawVideo>,
    /// Whether all files are raw, whatever their names, but those whose first bytes say what they
    /// are.
    pub all_raw: bool,
    /// The streams to read of files that have several.
    pub streams: StreamChoice,
    pub frame_rate: Option<Rational>,
    /// Threads for a decoder; 0 lets it choose.
    pub threads: usize,
    /// Whether bit depths may differ: then all frames get as many bits as the deepest has.
    pub mixed_bit_depths: bool,
    /// How videos are made comparable; otherwise they have to be.
    pub conforming: Option<Conforming>,
    /// How frames are paired.
    pub pairing: Pairing,
    /// How many frames are left out at the start of the encodes or, negative, of the reference.
    pub offset: i32,
    /// Whether frames are to be found again once they are scored.
    pub indexed: bool,
    /// What can stop reading.
    pub handle: RunHandle,
}

impl Opening {
    /// Opens the video at `path`: the stream of this number, if one is asked for.
    pub fn open(&self, path: &str, stream: Option<u32>) -> Result<Box<dyn Source>> {
        let raw = self.raw.filter(|_| self.all_raw || is_named_raw(path) || is_pipe(path));
        let mut options = OpenOptions {
            raw,
            frame_rate: self.frame_rate,
            threads: self.threads,
            stream,
            indexed: self.indexed,
            accepted: self.conforming.as_ref().map_or_else(
                // What is not made comparable is scored as it is.
                || vec![Accepted::Changes],
                |conforming| conforming.wishes.accepted.clone(),
            ),
            ..OpenOptions::default()
        };
        if let Some(conforming) = &self.conforming {
            conforming.tell(&mut options);
        }
        let opened = vmaf_media::open(path, &options).map_err(|error| match error {
            vmaf_media::Error::NotVideo { .. } if raw.is_none() && is_named_raw(path) => {
                Error::RawLayout { path: path.to_owned() }
            }
            error @ vmaf_media::Error::NotVideo { .. } if self.raw.is_some() && raw.is_none() => {
                Error::NotRaw { reason: error.to_string() }
            }
            error => error.into(),
        });
        opened.map(|source| self.handle.watching(source))
    }

    /// Opens a video once more of which this is known, stored as it was then.
    pub(crate) fn again(&self, info: &StreamInfo) -> Result<Box<dyn Source>> {
        Ok(oriented(self.open(&info.path, info.stream)?, info.orientation)?)
    }
}

/// Whether a video comes through a pipe, be it standard input or one that has a name.
fn is_pipe(path: &str) -> bool {
    let is_special = || {
        let metadata = std::fs::metadata(path);
        metadata.is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
    };
    path == "-" || path == "/dev/stdin" || path.starts_with("/dev/fd/") || is_special()
}

/// An encode that was opened, or why it can't be scored.
pub(super) struct Opened {
    pub(super) info: Option<StreamInfo>,
    pub(super) source: Result<Box<dyn Source>, String>,
    pub(super) plan: Option<Plan>,
}

impl Opened {
    /// One that has to be as the reference is, but for the bit depth where those may be mixed.
    pub(super) fn plain(source: Box<dyn Source>, format: &Format, mixed_bit_depths: bool) -> Self {
        let info = source.info().clone();
        let mut own = info.format;
        if mixed_bit_depths {
            own.bit_depth = format.bit_depth;
        }
        let source = mismatch(&info.path, &own, format).map_or(Ok(source), Err);
        Self { info: Some(info), source, plan: None }
    }

    /// One that is made comparable with the reference, of which `crop` is kept.
    pub(super) fn conformed(
        source: Box<dyn Source>,
        crop: Option<Rect>,
        conforming: &Conforming,
        measure: &Measure<'_>,
        opening: &Opening,
    ) -> Self {
        let info = source.info().clone();
        let plan = conforming.of_encode(&info, crop, measure, opening);
        let applied = plan.and_then(|plan| Ok((plan.clone().apply(source)?, plan)));
        let (source, plan) = match applied {
            Ok((source, plan)) => (Ok(source), Some(plan)),
            Err(failure) => (Err(error::one_line(failure)), None),
        };
        Self { info: Some(info), source, plan }
    }
}

/// How an encode's format differs from the reference's, if it does.
fn mismatch(path: &str, encode: &Format, reference: &Format) -> Option<String> {
    let size = |format: &Format| format!("{}x{}", format.width, format.height);
    let depth = |format: &Format| format!("{}-bit", format.bit_depth);
    let chroma = |format: &Format| format.chroma.to_string();
    let mut differ: Vec<(String, String)> = Vec::new();
    for of in [&size as &dyn Fn(&Format) -> String, &chroma, &depth] {
        let (ours, theirs) = (of(encode), of(reference));
        if ours != theirs {
            differ.push((ours, theirs));
        }
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = differ.into_iter().unzip();
    (!ours.is_empty())
        .then(|| format!("{path} is {}, the reference {}", ours.join(" "), theirs.join(" ")))
}

#[cfg(test)]
mod tests {
    use vmaf_core::Chroma;

    use super::*;

    #[test]
    fn mismatches_name_both_sides() {
        let format = |width, height, chroma, depth| {
            Format::new(width, height, chroma, depth).expect("valid")
        };
        let reference = format(1920, 1080, Chroma::Yuv420, 8);
        let of = |encode: Format| mismatch("enc.mp4", &encode, &reference);
        assert_eq!(of(reference), None);
        let size = of(format(1280, 720, Chroma::Yuv420, 8));
        assert_eq!(size.as_deref(), Some("enc.mp4 is 1280x720, the reference 1920x1080"));
        let both = of(format(1920, 1080, Chroma::Yuv444, 10));
        assert_eq!(both.as_deref(), Some("enc.mp4 is 4:4:4 10-bit, the reference 4:2:0 8-bit"));
    }
}
