//! Parts of two pictures that show the same, in whole samples.

use serde::{Deserialize, Serialize};
use vmaf_core::Chroma;

use super::Line;
use crate::rect::Rect;

/// The greatest deviation of a scale from 1, in samples over the whole length, that counts as
/// unscaled.
const MAX_UNSCALED_DEVIATION: f64 = 1.0;

/// A part of the reference's frame, and the part of the encode's that shows the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedAreas {
    /// The part of the reference.
    pub reference: Rect,
    /// The part of the encode.
    pub encode: Rect,
}

impl SharedAreas {
    /// Finds the shared parts within `bounds` of the reference and the encode. `lines`, horizontal
    /// first, map positions of the reference to the encode. If pictures are scaled, edges are put
    /// where `chroma` can be cut.
    #[must_use]
    pub fn new(lines: [Line; 2], bounds: [Rect; 2], chroma: [Chroma; 2]) -> Self {
        let steps = chroma.map(|chroma| chroma.shifts());
        let along = |axis: usize| {
            let of = |rect: &Rect| match axis {
                0 => [rect.x, rect.width],
                _ => [rect.y, rect.height],
            };
            let step = |(x, y): (u32, u32)| 1 << if axis == 0 { x } else { y };
            shared(lines[axis], bounds.map(|rect| of(&rect)[1]), steps.map(step))
                .map(|[[from, to], [encode_from, encode_to]]| {
                    let starts = bounds.map(|rect| of(&rect)[0]);
                    [
                        [starts[0] + from, to - from],
                        [starts[1] + encode_from, encode_to - encode_from],
                    ]
                })
                .unwrap_or(bounds.map(|rect| of(&rect)))
        };
        let (across, down) = (along(0), along(1));
        let rect = |which: usize| {
            let ([x, width], [y, height]) = (across[which], down[which]);
            Rect { width, height, x, y }
        };
        Self { reference: rect(0), encode: rect(1) }
    }

    /// Returns the part of the encode that shows `part`, which is within the reference's, if its
    /// edges fall on whole samples.
    #[must_use]
    pub fn encode_of(&self, part: Rect) -> Option<Rect> {
        let Self { reference, encode } = self;
        let along = |[from, length]: [u32; 2], [start, whole]: [u32; 2], [to, target]: [u32; 2]| {
            let scale = f64::from(target) / f64::from(whole);
            let ends = [from, from + length].map(|end| {
                let exact = (f64::from(end) - f64::from(start)) * scale;
                let rounded = exact.round();
                ((exact - rounded).abs() < 0.25).then_some(rounded as u32)
            });
            let [from, end] = [ends[0]?, ends[1]?];
            (end > from).then_some([to + from, end - from])
        };
        let [x, width] =
            along([part.x, part.width], [reference.x, reference.width], [encode.x, encode.width])?;
        let [y, height] = along(
            [part.y, part.height],
            [reference.y, reference.height],
            [encode.y, encode.height],
        )?;
        Some(Rect { width, height, x, y })
    }
}

/// Returns true if planes of `chroma` can be cut at the corner of `part`.
pub(super) fn can_cut(part: Rect, chroma: Chroma) -> bool {
    let (x, y) = chroma.shifts();
    part.x.is_multiple_of(1 << x) && part.y.is_multiple_of(1 << y)
}

/// Returns the start and end of what both pictures share along a line, in samples of each; `None`
/// if they share nothing.
fn shared(line: Line, [reference, encode]: [u32; 2], steps: [u32; 2]) -> Option<[[u32; 2]; 2]> {
    let lengths = [i64::from(reference), i64::from(encode)];
    let length = f64::from(reference.max(encode));
    if (line.scale - 1.0).abs() * length < MAX_UNSCALED_DEVIATION {
        let middle = f64::from(reference) / 2.0;
        let shift = (line.at(middle) - middle).round() as i64;
        let (from, to) = ((-shift).max(0), lengths[0].min(lengths[1] - shift));
        let whole = |at: i64| u32::try_from(at).ok();
        let encode = [whole(from + shift)?, whole(to + shift)?];
        return (from < to).then_some([[whole(from)?, whole(to)?], encode]);
    }
    let cut = |at: f64, step: u32, length: u32| {
        let step = f64::from(step);
        ((at / step).round() * step).clamp(0.0, f64::from(length)) as u32
    };
    let inverse = |at: f64| (at - line.offset) / line.scale;
    let edge = |at_reference: u32, at_encode: u32, is_inside: fn(f64, f64) -> bool| {
        let seen = inverse(f64::from(at_encode));
        if is_inside(seen, f64::from(at_reference)) {
            [cut(seen, steps[0], reference), at_encode]
        } else {
            [at_reference, cut(line.at(f64::from(at_reference)), steps[1], encode)]
        }
    };
    let from = edge(0, 0, |seen, edge| seen >= edge);
    let to = edge(reference, encode, |seen, edge| seen <= edge);
    (from[0] < to[0] && from[1] < to[1]).then_some([[from[0], to[0]], [from[1], to[1]]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(width: u32, height: u32, x: u32, y: u32) -> Rect {
        Rect { width, height, x, y }
    }

    fn areas(lines: [(f64, f64); 2], reference: (u32, u32), encode: (u32, u32)) -> [Rect; 2] {
        let lines = lines.map(|(scale, offset)| Line { scale, offset });
        let bounds = [reference, encode].map(|(width, height)| rect(width, height, 0, 0));
        let areas = SharedAreas::new(lines, bounds, [Chroma::Yuv420; 2]);
        [areas.reference, areas.encode]
    }

    #[test]
    fn crops_padding_and_shifts_are_whole_samples() {
        let same = (1.0, 0.0);
        // Two rows lost above and below, and two added.
        let crop = areas([same, (1.0005, -2.1)], (640, 360), (640, 356));
        assert_eq!(crop, [rect(640, 356, 0, 2), rect(640, 356, 0, 0)]);
        let pad = areas([same, (1.0, 1.8)], (640, 360), (640, 364));
        assert_eq!(pad, [rect(640, 360, 0, 0), rect(640, 360, 0, 2)]);
        let shift = areas([(1.0, 4.0), (1.0, -3.0)], (640, 360), (640, 360));
        assert_eq!(shift, [rect(636, 357, 0, 3), rect(636, 357, 4, 0)]);
        // Cropped and scaled back, and to half.
        let zoom = 360.0 / 356.0;
        let back = areas([same, (zoom, -2.05 * zoom)], (640, 360), (640, 360));
        assert_eq!(back, [rect(640, 356, 0, 2), rect(640, 360, 0, 0)]);
        let half = areas([(0.5, 0.0), (0.5, -1.1)], (640, 360), (320, 178));
        assert_eq!(half, [rect(640, 356, 0, 2), rect(320, 178, 0, 0)]);
    }

    #[test]
    fn a_part_of_the_reference_is_found_in_the_encode() {
        let areas = SharedAreas { reference: rect(640, 356, 0, 2), encode: rect(320, 178, 0, 10) };
        assert_eq!(areas.encode_of(rect(640, 352, 0, 4)), Some(rect(320, 176, 0, 11)));
        assert_eq!(areas.encode_of(rect(640, 351, 0, 4)), None);
    }
}
