//! ColorVideoVDP's differences, fast.
//!
//! In each channel `c` of each band, with the pyramid's `layer` and the `background` luminance from
//! the next band, of the reference (r) and an encode (t):
//!
//! ```text
//! contrast   = min(layer / background, 1000) * sensitivity_c(background of r)
//! mask_c     = blur(min(|contrast_r|, |contrast_t|)) ^ q_c
//! difference = |contrast_t - contrast_r| ^ p / (1 + sum over channels of mask * weight)
//! D          = limit * difference / (limit + difference)
//! ```
//!
//! and of each band and channel the sum of squares of `D`. In the coarsest band, whose background is
//! the picture's mean, differences are not masked.
//!
//! The passes:
//!
//! 1. [`ReadLight`]: a frame to light, in opponent channels; once for all the measurements that read
//!    the frame.
//! 2. [`Comparison`]: the channels of each picture, [filtered](temporal) over its latest frames.
//! 3. For each band, [`rows::reduce`]: the next band of all pictures and channels.
//! 4. [`band`]: row by row, [`rows::expand`] of the next band, contrasts and masks; six rows later,
//!    when the blur of masks is complete, differences and their sums.
//!
//! What depends on the reference alone is computed once for all encodes. Passes are plain loops over
//! rows of single precision, which vectorise at the width of each level; sums have a fixed number of
//! lanes. So all levels give the same bits.
//!
//! [temporal]: super::temporal

mod band;
mod functions;
mod rows;

#[cfg(test)]
pub(super) use functions::{exp2, log2};

use fearless_simd::Simd;

use band::{BandMemory, compare_band, compare_coarsest};
use rows::reduce;

use super::cache::Light;
use super::csf::Sensitivity;
use super::{CHANNELS, score};
use crate::color::{LightReader, RowMemory};
use crate::numeric::FloatPlane;
use crate::simd::Kernel;
use crate::{Frame, memory};

/// The sensitivity of each band, the finest first.
#[derive(Debug, Clone)]
pub(super) struct Bands {
    pub(super) sensitivity: Vec<Sensitivity>,
}

/// The spatial frequency of the coarsest band, in cycles per degree.
const COARSEST: f64 = 0.1;

/// The spatial frequency of the second band relative to the first.
const SECOND_BAND: f64 = 0.3228;

/// The least spatial frequency of a band that another follows, in cycles per degree.
const LEAST_FREQUENCY: f64 = 0.2;

impl Bands {
    /// The bands of pictures of this width and height at these pixels per degree.
    pub(super) fn new((width, height): (usize, usize), pixels_per_degree: f64) -> Self {
        let sensitivity = Self::frequencies((width, height), pixels_per_degree);
        Self { sensitivity: sensitivity.into_iter().map(Sensitivity::at).collect() }
    }

    /// The spatial frequencies of the bands, in cycles per degree.
    pub(super) fn frequencies((width, height): (usize, usize), pixels_per_degree: f64) -> Vec<f64> {
        let most = (width.min(height).ilog2() as usize).saturating_sub(1);
        let relative = |band: usize| match band {
            0 => 1.0,
            band => SECOND_BAND / f64::from(1_u32 << (band - 1)),
        };
        let frequency = |band: usize| relative(band) * pixels_per_degree / 2.0;
        let first_coarse = (0..15).find(|&band| frequency(band) <= LEAST_FREQUENCY);
        let count = (first_coarse.unwrap_or(most) + 1).min(most);
        (0..count).map(frequency).chain([COARSEST]).collect()
    }
}

/// A frame to light in opponent channels.
pub(super) struct ReadLight<'a> {
    pub(super) frame: &'a Frame,
    pub(super) reader: &'a LightReader,
    pub(super) rows: &'a mut RowMemory,
}

impl Kernel for ReadLight<'_> {
    type Output = Light;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Light {
        let (width, height) = self.frame.format().plane_size(0);
        let mut channels = [0, 1, 2].map(|_| memory::buffer(width * height));
        for y in 0..height {
            let mut row = channels.each_mut().map(|plane| &mut plane[y * width..][..width]);
            self.reader.read(self.frame, y, self.rows, &mut row);
        }
        Light { channels }
    }
}

