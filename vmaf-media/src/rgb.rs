//! Conversion from red, green and blue to limited-range Y'CbCr, for any matrix and bit depth.
//!
//! With R, G and B from 0 to 1, a matrix's weights of red and blue, kr and kb, and samples of 8
//! bits,
//!
//! ```text
//! Y' = kr R + (1 - kr - kb) G + kb B
//! luma = 16 + 219 Y'
//! Cb = 128 + 224 (B - Y') / (2 - 2 kb)
//! Cr = 128 + 224 (R - Y') / (2 - 2 kr)
//! ```
//!
//! rounded to the nearest integer, halves up; higher bit depths have all constants multiplied.
//! Weights have four decimals, so everything is computed in integers: the same bits on every
//! machine, and the same as for stills.
//!
//! Metrics of light read the RGB itself: its planes are stored as green, blue and red of 16 bits.

use std::sync::Arc;

use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Sample};

use crate::Matrix;

/// Four decimals, as integers.
const SCALE: i64 = 10_000;

/// The planes of red, green and blue in frames of [unconverted](Frame::rgb) RGB.
const RGB_PLANES: [usize; 3] = [2, 0, 1];

/// The bit depth of unconverted RGB.
const RGB_DEPTH: u8 = 16;

/// Converts frames whose planes are red, green and blue to YUV, in place.
#[derive(Debug)]
pub struct RgbConverter {
    matrix: Matrix,
    /// Memory for the unconverted RGB, if frames keep it.
    unconverted: Option<Recycler>,
}

impl RgbConverter {
    /// Creates a converter by `matrix`; converted frames also hold their [RGB](Frame::rgb) if it
    /// `keeps_rgb`.
    #[must_use]
    pub fn new(matrix: Matrix, keeps_rgb: bool) -> Self {
        Self { matrix, unconverted: keeps_rgb.then(Recycler::default) }
    }

    /// Converts a frame of 4:4:4 to limited-range YUV of the same bit depth.
    pub fn convert(&self, frame: &mut Frame) {
        let memory = self.unconverted.as_ref();
        frame.rgb = memory.map(|memory| Arc::new(unconverted(frame, memory)));
        convert(self.matrix, frame);
    }
}

/// Returns the format of the RGB that frames of `format` were converted from.
pub(crate) fn unconverted_format(format: &Format) -> Format {
    let format = format.with_chroma(Chroma::Yuv444).with_bit_depth(RGB_DEPTH);
    format.expect("16 bits are supported")
}

/// Copies a frame whose planes are red, green and blue as unconverted RGB.
fn unconverted(frame: &Frame, recycler: &Recycler) -> Frame {
    let mut rgb = recycler.frame(unconverted_format(frame.format()));
    if frame.format().bit_depth() == 8 {
        copy_unconverted::<u8>(frame, &mut rgb, u16::from);
    } else {
        copy_unconverted::<u16>(frame, &mut rgb, |sample| sample);
    }
    rgb
}

fn copy_unconverted<T: Sample>(frame: &Frame, rgb: &mut Frame, from: impl Fn(T) -> u16) {
    let mut rows = [const { Vec::new() }; 3];
    for y in 0..rgb.format().plane_size(0).1 {
        for (index, row) in rows.iter_mut().enumerate() {
            row.clear();
            row.extend(frame.plane::<T>(index).row(y).iter().map(|&sample| from(sample)));
        }
        write_unconverted(&rows, frame.format().bit_depth(), y, rgb);
    }
}

/// Writes rows of red, green and blue of `bit_depth` bits to row `y` of unconverted RGB.
pub(crate) fn write_unconverted(rows: &[Vec<u16>; 3], bit_depth: u8, y: usize, rgb: &mut Frame) {
    for (row, plane) in rows.iter().zip(RGB_PLANES) {
        for (to, &sample) in rgb.plane_mut::<u16>(plane).row_mut(y).iter_mut().zip(row) {
            *to = stretched(sample, bit_depth);
        }
    }
}

/// Stretches a sample of `bit_depth` bits to 16, so that white stays white: its high bits are
/// repeated below its low ones.
fn stretched(sample: u16, bit_depth: u8) -> u16 {
    let (sample, missing) = (u32::from(sample), RGB_DEPTH - bit_depth);
    (sample << missing | sample >> (bit_depth - missing)) as u16
}

