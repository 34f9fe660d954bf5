//! The amount of detail and motion in a frame: what an encoder has to encode.
//!
//! A frame is reduced to its signature, whose change tells how much moves, and to its *detail*, the
//! mean difference between horizontal neighbours.

use vmaf_core::scene::Signature;
use vmaf_core::{Frame, Plane, Sample};

/// The content of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FrameContent {
    signature: Signature,
    /// The mean absolute difference between horizontal neighbours, in levels of 8 bits.
    pub(super) detail: f32,
}

impl FrameContent {
    /// Computes the content of a frame's luma.
    pub(super) fn from_frame(frame: &Frame) -> Self {
        let bit_depth = frame.format().bit_depth();
        let detail = if bit_depth == 8 {
            detail(frame.plane::<u8>(0))
        } else {
            detail(frame.plane::<u16>(0)) / f32::from(1_u16 << (bit_depth - 8))
        };
        Self { signature: Signature::from_frame(frame), detail }
    }

    /// Returns the mean absolute difference of the signatures, in levels of 8 bits.
    pub(super) fn change_from(&self, previous: &Self) -> f32 {
        self.signature.distance(&previous.signature)
    }
}

/// Returns the mean absolute difference between horizontal neighbours, in levels of the samples.
fn detail<T: Sample>(plane: &Plane<T>) -> f32 {
    let row_step = (plane.height() / Signature::SAMPLED_ROWS).max(1);
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

#[cfg(test)]
mod tests {
    use vmaf_core::{Chroma, Format};

    use super::*;

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
