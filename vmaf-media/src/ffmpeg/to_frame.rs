//! Converts decoded pictures to frames: copies, unpacks, converts from RGB, or resamples by
//! libswscale.

use vmaf_core::{Format, Frame, Sample};

use super::convert::{Component, Conversion, InputFormat};
use super::decoded::Picture;
use super::failure::Failure;
use super::picture;
use super::pixel::PixelFormat;
use super::sws::{self, Scaler};
use crate::{Matrix, conform, rgb};

fn no_picture() -> String {
    "has no picture".to_owned()
}

/// Copies the samples of a decoded picture to `frame`, each made by `sample` from its bytes.
pub(super) fn copy_samples<T: Sample, const BYTES: usize>(
    decoded: &Picture,
    pixel: PixelFormat,
    frame: &mut Frame,
    mut sample: impl FnMut([u8; BYTES]) -> T,
) -> Result<(), String> {
    for index in 0..frame.format().chroma().planes() {
        let plane = frame.plane_mut(index);
        let width = plane.width();
        for y in 0..plane.height() {
            let to = plane.row_mut(y).iter_mut();
            if pixel.interleaved && index > 0 {
                let row = decoded.row(1, y, width * 2 * BYTES).ok_or_else(no_picture)?;
                let samples = row.as_chunks::<BYTES>().0;
                for (pair, to) in samples.as_chunks::<2>().0.iter().zip(to) {
                    *to = sample(pair[index - 1]);
                }
            } else {
                let row = decoded.row(index, y, width * BYTES).ok_or_else(no_picture)?;
                for (bytes, to) in row.as_chunks::<BYTES>().0.iter().zip(to) {
                    *to = sample(*bytes);
                }
            }
        }
    }
    Ok(())
}

/// Converts a decoded picture to `frame`, which has the target format of `conversion`. RGB is
/// converted by `matrix`, and copied as it is if there is a frame for it.
pub(super) fn convert(
    decoded: &Picture,
    pixel: PixelFormat,
    conversion: Conversion,
    matrix: Matrix,
    (frame, unconverted): (&mut Frame, Option<&mut Frame>),
) -> Result<(), String> {
    let to_yuv = rgb::converter(matrix, pixel.bit_depth);
    let is_shallow = pixel.bit_depth == 8;
    let deep = |bytes| u16::from_le_bytes(bytes) >> pixel.shift;
    match conversion {
        Conversion::Unpacked(components) if is_shallow => {
            unpack(decoded, components, frame, |[byte]: [u8; 1]| byte)
        }
        Conversion::Unpacked(components) => unpack(decoded, components, frame, deep),
        Conversion::Rgb(components) if is_shallow => {
            let read = |y, component, to: &mut [u16]| {
                read(decoded, component, y, to, |[byte]: [u8; 1]| u16::from(byte))
            };
            colours(components, (frame, unconverted), |sample| sample as u8, to_yuv, read)
        }
        Conversion::Rgb(components) => {
            let read = |y, component, to: &mut [u16]| read(decoded, component, y, to, deep);
            colours(components, (frame, unconverted), |sample| sample, to_yuv, read)
        }
        Conversion::Palette => {
            let palette = decoded.palette().ok_or_else(no_picture)?;
            // The low byte is blue.
            let shifts = [16, 8, 0].map(|shift| Component { plane: 0, first: shift, step: 1 });
            let read = |y, shift: Component, to: &mut [u16]| {
                let row = decoded.row(0, y, to.len()).ok_or_else(no_picture)?;
                for (index, to) in row.iter().zip(to) {
                    *to = (palette[usize::from(*index)] >> shift.first) as u16 & 0xff;
                }
                Ok(())
            };
            colours(shifts, (frame, unconverted), |sample| sample as u8, to_yuv, read)
        }
        Conversion::Resampled => Err(no_picture()),
    }
}

