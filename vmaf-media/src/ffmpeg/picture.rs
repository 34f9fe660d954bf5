//! Pictures as FFmpeg stores them in memory: planes of bytes, with chroma of odd sizes rounded up.
//! Copies frames into and out of them.

use vmaf_core::{Format, Frame, Sample};

use super::pixel::PixelFormat;

/// The planes of a picture, in any memory.
pub(super) trait Planes {
    /// Returns the bytes of plane `index`, and the stride between its rows.
    fn plane(&self, index: usize) -> (&[u8], usize);

    /// Returns the bytes of plane `index`, and the stride between its rows.
    fn plane_mut(&mut self, index: usize) -> (&mut [u8], usize);
}

/// Returns FFmpeg's pixel format for pictures of `format`.
pub(super) fn pixel_format(format: Format) -> String {
    let (chroma, bit_depth) = (format.chroma(), format.bit_depth());
    PixelFormat { chroma, bit_depth, interleaved: false, shift: 0, full_range: false }.planar_name()
}

/// Returns the width and height of plane `index` of pictures of `format`.
pub(super) fn size(format: Format, index: usize) -> (usize, usize) {
    let (x, y) = if index == 0 { (0, 0) } else { format.chroma().shifts() };
    (format.width().div_ceil(1 << x) as usize, format.height().div_ceil(1 << y) as usize)
}

/// Copies the samples of `frame` into `picture`, which has the same format.
pub(super) fn fill_picture(picture: &mut impl Planes, frame: &Frame) {
    if frame.format().bit_depth() == 8 {
        fill_picture_samples(picture, frame, |sample: u8| [sample]);
    } else {
        fill_picture_samples(picture, frame, u16::to_ne_bytes);
    }
}

fn fill_picture_samples<T: Sample, const BYTES: usize>(
    picture: &mut impl Planes,
    frame: &Frame,
    bytes: impl Fn(T) -> [u8; BYTES],
) {
    for index in 0..frame.format().chroma().planes() {
        let (width, rows) = size(*frame.format(), index);
        let plane = frame.plane::<T>(index);
        let (to, stride) = picture.plane_mut(index);
        for y in 0..rows {
            // Samples that the frame lacks at odd sizes repeat their neighbours.
            let row = plane.row(y.min(plane.height().saturating_sub(1)));
            let to = to[y * stride..][..width * BYTES].as_chunks_mut::<BYTES>().0;
            for (x, to) in to.iter_mut().enumerate() {
                *to = bytes(row[x.min(row.len() - 1)]);
            }
        }
    }
}

/// Copies the samples of `picture` into `frame`, which has the same format.
pub(super) fn fill_frame(picture: &impl Planes, frame: &mut Frame) {
    if frame.format().bit_depth() == 8 {
        fill_frame_samples(picture, frame, |[sample]: [u8; 1]| sample);
    } else {
        // Filters overshoot; libswscale clips, but to 16 bits if it stores 16.
        let greatest = u16::MAX >> (16 - frame.format().bit_depth());
        fill_frame_samples(picture, frame, |bytes| u16::from_ne_bytes(bytes).min(greatest));
    }
}

fn fill_frame_samples<T: Sample, const BYTES: usize>(
    picture: &impl Planes,
    frame: &mut Frame,
    sample: impl Fn([u8; BYTES]) -> T,
) {
    for index in 0..frame.format().chroma().planes() {
        let (from, stride) = picture.plane(index);
        let plane = frame.plane_mut::<T>(index);
        for y in 0..plane.height() {
            let from = from[y * stride..].as_chunks::<BYTES>().0;
            for (to, from) in plane.row_mut(y).iter_mut().zip(from) {
                *to = sample(*from);
            }
        }
    }
}
