//! Finds black bars that one video has and the other lacks.

use vmaf_core::Format;

use super::{Finding, FrameFingerprint, STEPS_PER_LEVEL, Signature};
use crate::conform::{BarDetector, Rect};

/// The number of pairs that is enough for a result.
const PAIRS_NEEDED: usize = 30;

/// The least width of a bar, as a fraction of the height or width, and the least difference in
/// brightness along its edge, in levels of 8 bits. If both are dark, coding decides which samples
/// are black.
const MIN_BAR_WIDTH: f64 = 0.02;
const MIN_BRIGHTNESS_DIFFERENCE: f32 = 8.0;

/// Compares the edges of both videos' first frames.
#[derive(Debug)]
pub(super) struct BarCheck {
    format: Format,
    bars: [BarDetector; 2],
    /// The brightness of each edge of the reference less that of the encode, for each pair.
    brightness_differences: Vec<[f32; 4]>,
    is_reported: bool,
}

impl BarCheck {
    pub(super) fn new(format: &Format) -> Self {
        let bars = [BarDetector::new(*format), BarDetector::new(*format)];
        Self { format: *format, bars, brightness_differences: Vec::new(), is_reported: false }
    }

    pub(super) fn push(&mut self, reference: &FrameFingerprint, encode: &FrameFingerprint) {
        let (Some(ours), Some(theirs)) = (encode.black_edges, reference.black_edges) else {
            return;
        };
        self.bars[0].add(theirs);
        self.bars[1].add(ours);
        let (theirs, ours) = (edges(&reference.signature), edges(&encode.signature));
        self.brightness_differences.push(std::array::from_fn(|edge| theirs[edge] - ours[edge]));
    }

    /// Returns the finding as soon as there are enough pairs, and only once.
    pub(super) fn finding(&mut self) -> Option<Finding> {
        if self.is_reported || self.brightness_differences.len() < PAIRS_NEEDED {
            return None;
        }
        self.finish()
    }

    /// Returns the finding, unless it was returned before.
    pub(super) fn finish(&mut self) -> Option<Finding> {
        if std::mem::replace(&mut self.is_reported, true) {
            return None;
        }
        let [reference, encode] = [self.bars[0].picture()?, self.bars[1].picture()?];
        let differs = (0..4).any(|edge| self.differs(edge, &reference, &encode));
        differs.then_some(Finding::Bars { reference, encode })
    }

    /// Returns true if one video has a dark bar at an edge and the other's edge is brighter.
    fn differs(&self, edge: usize, reference: &Rect, encode: &Rect) -> bool {
        let (width, height) = self.format.size();
        let bar = |picture: &Rect| match edge {
            0 => picture.y,
            1 => height - picture.y - picture.height,
            2 => picture.x,
            _ => width - picture.x - picture.width,
        };
        let length = f64::from(if edge < 2 { height } else { width });
        let wider = (f64::from(bar(encode)) - f64::from(bar(reference))) / length;
        let mut differences: Vec<f32> =
            self.brightness_differences.iter().map(|edges| edges[edge]).collect();
        differences.sort_by(f32::total_cmp);
        let median = differences.get(differences.len() / 2).copied().unwrap_or_default();
        wider.abs() >= MIN_BAR_WIDTH
            && f64::from(median) * wider.signum() >= f64::from(MIN_BRIGHTNESS_DIFFERENCE)
    }
}

/// Returns the mean brightness along each edge of a picture, in levels of 8 bits: top, bottom,
/// left, right.
fn edges(signature: &Signature) -> [f32; 4] {
    const COLUMNS: usize = Signature::COLUMNS;
    const ROWS: usize = Signature::ROWS;
    let mean = |cell: fn(usize) -> usize, count: usize| {
        let sum: f32 = (0..count).map(|index| f32::from(signature.0[cell(index)])).sum();
        sum / count as f32 / STEPS_PER_LEVEL
    };
    [
        mean(|index| index, COLUMNS),
        mean(|index| (ROWS - 1) * COLUMNS + index, COLUMNS),
        mean(|index| index * COLUMNS, ROWS),
        mean(|index| index * COLUMNS + COLUMNS - 1, ROWS),
    ]
}
