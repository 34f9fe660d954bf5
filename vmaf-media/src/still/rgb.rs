//! From RGB to limited-range BT.709 Y'CbCr, exactly.
//!
//! With R, G and B from 0 to 1 and samples of 8 bits,
//!
//! ```text
//! Y' = 0.2126 R + 0.7152 G + 0.0722 B
//! luma = 16 + 219 Y'
//! Cb = 128 + 224 (B - Y') / 1.8556
//! Cr = 128 + 224 (R - Y') / 1.5748
//! ```
//!
//! rounded to the nearest integer, halves up. Samples of 16 bits have all constants 256 times as
//! large. The coefficients have four decimals, so the whole is done in integers: the same bits on
//! every machine. White of 8 bits is (235, 128, 128), black (16, 128, 128).

use image::{DynamicImage, GenericImageView, Pixel};
use vmaf_core::{Chroma, Format, Frame, Plane, Sample};

/// Four decimals, as integers.
const SCALE: i64 = 10_000;
const RED: i64 = 2126;
const GREEN: i64 = 7152;
const BLUE: i64 = 722;
/// The span of B - Y' and of R - Y'.
const SPAN_CB: i64 = 2 * (SCALE - BLUE);
const SPAN_CR: i64 = 2 * (SCALE - RED);

/// The frame that shows `image`; the error is why there is none.
pub(super) fn frame(image: &DynamicImage) -> Result<Frame, String> {
    match image {
        DynamicImage::ImageLuma8(image) => gray::<u8, _>(image),
        DynamicImage::ImageLumaA8(image) => gray::<u8, _>(image),
        DynamicImage::ImageRgb8(image) => colour::<u8, _>(image),
        DynamicImage::ImageRgba8(image) => colour::<u8, _>(image),
        DynamicImage::ImageLuma16(image) => gray::<u16, _>(image),
        DynamicImage::ImageLumaA16(image) => gray::<u16, _>(image),
        DynamicImage::ImageRgb16(image) => colour::<u16, _>(image),
        DynamicImage::ImageRgba16(image) => colour::<u16, _>(image),
        other => Err(format!(
            "its pixels ({:?}) are neither 8 nor 16 bits a sample: convert it first",
            other.color()
        )),
    }
}

/// A sample of a still: `u8` or `u16`.
trait StillSample: Sample + image::Primitive {
    const BITS: u8;

    /// The sample that `value`, which fits, is.
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
    let planes = planes::<T, I, 1>(image, |channels| [luma::<T>(SCALE * value(channels[0]))]);
    finish(image.dimensions(), Chroma::Mono, planes)
}

fn colour<T: StillSample, I>(image: &I) -> Result<Frame, String>
where
    I: GenericImageView<Pixel: Pixel<Subpixel = T>>,
{
    let planes = planes::<T, I, 3>(image, |channels| {
        let [red, green, blue] = [value(channels[0]), value(channels[1]), value(channels[2])];
        let sum = RED * red + GREEN * green + BLUE * blue;
        [
            luma::<T>(sum),
            chroma::<T, SPAN_CB>(SCALE * blue - sum),
            chroma::<T, SPAN_CR>(SCALE * red - sum),
        ]
    });
    finish(image.dimensions(), Chroma::Yuv444, planes)
}

fn planes<T: StillSample, I, const PLANES: usize>(
    image: &I,
    convert: impl Fn(&[T]) -> [T; PLANES],
) -> [Vec<T>; PLANES]
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
            .collect::<vmaf_core::Result<_>>()?;
        Frame::new(format, T::pixels(planes))
    };
    build().map_err(|error| error.to_string())
}

fn value<T: StillSample>(sample: T) -> i64 {
    i64::from(<T as Into<i32>>::into(sample))
}

/// Luma of `sum`, Y' times [`SCALE`] times the maximum.
fn luma<T: StillSample>(sum: i64) -> T {
    let (unit, maximum) = (1 << (T::BITS - 8), (1 << T::BITS) - 1);
    T::from_value(16 * unit + divide(219 * unit * sum, SCALE * maximum))
}

/// Chroma of a difference from Y' whose span is `SPAN`, both as large as in [`luma`].
fn chroma<T: StillSample, const SPAN: i64>(difference: i64) -> T {
    let (unit, maximum) = (1 << (T::BITS - 8), (1 << T::BITS) - 1);
    T::from_value(128 * unit + divide(224 * unit * difference, SPAN * maximum))
}

/// The quotient, rounded to the nearest integer, halves up.
fn divide(dividend: i64, divisor: i64) -> i64 {
    (2 * dividend + divisor).div_euclid(2 * divisor)
}

#[cfg(test)]
mod tests;
