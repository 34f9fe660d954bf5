//! Compares pairs of frames across a video, and combines their results.

use vmaf_core::{Format, Frame};

use super::{Line, Lines, ReferenceSample};
use crate::conform::Rect;
use crate::{Frames, Result};

/// The initial distance of the sampled pairs, and the number kept: if there are more, every second
/// one is dropped and the distance doubled.
const PAIR_STEP: u64 = 8;
const MAX_PAIRS: usize = 24;

/// The least deviation of a line, in samples of the coarser picture, that counts as displaced;
/// greater if fewer pairs than [`ENOUGH_PAIRS`] are conclusive. A picture in its place deviates by
/// at most [`MAX_DEVIATION_ALIKE`].
const MIN_DEVIATION: f64 = 0.75;
const MIN_DEVIATION_OF_FEW: f64 = 1.25;
const ENOUGH_PAIRS: usize = 3;
const MAX_DEVIATION_ALIKE: f64 = 0.5;

/// The greatest deviation from the median of lines that agree, and the least share that must agree.
const MAX_DISAGREEMENT: f64 = 0.6;
const MIN_AGREEING: f64 = 0.75;

/// The number of frames at the beginning that [`survey`] reads, and the distance of those it
/// examines.
const SURVEY_FRAMES: u64 = 240;
const SURVEY_STEP: u64 = 12;

/// Result of comparing the geometry of pairs of frames.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// The pairs are inconclusive, or don't agree.
    Unknown,
    /// Every position is where it should be.
    Alike,
    /// The encode's picture is displaced, cropped or zoomed.
    Different {
        /// The lines from the reference to the encode, horizontal and vertical.
        lines: [Line; 2],
        /// The number of conclusive pairs, for the axis that is off.
        telling: u32,
        /// The number of these that agree.
        agreeing: u32,
    },
}

/// Compares pairs of frames sampled across a video.
#[derive(Debug, Clone)]
pub struct Check {
    /// The expected lines, the reference's lengths, and the number of the encode's samples in one
    /// of the coarser picture.
    nominal: [Line; 2],
    lengths: [u32; 2],
    units: [f64; 2],
    pair_step: u64,
    lines: Vec<Lines>,
}

impl Check {
    /// Starts a check of frames of one size, of pictures that were coded in the sizes of
    /// `reference` and `encode`.
    #[must_use]
    pub fn new(format: &Format, reference: Rect, encode: Rect) -> Self {
        let lengths = [format.width(), format.height()];
        let unit = |length: u32, coded: [u32; 2]| {
            let coarsest = coded[0].min(coded[1]).max(1);
            (f64::from(length) / f64::from(coarsest)).max(1.0)
        };
        Self {
            nominal: lengths.map(|length| Line::whole(length, length)),
            lengths,
            units: [
                unit(format.width(), [reference.width, encode.width]),
                unit(format.height(), [reference.height, encode.height]),
            ],
            pair_step: PAIR_STEP,
            lines: Vec::new(),
        }
    }

    /// Starts a check of areas of frames in the size that they were coded in.
    fn of_areas([reference, encode]: [Rect; 2]) -> Self {
        let nominal = [(reference.width, encode.width), (reference.height, encode.height)]
            .map(|(reference, encode)| Line::whole(reference, encode));
        Self {
            nominal,
            lengths: [reference.width, reference.height],
            units: nominal.map(|line| line.scale.max(1.0)),
            pair_step: SURVEY_STEP,
            lines: Vec::new(),
        }
    }

    /// Returns true if pair `index` is to be examined.
    #[must_use]
    pub fn examines(&self, index: u64) -> bool {
        index.is_multiple_of(self.pair_step)
    }

    /// Examines a pair of frames of one size.
    pub fn push(&mut self, reference: &ReferenceSample, encode: &Frame) {
        self.add(reference.lines(encode, Rect::whole(encode.format())));
    }

