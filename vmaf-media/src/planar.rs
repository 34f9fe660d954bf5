//! Frames as files store them: plane after plane, row after row, without padding.
//!
//! Both y4m and raw video store them so. Samples of more than 8 bits are two bytes, little-endian.
//! Chroma of odd-sized pictures is rounded *up* in files and *down* in a [`Frame`]: the last column
//! or row is skipped.
//!
//! Bytes are read from the file straight into the frame's memory, which is reused once the frame is
//! dropped. So reading costs one copy out of the system's cache, and nothing else for 8-bit
//! samples; wider ones are checked for bits beyond their bit depth, a block at a time while it is
//! in the processor's cache. Likewise 8-bit samples that are scored at a higher bit depth are
//! promoted block by block.

use std::io;

use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Plane, Sample};

use crate::ReadPlan;
use crate::input::Skip;

/// The number of bytes read at once if fewer are requested.
pub(crate) const BUFFER: usize = 1 << 16;

/// The number of bytes read and checked together: they stay in the second-level cache.
const BLOCK: usize = 1 << 17;

/// The layout of one frame's bytes.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// The format of the part of a frame that is kept.
    format: Format,
    /// Bits a sample in the file.
    bit_depth: u8,
    /// Width and height of each plane in the file, in samples.
    planes: Vec<(usize, usize)>,
    /// The size of the frame in bytes, including planes that are not kept.
    bytes: usize,
}

/// The reason why there is no frame.
#[derive(Debug)]
pub(crate) enum ReadFailure {
    /// The file ends before it.
    End,
    /// The file ends in the middle of it, after this many bytes.
    Truncated(usize),
    /// It can't be read.
    Io(io::Error),
    /// The data are invalid, for this reason.
    Invalid(String),
}

impl Layout {
    /// Creates the layout of frames of `format`, followed by an alpha plane of luma's size if
    /// `alpha` is true; `None` if such a frame doesn't fit in this machine's memory.
    pub(crate) fn new(format: Format, alpha: bool) -> Option<Self> {
        let (shift_x, shift_y) = format.chroma().shifts();
        let planes: Vec<_> = (0..format.chroma().planes())
            .map(|index| {
                let (x, y) = if index == 0 { (0, 0) } else { (shift_x, shift_y) };
                let halved = |length: u32, shift: u32| length.div_ceil(1 << shift) as usize;
                (halved(format.width(), x), halved(format.height(), y))
            })
            .collect();
        let luma = planes.first().copied().filter(|_| alpha);
        let mut samples = 0_u64;
        for (width, height) in planes.iter().copied().chain(luma) {
            samples += width as u64 * height as u64;
        }
        let bytes = usize::try_from(samples * if format.bit_depth() > 8 { 2 } else { 1 }).ok()?;
        // The system commits memory when it is written to, so a header that claims more than the
        // file has costs nothing; but the system may refuse to reserve that much.
        Vec::<u8>::new().try_reserve_exact(bytes).ok()?;
        Some(Self { format, bit_depth: format.bit_depth(), planes, bytes })
    }

    /// Sets the form of the frames to that of `plan`: chroma that is not needed is skipped, and
    /// 8-bit samples are promoted.
    pub(crate) fn plan(&mut self, plan: &ReadPlan) {
        self.format = kept(self.format, plan);
    }

    /// The size of a frame in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Reads a frame into memory of `recycler`.
    pub(crate) fn read(
        &self,
        reader: &mut impl Skip,
        recycler: &Recycler,
    ) -> Result<Frame, ReadFailure> {
        let mut frame = recycler.frame(self.format);
        let mut bytes = CountingReader { reader, read: 0 };
        let complete = match (self.bit_depth, self.format.bit_depth()) {
            (8, 8) => self
                .fill(1, &mut frame, &mut bytes, |bytes, samples: &mut [u8]| bytes.fill(samples)),
            (8, promoted) => {
                let mut block = vec![0; BLOCK];
                self.fill(1, &mut frame, &mut bytes, |bytes, samples: &mut [u16]| {
                    let block = &mut block[..samples.len()];
                    bytes.fill(block)?;
                    for (sample, byte) in samples.iter_mut().zip(block) {
                        *sample = u16::from(*byte) << (promoted - 8);
                    }
                    Ok(())
                })
            }
            _ => {
                let mut bits = 0;
                let complete =
                    self.fill(2, &mut frame, &mut bytes, |bytes, samples: &mut [u16]| {
                        bytes.fill(bytemuck::cast_slice_mut(samples))?;
                        for sample in samples {
                            *sample = u16::from_le(*sample);
                            bits |= *sample;
                        }
                        Ok(())
                    });
                complete.and_then(|()| check_depth(&frame, bits).map_err(ReadFailure::Invalid))
            }
        };
        complete.and_then(|()| bytes.skip(self.bytes - bytes.read)).map(|()| frame)
    }

