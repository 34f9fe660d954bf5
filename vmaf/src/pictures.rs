//! Pictures for reports: frames in display colours, and heat maps over them.
//!
//! Videos of high dynamic range show their code values, as a display of standard range would: pale,
//! but complete.

mod resized;

use image::RgbImage;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use vmaf_core::maps::Map;
use vmaf_core::{Chroma, ColorRange, Frame, Plane, Sample};
use vmaf_media::StreamInfo;

/// Pictures of standard definition, for which BT.601 is assumed if a file does not state its
/// matrix, have at most this many lines.
const STANDARD_DEFINITION: u32 = 576;

/// The opacity of heat in proportion to its value, and its greatest opacity: the picture remains
/// recognisable.
const HEAT_OPACITY: f32 = 1.2;
const MAX_HEAT_OPACITY: f32 = 0.8;

/// The shares of red and blue in luma.
#[derive(Debug, Clone, Copy, PartialEq)]
struct LumaWeights {
    red: f32,
    blue: f32,
}

impl LumaWeights {
    const BT709: Self = Self { red: 0.2126, blue: 0.0722 };
    const BT601: Self = Self { red: 0.299, blue: 0.114 };
    const BT2020: Self = Self { red: 0.2627, blue: 0.0593 };

    /// Returns the matrix of a stream (ITU-T H.273); `None` for planes of green, blue and red.
    fn from_stream(info: &StreamInfo) -> Option<Self> {
        let is_still = ["png", "jpeg", "tiff", "webp"].contains(&info.codec.as_str());
        Some(match info.color.matrix.as_deref() {
            Some("gbr" | "rgb") => return None,
            Some("bt709") => Self::BT709,
            Some("smpte170m" | "bt470bg") => Self::BT601,
            Some("bt2020nc" | "bt2020c") => Self::BT2020,
            Some("smpte240m") => Self { red: 0.212, blue: 0.087 },
            Some("fcc") => Self { red: 0.3, blue: 0.11 },
            _ if info.format.height() > STANDARD_DEFINITION || is_still => Self::BT709,
            _ => Self::BT601,
        })
    }
}

/// The conversion of a pixel's samples to red, green and blue: a matrix.
struct PixelConversion {
    /// The samples of black; for colour differences, of none.
    black: [f32; 3],
    /// The shares of each sample in red, green and blue, from 0 to 255 in the picture's range.
    matrix: [[f32; 3]; 3],
    /// The number of planes that are read.
    planes: usize,
}

impl PixelConversion {
    /// Returns the conversion of a frame of the stream `info`.
    fn new(frame: &Frame, info: &StreamInfo) -> Self {
        let format = frame.format();
        let unit = f32::from(1_u16 << (format.bit_depth() - 8));
        let is_full = frame.range.or(info.range) == Some(ColorRange::Full);
        let greatest = 256.0 * unit - 1.0;
        let ((black, white), span) = if is_full {
            ((0.0, greatest), greatest)
        } else {
            ((16.0 * unit, 219.0 * unit), 224.0 * unit)
        };
        let (width, height) = format.plane_size(1.min(format.chroma().planes() - 1));
        let has_chroma = format.chroma() != Chroma::Mono && width > 0 && height > 0;
        let (y, c) = (255.0 / white, 255.0 / span);
        if !has_chroma {
            return Self { black: [black; 3], matrix: [[y, 0.0, 0.0]; 3], planes: 1 };
        }
        let Some(LumaWeights { red, blue }) = LumaWeights::from_stream(info) else {
            // Planes are green, blue and red.
            let matrix = [[0.0, 0.0, y], [y, 0.0, 0.0], [0.0, y, 0.0]];
            return Self { black: [black; 3], matrix, planes: 3 };
        };
        let (of_red, of_blue) = (2.0 * (1.0 - red) * c, 2.0 * (1.0 - blue) * c);
        let green = 1.0 - red - blue;
        let matrix = [
            [y, 0.0, of_red],
            [y, -of_blue * blue / green, -of_red * red / green],
            [y, of_blue, 0.0],
        ];
        Self { black: [black, 128.0 * unit, 128.0 * unit], matrix, planes: 3 }
    }

    /// Returns the pixel with these samples of each plane.
    #[inline]
    fn pixel(&self, samples: [f32; 3]) -> [u8; 3] {
        let [first, second, third] = [0, 1, 2].map(|plane| samples[plane] - self.black[plane]);
        // Values out of range saturate.
        self.matrix.map(|[a, b, c]| (a * first + b * second + c * third + 0.5) as u8)
    }
}

