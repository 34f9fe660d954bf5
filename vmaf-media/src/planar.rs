//! Frames as files store them: plane after plane, row after row, without padding.
//!
//! Both y4m and raw video do. Samples of more than 8 bits are two bytes, little-endian. Chroma of
//! odd-sized pictures is rounded *up* in files and *down* in a [`Frame`]: the last column or row
//! is passed over.
//!
//! Bytes go from the file straight to where the frame keeps them, and that memory is used again
//! once the frame is dropped. So reading costs one copy out of the system's cache, and nothing else
//! for samples of 8 bits; wider ones are looked at once more, a block at a time while it is near,
//! for bits that they can't have. Likewise samples of 8 bits that are scored at more are promoted on
//! their way.

use std::io;

use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Plane, Sample};

use crate::ReadPlan;
use crate::input::Skip;

/// How much is read at once where less than that is wanted.
pub(crate) const BUFFER: usize = 1 << 16;

/// How many bytes are read and looked at together: they stay in the second-level cache.
const BLOCK: usize = 1 << 17;

/// The layout of one frame's bytes.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// What is kept of a frame.
    format: Format,
    /// Bits a sample in the file.
    bit_depth: u8,
    /// Width and height of each plane in the file, in samples.
    planes: Vec<(usize, usize)>,
    /// The size of the frame, planes that are not kept included.
    bytes: usize,
}

/// Why there is no frame.
#[derive(Debug)]
pub(crate) enum Missing {
    /// The file ends before it.
    All,
    /// The file ends in the middle of it, after so many bytes.
    From(usize),
    /// It can't be read.
    Io(io::Error),
    /// What is wrong with it.
    Bad(String),
}

impl Layout {
    /// The layout of frames of `format`, with an alpha plane of luma's size after them where
    /// `alpha` says so; `None` where such a frame can't be held in this machine's memory.
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
        // The system gives memory when it is written to, so that a header that promises more than
        // the file has costs nothing; but it may refuse to promise it in its turn.
        Vec::<u8>::new().try_reserve_exact(bytes).ok()?;
        Some(Self { format, bit_depth: format.bit_depth(), planes, bytes })
    }

    /// Has frames come as `plan` says: chroma that is not needed is passed over, and samples of 8
    /// bits are promoted.
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
    ) -> Result<Frame, Missing> {
        let mut frame = recycler.frame(self.format);
        let mut bytes = Counted { reader, read: 0 };
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
                complete.and_then(|()| check_depth(&frame, bits).map_err(Missing::Bad))
            }
        };
        complete.and_then(|()| bytes.skip(self.bytes - bytes.read)).map(|()| frame)
    }

    /// Has `fill` fill the planes that `frame` keeps, some samples at a time, of which each has
    /// `size` bytes in the file.
    fn fill<T: Sample, R: Skip>(
        &self,
        size: usize,
        frame: &mut Frame,
        bytes: &mut Counted<'_, R>,
        mut fill: impl FnMut(&mut Counted<'_, R>, &mut [T]) -> Result<(), Missing>,
    ) -> Result<(), Missing> {
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

/// The format in which frames of `format` are read by `plan`.
pub(crate) fn kept(format: Format, plan: &ReadPlan) -> Format {
    let kept = if plan.luma_only { format.with_chroma(Chroma::Mono) } else { format };
    let bit_depth = plan.bit_depth.filter(|_| format.bit_depth() == 8);
    let promoted = bit_depth.and_then(|bit_depth| kept.with_bit_depth(bit_depth).ok());
    promoted.unwrap_or(kept)
}

/// The bytes of a frame, counted.
struct Counted<'a, R> {
    reader: &'a mut R,
    /// How many there were.
    read: usize,
}

impl<R: Skip> Counted<'_, R> {
    fn fill(&mut self, mut to: &mut [u8]) -> Result<(), Missing> {
        while !to.is_empty() {
            match self.reader.read(to) {
                Ok(0) if self.read == 0 => return Err(Missing::All),
                Ok(0) => return Err(Missing::From(self.read)),
                Ok(read) => {
                    self.read += read;
                    to = &mut to[read..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Missing::Io(error)),
            }
        }
        Ok(())
    }

    fn skip(&mut self, count: usize) -> Result<(), Missing> {
        if count == 0 {
            return Ok(());
        }
        let skipped = self.reader.skip(count as u64).map_err(Missing::Io)? as usize;
        self.read += skipped;
        if skipped < count { Err(Missing::From(self.read)) } else { Ok(()) }
    }
}

/// Fails if `bits`, all samples of `frame` put together by OR, has a bit that samples of its bit
/// depth don't have.
pub(crate) fn check_depth(frame: &Frame, bits: u16) -> Result<(), String> {
    let depth = frame.format().bit_depth();
    if u32::from(bits) >> depth == 0 {
        return Ok(());
    }
    let planes = (0..frame.format().chroma().planes()).map(|index| frame.plane::<u16>(index));
    let largest = planes.flat_map(Plane::rows).flatten().max().copied().unwrap_or(0);
    let maximum = (1_u32 << depth) - 1;
    Err(format!(
        "has a sample of {largest}, and {depth} bits hold {maximum} at most: the file is not of \
         {depth}-bit little-endian samples"
    ))
}