    fn add(&mut self, lines: Lines) {
        self.lines.push(lines);
        if self.lines.len() > MAX_PAIRS {
            let mut index = 0;
            self.lines.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.pair_step *= 2;
        }
    }

    /// Returns the number of conclusive pairs.
    #[must_use]
    pub fn telling(&self) -> usize {
        self.lines.iter().filter(|lines| lines.iter().any(Option::is_some)).count()
    }

    /// Returns the verdict of the pairs so far.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let axes = [0, 1].map(|axis| self.axis(axis));
        let is_displaced = |axis: &AxisResult| axis.line.is_some() && axis.deviation >= axis.limit;
        if axes.iter().any(is_displaced) {
            // The axis that is off provides the numbers of pairs.
            let sure = if is_displaced(&axes[0]) { &axes[0] } else { &axes[1] };
            return Verdict::Different {
                telling: sure.telling as u32,
                agreeing: sure.agreeing as u32,
                lines: [0, 1].map(|axis| {
                    axes[axis]
                        .line
                        .filter(|_| axes[axis].deviation > MAX_DEVIATION_ALIKE)
                        .unwrap_or(self.nominal[axis])
                }),
            };
        }
        let is_alike =
            axes.iter().all(|axis| axis.line.is_some() && axis.deviation <= MAX_DEVIATION_ALIKE);
        if is_alike { Verdict::Alike } else { Verdict::Unknown }
    }

    /// Returns the combined result for an axis.
    fn axis(&self, axis: usize) -> AxisResult {
        let (nominal, length, unit) = (self.nominal[axis], self.lengths[axis], self.units[axis]);
        let lines = self.lines.iter().filter_map(|lines| lines[axis]);
        let deviations: Vec<[f64; 2]> = lines.map(|line| nominal.deviation(line, length)).collect();
        let telling = deviations.len();
        if telling == 0 {
            return AxisResult {
                line: None,
                deviation: 0.0,
                limit: MIN_DEVIATION,
                telling,
                agreeing: 0,
            };
        }
        let median = [0, 1].map(|end| {
            let mut values: Vec<f64> =
                deviations.iter().map(|deviations| deviations[end]).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        });
        let agrees = |deviations: &&[f64; 2]| {
            (0..2).all(|end| (deviations[end] - median[end]).abs() <= MAX_DISAGREEMENT * unit)
        };
        let agreeing = deviations.iter().filter(agrees).count();
        let is_agreed = agreeing as f64 >= MIN_AGREEING * telling as f64;
        let scale = nominal.scale + (median[1] - median[0]) / f64::from(length);
        let line = Line { scale, offset: nominal.offset + median[0] };
        AxisResult {
            line: is_agreed.then_some(line),
            deviation: median[0].abs().max(median[1].abs()) / unit,
            limit: if telling >= ENOUGH_PAIRS { MIN_DEVIATION } else { MIN_DEVIATION_OF_FEW },
            telling,
            agreeing,
        }
    }
}

/// The result for an axis: the line that pairs agree on, and its deviation.
struct AxisResult {
    line: Option<Line>,
    deviation: f64,
    limit: f64,
    telling: usize,
    agreeing: usize,
}

/// Locates the picture in an area of the reference within an area of the encode, by the next
/// seconds of both, of which luma is enough.
///
/// # Errors
/// Fails if one of them can't be read.
pub fn survey(
    reference: &mut dyn Frames,
    encode: &mut dyn Frames,
    areas: [Rect; 2],
) -> Result<Verdict> {
    let mut check = Check::of_areas(areas);
    for index in 0..SURVEY_FRAMES {
        let (Some(ours), Some(theirs)) = (reference.read()?, encode.read()?) else { break };
        if index.is_multiple_of(SURVEY_STEP) {
            check.add(ReferenceSample::of_area(&ours, areas[0]).lines(&theirs, areas[1]));
        }
    }
    Ok(check.verdict())
}
