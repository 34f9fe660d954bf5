//! Scene cuts, and how much there is to encode in a frame.
//!
//! A frame is reduced to its [`Signature`], a grid of mean brightness, and to its *detail*, the mean
//! difference between horizontal neighbours. A scene begins where the signature changes much more
//! than around it: fast motion changes every frame, and a flash changes two in succession, so that
//! neither is a cut. Fades and dissolves are not cuts either.

use std::ops::Range;

use vmaf_core::{Frame, Plane, Sample};

use crate::align::{SAMPLED_ROWS, Signature};

/// The number of frames before and after a change that it is compared with.
const REACH: usize = 3;

/// A cut changes the signature by this many levels of 8 bits more than [`CONTRAST`] times the
/// largest change around it.
const MIN_CHANGE: f32 = 1.5;
const CONTRAST: f32 = 2.5;

/// The shortest scene, in frames.
const MIN_LENGTH: u64 = 8;

/// The content of a frame, as far as scenes need it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameContent {
    signature: Signature,
    /// The mean absolute difference between horizontal neighbours, in levels of 8 bits.
    pub detail: f32,
}

impl FrameContent {
    /// Computes the content of a frame's luma.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Self {
        let bit_depth = frame.format().bit_depth();
        let detail = if bit_depth == 8 {
            detail(frame.plane::<u8>(0))
        } else {
            detail(frame.plane::<u16>(0)) / f32::from(1_u16 << (bit_depth - 8))
        };
        Self { signature: Signature::from_frame(frame), detail }
    }

    /// Returns the mean absolute difference of the signatures, in levels of 8 bits.
    #[must_use]
    pub fn change_from(&self, previous: &Self) -> f32 {
        self.signature.distance(&previous.signature)
    }
}

/// Returns the mean absolute difference between horizontal neighbours, in levels of the samples.
fn detail<T: Sample>(plane: &Plane<T>) -> f32 {
    let row_step = (plane.height() / SAMPLED_ROWS).max(1);
    let (mut sum, mut count) = (0_u64, 0_usize);
    for row in (0..plane.height()).step_by(row_step).map(|y| plane.row(y)) {
        let neighbours = row.iter().zip(&row[1.min(row.len())..]);
        let differences = neighbours.map(|(left, right)| {
            let (left, right): (u32, u32) = ((*left).into(), (*right).into());
            left.abs_diff(right)
        });
        sum += u64::from(differences.sum::<u32>());
        count += row.len().saturating_sub(1);
    }
    sum as f32 / count.max(1) as f32
}

/// Returns the scenes of a video: consecutive ranges of frames that cover all of it. `changes[n]`
/// is the [change](FrameContent::change_from) from frame n-1 to frame n; the first is ignored.
#[must_use]
pub fn scenes(changes: &[f32]) -> Vec<Range<u64>> {
    let mut scenes = Vec::new();
    let (mut start, end) = (0, changes.len() as u64);
    for (place, change) in changes.iter().enumerate().skip(1) {
        let around = place.saturating_sub(REACH).max(1)..(place + REACH + 1).min(changes.len());
        let others = around.filter(|other| *other != place).map(|other| changes[other]);
        let largest = others.fold(0.0, f32::max);
        let at = place as u64;
        if *change >= MIN_CHANGE + CONTRAST * largest
            && at - start >= MIN_LENGTH
            && end - at >= MIN_LENGTH
        {
            scenes.push(start..at);
            start = at;
        }
    }
    if start < end {
        scenes.push(start..end);
    }
    scenes
}

#[cfg(test)]
mod tests {
    use vmaf_core::{Chroma, Format};

    use super::*;

    /// The first frames of the scenes.
    fn starts(changes: &[f32]) -> Vec<u64> {
        let scenes = scenes(changes);
        assert_eq!(scenes.last().map_or(0, |last| last.end), changes.len() as u64);
        assert!(scenes.windows(2).all(|pair| pair[0].end == pair[1].start));
        scenes.into_iter().map(|scene| scene.start).collect()
    }

    #[test]
    fn cuts_exceed_the_changes_around_them() {
        let mut changes = vec![0.4_f32; 60];
        changes[20] = 20.0;
        assert_eq!(starts(&changes), [0, 20]);
        // A flash: the picture is back after a frame.
        changes[40] = 30.0;
        changes[41] = 30.0;
        assert_eq!(starts(&changes), [0, 20]);
        // Fast motion changes all frames.
        assert_eq!(starts(&[12.0; 50]), [0]);
        // A change of slides, and one so near the end that it would be a very short scene.
        let mut changes = vec![0.0_f32; 60];
        changes[30] = 2.0;
        changes[56] = 9.0;
        assert_eq!(starts(&changes), [0, 30]);
    }

    #[test]
    fn short_videos_are_one_scene() {
        assert!(starts(&[]).is_empty());
        assert_eq!(starts(&[0.0]), [0]);
        assert_eq!(starts(&[0.0, 50.0, 0.0]), [0]);
    }

    #[test]
    fn detail_and_change_are_in_levels_of_8_bits() {
        let frame = |bit_depth: u8, level: fn(usize) -> u16| {
            let format = Format::new(64, 36, Chroma::Mono, bit_depth).expect("a format");
            let levels = (0..64 * 36).map(level);
            let frame = if bit_depth == 8 {
                Frame::from_luma(format, &levels.map(|level| level as u8).collect::<Vec<_>>())
            } else {
                let levels = levels.map(|level| level << (bit_depth - 8));
                Frame::from_luma(format, &levels.collect::<Vec<_>>())
            };
            frame.expect("a frame")
        };
        for bit_depth in [8, 10, 16] {
            let stripes = frame(bit_depth, |place| if place % 2 == 0 { 100 } else { 110 });
            let stripes = FrameContent::from_frame(&stripes);
            assert_eq!(stripes.detail, 10.0);
            let flat = FrameContent::from_frame(&frame(bit_depth, |_| 90));
            assert_eq!(flat.detail, 0.0);
            assert_eq!(flat.change_from(&stripes), 15.0);
            assert_eq!(flat.change_from(&flat), 0.0);
        }
    }
}