/// Converts a frame whose planes are red, green and blue.
fn convert(matrix: Matrix, frame: &mut Frame) {
    let convert = converter(matrix, frame.format().bit_depth());
    if frame.format().bit_depth() == 8 {
        convert_planes(frame, u16::from, |sample| sample as u8, convert);
    } else {
        convert_planes(frame, |sample| sample, |sample: u16| sample, convert);
    }
}

/// Returns the conversion of red, green and blue to luma, Cb and Cr, at `bit_depth` bits, 8 to 16.
pub(crate) fn converter(matrix: Matrix, bit_depth: u8) -> impl Fn([u16; 3]) -> [u16; 3] {
    let unit = 1_i64 << (bit_depth - 8);
    let maximum = (1_i64 << bit_depth) - 1;
    let [kr, kg, kb] = matrix.weights();
    let luma = Quotient::new(219 * unit, SCALE * maximum, 16 * unit);
    let cb = Quotient::new(224 * unit, 2 * (SCALE - kb) * maximum, 128 * unit);
    let cr = Quotient::new(224 * unit, 2 * (SCALE - kr) * maximum, 128 * unit);
    move |colour| {
        let [red, green, blue] = colour.map(i64::from);
        let sum = kr * red + kg * green + kb * blue;
        [luma.of(sum), cb.of(SCALE * blue - sum), cr.of(SCALE * red - sum)]
    }
}

fn convert_planes<T: Sample>(
    frame: &mut Frame,
    from: impl Fn(T) -> u16,
    to: impl Fn(u16) -> T,
    convert: impl Fn([u16; 3]) -> [u16; 3],
) {
    let (width, height) = frame.format().plane_size(0);
    let mut row = vec![[0; 3]; width];
    for y in 0..height {
        for index in 0..3 {
            let samples = frame.plane::<T>(index).row(y);
            row.iter_mut().zip(samples).for_each(|(pixel, sample)| pixel[index] = from(*sample));
        }
        row.iter_mut().for_each(|pixel| *pixel = convert(*pixel));
        for index in 0..3 {
            let samples = frame.plane_mut::<T>(index).row_mut(y);
            samples.iter_mut().zip(&row).for_each(|(sample, pixel)| *sample = to(pixel[index]));
        }
    }
}

/// `zero + factor * value / divisor`, rounded to the nearest integer, halves up.
#[derive(Debug, Clone, Copy)]
struct Quotient {
    factor: i64,
    divisor: i64,
    zero: i64,
}

impl Quotient {
    fn new(factor: i64, divisor: i64, zero: i64) -> Self {
        Self { factor, divisor, zero }
    }

    fn of(self, value: i64) -> u16 {
        // The dividend is made non-negative: division is faster then, and always rounds down.
        let moved = 2 * self.factor * value + self.divisor + 2 * self.zero * self.divisor;
        (moved / (2 * self.divisor)) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretched_samples_are_the_nearest_of_16_bits() {
        for depth in 8..=16_u8 {
            let greatest = u16::MAX >> (16 - depth);
            assert_eq!((stretched(0, depth), stretched(greatest, depth)), (0, u16::MAX));
            for sample in 0..=greatest {
                let exact = f64::from(sample) / f64::from(greatest) * 65_535.0;
                let found = f64::from(stretched(sample, depth));
                assert!((found - exact).abs() < 1.0, "{depth} bits: {sample}");
                assert!(depth > 8 || found == exact);
            }
        }
    }

    #[test]
    fn greys_have_no_chroma_and_primaries_match_the_standards() {
        for (name, depth) in [("bt709", 8), ("bt470bg", 8), ("bt2020nc", 10), ("bt709", 16)] {
            let convert = converter(Matrix::by_name(name).expect(name), depth);
            let unit = 1 << (depth - 8);
            let white = ((1_u32 << depth) - 1) as u16;
            assert_eq!(convert([0; 3]), [16 * unit, 128 * unit, 128 * unit]);
            assert_eq!(convert([white; 3]), [235 * unit, 128 * unit, 128 * unit]);
            assert_eq!(convert([white, 0, 0])[2], 240 * unit);
            assert_eq!(convert([0, 0, white])[1], 240 * unit);
        }
        // 75 % colour bars as Rec. 709 and 601 list them.
        let bar = |name, colour| converter(Matrix::by_name(name).expect("known"), 8)(colour);
        assert_eq!(bar("bt709", [191, 0, 0]), [51, 109, 212]);
        assert_eq!(bar("smpte170m", [191, 0, 0]), [65, 100, 212]);
    }
}