    /// Skips a frame.
    pub(crate) fn skip(&self, reader: &mut impl Skip) -> Result<(), ReadFailure> {
        match (CountingReader { reader, read: 0 }).skip(self.bytes) {
            Err(ReadFailure::Truncated(0)) => Err(ReadFailure::End),
            skipped => skipped,
        }
    }

    /// Fills the planes that `frame` keeps by `fill`, a block of samples at a time. Each sample has
    /// `size` bytes in the file.
    fn fill<T: Sample, R: Skip>(
        &self,
        size: usize,
        frame: &mut Frame,
        bytes: &mut CountingReader<'_, R>,
        mut fill: impl FnMut(&mut CountingReader<'_, R>, &mut [T]) -> Result<(), ReadFailure>,
    ) -> Result<(), ReadFailure> {
        let kept = self.planes.iter().take(self.format.chroma().planes());
        for (index, &(file_width, file_height)) in kept.enumerate() {
            let plane = frame.plane_mut::<T>(index);
            let (width, height) = (plane.width(), plane.height());
            match plane.adjacent_mut().filter(|_| width == file_width) {
                Some(samples) => {
                    for samples in samples.chunks_mut(BLOCK / size) {
                        fill(bytes, samples)?;
                    }
                }
                None => {
                    for y in 0..height {
                        fill(bytes, plane.row_mut(y))?;
                        bytes.skip((file_width - width) * size)?;
                    }
                }
            }
            bytes.skip(file_width * (file_height - height) * size)?;
        }
        Ok(())
    }
}

/// Returns the format in which frames of `format` are read under `plan`.
pub(crate) fn kept(format: Format, plan: &ReadPlan) -> Format {
    let kept = if plan.luma_only { format.with_chroma(Chroma::Mono) } else { format };
    let bit_depth = plan.bit_depth.filter(|_| format.bit_depth() == 8);
    let promoted = bit_depth.and_then(|bit_depth| kept.with_bit_depth(bit_depth).ok());
    promoted.unwrap_or(kept)
}

/// A reader of a frame's bytes that counts them.
struct CountingReader<'a, R> {
    reader: &'a mut R,
    /// The number of bytes so far.
    read: usize,
}

impl<R: Skip> CountingReader<'_, R> {
    fn fill(&mut self, mut to: &mut [u8]) -> Result<(), ReadFailure> {
        while !to.is_empty() {
            match self.reader.read(to) {
                Ok(0) if self.read == 0 => return Err(ReadFailure::End),
                Ok(0) => return Err(ReadFailure::Truncated(self.read)),
                Ok(read) => {
                    self.read += read;
                    to = &mut to[read..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadFailure::Io(error)),
            }
        }
        Ok(())
    }

    fn skip(&mut self, count: usize) -> Result<(), ReadFailure> {
        if count == 0 {
            return Ok(());
        }
        let skipped = self.reader.skip(count as u64).map_err(ReadFailure::Io)? as usize;
        self.read += skipped;
        if skipped < count { Err(ReadFailure::Truncated(self.read)) } else { Ok(()) }
    }
}

/// Fails if `bits`, the bitwise OR of all samples of `frame`, has a bit beyond the bit depth.
pub(crate) fn check_depth(frame: &Frame, bits: u16) -> Result<(), String> {
    let depth = frame.format().bit_depth();
    if u32::from(bits) >> depth == 0 {
        return Ok(());
    }
    let planes = (0..frame.format().chroma().planes()).map(|index| frame.plane::<u16>(index));
    let largest = planes.flat_map(Plane::rows).flatten().max().copied().unwrap_or(0);
    let maximum = (1_u32 << depth) - 1;
    Err(format!(
        "has a sample of {largest}, but {depth} bits hold at most {maximum}: the samples are not \
         {depth}-bit little-endian"
    ))
}
