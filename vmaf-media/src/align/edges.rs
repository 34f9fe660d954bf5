//! Whether one video has black bars that the other lacks.

use vmaf_core::Format;

use super::{Finding, Sight};
use crate::conform::{Bars, Rect};

/// How many looks are enough.
const ENOUGH: usize = 30;

/// What of the height or width a bar has to be to count, and by how many levels of 8 bits the
/// picture along its edge is darker. Where both are dark, coding decides what is black.
const LEAST: f64 = 0.02;
const DARKER: f32 = 8.0;

/// Compares the edges of both videos' first frames.
#[derive(Debug)]
pub(super) struct Edges {
    format: Format,
    bars: [Bars; 2],
    /// How much brighter each edge of the reference is, in each look.
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

    /// What the looks so far tell, told once, as soon as they are enough.
    pub(super) fn finding(&mut self) -> Option<Finding> {
        if self.judged || self.brighter.len() < ENOUGH {
            return None;
        }
        self.finish()
    }

    /// What the looks tell.
    pub(super) fn finish(&mut self) -> Option<Finding> {
        if std::mem::replace(&mut self.judged, true) {
            return None;
        }
        let [reference, encode] = [self.bars[0].picture()?, self.bars[1].picture()?];
        let differs = (0..4).any(|edge| self.differs(edge, &reference, &encode));
        differs.then_some(Finding::Bars { reference, encode })
    }

    /// Whether one has a bar at an edge, which is dark, where the other's is not.
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