/// Converts a frame of the stream `info` to display colours, in the frame's size.
pub(crate) fn rgb(frame: &Frame, info: &StreamInfo) -> RgbImage {
    if frame.format().bit_depth() == 8 {
        converted::<u8>(frame, info)
    } else {
        converted::<u16>(frame, info)
    }
}

fn converted<T: Sample>(frame: &Frame, info: &StreamInfo) -> RgbImage {
    let format = frame.format();
    let conversion = PixelConversion::new(frame, info);
    let (shift_x, shift_y) = format.chroma().shifts();
    let planes: Vec<&Plane<T>> = (0..conversion.planes).map(|index| frame.plane(index)).collect();
    render_rows(format.width(), format.height(), |y, pixels| {
        // Chroma of odd sizes is rounded down.
        let row = |index: usize| {
            let plane = planes[index.min(planes.len() - 1)];
            plane.row(if index == 0 { y } else { (y >> shift_y).min(plane.height() - 1) })
        };
        let (first, second, third) = (row(0), row(1), row(2));
        let last = second.len() - 1;
        for (x, (pixel, first)) in pixels.iter_mut().zip(first).enumerate() {
            let x = (x >> shift_x).min(last);
            *pixel = conversion.pixel([*first, second[x], third[x]].map(to_f32));
        }
    })
}

/// Converts a frame of the stream `info` to display colours, reduced to a size that is not larger.
pub(crate) fn reduced(frame: &Frame, info: &StreamInfo, (width, height): (u32, u32)) -> RgbImage {
    let format = frame.format();
    if (width, height) == (format.width(), format.height()) {
        return rgb(frame, info);
    }
    let conversion = PixelConversion::new(frame, info);
    let size = (width as usize, height as usize);
    let planes: Vec<Vec<f32>> = (0..conversion.planes)
        .map(|index| match format.bit_depth() {
            8 => resized::resized(frame.plane::<u8>(index), size),
            _ => resized::resized(frame.plane::<u16>(index), size),
        })
        .collect();
    render_rows(width, height, |y, pixels| {
        let start = y * size.0;
        for (x, pixel) in (start..).zip(pixels) {
            let sample = |index: usize| planes[index.min(planes.len() - 1)][x];
            *pixel = conversion.pixel([sample(0), sample(1), sample(2)]);
        }
    })
}

/// Returns a picture whose rows `fill` computes, in parallel.
fn render_rows(width: u32, height: u32, fill: impl Fn(usize, &mut [[u8; 3]]) + Sync) -> RgbImage {
    let mut picture = RgbImage::new(width, height);
    let (pixels, _) = picture.as_chunks_mut::<3>();
    pixels.par_chunks_mut((width as usize).max(1)).enumerate().for_each(|(y, row)| fill(y, row));
    picture
}

fn to_f32<T: Sample>(sample: T) -> f32 {
    <T as Into<u32>>::into(sample) as f32
}

/// Returns a pixel of components from 0 to 1.
fn pixel(parts: [f32; 3]) -> [u8; 3] {
    // Values out of range saturate.
    parts.map(|part| (part * 255.0 + 0.5) as u8)
}

/// Draws `heat`, from 0 to 1 and of the picture's size, over the picture, which becomes grey: all
/// colours are those of the heat. Where it is 0 nothing covers the picture.
pub(crate) fn heat_over(picture: &RgbImage, heat: &Map) -> RgbImage {
    let colors: Vec<[f32; 3]> = (0..=u8::MAX).map(|i| color(f32::from(i) / 255.0)).collect();
    let (width, height) = (heat.width() as u32, heat.height() as u32);
    let (shown, _) = picture.as_chunks::<3>();
    render_rows(picture.width().min(width), picture.height().min(height), |y, pixels| {
        let shown = &shown[y * picture.width() as usize..];
        for ((out, shown), heat) in pixels.iter_mut().zip(shown).zip(heat.row(y)) {
            let heat = heat.clamp(0.0, 1.0);
            let LumaWeights { red, blue } = LumaWeights::BT709;
            let [r, g, b] = shown.map(|part| f32::from(part) / 255.0);
            let grey = red * r + (1.0 - red - blue) * g + blue * b;
            let opacity = (HEAT_OPACITY * heat).min(MAX_HEAT_OPACITY);
            let color = colors[(heat * 255.0 + 0.5) as usize];
            *out = pixel(color.map(|part| grey + (part - grey) * opacity));
        }
    })
}

/// Returns the colour of a heat from 0 to 1: from dark violet over red to pale yellow, in even
/// steps of lightness, so that the order is visible without colours too.
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
    // The transfer function of sRGB.
    linear.map(|part| {
        let part = part.clamp(0.0, 1.0);
        if part <= 0.003_130_8 { 12.92 * part } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 }
    })
}

#[cfg(test)]
mod tests;
