//! Pictures as FFmpeg has them in memory: planes of bytes, with chroma of odd sizes rounded up.

use vmaf_core::{Format, Frame, Sample};

use super::pixel::PixelFormat;

/// Rows begin at multiples of this many bytes, and as many are left behind the last.
const ALIGNMENT: usize = 64;

/// What a picture is, and how it lies in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    /// FFmpeg's name of a planar pixel format.
    pub(super) pixel_format: String,
    /// For each plane, the bytes from row to row, and the rows.
    pub(super) planes: Vec<(usize, usize)>,
    /// For each plane, the bytes of a row that hold samples.
    pub(super) rows: Vec<usize>,
}

/// A picture.
pub(super) struct Picture {
    pub(super) layout: Layout,
    pub(super) planes: Vec<Vec<u8>>,
}

impl Picture {
    /// A picture of `format`, black or anything else.
    pub(super) fn new(format: Format) -> Self {
        let Format { width, height, chroma, bit_depth } = format;
        let pixel =
            PixelFormat { chroma, bit_depth, interleaved: false, shift: 0, full_range: false };
        let bytes = if bit_depth > 8 { 2 } else { 1 };
        let (x, y) = chroma.shifts();
        let plane = |index: usize| {
            let (x, y) = if index == 0 { (0, 0) } else { (x, y) };
            let width = width.div_ceil(1 << x) as usize;
            let rows = height.div_ceil(1 << y) as usize;
            (width * bytes, rows)
        };
        let sizes = (0..chroma.planes()).map(plane);
        let planes: Vec<_> =
            sizes.clone().map(|(row, rows)| (row.next_multiple_of(ALIGNMENT), rows)).collect();
        let memory = planes.iter().map(|(stride, rows)| vec![0; stride * rows + ALIGNMENT]);
        let rows = sizes.map(|(row, _)| row).collect();
        let pixel_format = pixel.planar_name();
        Self {
            planes: memory.collect(),
            layout: Layout { width, height, pixel_format, planes, rows },
        }
    }

    /// Takes the samples of `frame`, which is of its format.
    pub(super) fn take(&mut self, frame: &Frame) {
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

    /// Gives its samples to `frame`, which is of its format.
    pub(super) fn give(&self, frame: &mut Frame) {
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
