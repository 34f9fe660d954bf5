//! Scaling with FFmpeg's libswscale, by its exact path: no shortcuts, and nothing that depends on
//! the processor.

use ffmpeg_sys_next as sys;
use vmaf_core::{Format, Frame, Sample};

use super::ffi;
use super::loaded::Functions;
use super::pixel::PixelFormat;
use crate::conform::Scaler;

/// Rows begin at multiples of this many bytes, and as many are left behind the last.
const ALIGNMENT: usize = 64;

/// Makes pictures of one format into those of another.
pub(crate) struct PictureScaler {
    scaler: ffi::Scaler,
    sides: [Side; 2],
}

/// The picture on one side, as libswscale wants it: with chroma of odd sizes rounded up.
struct Side {
    layout: ffi::Layout,
    planes: Vec<Vec<u8>>,
}

impl PictureScaler {
    /// A scaler from one format to another.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn new(from: Format, to: Format, scaler: Scaler) -> Result<Self, String> {
        let av = Functions::get()
            .map_err(|error| format!("FFmpeg's libraries are needed to scale: {error}"))?;
        let filter = match scaler {
            Scaler::Bilinear => sys::SWS_BILINEAR,
            Scaler::Bicubic => sys::SWS_BICUBIC,
            Scaler::Lanczos => sys::SWS_LANCZOS,
        };
        let exact = sys::SWS_ACCURATE_RND | sys::SWS_BITEXACT | sys::SWS_FULL_CHR_H_INP;
        let sides = [Side::new(from), Side::new(to)];
        let scaler = ffi::Scaler::new(av, &sides[0].layout, &sides[1].layout, filter | exact)
            .map_err(|error| format!("libswscale can't make {to} of {from}: {error}"))?;
        Ok(Self { scaler, sides })
    }

    /// Scales `frame` into `scaled`, each of the format that the scaler was made for.
    pub(crate) fn scale(&mut self, frame: &Frame, scaled: &mut Frame) {
        let [from, to] = &mut self.sides;
        from.take(frame);
        self.scaler.scale((&from.layout, &from.planes), (&to.layout, &mut to.planes));
        to.give(scaled);
    }
}

impl Side {
    fn new(format: Format) -> Self {
        let Format { width, height, chroma, bit_depth } = format;
        let pixel =
            PixelFormat { chroma, bit_depth, interleaved: false, shift: 0, full_range: false };
        let bytes = if bit_depth > 8 { 2 } else { 1 };
        let (x, y) = chroma.shifts();
        let plane = |index: usize| {
            let (x, y) = if index == 0 { (0, 0) } else { (x, y) };
            let width = width.div_ceil(1 << x) as usize;
            let rows = height.div_ceil(1 << y) as usize;
            ((width * bytes).next_multiple_of(ALIGNMENT), rows)
        };
        let planes: Vec<_> = (0..chroma.planes()).map(plane).collect();
        let memory = planes.iter().map(|(stride, rows)| vec![0; stride * rows + ALIGNMENT]);
        Self {
            planes: memory.collect(),
            layout: ffi::Layout { width, height, pixel_format: pixel.planar_name(), planes },
        }
    }

    fn take(&mut self, frame: &Frame) {
        if frame.format().bit_depth == 8 {
            self.take_samples(frame, |sample: u8| [sample]);
        } else {
            self.take_samples(frame, u16::to_ne_bytes);
        }
    }

    fn take_samples<T: Sample, const BYTES: usize>(
        &mut self,
        frame: &Frame,
        bytes: impl Fn(T) -> [u8; BYTES],
    ) {
        let whole = [self.layout.width, self.layout.height].map(|length| length as usize);
        let shifts = frame.format().chroma.shifts();
        for (index, (to, (stride, rows))) in
            self.planes.iter_mut().zip(&self.layout.planes).enumerate()
        {
            let plane = frame.plane::<T>(index);
            let width = whole[0].div_ceil(if index == 0 { 1 } else { 1 << shifts.0 });
            for y in 0..*rows {
                // What odd sizes lack is as what is beside it.
                let row = plane.row(y.min(plane.height().saturating_sub(1)));
                let to = to[y * stride..][..width * BYTES].as_chunks_mut::<BYTES>().0;
                for (x, to) in to.iter_mut().enumerate() {
                    *to = bytes(row[x.min(row.len() - 1)]);
                }
            }
        }
    }

    fn give(&self, frame: &mut Frame) {
        if frame.format().bit_depth == 8 {
            self.give_samples(frame, |[sample]: [u8; 1]| sample);
        } else {
            // Filters overshoot; libswscale clips, but to 16 bits where it keeps as many.
            let greatest = u16::MAX >> (16 - frame.format().bit_depth);
            self.give_samples(frame, |bytes| u16::from_ne_bytes(bytes).min(greatest));
        }
    }

    fn give_samples<T: Sample, const BYTES: usize>(
        &self,
        frame: &mut Frame,
        sample: impl Fn([u8; BYTES]) -> T,
    ) {
        for (index, (from, (stride, _))) in self.planes.iter().zip(&self.layout.planes).enumerate()
        {
            let plane = frame.plane_mut::<T>(index);
            for y in 0..plane.height() {
                let from = from[y * stride..].as_chunks::<BYTES>().0;
                for (to, from) in plane.row_mut(y).iter_mut().zip(from) {
                    *to = sample(*from);
                }
            }
        }
    }
}
