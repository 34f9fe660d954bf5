//! ADM planned for a job: scale by scale, shared by all variants.

use std::sync::Arc;

use super::combination::{Combination, SKIPPED};
use super::csf::{self, Weights};
use super::kernel::coefficient::Coefficient;
use super::kernel::wavelet::Input;
use super::kernel::{Approximations, BandSums, MaskedSums, MeasureScale, Workspace};
use super::scale::{SCALES, Scale};
use super::setting::Setting;
use super::sums::{Bands, masked_norm, plain_norm};
use crate::feature::{AnyExtractor, Extractor, Options, Plan, Rows, Window};
use crate::simd::samples::Load;
use crate::{Format, Level, Result};

struct Adm {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    /// The distinct settings at each scale.
    settings: [Vec<Setting>; SCALES],
}

struct Variant {
    weights: [Weights; SCALES],
    /// The index of its setting at each scale; none for a scale that it skips.
    settings: [Option<usize>; SCALES],
    noise_weight: f64,
    skip_additive: bool,
    combination: Combination,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let mut settings: [Vec<Setting>; SCALES] = Default::default();
    let variants = plan
        .variants
        .iter()
        .map(|options| Variant::new(options, &mut settings))
        .collect::<Result<_>>()?;
    Ok(Arc::new(Adm { format: plan.format, level: plan.level, variants, settings }))
}

impl Variant {
    fn new(options: &Options, all: &mut [Vec<Setting>; SCALES]) -> Result<Self> {
        let weights = csf::weights(options)?;
        let gain_limit = options.float("adm_enhn_gain_limit");
        let skip_additive = options.flag("adm_skip_aim");
        let skip_scale0 = options.flag("adm_skip_scale0");
        let mut settings = [None; SCALES];
        for (scale, place) in settings.iter_mut().enumerate() {
            if scale == 0 && skip_scale0 {
                continue;
            }
            let fixed = weights[scale].fixed;
            let same =
                |other: &Setting| other.weights.fixed == fixed && other.gain_limit == gain_limit;
            let known = all[scale].iter().position(same);
            let index = known.unwrap_or_else(|| {
                let weights = weights[scale];
                all[scale].push(Setting { weights, gain_limit, additive: false });
                all[scale].len() - 1
            });
            all[scale][index].additive |= !skip_additive;
            *place = Some(index);
        }
        Ok(Self {
            weights,
            settings,
            noise_weight: options.float("adm_noise_weight"),
            skip_additive,
            combination: Combination::from_options(options),
        })
    }

    /// The outputs, in order, from the sums of each scale.
    fn values(&self, format: &Format, scales: &[ScaleSums], encode: usize) -> [f64; 18] {
        let mut ratios = [SKIPPED; SCALES];
        let mut additive = 0.0;
        for (index, (sums, ratio)) in scales.iter().zip(&mut ratios).enumerate() {
            let Some(setting) = self.settings[index] else { continue };
            let masked = sums.masked[encode][setting];
            let (scale, noise) = (&sums.scale, self.noise_weight);
            let num = masked_norm(scale, masked.restored, noise);
            let den = plain_norm(scale, sums.plain, &self.weights[index], noise);
            *ratio = (f64::from(num), f64::from(den));
            if !self.skip_additive {
                additive += f64::from(masked_norm(scale, masked.additive, 0.0));
            }
        }
        self.combination.outputs(format, &ratios, additive)
    }
}

/// One scale's sums.
struct ScaleSums {
    scale: Scale,
    plain: Bands<u64>,
    /// For each encode, for each setting.
    masked: Vec<Vec<MaskedSums>>,
}

/// Memory of one thread: the kernel's memory, and each scale's approximations for the next.
struct Memory {
    kernel: Workspace,
    finest: Approximations<i16>,
    coarser: [Approximations<i32>; 2],
}

impl Adm {
    fn scales<T: Load>(&self, window: &Window<'_>, memory: &mut Memory) -> Vec<ScaleSums> {
        let Memory { kernel, finest, coarser: [input, out] } = memory;
        let planes = window.planes::<T>(0);
        let mut scales = vec![self.measure(0, planes[0], &planes[1..], kernel, finest)];
        let distorted: Vec<_> = finest.distorted.iter().collect();
        scales.push(self.measure(1, &finest.reference, &distorted, kernel, out));
        for index in 2..SCALES {
            std::mem::swap(input, out);
            let distorted: Vec<_> = input.distorted.iter().collect();
            scales.push(self.measure(index, &input.reference, &distorted, kernel, out));
        }
        scales
    }

    /// Measures a scale, and writes the input of the next scale to `out`.
    fn measure<I: Input<Coefficient: Coefficient>>(
        &self,
        index: usize,
        reference: &I,
        distorted: &[&I],
        workspace: &mut Workspace,
        out: &mut Approximations<I::Coefficient>,
    ) -> ScaleSums {
        let (width, height) = reference.size();
        let scale = Scale::from_input(index, width, height);
        let depth = self.format.bit_depth;
        let settings = &self.settings[index][..];
        let measure = MeasureScale { scale, reference, distorted, depth, settings, workspace, out };
        let BandSums { plain, masked } = self.level.run(measure);
        ScaleSums { scale, plain, masked }
    }
}

impl Extractor for Adm {
    type Workspace = Memory;

    fn workspace(&self) -> Memory {
        Memory {
            kernel: Workspace::new(self.format.width as usize),
            finest: Approximations::default(),
            coarser: Default::default(),
        }
    }

    fn extract<T: Load>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let scales = self.scales::<T>(window, memory);
        rows.write_variants(window, &self.variants, |encode, variant| {
            variant.values(&self.format, &scales, encode)
        });
        Ok(())
    }
}