/// Memory that is reused from frame to frame.
#[derive(Default)]
pub(super) struct Workspace {
    /// The channels of each picture at the present band, the reference first.
    bands: Vec<[FloatPlane; CHANNELS]>,
    /// The same at the next band.
    next: Vec<[FloatPlane; CHANNELS]>,
    band: BandMemory,
    row: Vec<f32>,
}

/// The differences of each encode: of each channel's bands, the finest first.
pub(super) struct Comparison<'a> {
    /// The latest frames of each picture, the newest first; the reference is the first picture.
    pub(super) pictures: &'a [Vec<&'a Light>],
    /// The weights of the latest frames in each channel; `None` for stills, which have no transient
    /// channel.
    pub(super) filters: Option<&'a [Vec<f32>; CHANNELS]>,
    pub(super) bands: &'a Bands,
    pub(super) size: (usize, usize),
    pub(super) workspace: &'a mut Workspace,
}

impl Kernel for Comparison<'_> {
    type Output = Vec<Vec<Vec<f64>>>;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Self::Output {
        let Self { pictures, filters, bands, size, workspace } = self;
        let (mut width, mut height) = size;
        let channels = if filters.is_some() { CHANNELS } else { CHANNELS - 1 };
        workspace.bands.resize_with(pictures.len(), Default::default);
        workspace.next.resize_with(pictures.len(), Default::default);
        for (frames, planes) in pictures.iter().zip(&mut workspace.bands) {
            for (channel, plane) in planes.iter_mut().enumerate().take(channels) {
                plane.resize(width, height);
                let filter = filters.map(|filters| &filters[channel][..]);
                combine(frames, channel % 3, filter, plane);
            }
        }
        let mut differences = vec![vec![Vec::new(); channels]; pictures.len() - 1];
        for (band, sensitivity) in bands.sensitivity.iter().enumerate() {
            let pixels = width * height;
            let is_coarsest = band + 1 == bands.sensitivity.len();
            let sums = if is_coarsest {
                compare_coarsest(&workspace.bands, (width, height), channels, sensitivity)
            } else {
                let half = (width.div_ceil(2), height.div_ceil(2));
                for (planes, next) in workspace.bands.iter().zip(&mut workspace.next) {
                    for (plane, next) in planes.iter().zip(next).take(channels) {
                        next.resize(half.0, half.1);
                        reduce(plane, (width, height), next, &mut workspace.row);
                    }
                }
                let Workspace { bands, next, band: memory, .. } = &mut *workspace;
                let gain = if band == 0 { 1.0 } else { 2.0 };
                let planes = (&bands[..], &next[..]);
                let sums =
                    compare_band(planes, (width, height), channels, (sensitivity, gain), memory);
                std::mem::swap(bands, next);
                (width, height) = half;
                sums
            };
            for (differences, sums) in differences.iter_mut().zip(sums) {
                for (bands, sum) in differences.iter_mut().zip(sums) {
                    bands.push(score::of_band(sum, pixels));
                }
            }
        }
        differences
    }
}

/// Combines the latest frames, the newest first. Those before the video's first are like the first.
#[inline(always)]
fn combine(frames: &[&Light], channel: usize, filter: Option<&[f32]>, out: &mut FloatPlane) {
    let newest = &frames[0].channels[channel];
    let out = out.values_mut();
    let Some(filter) = filter else {
        out.copy_from_slice(newest);
        return;
    };
    // A part of the picture at a time, which stays in the first-level cache.
    const PART: usize = 2048;
    for (part, out) in out.chunks_mut(PART).enumerate() {
        for (value, light) in out.iter_mut().zip(&newest[part * PART..]) {
            *value = filter[0] * light;
        }
        for (age, weight) in filter.iter().enumerate().skip(1) {
            let frame = frames[age.min(frames.len() - 1)];
            for (value, light) in out.iter_mut().zip(&frame.channels[channel][part * PART..]) {
                *value += weight * light;
            }
        }
    }
}
