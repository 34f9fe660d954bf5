//! From RGB to limited-range Y'CbCr, exactly.
//!
//! With R, G and B from 0 to 1, the shares r, g and b that they have in luma by a [`Matrix`], and
//! samples of 8 bits,
//!
//! ```text
//! Y' = r R + g G + b B
//! luma = 16 + 219 Y'
//! Cb = 128 + 224 (B - Y') / (2 (1 - b))
//! Cr = 128 + 224 (R - Y') / (2 (1 - r))
//! ```
//!
//! rounded to the nearest integer, halves up. Samples of 16 bits have all constants 256 times as
//! large. The coefficients have four decimals, so the whole is done in integers: the same bits on
//! every machine. White of 8 bits is (235, 128, 128), black (16, 128, 128).

use image::{DynamicImage, GenericImageView, Pixel};
use vmaf_core::error::FormatError;
use vmaf_core::{Chroma, Format, Frame, Plane, Sample};

use crate::Matrix;

/// Four decimals, as integers.
const SCALE: i64 = 10_000;

/// The matrices, as constants by which the compiler can divide fast.
const BT601: u8 = 0;
const BT709: u8 = 1;
const BT2020: u8 = 2;

/// Red's, green's and blue's share in luma, and the spans of B - Y' and of R - Y'.
struct Shares<const MATRIX: u8>;

impl<const MATRIX: u8> Shares<MATRIX> {
    const RGB: [i64; 3] = match MATRIX {
        BT601 => Matrix::Bt601.weights(),
        BT709 => Matrix::Bt709.weights(),
        _ => Matrix::Bt2020.weights(),
    };
    const SPAN_CB: i64 = 2 * (SCALE - Self::RGB[2]);
    const SPAN_CR: i64 = 2 * (SCALE - Self::RGB[0]);
}

/// Returns the format of the frame that shows `image`; the error is the reason why there is none.
pub(super) fn format(image: &DynamicImage) -> Result<Format, String> {
    let (chroma, bit_depth) = match image {
        DynamicImage::ImageLuma8(_) | DynamicImage::ImageLumaA8(_) => (Chroma::Mono, 8),
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_) => (Chroma::Yuv444, 8),
        DynamicImage::ImageLuma16(_) | DynamicImage::ImageLumaA16(_) => (Chroma::Mono, 16),
        DynamicImage::ImageRgb16(_) | DynamicImage::ImageRgba16(_) => (Chroma::Yuv444, 16),
        other => return Err(unknown(other)),
    };
    Format::new(image.width(), image.height(), chroma, bit_depth).map_err(|error| error.to_string())
}

/// Returns the frame that shows `image`, by `matrix`; the error is the reason why there is none.
pub(super) fn frame(image: &DynamicImage, matrix: Matrix) -> Result<Frame, String> {
    match image {
        DynamicImage::ImageLuma8(image) => gray::<u8, _>(image),
        DynamicImage::ImageLumaA8(image) => gray::<u8, _>(image),
        DynamicImage::ImageRgb8(image) => colour::<u8, _>(image, matrix),
        DynamicImage::ImageRgba8(image) => colour::<u8, _>(image, matrix),
        DynamicImage::ImageLuma16(image) => gray::<u16, _>(image),
        DynamicImage::ImageLumaA16(image) => gray::<u16, _>(image),
        DynamicImage::ImageRgb16(image) => colour::<u16, _>(image, matrix),
        DynamicImage::ImageRgba16(image) => colour::<u16, _>(image, matrix),
        other => Err(unknown(other)),
    }
}

/// Returns the red, green and blue of a still as they are: a frame of 16 bits with planes of green,
/// blue and red; `None` if it is grey. Samples of 8 bits are stretched to 16, so that white stays
/// white.
pub(super) fn unconverted(image: &DynamicImage) -> Option<Frame> {
    let planes = match image {
        DynamicImage::ImageRgb8(image) => {
            planes::<u8, _, 3, u16>(image, |rgb| green_first(rgb, 257))
        }
        DynamicImage::ImageRgba8(image) => {
            planes::<u8, _, 3, u16>(image, |rgb| green_first(rgb, 257))
        }
        DynamicImage::ImageRgb16(image) => {
            planes::<u16, _, 3, u16>(image, |rgb| green_first(rgb, 1))
        }
        DynamicImage::ImageRgba16(image) => {
            planes::<u16, _, 3, u16>(image, |rgb| green_first(rgb, 1))
        }
        _ => return None,
    };
    finish((image.width(), image.height()), Chroma::Yuv444, planes).ok()
}

fn green_first<T: Into<u16> + Copy>(rgb: &[T], factor: u16) -> [u16; 3] {
    [1, 2, 0].map(|channel: usize| rgb[channel].into() * factor)
}

