//! The same picture at another bit depth.

use std::sync::Arc;

use super::{Format, Frame, FrameGroup, Pixels, Plane, Sample};

impl Frame {
    /// The picture in samples of `bit_depth` bits: values are shifted up, by which black and white
    /// of limited range stay black and white. Where it has as many bits already, or more, it stays
    /// as it is.
    ///
    /// # Panics
    /// Where `bit_depth` is above 16.
    #[must_use]
    pub fn promoted(&self, bit_depth: u8) -> Self {
        assert!(bit_depth <= 16, "a sample has at most 16 bits");
        let Some(shift @ 1..) = bit_depth.checked_sub(self.format.bit_depth) else {
            return self.clone();
        };
        let planes = match &self.pixels {
            Pixels::U8(planes) => planes.iter().map(|plane| shifted(plane, shift)).collect(),
            Pixels::U16(planes) => planes.iter().map(|plane| shifted(plane, shift)).collect(),
        };
        let format = Format { bit_depth, ..self.format };
        Self { format, pixels: Pixels::U16(planes), ..*self }
    }
}

impl FrameGroup {
    /// The group with all its pictures in samples of `bit_depth` bits, as
    /// [`Frame::promoted`] makes them.
    #[must_use]
    pub fn promoted(&self, bit_depth: u8) -> Self {
        let promoted = |frame: &Arc<Frame>| {
            if frame.format.bit_depth >= bit_depth {
                frame.clone()
            } else {
                Arc::new(frame.promoted(bit_depth))
            }
        };
        Self {
            reference: promoted(&self.reference),
            distorted: self.distorted.iter().map(|frame| frame.as_ref().map(promoted)).collect(),
        }
    }
}

fn shifted<T: Sample + Into<u16>>(plane: &Plane<T>, shift: u8) -> Plane<u16> {
    let mut out = Vec::with_capacity(plane.width() * plane.height());
    for row in plane.rows() {
        out.extend(row.iter().map(|&sample| {
            let sample: u16 = sample.into();
            sample << shift
        }));
    }
    Plane { width: plane.width(), height: plane.height(), stride: plane.width(), samples: out }
}

#[cfg(test)]
mod tests {
    use crate::{Chroma, Format, Frame};

    #[test]
    fn limits_of_the_range_stay_limits() {
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
