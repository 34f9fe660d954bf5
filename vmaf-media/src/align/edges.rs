//! Finds black bars that one video has and the other lacks.

use vmaf_core::Format;

use super::{Finding, Sight};
use crate::conform::{Bars, Rect};

/// The number of pairs that is enough for a result.
const ENOUGH: usize = 30;

/// The least width of a bar, as a fraction of the height or width, and the least difference in
/// brightness along its edge, in levels of 8 bits. If both are dark, coding decides which samples
/// are black.
const LEAST: f64 = 0.02;
const DARKER: f32 = 8.0;

/// Compares the edges of both videos' first frames.
#[derive(Debug)]
pub(super) struct Edges {
    format: Format,
    bars: [Bars; 2],
    /// The brightness of each edge of the reference less that of the encode, for each pair.
    brighter: Vec<[f32; 4]>,
    judged: bool,
}

impl Edges {
    pub(super) fn new(format: &Format) -> Self {
        let bars = [Bars::new(*format), Bars::new(*format)];
        Self { format: *format, bars, brighter: Vec::new(), judged: false }
    }

    pub(super) fn push(&mut self, reference: &Sight, encode: &Sight) {
        let (Some(ours), Some(theirs)) = (encode.black, reference.black) else { return };
        self.bars[0].add(theirs);
        self.bars[1].add(ours);
        let (theirs, ours) = (reference.signature.edges(), encode.signature.edges());
        self.brighter.push(std::array::from_fn(|edge| theirs[edge] - ours[edge]));
    }

    /// Returns the finding as soon as there are enough pairs, and only once.
    pub(super) fn finding(&mut self) -> Option<Finding> {
        if self.judged || self.brighter.len() < ENOUGH {
            return None;
        }
        self.finish()
    }

    /// Returns the finding, unless it was returned before.
    pub(super) fn finish(&mut self) -> Option<Finding> {
        if std::mem::replace(&mut self.judged, true) {
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
        let of = f64::from(if edge < 2 { height } else { width });
        let wider = (f64::from(bar(encode)) - f64::from(bar(reference))) / of;
        let mut brighter: Vec<f32> = self.brighter.iter().map(|edges| edges[edge]).collect();
        brighter.sort_by(f32::total_cmp);
        let median = brighter.get(brighter.len() / 2).copied().unwrap_or_default();
        wider.abs() >= LEAST && f64::from(median) * wider.signum() >= f64::from(DARKER)
    }
}
