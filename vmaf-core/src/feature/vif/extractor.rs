//! VIF planned for a job: the pyramid of each picture, scale by scale, shared by all variants.

use std::sync::Arc;

use super::kernel::picture::{Picture, SegmentedPicture};
use super::kernel::{Scale, Workspace};
use super::sums::{Ratio, SCALES, Sums};
use crate::feature::{AnyExtractor, Extractor, Options, Plan, Rows, Window};
use crate::simd::transpose::Transpose;
use crate::{Format, Level, Result};

struct Vif {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    /// The distinct gain limits.
    gain_limits: Vec<f64>,
}

struct Variant {
    /// The index of its gain limit.
    limit: usize,
    skip_scale0: bool,
}

pub(super) fn plan(plan: &Plan<'_>) -> Arc<dyn AnyExtractor> {
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
    Arc::new(Vif { format: plan.format, level: plan.level, variants, gain_limits })
}

/// Memory of one thread: the kernel's memory, and the pictures of the current scale and the next,
/// the reference's first.
#[derive(Default)]
struct Memory {
    kernel: Workspace,
    pictures: [Vec<SegmentedPicture>; 2],
}

impl Vif {
    /// The sums of each scale, encode and gain limit.
    fn sums<T: Transpose>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
    ) -> [Vec<Vec<Sums>>; SCALES] {
        let planes = window.planes::<T>(0);
        let Memory { kernel, pictures: [even, odd] } = memory;
        for smaller in [&mut *even, &mut *odd] {
            smaller.resize_with(planes.len(), SegmentedPicture::default);
        }
        [
            self.scale::<_, 0>(&planes, odd, kernel),
            self.scale::<_, 1>(odd, even, kernel),
            self.scale::<_, 2>(even, odd, kernel),
            self.scale::<_, 3>(odd, &mut [], kernel),
        ]
    }

    /// The sums of one scale, and the pictures of the next one.
    fn scale<P: Picture, const SCALE: usize>(
        &self,
        pictures: &[P],
        next: &mut [SegmentedPicture],
        workspace: &mut Workspace,
    ) -> Vec<Vec<Sums>> {
        let (full_width, depth) = (self.format.width as usize, self.format.bit_depth);
        let gain_limits = &self.gain_limits[..];
        let pixels = None;
        let scale =
            Scale::<P, SCALE> { full_width, pictures, depth, gain_limits, next, workspace, pixels };
        scale.measure(self.level)
    }
}

impl Extractor for Vif {
    type Workspace = Memory;

    fn workspace(&self) -> Memory {
        Memory::default()
    }

    fn extract<T: Transpose>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let scales = self.sums::<T>(window, memory);
        rows.write_variants(window, &self.variants, |encode, variant| {
            let ratio = |scale: usize| {
                let skipped = scale == 0 && variant.skip_scale0;
                (!skipped).then(|| scales[scale][encode][variant.limit].ratio())
            };
            values([0, 1, 2, 3].map(ratio))
        });
        Ok(())
    }
}

/// The outputs, in order, of the scales' ratios; none for one that is skipped.
pub(super) fn values(ratios: [Option<Ratio>; SCALES]) -> [f64; 15] {
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
