//! Frames as files store them: plane after plane, row after row, without padding.
//!
//! Both y4m and raw video do. Samples of more than 8 bits are two bytes, little-endian. Chroma of
//! odd-sized pictures is rounded *up* in files and *down* in a [`Frame`]: the last column or row
//! is dropped when the rows are copied, once, from the bytes of the file into the frame.

use std::io::{self, Read};

use vmaf_core::frame::Pixels;
use vmaf_core::{Format, Frame, Plane};

/// The layout of one frame's bytes.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    format: Format,
    /// Width and height of each plane in the file, in samples.
    planes: Vec<(usize, usize)>,
    /// The size of the frame, planes that are not kept included.
    bytes: usize,
}

/// How much of a frame there was to read.
pub(crate) enum Filled {
    /// All of it.
    Whole,
    /// Nothing: the file ends before it.
    Nothing,
    /// Some bytes of it.
    Part(usize),
}

impl Layout {
    /// The layout of frames of `format`, with an alpha plane of luma's size after them where
    /// `alpha` says so; `None` where such a frame can't be held in this machine's memory.
    pub(crate) fn new(format: Format, alpha: bool) -> Option<Self> {
        let (shift_x, shift_y) = format.chroma.shifts();
        let planes: Vec<_> = (0..format.chroma.planes())
            .map(|index| {
                let (x, y) = if index == 0 { (0, 0) } else { (shift_x, shift_y) };
                let halved = |length: u32, shift: u32| length.div_ceil(1 << shift) as usize;
                (halved(format.width, x), halved(format.height, y))
            })
            .collect();
        let luma = planes.first().copied().filter(|_| alpha);
        let mut samples = 0_u64;
        for (width, height) in planes.iter().copied().chain(luma) {
            samples += width as u64 * height as u64;
        }
        let bytes = usize::try_from(samples * if format.bit_depth > 8 { 2 } else { 1 }).ok()?;
        Some(Self { format, planes, bytes })
    }

    /// The size of a frame in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Reads the bytes of a frame into `bytes`, whose memory is used again. It grows with what is
    /// there to read, not with what a header promises.
    pub(crate) fn fill(&self, reader: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<Filled> {
        bytes.clear();
        let read = reader.by_ref().take(self.bytes as u64).read_to_end(bytes)?;
        Ok(match read {
            _ if read == self.bytes => Filled::Whole,
            0 => Filled::Nothing,
            _ => Filled::Part(read),
        })
    }

    /// The frame in `bytes`, as [`fill`](Self::fill) left them.
    ///
    /// # Errors
    /// What is wrong with it: samples above the maximum of the bit depth.
    pub(crate) fn frame(&self, bytes: &[u8]) -> Result<Frame, String> {
        let pixels = if self.format.bit_depth == 8 {
            Pixels::U8(self.planes(bytes, 1, |from, to| to.copy_from_slice(from))?)
        } else {
            let mut bits = 0;
            let planes = self.planes(bytes, 2, |from, to| {
                for (bytes, sample) in from.chunks_exact(2).zip(to) {
                    *sample = u16::from_le_bytes([bytes[0], bytes[1]]);
                    bits |= *sample;
                }
            })?;
            check_depth(&self.format, bits, &planes)?;
            Pixels::U16(planes)
        };
        Frame::new(self.format, pixels).map_err(|error| error.to_string())
    }

    /// The planes that a frame keeps, their rows brought over by `copy`.
    fn planes<T: vmaf_core::Sample>(
        &self,
        bytes: &[u8],
        sample_bytes: usize,
        mut copy: impl FnMut(&[u8], &mut [T]),
    ) -> Result<Vec<Plane<T>>, String> {
        let mut rest = bytes;
        let mut planes = Vec::with_capacity(self.planes.len());
        for (index, &(file_width, file_height)) in self.planes.iter().enumerate() {
            let row_bytes = file_width * sample_bytes;
            let (plane_bytes, after) = rest
                .split_at_checked(row_bytes * file_height)
                .ok_or_else(|| "has too few bytes".to_owned())?;
            rest = after;
            let (width, height) = self.format.plane_size(index);
            let mut plane = Plane::new(width, height);
            for (y, row) in plane_bytes.chunks_exact(row_bytes).take(height).enumerate() {
                copy(&row[..width * sample_bytes], plane.row_mut(y));
            }
            planes.push(plane);
        }
        Ok(planes)
    }
}

/// Fails if `bits`, all samples of `planes` put together by OR, has a bit that samples of
/// `format` don't have.
pub(crate) fn check_depth(format: &Format, bits: u16, planes: &[Plane<u16>]) -> Result<(), String> {
    let depth = format.bit_depth;
    if u32::from(bits) >> depth == 0 {
        return Ok(());
    }
    let largest = planes.iter().flat_map(Plane::rows).flatten().max().copied().unwrap_or(0);
    let maximum = (1_u32 << depth) - 1;
    Err(format!(
        "has a sample of {largest}, and {depth} bits hold {maximum} at most: the file is not of \
         {depth}-bit little-endian samples"
    ))
}
