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
    /// The number of frames.
    pub(crate) frames: usize,
    /// The picture.
    pub(crate) content: Content,
}

/// The content of a clip.
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
    /// Black beside white.
    Contrary,
    /// Both clips flat, a step apart.
    Flat,
    /// Samples that have nothing to do with each other.
    Noise,
    /// A slow slope, smooth beside in bands.
    Gradient,
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
    // Large enough for the metrics that need size.
    clip("contrary_8bit", 240, 224, "420", 8, 3, Content::Contrary),
    clip("contrary_12bit_444", 232, 224, "444", 12, 2, Content::Contrary),
    clip("flat_10bit", 240, 224, "420", 10, 2, Content::Flat),
    clip("noise_8bit_444", 231, 219, "444", 8, 2, Content::Noise),
    clip("noise_16bit", 256, 218, "420", 16, 2, Content::Noise),
    clip("gradient_8bit", 400, 226, "420", 8, 3, Content::Gradient),
    clip("gradient_12bit_422", 256, 240, "422", 12, 3, Content::Gradient),
    clip("large_stripes_8bit", 240, 220, "420", 8, 3, Content::Stripes),
    clip("large_stripes_10bit", 236, 218, "420", 10, 3, Content::Stripes),
    clip("large_10bit", 320, 240, "420", 10, 5, Content::Moving),
    clip("large_odd_8bit", 251, 233, "420", 8, 3, Content::Moving),
    clip("large_identical_8bit", 240, 224, "420", 8, 4, Content::Identical),
    clip("large_one_frame", 240, 224, "420", 8, 1, Content::Moving),
    clip("large_two_frames", 240, 224, "420", 8, 2, Content::Enhanced),
    // As small as metrics that are not of multiple scales go.
    clip("tiny_16x16", 16, 16, "420", 8, 2, Content::Moving),
    clip("tiny_17x33", 17, 33, "420", 10, 2, Content::Moving),
    clip("tiny_33x16", 33, 16, "444", 8, 2, Content::Noise),
    clip("uhd_10bit", 3840, 2160, "420", 10, 1, Content::Moving),
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

    /// Writes both clips as `r.yuv` and `d.yuv`, and gives the options that tell `vmaf score` what
    /// they hold.
    #[allow(dead_code, reason = "the example that writes clips does not score them")]
    pub(crate) fn write_raw(&self, folder: &Path) -> io::Result<String> {
        for (path, name) in self.write(folder)?.iter().zip(["r.yuv", "d.yuv"]) {
            std::fs::rename(path, folder.join(name))?;
        }
        let Self { width, height, chroma, depth, .. } = self;
        Ok(format!("--size {width}x{height} --pix-fmt {chroma} --bit-depth {depth}"))
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
        // Files hold chroma of odd sizes rounded up.
        for y in 0..self.height.div_ceil(y_step) {
            for x in 0..self.width.div_ceil(x_step) {
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
        match self.content {
            Content::Contrary if plane == 0 => return if distorted { max } else { 0 },
            Content::Contrary => return max.div_ceil(2) - u32::from(distorted) * plane as u32,
            Content::Flat => return max / 3 + u32::from(distorted) + frame as u32,
            Content::Noise => {
                return noise(frame + 100 * plane + 1000 * usize::from(distorted), x, y) & max;
            }
            Content::Gradient => {
                let along = (3 * x + 2 * y + 5 * frame + 40 * plane) as u64;
                let slope = u64::from(max) / 4 + u64::from(max) * along / 8192;
                let step = u64::from(max.div_ceil(64));
                return if distorted { slope / step * step } else { slope } as u32;
            }
            Content::Moving | Content::Enhanced | Content::Stripes | Content::Identical => {}
        }
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
