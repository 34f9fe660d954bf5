//! Pictures for people: frames in the colours of a screen, and heat over them.
//!
//! What is shown of high dynamic range is its code values, as a screen of standard range would show
//! them: pale, but all of it.

use image::{Rgb, RgbImage};
use vmaf_core::maps::Map;
use vmaf_core::{Chroma, ColorRange, Frame, Sample};
use vmaf_media::StreamInfo;

/// Pictures of standard definition, whose matrix is that of BT.601 where a file does not say, have
/// at most this many lines.
const STANDARD_DEFINITION: u32 = 576;

/// How much of the picture heat covers in proportion to itself, and at most: enough is left to see
/// where in the picture it is.
const COVER: f32 = 1.2;
const GREATEST_COVER: f32 = 0.8;

/// The shares of red and blue in luma.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Matrix {
    red: f32,
    blue: f32,
}

impl Matrix {
    const BT709: Self = Self { red: 0.2126, blue: 0.0722 };
    const BT601: Self = Self { red: 0.299, blue: 0.114 };
    const BT2020: Self = Self { red: 0.2627, blue: 0.0593 };

    /// That of a stream (ITU-T H.273); none where planes are green, blue and red.
    fn of(info: &StreamInfo) -> Option<Self> {
        let is_still = ["png", "jpeg", "tiff", "webp"].contains(&info.codec.as_str());
        Some(match info.color.matrix.as_deref() {
            Some("gbr" | "rgb") => return None,
            Some("bt709") => Self::BT709,
            Some("smpte170m" | "bt470bg") => Self::BT601,
            Some("bt2020nc" | "bt2020c") => Self::BT2020,
            Some("smpte240m") => Self { red: 0.212, blue: 0.087 },
            Some("fcc") => Self { red: 0.3, blue: 0.11 },
            _ if info.format.height > STANDARD_DEFINITION || is_still => Self::BT709,
            _ => Self::BT601,
        })
    }
}

/// A frame of the stream `info` as a screen shows it, in the frame's size.
pub(crate) fn rgb(frame: &Frame, info: &StreamInfo) -> RgbImage {
    if frame.format().bit_depth == 8 {
        converted::<u8>(frame, info)
    } else {
        converted::<u16>(frame, info)
    }
}

fn converted<T: Sample>(frame: &Frame, info: &StreamInfo) -> RgbImage {
    let format = frame.format();
    let unit = f32::from(1_u16 << (format.bit_depth - 8));
    let greatest = 256.0 * unit - 1.0;
    let number = |sample: T| <T as Into<u32>>::into(sample) as f32;
    let is_full = frame.range.or(info.range) == Some(ColorRange::Full);
    let ((black, luma), chroma) = if is_full {
        ((0.0, greatest), greatest)
    } else {
        ((16.0 * unit, 219.0 * unit), 224.0 * unit)
    };
    let grey = 128.0 * unit;
    let matrix = Matrix::of(info);
    let (shift_x, shift_y) = format.chroma.shifts();
    let other = |plane: usize, x: usize, y: usize| {
        // Chroma of odd sizes is rounded down.
        let plane = frame.plane::<T>(plane);
        let (x, y) = (x >> shift_x, y >> shift_y);
        number(plane.row(y.min(plane.height() - 1))[x.min(plane.width() - 1)])
    };
    let has_chroma = format.chroma != Chroma::Mono
        && frame.plane::<T>(1).width() > 0
        && frame.plane::<T>(1).height() > 0;
    RgbImage::from_fn(format.width, format.height, |x, y| {
        let (x, y) = (x as usize, y as usize);
        let y_ = (number(frame.plane::<T>(0).row(y)[x]) - black) / luma;
        if !has_chroma {
            return pixel([y_; 3]);
        }
        let (second, third) = (other(1, x, y), other(2, x, y));
        let Some(Matrix { red, blue }) = matrix else {
            return pixel([(third - black) / luma, y_, (second - black) / luma]);
        };
        let (cb, cr) = ((second - grey) / chroma, (third - grey) / chroma);
        let (r, b) = (y_ + 2.0 * (1.0 - red) * cr, y_ + 2.0 * (1.0 - blue) * cb);
        pixel([r, (y_ - red * r - blue * b) / (1.0 - red - blue), b])
    })
}

/// A pixel of parts from 0 to 1.
fn pixel(parts: [f32; 3]) -> Rgb<u8> {
    Rgb(parts.map(|part| (part * 255.0).round().clamp(0.0, 255.0) as u8))
}

/// Heat, from 0 to 1 and of the picture's size, over the picture, which loses its colours: those
/// that are seen are the heat's. Where that is 0 nothing covers the picture.
pub(crate) fn heat_over(picture: &RgbImage, heat: &Map) -> RgbImage {
    let colors: Vec<[f32; 3]> = (0..=u8::MAX).map(|i| color(f32::from(i) / 255.0)).collect();
    let (width, height) = (heat.width() as u32, heat.height() as u32);
    RgbImage::from_fn(picture.width().min(width), picture.height().min(height), |x, y| {
        let heat = heat.row(y as usize)[x as usize].clamp(0.0, 1.0);
        let Matrix { red, blue } = Matrix::BT709;
        let [r, g, b] = picture.get_pixel(x, y).0.map(|part| f32::from(part) / 255.0);
        let grey = red * r + (1.0 - red - blue) * g + blue * b;
        let cover = (COVER * heat).min(GREATEST_COVER);
        let color = colors[(heat * 255.0).round() as usize];
        pixel(color.map(|part| grey + (part - grey) * cover))
    })
}

/// The colour of a heat from 0 to 1: from dark violet over red to pale yellow, in even steps of
/// lightness, so that more is seen as more also without any colour.
///
/// It is a path through the space Oklab (Björn Ottosson, "A perceptual color space for image
/// processing", 2020), given by lightness, chroma and hue.
pub(crate) fn color(heat: f32) -> [f32; 3] {
    let lightness = 0.25 + 0.7 * heat;
    let chroma = 0.13 + 0.3 * heat * (1.0 - heat);
    let hue = (300.0 + 170.0 * heat).to_radians();
    let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
    let long = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let medium = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let short = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    let linear = [
        4.076_741_7 * long - 3.307_711_6 * medium + 0.230_969_94 * short,
        -1.268_438 * long + 2.609_757_4 * medium - 0.341_319_38 * short,
        -0.004_196_086_3 * long - 0.703_418_6 * medium + 1.707_614_7 * short,
    ];
    // To the curve of sRGB.
    linear.map(|part| {
        let part = part.clamp(0.0, 1.0);
        if part <= 0.003_130_8 { 12.92 * part } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 }
    })
}

#[cfg(test)]
mod tests;
