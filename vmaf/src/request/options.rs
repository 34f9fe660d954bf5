//! Options of a measurement: models and metrics, frames, pairing, and how videos are made
//! comparable.

use std::num::NonZero;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use vmaf_media::conform::{Accepted, Rect, Scaler};
use vmaf_media::{ColorRange, Rational, RawVideo};

use super::metric::MetricSpec;
use super::model::ModelSpec;
use crate::error::{Error, Result};

/// The name of the default model, which thresholds in use are tuned to.
pub const DEFAULT_MODEL: &str = "vmaf_v0.6.1";

/// Options of a measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The models; `None` is [`DEFAULT_MODEL`]. Without any, metrics alone are measured.
    pub models: Option<Vec<ModelSpec>>,
    /// Metrics beside those of the models.
    pub metrics: Vec<MetricSpec>,
    /// The frames to score, counted from 0. They get the values that they have in the whole video.
    pub frames: Option<Range<u64>>,
    /// Score every Nth frame.
    pub every: NonZero<u64>,
    /// Score a random sample of frames, spread evenly over time; pools then have an interval.
    pub sample: Option<Sample>,
    /// True if videos of different lengths are scored up to the end of the shorter one; otherwise
    /// they are an error.
    pub shortest: bool,
    /// The number of threads; 0 is one for each processor. It does not change any value.
    pub threads: usize,
    /// The pairing of frames.
    pub align: Pairing,
    /// The number of frames to skip at the start of the encodes or, negative, of the reference.
    pub offset: i32,
    /// Conversions that make different videos comparable.
    pub conform: ConformOptions,
    /// The layout of raw video: files named `.yuv` or `.raw`, and pipes.
    pub raw: Option<RawVideo>,
    /// The frame rate of raw video.
    pub frame_rate: Option<Rational>,
    /// The streams to read of files that have several.
    pub streams: StreamChoice,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            models: None,
            metrics: Vec::new(),
            frames: None,
            every: NonZero::<u64>::MIN,
            sample: None,
            shortest: false,
            threads: 0,
            align: Pairing::default(),
            offset: 0,
            conform: ConformOptions::default(),
            raw: None,
            frame_rate: None,
            streams: StreamChoice::default(),
        }
    }
}

impl Options {
    /// Returns the models, the default one where none were chosen.
    #[must_use]
    pub fn models(&self) -> Vec<ModelSpec> {
        self.models.clone().unwrap_or_else(|| vec![ModelSpec::builtin(DEFAULT_MODEL)])
    }
}

/// The pairing of an encode's frames with those of the reference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// In order; times, counted from each file's first frame, and pictures have to agree.
    #[default]
    Time,
    /// In order, whatever times say; pictures have to agree.
    Frames,
    /// Frames that show the same. Frames without a counterpart are left out, and listed.
    Content,
    /// In order, without any check.
    Unchecked,
}

impl Pairing {
    /// Returns whether frames are compared while they are scored.
    pub(crate) fn is_checked(self) -> bool {
        matches!(self, Self::Time | Self::Frames)
    }

    /// Returns its name in options and outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Frames => "frames",
            Self::Content => "content",
            Self::Unchecked => "unchecked",
        }
    }
}

/// Options of how videos that differ are made comparable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ConformOptions {
    /// The filter that encodes are scaled with.
    pub scaler: Scaler,
    /// The size that the reference and the encodes are scaled to; otherwise smaller encodes are
    /// scaled up to the reference's.
    pub score_at: Option<(u32, u32)>,
    /// True if an encode of another size than the reference is an error.
    pub no_scale: bool,
    /// The part of the picture to score.
    pub crop: Option<Crop>,
    /// The part of the encodes' pictures that shows what is scored of the reference.
    pub crop_encode: Option<Rect>,
    /// True if pictures have to prove that encodes show the reference's picture in its place: not
    /// shifted, cropped or zoomed.
    pub check_geometry: bool,
    /// The range of files that do not state theirs.
    pub assume_range: Option<ColorRange>,
    /// Differences that are accepted: samples are scored as they are.
    pub accept: Vec<Accepted>,
    /// True if decoders add the film grain that a stream describes.
    pub film_grain: bool,
}

impl Default for ConformOptions {
    fn default() -> Self {
        Self {
            scaler: Scaler::default(),
            score_at: None,
            no_scale: false,
            crop: None,
            crop_encode: None,
            check_geometry: true,
            assume_range: None,
            accept: Vec::new(),
            film_grain: true,
        }
    }
}

/// The part of the picture to score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crop {
    /// The part that reference and encodes both show within their black bars, found in their
    /// pictures.
    Auto,
    /// A part of the reference, and of encodes of its size.
    At(Rect),
}

/// The size of a random sample of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// A number of frames.
    Frames(u64),
    /// A number of frames of each such number.
    Share(u64, u64),
}

/// The streams to read of files that have several with video, by their numbers in the files; `None`
/// is the default stream or the largest.
///
/// One number is of all files; two are the reference's and the encodes'; more are one for each
/// file, the reference first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamChoice(pub Vec<Option<u32>>);

impl StreamChoice {
    /// Fails where the numbers are not those of a reference and so many encodes.
    pub(crate) fn check(&self, encodes: usize) -> Result<()> {
        let (given, files) = (self.0.len(), encodes + 1);
        if given <= 2 || given == files {
            return Ok(());
        }
        Err(Error::input(format!(
            "there are {given} stream numbers for {files} files: give one for all, two for the \
             reference and all encodes, or one for each"
        )))
    }

    /// Fails where the numbers are more than the reference's and the encodes', of a list of many.
    pub(crate) fn check_list(&self) -> Result<()> {
        if self.0.len() <= 2 {
            return Ok(());
        }
        let reason = "a list of files takes one stream number for all files, or two: for the \
                      references and for the encodes";
        Err(Error::input(reason))
    }

    /// Returns the stream of the reference.
    pub(crate) fn of_reference(&self) -> Option<u32> {
        self.0.first().copied().flatten()
    }

    /// Returns the stream of the encode at this place among the encodes.
    pub(crate) fn of_encode(&self, place: usize) -> Option<u32> {
        match &self.0[..] {
            [all] => *all,
            [_, encodes] => *encodes,
            each => each.get(place + 1).copied().flatten(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_numbers_apply_to_all_files_or_each() {
        let all = |streams: &[Option<u32>]| {
            let streams = StreamChoice(streams.to_vec());
            (streams.of_reference(), streams.of_encode(0), streams.of_encode(1))
        };
        assert_eq!(all(&[Some(3)]), (Some(3), Some(3), Some(3)));
        assert_eq!(all(&[None, Some(2)]), (None, Some(2), Some(2)));
        assert_eq!(all(&[Some(0), None, Some(2)]), (Some(0), None, Some(2)));
        assert_eq!(StreamChoice::default().of_encode(0), None);
        let three = StreamChoice(vec![Some(0), Some(1), Some(2)]);
        three.check(2).expect("one for each");
        three.check(3).expect_err("one is missing");
        three.check_list().expect_err("too many");
    }
}