/// Reads a component of row `y`.
fn read<T: Sample, const BYTES: usize>(
    decoded: &Picture,
    Component { plane, first, step }: Component,
    y: usize,
    to: &mut [T],
    mut sample: impl FnMut([u8; BYTES]) -> T,
) -> Result<(), String> {
    let samples = first + to.len().saturating_sub(1) * step + 1;
    let row = decoded.row(plane, y, samples * BYTES).ok_or_else(no_picture)?;
    let samples = row.as_chunks::<BYTES>().0.iter().skip(first).step_by(step);
    for (bytes, to) in samples.zip(to) {
        *to = sample(*bytes);
    }
    Ok(())
}

fn unpack<T: Sample, const BYTES: usize>(
    decoded: &Picture,
    components: [Component; 3],
    frame: &mut Frame,
    mut sample: impl FnMut([u8; BYTES]) -> T,
) -> Result<(), String> {
    for (index, component) in components.into_iter().enumerate() {
        let plane = frame.plane_mut(index);
        for y in 0..plane.height() {
            read(decoded, component, y, plane.row_mut(y), &mut sample)?;
        }
    }
    Ok(())
}

/// Converts rows of red, green and blue, which `read` reads by their components, to YUV, and copies
/// them as they are if there is a frame for it.
fn colours<T: Sample>(
    components: [Component; 3],
    (frame, mut unconverted): (&mut Frame, Option<&mut Frame>),
    sample: impl Fn(u16) -> T,
    convert: impl Fn([u16; 3]) -> [u16; 3],
    mut read: impl FnMut(usize, Component, &mut [u16]) -> Result<(), String>,
) -> Result<(), String> {
    let (width, height) = frame.format().size();
    let mut rows = [const { Vec::new() }; 3];
    rows.iter_mut().for_each(|row| row.resize(width as usize, 0));
    for y in 0..height as usize {
        for (row, component) in rows.iter_mut().zip(components) {
            read(y, component, row)?;
        }
        if let Some(rgb) = unconverted.as_deref_mut() {
            rgb::write_unconverted(&rows, frame.format().bit_depth(), y, rgb);
        }
        let [red, green, blue] = &mut rows;
        for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
            [*red, *green, *blue] = convert([*red, *green, *blue]);
        }
        for (index, row) in rows.iter().enumerate() {
            for (to, from) in frame.plane_mut::<T>(index).row_mut(y).iter_mut().zip(row) {
                *to = sample(*from);
            }
        }
    }
    Ok(())
}

/// Resamples the chroma of decoded pictures.
pub(super) struct Resampler {
    scaler: Scaler,
    /// The pixel format and target format that it was made for.
    made_for: (String, Format),
}

impl Resampler {
    /// Converts a decoded picture to `frame`, by the resampler in `place`, which is replaced if it
    /// was made for other pictures.
    pub(super) fn resample(
        place: &mut Option<Self>,
        decoded: &Picture,
        input_format: &InputFormat,
        frame: &mut Frame,
    ) -> Result<(), String> {
        let format = *frame.format();
        let made_for = (input_format.name.clone(), format);
        if place.as_ref().is_none_or(|resampler| resampler.made_for != made_for) {
            let scaler = Self::scaler(decoded, input_format, format).map_err(|error| {
                format!("libswscale can't convert {} to {format}: {error}", input_format.name)
            })?;
            *place = Some(Self { scaler, made_for });
        }
        let resampler = place.as_mut().ok_or_else(no_picture)?;
        let scaled = resampler.scaler.scale(&decoded.frame);
        let scaled = scaled.map_err(|error| format!("can't be converted: {error}"))?;
        picture::fill_frame(scaled, frame);
        Ok(())
    }

    fn scaler(
        decoded: &Picture,
        input_format: &InputFormat,
        format: Format,
    ) -> Result<Scaler, Failure> {
        let to = sws::picture(format, input_format.name.starts_with("yuvj"))?;
        Scaler::new(&decoded.frame, to, sws::flags(conform::Scaler::Bicubic))
    }
}
