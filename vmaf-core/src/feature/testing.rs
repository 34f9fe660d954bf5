//! Pictures and sizes that tests of all features use.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Feature, Options};
use crate::frame::Pixels;
use crate::{Chroma, Format, Frame, FrameGroup, Job, Plane, Sample};

/// Content that finds mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// All samples the same.
    Flat,
    /// Rows of 0 and of the greatest value.
    Rows,
    /// Columns of 0 and of the greatest value.
    Columns,
    /// Each sample on its own, over the whole range.
    Noise(u64),
    /// A slope with some noise, like a picture.
    Natural(u64),
    /// 0 or the greatest value, at random.
    Extremes(u64),
}

/// One of each.
pub(crate) const PATTERNS: &[Pattern] = &[
    Pattern::Natural(1),
    Pattern::Natural(2),
    Pattern::Noise(3),
    Pattern::Rows,
    Pattern::Flat,
    Pattern::Columns,
    Pattern::Extremes(4),
];

/// A plane of `pattern` whose rows are `width + stride` samples apart; the samples between rows
/// have the greatest value.
pub(crate) fn plane<T: Sample + TryFrom<u32>>(
    pattern: Pattern,
    width: usize,
    height: usize,
    depth: u8,
    padding: usize,
) -> Plane<T> {
    let max = (1_u32 << depth) - 1;
    let sample = |x: usize, y: usize| match pattern {
        Pattern::Flat => max / 3,
        Pattern::Rows => max * (y as u32 & 1),
        Pattern::Columns => max * (x as u32 & 1),
        Pattern::Noise(seed) => noise(seed, x, y) & max,
        Pattern::Extremes(seed) => max * (noise(seed, x, y) & 1),
        Pattern::Natural(seed) => {
            let slope = max as usize / 4 + max as usize * (x + 2 * y) / (4 * (width + 2 * height));
            (slope as u32 + (noise(seed, x / 2, y / 2) & max) / 8).min(max)
        }
    };
    let stride = width + padding;
    let sample = |i: usize| {
        let (x, y) = (i % stride, i / stride);
        if x < width { sample(x, y) } else { max }
    };
    let samples = (0..stride * height).map(|i| T::try_from(sample(i)).ok().expect("in range"));
    Plane::with_stride(samples.collect(), width, height, stride).expect("a valid plane")
}

/// A frame whose planes have these patterns, with `padding` samples between rows.
pub(crate) fn planar(patterns: [Pattern; 3], format: Format, padding: usize) -> Frame {
    let depth = format.bit_depth();
    let planes = (0..format.chroma().planes()).map(|index| (index, format.plane_size(index)));
    let pixels = if depth == 8 {
        let planes = planes.map(|(i, (w, h))| plane::<u8>(patterns[i], w, h, depth, padding));
        Pixels::U8(planes.collect())
    } else {
        let planes = planes.map(|(i, (w, h))| plane::<u16>(patterns[i], w, h, depth, padding));
        Pixels::U16(planes.collect())
    };
    Frame::new(format, pixels).expect("a frame")
}

/// A hash of a place.
pub(crate) fn noise(seed: u64, x: usize, y: usize) -> u32 {
    let mut state = seed ^ (x as u64) << 32 ^ (y as u64) << 8;
    for _ in 0..3 {
        state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= state >> 29;
    }
    (state >> 16) as u32
}

/// Calls `test` with widths from `least` to 130, heights, bit depths and paddings: every width, and
/// every depth many times.
pub(crate) fn for_each_geometry(least: usize, mut test: impl FnMut(usize, usize, u8, usize)) {
    let depths = [8, 10, 12, 16, 9];
    for width in least..=130 {
        let height = least + width * 7 % 23;
        test(width, height, depths[width % depths.len()], width % 3);
        test(width, least, depths[(width + 1) % depths.len()], 0);
    }
}

/// A frame of luma alone, of `pattern`.
pub(crate) fn frame(pattern: Pattern, width: usize, height: usize, depth: u8) -> Frame {
    let format = Format::new(width as u32, height as u32, Chroma::Mono, depth).expect("valid");
    let pixels = if depth == 8 {
        Pixels::U8(vec![plane(pattern, width, height, depth, 0)])
    } else {
        Pixels::U16(vec![plane(pattern, width, height, depth, 0)])
    };
    Frame::new(format, pixels).expect("a frame")
}

/// The columns that a feature gives for a pair.
pub(crate) fn measured(
    feature: &'static Feature,
    options: &Options,
    reference: &Frame,
    distorted: &Frame,
) -> BTreeMap<String, f64> {
    let job = Job::new(*reference.format(), 1).feature(feature, options.clone()).threads(1);
    let mut scorer = job.start().expect("a job");
    let pair = FrameGroup::pair(Arc::new(reference.clone()), Arc::new(distorted.clone()));
    scorer.push(pair).expect("a pair");
    let scored = scorer.finish().expect("scores").remove(0);
    scored.columns().iter().map(|column| (column.name.clone(), column.values[0])).collect()
}