fn unknown(image: &DynamicImage) -> String {
    format!("has {:?} pixels, but only 8 or 16 bits per sample are read: convert it", image.color())
}

/// A sample of a still: `u8` or `u16`.
trait StillSample: Sample + image::Primitive {
    const BITS: u8;

    /// Converts `value`, which must fit, to a sample.
    fn from_value(value: i64) -> Self;
}

impl StillSample for u8 {
    const BITS: u8 = 8;

    fn from_value(value: i64) -> Self {
        value as Self
    }
}

impl StillSample for u16 {
    const BITS: u8 = 16;

    fn from_value(value: i64) -> Self {
        value as Self
    }
}

fn gray<T: StillSample, I>(image: &I) -> Result<Frame, String>
where
    I: GenericImageView<Pixel: Pixel<Subpixel = T>>,
{
    let planes = planes::<T, I, 1, T>(image, |channels| [luma::<T>(SCALE * value(channels[0]))]);
    finish(image.dimensions(), Chroma::Mono, planes)
}

fn colour<T: StillSample, I>(image: &I, matrix: Matrix) -> Result<Frame, String>
where
    I: GenericImageView<Pixel: Pixel<Subpixel = T>>,
{
    match matrix {
        Matrix::Bt601 => colour_by::<T, I, BT601>(image),
        Matrix::Bt709 => colour_by::<T, I, BT709>(image),
        Matrix::Bt2020 => colour_by::<T, I, BT2020>(image),
    }
}

fn colour_by<T: StillSample, I, const MATRIX: u8>(image: &I) -> Result<Frame, String>
where
    I: GenericImageView<Pixel: Pixel<Subpixel = T>>,
{
    let ([r, g, b], span_cb, span_cr) = const {
        let shares = Shares::<MATRIX>::RGB;
        (shares, Shares::<MATRIX>::SPAN_CB, Shares::<MATRIX>::SPAN_CR)
    };
    let planes = planes::<T, I, 3, T>(image, |channels| {
        let [red, green, blue] = [value(channels[0]), value(channels[1]), value(channels[2])];
        let sum = r * red + g * green + b * blue;
        [
            luma::<T>(sum),
            chroma::<T>(SCALE * blue - sum, span_cb),
            chroma::<T>(SCALE * red - sum, span_cr),
        ]
    });
    finish(image.dimensions(), Chroma::Yuv444, planes)
}

fn planes<T: StillSample, I, const PLANES: usize, O>(
    image: &I,
    convert: impl Fn(&[T]) -> [O; PLANES],
) -> [Vec<O>; PLANES]
where
    I: GenericImageView<Pixel: Pixel<Subpixel = T>>,
{
    let (width, height) = image.dimensions();
    let mut planes = [const { Vec::new() }; PLANES];
    for plane in &mut planes {
        plane.reserve_exact(width as usize * height as usize);
    }
    for (_, _, pixel) in image.pixels() {
        for (plane, sample) in planes.iter_mut().zip(convert(pixel.channels())) {
            plane.push(sample);
        }
    }
    planes
}

fn finish<T: StillSample, const PLANES: usize>(
    (width, height): (u32, u32),
    chroma: Chroma,
    planes: [Vec<T>; PLANES],
) -> Result<Frame, String> {
    let build = || {
        let format = Format::new(width, height, chroma, T::BITS)?;
        let planes: Vec<Plane<T>> = planes
            .into_iter()
            .map(|samples| Plane::from_vec(samples, width as usize, height as usize))
            .collect::<Result<_, FormatError>>()?;
        Frame::from_planes(format, planes)
    };
    build().map_err(|error| error.to_string())
}

fn value<T: StillSample>(sample: T) -> i64 {
    i64::from(<T as Into<i32>>::into(sample))
}

/// Returns the luma of `sum`, which is Y' times [`SCALE`] times the maximum.
fn luma<T: StillSample>(sum: i64) -> T {
    let (unit, maximum) = (1 << (T::BITS - 8), (1 << T::BITS) - 1);
    T::from_value(16 * unit + divide(219 * unit * sum, SCALE * maximum))
}

/// Returns the chroma of a difference from Y' and its `span`, both scaled as in [`luma`].
#[inline(always)]
fn chroma<T: StillSample>(difference: i64, span: i64) -> T {
    let (unit, maximum) = (1 << (T::BITS - 8), (1 << T::BITS) - 1);
    T::from_value(128 * unit + divide(224 * unit * difference, span * maximum))
}

/// Returns the quotient, rounded to the nearest integer, halves up.
fn divide(dividend: i64, divisor: i64) -> i64 {
    (2 * dividend + divisor).div_euclid(2 * divisor)
}

#[cfg(test)]
mod tests;
