//! Conversion of pictures to a greater bit depth.

use std::sync::Arc;

use super::{Format, Frame, FrameGroup, Pixels, Plane, Recycler, Sample};

impl Frame {
    /// The picture with samples of `bit_depth` bits. Values are shifted up, so that black and white
    /// of limited range stay black and white. A picture that already has as many bits or more is
    /// returned unchanged.
    ///
    /// # Panics
    /// If `bit_depth` is above 16.
    #[must_use]
    pub fn promoted(&self, bit_depth: u8) -> Self {
        self.promoted_in(bit_depth, &Recycler::default())
    }

    /// [`promoted`](Self::promoted), using memory of `recycler`.
    ///
    /// # Panics
    /// If `bit_depth` is above 16.
    #[must_use]
    pub fn promoted_in(&self, bit_depth: u8, recycler: &Recycler) -> Self {
        assert!(bit_depth <= 16, "a sample has at most 16 bits");
        let Some(shift @ 1..) = bit_depth.checked_sub(self.format.bit_depth) else {
            return self.clone();
        };
        let mut promoted = recycler.frame(Format { bit_depth, ..self.format });
        (promoted.time, promoted.frame_rate, promoted.range) =
            (self.time, self.frame_rate, self.range);
        promoted.rgb.clone_from(&self.rgb);
        match &self.pixels {
            Pixels::U8(planes) => shift_up(planes, shift, &mut promoted),
            Pixels::U16(planes) => shift_up(planes, shift, &mut promoted),
        }
        promoted
    }
}

impl FrameGroup {
    /// The group with all its pictures [promoted](Frame::promoted) to `bit_depth` bits.
    #[must_use]
    pub fn promoted(&self, bit_depth: u8) -> Self {
        self.promoted_in(bit_depth, &Recycler::default())
    }

    /// [`promoted`](Self::promoted), using memory of `recycler`.
    #[must_use]
    pub fn promoted_in(&self, bit_depth: u8, recycler: &Recycler) -> Self {
        let promoted = |frame: &Arc<Frame>| {
            if frame.format.bit_depth >= bit_depth {
                frame.clone()
            } else {
                Arc::new(frame.promoted_in(bit_depth, recycler))
            }
        };
        Self {
            reference: promoted(&self.reference),
            distorted: self.distorted.iter().map(|frame| frame.as_ref().map(promoted)).collect(),
        }
    }
}

fn shift_up<T: Sample + Into<u16>>(planes: &[Plane<T>], shift: u8, to: &mut Frame) {
    for (index, plane) in planes.iter().enumerate() {
        let to = to.plane_mut(index);
        for y in 0..plane.height() {
            for (&sample, to) in plane.row(y).iter().zip(to.row_mut(y)) {
                let sample: u16 = sample.into();
                *to = sample << shift;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Chroma, Format, Frame};

    #[test]
    fn promotion_keeps_the_limits_of_the_range() {
        let format = Format::new(3, 1, Chroma::Mono, 8).expect("valid");
        let mut frame = Frame::from_luma(format, &[16_u8, 235, 255]).expect("a frame");
        frame.time = Some(0.5);
        let ten = frame.promoted(10);
        assert_eq!(ten.format().bit_depth, 10);
        assert_eq!(ten.plane::<u16>(0).row(0), [64, 940, 1020]);
        assert_eq!(ten.time, Some(0.5));
        assert_eq!(ten.promoted(12).plane::<u16>(0).row(0), [256, 3760, 4080]);
        assert_eq!(ten.promoted(8), ten);
    }
}
