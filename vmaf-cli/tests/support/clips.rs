//! Clips that tests generate: small, the same everywhere, and hard on a metric.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A pair of clips.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clip {
    /// Its name in the recorded figures.
    pub(crate) name: &'static str,
    /// Luma width in pixels.
    pub(crate) width: usize,
    /// Luma height in pixels.
    pub(crate) height: usize,
    /// Chroma sampling, as libvmaf's `--pixel_format` calls it.
    pub(crate) chroma: &'static str,
    /// Bits a sample.
    pub(crate) depth: u32,
    /// How many frames.
    pub(crate) frames: usize,
    /// What is to be seen.
    pub(crate) content: Content,
}

/// What a clip shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Moving texture with a cut; the distorted clip is coarser and noisy.
    Moving,
    /// As that, but the distorted clip has more contrast than the reference.
    Enhanced,
    /// Black and white stripes, rows, then columns, beside noise.
    Stripes,
    /// Both clips the same, with a flat frame in between.
    Identical,
}

/// All clips that there are recorded figures for. Sizes are those that libvmaf is defined for.
pub(crate) const CLIPS: &[Clip] = &[
    clip("moving_8bit", 176, 144, "420", 8, 8, Content::Moving),
    clip("moving_10bit_422", 160, 90, "422", 10, 6, Content::Moving),
    clip("moving_12bit_odd", 101, 67, "444", 12, 6, Content::Moving),
    clip("moving_16bit", 128, 96, "420", 16, 5, Content::Moving),
    clip("enhanced_8bit", 144, 112, "420", 8, 5, Content::Enhanced),
    clip("enhanced_10bit", 96, 80, "420", 10, 4, Content::Enhanced),
    clip("stripes_8bit", 64, 64, "420", 8, 4, Content::Stripes),
    clip("stripes_16bit", 72, 50, "444", 16, 4, Content::Stripes),
    clip("identical_8bit", 96, 64, "420", 8, 4, Content::Identical),
    clip("identical_10bit", 64, 48, "420", 10, 3, Content::Identical),
    clip("small_8bit", 33, 35, "444", 8, 3, Content::Moving),
    clip("one_frame", 64, 48, "420", 8, 1, Content::Moving),
];

const fn clip(
    name: &'static str,
    width: usize,
    height: usize,
    chroma: &'static str,
    depth: u32,
    frames: usize,
    content: Content,
) -> Clip {
    Clip { name, width, height, chroma, depth, frames, content }
}

/// A hash of a place in a clip.
fn noise(seed: usize, x: usize, y: usize) -> u32 {
    let mut state = (seed as u64) << 48 ^ (x as u64) << 24 ^ y as u64;
    for _ in 0..3 {
        state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
        state ^= state >> 31;
    }
    (state >> 20) as u32
}

impl Clip {
    /// The options that tell libvmaf's tool, and the drop-in form, what the raw files hold.
    pub(crate) fn raw_options(&self) -> Vec<String> {
        [("-w", self.width), ("-h", self.height), ("-b", self.depth as usize)]
            .iter()
            .flat_map(|(flag, value)| [(*flag).to_owned(), value.to_string()])
            .chain(["-p".to_owned(), self.chroma.to_owned()])
            .collect()
    }

    /// Writes both clips as raw planar YUV, and gives their paths: reference, distorted.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<[PathBuf; 2]> {
        let paths =
            ["reference", "distorted"].map(|role| folder.join(format!("{}_{role}.yuv", self.name)));
        for (path, distorted) in paths.iter().zip([false, true]) {
            let mut file = io::BufWriter::new(std::fs::File::create(path)?);
            for frame in 0..self.frames {
                for plane in 0..3 {
                    self.write_plane(&mut file, frame, plane, distorted)?;
                }
            }
            file.flush()?;
        }
        Ok(paths)
    }

    fn write_plane(
        &self,
        file: &mut impl Write,
        frame: usize,
        plane: usize,
        distorted: bool,
    ) -> io::Result<()> {
        let (x_step, y_step) = match (plane, self.chroma) {
            (0, _) | (_, "444") => (1, 1),
            (_, "422") => (2, 1),
            _ => (2, 2),
        };
        for y in 0..self.height / y_step {
            for x in 0..self.width / x_step {
                let sample = self.sample(frame, plane, x * x_step, y * y_step, distorted);
                if self.depth == 8 {
                    file.write_all(&[sample as u8])?;
                } else {
                    file.write_all(&(sample as u16).to_le_bytes())?;
                }
            }
        }
        Ok(())
    }

    fn sample(&self, frame: usize, plane: usize, x: usize, y: usize, distorted: bool) -> u32 {
        let max = (1_u32 << self.depth) - 1;
        if self.content == Content::Stripes {
            let white = match frame % 3 {
                0 => y & 1,
                1 => x & 1,
                _ => usize::from(x * 4 > self.width),
            };
            let stripes = max * white as u32;
            return if distorted {
                (stripes / 2 + noise(frame, x, y) % (max / 2)).min(max)
            } else {
                stripes
            };
        }
        let scene = frame / 3;
        if self.content == Content::Identical && frame == 2 {
            return max / 5;
        }
        let (moved_x, moved_y) = (x + 3 * frame + 31 * scene, y + frame + 17 * plane);
        let coarse = noise(scene, moved_x / 9, moved_y / 7) % 1000;
        let fine = noise(scene + 100, moved_x / 2, moved_y / 2) % 300;
        let slope = (1000 * (x + y) / (self.width + self.height)) as u32;
        let value = 300 + coarse / 2 + fine + slope / 2;
        let value = match (distorted, self.content) {
            (false, _) | (_, Content::Identical) => value,
            // More contrast around the middle, and a little noise.
            (true, Content::Enhanced) => {
                let away = 5 * (i64::from(value) - 1000) / 4;
                (1000 + away + i64::from(noise(frame, x, y) % 20)).max(0) as u32
            }
            // Less detail, and noise that grows with the frame.
            (true, _) => {
                let noisy = noise(frame + 7, x, y) % (60 + 20 * frame as u32);
                300 + coarse / 2 + fine / 64 * 48 + slope / 2 + noisy
            }
        };
        // Values are below 2200.
        (u64::from(value) * u64::from(max) / 2200) as u32
    }
}
