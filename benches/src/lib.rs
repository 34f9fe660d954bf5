//! Generated video, identical on every machine, for benchmarks and for demonstrations without a
//! network.
//!
//! A picture is a drifting slope with moving coarse and fine texture on it: enough detail for every
//! scale of a pyramid, and nothing that compresses as a special case. The 4:2:0 chroma is paler and
//! moves with it. *Damage* removes fine texture and adds blocks, as an encoder does when it runs
//! out of bits.

use std::io::{self, Write};
use std::sync::Arc;

use vmaf_core::error::FormatError;
use vmaf_core::frame::Pixels;
use vmaf_core::{Chroma, Format, Frame, FrameGroup, Plane, Result};

/// A generated video.
#[derive(Debug, Clone, Copy)]
pub struct Clip {
    /// Width in pixels, an even number.
    pub width: u32,
    /// Height in pixels, an even number.
    pub height: u32,
    /// Bits per sample.
    pub bit_depth: u8,
}

impl Clip {
    /// Plane `plane` of frame `index`; plane 0 is luma. `damage` is 0 for the reference; 4 is ugly.
    #[must_use]
    pub fn plane(&self, plane: u32, index: u32, damage: u32) -> Vec<u16> {
        let middle = 1 << (self.bit_depth - 1);
        let sample = |x: u32, y: u32| match plane {
            0 => self.sample(x, y, index, damage),
            _ => (self.sample(2 * x + 64 * plane, 2 * y, index, damage) / 2) + middle / 2,
        };
        let step = if plane == 0 { 1 } else { 2 };
        let (width, height) = (self.width / step, self.height / step);
        (0..height).flat_map(|y| (0..width).map(move |x| sample(x, y))).collect()
    }

    /// A sample, computed with 16 bits and then reduced to the clip's bit depth.
    fn sample(&self, x: u32, y: u32, index: u32, damage: u32) -> u16 {
        let slope = 16_000 + (wave(x + 2 * y + index, 4096) * 8) as i32;
        let coarse = noise(1, (x + 3 * index) / 6, (y + index) / 6) >> 3;
        // The damage leaves 4, 3, 2, 1 or 0 quarters of the fine texture.
        let fine = (noise(2, x + 3 * index, y + index) >> 3) * (4 - damage.min(4) as i32) / 4;
        let blocks = (noise(3 + index, x / 8, y / 8) >> 6) * damage.min(4) as i32 / 4;
        // Between 16 000 - 8 704 and 16 000 + 16 384 + 8 704.
        ((slope + coarse + fine + blocks) >> (16 - i32::from(self.bit_depth))) as u16
    }

    /// Frame `index`.
    ///
    /// # Errors
    /// If the clip's dimensions or bit depth are not a valid format.
    pub fn frame(&self, index: u32, damage: u32) -> Result<Frame, FormatError> {
        let format = Format::new(self.width, self.height, Chroma::Yuv420, self.bit_depth)?;
        let planes = (0..3).map(|plane| {
            let (width, height) = format.plane_size(plane as usize);
            Plane::from_vec(self.plane(plane, index, damage), width, height)
        });
        let planes = planes.collect::<Result<Vec<_>, _>>()?;
        let pixels = if self.bit_depth == 8 {
            let narrow = |plane: &Plane<u16>| {
                let samples = plane.rows().flatten().map(|&sample| sample as u8).collect();
                Plane::from_vec(samples, plane.width(), plane.height())
            };
            Pixels::U8(planes.iter().map(narrow).collect::<Result<_, _>>()?)
        } else {
            Pixels::U16(planes)
        };
        Frame::new(format, pixels)
    }

    /// Frame `index` of the reference and of encodes with damage 1 to `encodes`.
    ///
    /// # Errors
    /// As in [`Clip::frame`].
    pub fn group(&self, index: u32, encodes: u32) -> Result<FrameGroup, FormatError> {
        let frame = |damage| self.frame(index, damage).map(Arc::new);
        let distorted = (1..=encodes).map(|damage| frame(damage).map(Some));
        Ok(FrameGroup { reference: frame(0)?, distorted: distorted.collect::<Result<_, _>>()? })
    }

    /// Writes `frames` frames as 4:2:0 y4m at 25 frames per second.
    ///
    /// # Errors
    /// Any error of writing.
    pub fn write_y4m(&self, mut to: impl Write, frames: u32, damage: u32) -> io::Result<()> {
        let (width, height) = (self.width, self.height);
        let colour = match self.bit_depth {
            8 => "C420jpeg XYSCSS=420JPEG".to_owned(),
            depth => format!("C420p{depth} XYSCSS=420P{depth}"),
        };
        writeln!(to, "YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 {colour}")?;
        for index in 0..frames {
            to.write_all(b"FRAME\n")?;
            for plane in 0..3 {
                to.write_all(&self.bytes(&self.plane(plane, index, damage)))?;
            }
        }
        to.flush()
    }

    fn bytes(&self, samples: &[u16]) -> Vec<u8> {
        if self.bit_depth == 8 {
            samples.iter().map(|&sample| sample as u8).collect()
        } else {
            samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
        }
    }
}

/// A triangle wave that rises from 0 and falls back within `period`.
fn wave(x: u32, period: u32) -> u32 {
    let phase = x % period;
    phase.min(period - phase)
}

/// A random number for a position, from -32 768 to 32 767.
fn noise(seed: u32, x: u32, y: u32) -> i32 {
    let mut state = u64::from(seed) << 48 ^ u64::from(x) << 24 ^ u64::from(y);
    for _ in 0..2 {
        state = (state ^ state >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    (state >> 48) as i32 - 32_768
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn y4m_size_matches_its_header() {
        for (bit_depth, sample_bytes) in [(8, 1), (10, 2)] {
            let clip = Clip { width: 34, height: 18, bit_depth };
            let mut file = Vec::new();
            clip.write_y4m(&mut file, 2, 1).expect("memory takes everything");
            let header = file.iter().position(|&byte| byte == b'\n').expect("a header") + 1;
            assert_eq!(file.len() - header, 2 * (6 + (34 * 18 + 2 * 17 * 9) * sample_bytes));
        }
    }

    #[test]
    fn more_damage_gives_larger_errors() {
        let clip = Clip { width: 64, height: 48, bit_depth: 8 };
        let error = |damage| -> u64 {
            let pairs = clip.plane(0, 3, 0).into_iter().zip(clip.plane(0, 3, damage));
            pairs.map(|(a, b)| u64::from(a.abs_diff(b)).pow(2)).sum()
        };
        let errors: Vec<u64> = (0..=4).map(error).collect();
        assert_eq!(errors[0], 0);
        assert!(errors.is_sorted(), "{errors:?}");
    }
}
