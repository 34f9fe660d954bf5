//! Finds the part of the reference that an encode shows, and its position: shift, crop and zoom.
//!
//! A picture that is off by a few samples makes a good encode score badly, and sizes do not reveal
//! it: an encode may have been cropped and scaled back, or a crop may have the size of a rung of a
//! ladder.
//!
//! The two axes are examined separately. The picture is cut into four strips, whose rows (or
//! columns) are averaged into a signal along the axis (`profile`). Pieces of the encode's signals
//! are searched in the reference's (`matching`): a piece is *conclusive* if one place fits clearly
//! better than all others. If most pieces lie on one [`Line`], that line is the axis' geometry in
//! this pair of frames. [`Check`] samples pairs across the video: if three quarters of the
//! conclusive ones agree on one line, and it is off by three quarters of a sample or more, the
//! geometry is [different](Verdict::Different). Flat pictures, black, noise and repeating textures
//! are inconclusive.

mod areas;
mod check;
mod finding;
mod matching;
mod profile;

use vmaf_core::Frame;

pub use areas::SharedAreas;
pub use check::{Check, Verdict, survey};
pub use finding::Finding;

use crate::conform::Rect;
use matching::fit_line;
use profile::{Profiles, STRIPS};

/// A mapping of positions along an axis from the reference to the encode: `scale * position +
/// offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// The number of the encode's samples for each of the reference's.
    pub scale: f64,
    /// The position of the reference's first edge in the encode.
    pub offset: f64,
}

impl Line {
    /// Returns the line of two pictures that both show everything.
    pub(crate) fn whole(reference: u32, encode: u32) -> Self {
        Self { scale: f64::from(encode) / f64::from(reference), offset: 0.0 }
    }

    pub(crate) fn at(self, position: f64) -> f64 {
        self.scale * position + self.offset
    }

    /// Returns the distance of `other` from it at both ends of an axis of `length` samples.
    fn deviation(self, other: Self, length: u32) -> [f64; 2] {
        [0.0, f64::from(length)].map(|position| other.at(position) - self.at(position))
    }
}

/// The lines of both axes, horizontal first, if a pair of frames determines them.
type Lines = [Option<Line>; 2];

/// The displacement in samples from which a picture is examined again, with its strips moved along.
const RECUT_SHIFT: f64 = 3.0;

/// A frame of the reference that encodes are compared with.
pub struct ReferenceSample {
    area: Rect,
    profiles: Profiles,
}

impl ReferenceSample {
    /// Samples a whole frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self::of_area(frame, Rect::whole(frame.format()))
    }

    fn of_area(frame: &Frame, area: Rect) -> Self {
        let whole = |length: u32| Line { scale: 1.0, offset: 0.0 }.cuts([length; 2]);
        let cuts = [whole(area.width), whole(area.height)];
        Self { area, profiles: Profiles::from_frame(frame, area, &cuts) }
    }

    /// Returns the lines that locate the picture in `area` of an encode's frame.
    fn lines(&self, frame: &Frame, area: Rect) -> Lines {
        let lengths = [[self.area.width, area.width], [self.area.height, area.height]];
        let nominal = lengths.map(|[reference, encode]| Line::whole(reference, encode));
        let first = self.fitted(frame, area, nominal, true);
        let is_moved = (0..2).any(|axis| {
            first[axis].is_some_and(|line| {
                let deviation = nominal[axis].deviation(line, lengths[axis][0]);
                deviation.iter().any(|deviation| deviation.abs() > RECUT_SHIFT)
            })
        });
        if !is_moved {
            return first;
        }
        // Strips that show the same part of the picture give a more exact result.
        let moved = [0, 1].map(|axis| first[axis].unwrap_or(nominal[axis]));
        let second = self.fitted(frame, area, moved, false);
        [0, 1].map(|axis| second[axis].or(first[axis]))
    }

    /// Returns the lines near `lines`, along which the encode's strips are cut; `far` extends the
    /// search.
    fn fitted(&self, frame: &Frame, area: Rect, lines: [Line; 2], far: bool) -> Lines {
        let lengths = [[self.area.width, area.width], [self.area.height, area.height]];
        let cuts = [0, 1].map(|axis| lines[axis].cuts(lengths[axis]));
        let profiles = Profiles::from_frame(frame, area, &cuts);
        [0, 1]
            .map(|axis| fit_line(self.profiles.along(axis), profiles.along(axis), lines[axis], far))
    }
}

impl Line {
    /// Returns the cuts in the encode of strips that are equally wide in the reference.
    fn cuts(self, [reference, encode]: [u32; 2]) -> [usize; STRIPS + 1] {
        std::array::from_fn(|cut| {
            let position = f64::from(reference) * cut as f64 / STRIPS as f64;
            self.at(position).round().clamp(0.0, f64::from(encode)) as usize
        })
    }
}

#[cfg(test)]
mod tests;
