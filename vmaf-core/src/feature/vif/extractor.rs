//! VIF planned for a job: the pyramid of each picture, scale by scale, shared by all variants.

use std::any::Any;

use super::kernel::{Downscale, Statistics, Workspace};
use super::sums::{Ratio, Sums};
use crate::feature::{Extractor, Options, Plan, Rows, Window};
use crate::{Format, Level, Plane, Result, Sample};

const SCALES: usize = 4;

struct Vif {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    /// The gain limits that there are, each once.
    gain_limits: Vec<f64>,
}

struct Variant {
    /// Which of the gain limits it uses.
    limit: usize,
    skip_scale0: bool,
}

pub(super) fn plan(plan: &Plan<'_>) -> Box<dyn Extractor> {
    let mut gain_limits: Vec<f64> = Vec::new();
    let mut variant = |options: &Options| {
        let limit = options.float("vif_enhn_gain_limit");
        let known = gain_limits.iter().position(|other| *other == limit);
        let limit = known.unwrap_or_else(|| {
            gain_limits.push(limit);
            gain_limits.len() - 1
        });
        Variant { limit, skip_scale0: options.flag("vif_skip_scale0") }
    };
    let variants = plan.variants.iter().map(&mut variant).collect();
    Box::new(Vif { format: plan.format, level: plan.level, variants, gain_limits })
}

/// What a thread needs: the kernel's memory, and the pictures of a scale and of the next one, the
/// reference's first.
struct Memory {
    kernel: Workspace,
    pictures: [Vec<Plane<u16>>; 2],
}

impl Vif {
    /// The sums of each scale, encode and gain limit.
    fn sums<T: Sample>(&self, window: &Window<'_>, memory: &mut Memory) -> Vec<Vec<Vec<Sums>>> {
        let depth = self.format.bit_depth;
        let skip_scale0 = self.variants.iter().all(|variant| variant.skip_scale0);
        let frames = [window.reference].into_iter();
        let frames = frames.chain(window.distorted.iter().flatten().map(AsRef::as_ref));
        let pictures: Vec<&Plane<T>> = frames.map(|frame| frame.plane(0)).collect();
        let Memory { kernel, pictures: [current, next] } = memory;
        for smaller in [&mut *current, &mut *next] {
            smaller.resize_with(pictures.len(), || Plane::new(0, 0));
        }

        let mut scales = Vec::with_capacity(SCALES);
        scales.push(if skip_scale0 {
            Vec::new()
        } else {
            self.statistics(0, &pictures, depth, kernel)
        });
        self.downscale(0, &pictures, depth, kernel, current);
        for scale in 1..SCALES {
            let pictures: Vec<&Plane<u16>> = current.iter().collect();
            scales.push(self.statistics(scale, &pictures, 16, kernel));
            if scale + 1 < SCALES {
                self.downscale(scale, &pictures, 16, kernel, next);
                std::mem::swap(current, next);
            }
        }
        scales
    }

    /// The sums of one scale, from the reference's picture and those of the encodes.
    fn statistics<T: Sample>(
        &self,
        scale: usize,
        pictures: &[&Plane<T>],
        depth: u8,
        workspace: &mut Workspace,
    ) -> Vec<Vec<Sums>> {
        let [reference, distorted @ ..] = pictures else { return Vec::new() };
        let gain_limits = &self.gain_limits[..];
        let statistics = Statistics { scale, reference, distorted, depth, gain_limits, workspace };
        self.level.run(statistics)
    }

    fn downscale<T: Sample>(
        &self,
        scale: usize,
        pictures: &[&Plane<T>],
        depth: u8,
        workspace: &mut Workspace,
        to: &mut [Plane<u16>],
    ) {
        for (picture, out) in pictures.iter().zip(to) {
            self.level.run(Downscale { scale, picture, depth, workspace, out });
        }
    }
}

impl Extractor for Vif {
    fn workspace(&self) -> Box<dyn Any + Send> {
        Box::new(Memory {
            kernel: Workspace::new(self.format.width as usize),
            pictures: Default::default(),
        })
    }

    fn extract(
        &self,
        window: &Window<'_>,
        workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let memory = workspace.downcast_mut().expect("the workspace this extractor made");
        let scales = if self.format.bit_depth == 8 {
            self.sums::<u8>(window, memory)
        } else {
            self.sums::<u16>(window, memory)
        };
        let present = window.distorted.iter().enumerate().filter(|(_, frame)| frame.is_some());
        for (place, (encode, _)) in present.enumerate() {
            for (index, variant) in self.variants.iter().enumerate() {
                let ratio = |scale: usize| {
                    let skipped = scale == 0 && variant.skip_scale0;
                    (!skipped).then(|| scales[scale][place][variant.limit].ratio())
                };
                rows.write(encode, index, &values([0, 1, 2, 3].map(ratio)));
            }
        }
        Ok(())
    }
}

/// The outputs, in order, of the scales' ratios; none for one that is skipped.
fn values(ratios: [Option<Ratio>; SCALES]) -> [f64; 15] {
    let part = |part: fn(Ratio) -> f32| {
        ratios.iter().flatten().map(|ratio| f64::from(part(*ratio))).sum::<f64>()
    };
    let (num, den) = (part(|ratio| ratio.num), part(|ratio| ratio.den));
    let scale = |i: usize| ratios[i].map_or(0.0, Ratio::value);
    let num_of = |i: usize| ratios[i].map_or(0.0, |ratio| f64::from(ratio.num));
    let den_of = |i: usize| ratios[i].map_or(-1.0, |ratio| f64::from(ratio.den));
    let overall = if den == 0.0 { 1.0 } else { num / den };
    [
        scale(0),
        scale(1),
        scale(2),
        scale(3),
        overall,
        num,
        den,
        num_of(0),
        den_of(0),
        num_of(1),
        den_of(1),
        num_of(2),
        den_of(2),
        num_of(3),
        den_of(3),
    ]
}
