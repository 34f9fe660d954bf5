//! ADM in floating point planned for a job: scale by scale, shared by all variants.

use std::sync::Arc;

use super::kernel::{BandSums, MeasureScale, Setting, Workspace};
use super::sums::{Bands, Norm};
use crate::feature::adm::csf::{DIAGONAL, STRAIGHT, View};
use crate::feature::adm::scale::{SCALES, Scale};
use crate::feature::{AnyExtractor, Extractor, Options, Plan, Rows, Window};
use crate::numeric::{Centred, FloatPlane, FloatRows, as_rows};
use crate::{Format, Level, Result, Sample};

struct FloatAdm {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    /// The distinct settings at each scale.
    settings: [Vec<Setting>; SCALES],
}

struct Variant {
    /// The index of its setting at each scale; none for a scale that it skips.
    settings: [Option<usize>; SCALES],
    norm: Norm,
    noise_weight: f64,
    detail_weight: f64,
    harmonic: bool,
    min: f64,
    /// The scale whose additive impairment is left out.
    skip_additive: Option<usize>,
}

pub(super) fn plan(plan: &Plan<'_>) -> Arc<dyn AnyExtractor> {
    let mut settings: [Vec<Setting>; SCALES] = Default::default();
    let variant = |options| Variant::new(options, &mut settings);
    let variants = plan.variants.iter().map(variant).collect();
    Arc::new(FloatAdm { format: plan.format, level: plan.level, variants, settings })
}

/// The weights of a scale's horizontal, vertical and diagonal band.
fn weights(options: &Options, scale: usize) -> Bands {
    let view = View::from_options(options);
    let (straight, diagonal) = match options.int("adm_csf_mode") {
        1 => (
            view.barten(scale, options.float("adm_csf_scale")),
            view.barten(scale, options.float("adm_csf_diag_scale")),
        ),
        2 => (view.published(scale, STRAIGHT), view.published(scale, DIAGONAL)),
        _ => (1.0 / view.watson(scale, STRAIGHT), 1.0 / view.watson(scale, DIAGONAL)),
    };
    let given = |factor: usize, weight: f32| {
        let given = options.float(&format!("adm_f{factor}s{scale}"));
        if given >= 0.0 { given as f32 } else { weight }
    };
    let (straight, diagonal) = (given(1, straight), given(2, diagonal));
    [straight, straight, diagonal]
}

impl Variant {
    fn new(options: &Options, all: &mut [Vec<Setting>; SCALES]) -> Self {
        let norm = Norm(options.float("adm_p_norm"));
        let skip_scale0 = options.flag("adm_skip_scale0");
        let mut settings = [None; SCALES];
        for (scale, place) in settings.iter_mut().enumerate() {
            if scale == 0 && skip_scale0 {
                continue;
            }
            let setting = Setting {
                weights: weights(options, scale),
                gain_limit: options.float("adm_enhn_gain_limit"),
                unmasked: options.int("adm_bypass_cm") == 1,
                norm,
            };
            let known = all[scale].iter().position(|other| *other == setting);
            *place = Some(known.unwrap_or_else(|| {
                all[scale].push(setting);
                all[scale].len() - 1
            }));
        }
        Self {
            settings,
            norm,
            noise_weight: options.float("adm_noise_weight"),
            detail_weight: options.float("adm_dlm_weight"),
            harmonic: options.flag("adm_adm3_apply_hm"),
            min: options.float("adm_min_val"),
            skip_additive: usize::try_from(options.int("adm_skip_aim_scale")).ok(),
        }
    }

    /// The outputs, in order, from the sums of each scale.
    fn values(&self, format: &Format, scales: &[(Scale, BandSums)], encode: usize) -> [f64; 18] {
        let mut values = [0.0; 18];
        let (mut num, mut den) = (0.0, 0.0);
        let (mut additive, mut additive_den) = (0.0, 0.0);
        for (index, (scale, measured)) in scales.iter().enumerate() {
            let (mut of_num, mut of_den, mut of_additive) = (0.0, 0.0, 0.0);
            if let Some(setting) = self.settings[index] {
                let (region, noise) = (scale.region(), self.noise_weight);
                let masked = measured.masked[encode][setting];
                let norm = |sums, noise| f64::from(self.norm.of(sums, &region, noise));
                of_num = norm(masked.restored, noise);
                of_den = norm(measured.plain[setting], noise);
                of_additive = norm(masked.additive, 0.0);
            } else {
                // Not 0, which nothing can be divided by.
                of_den += f64::from(1e-10_f32);
            }
            (num, den) = (num + of_num, den + of_den);
            if self.skip_additive != Some(index) {
                (additive, additive_den) = (additive + of_additive, additive_den + of_den);
            }
            values[3 + index] = of_num / of_den;
            (values[10 + 2 * index], values[11 + 2 * index]) = (of_num, of_den);
        }
        // Below this, sums are noise.
        let pixels = f64::from(format.width) * f64::from(format.height);
        let limit = 1e-10 * pixels / (1920.0 * 1080.0);
        let (num, den) = (if num < limit { 0.0 } else { num }, if den < limit { 0.0 } else { den });
        let (adm, aim) =
            if den == 0.0 { (1.0, 0.0) } else { (num / den, (additive / additive_den).min(1.0)) };
        let adm3 = if self.harmonic {
            2.0 * adm * aim / (adm + aim)
        } else {
            adm * self.detail_weight + (1.0 - aim) * (1.0 - self.detail_weight)
        };
        (values[0], values[1], values[2]) = (adm, aim, adm3.max(self.min));
        (values[7], values[8], values[9]) = (adm, num, den);
        values
    }
}

/// Memory of one thread: the kernel's memory, and the pictures of the current scale and the next,
/// the reference's first.
#[derive(Default)]
struct Memory {
    kernel: Workspace,
    pictures: [Vec<FloatPlane>; 2],
}

impl FloatAdm {
    fn scales<T: Sample>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
    ) -> Vec<(Scale, BandSums)> {
        let depth = self.format.bit_depth;
        let planes = window.planes::<T>(0).into_iter();
        let level = self.level;
        let pictures: Vec<Centred<'_, T>> =
            planes.map(|plane| Centred { plane, depth, level }).collect();
        let Memory { kernel, pictures: [input, out] } = memory;
        for smaller in [&mut *input, &mut *out] {
            smaller.resize_with(pictures.len(), FloatPlane::default);
        }
        let mut scales = vec![self.measure(0, &as_rows(&pictures), kernel, out)];
        for index in 1..SCALES {
            std::mem::swap(input, out);
            scales.push(self.measure(index, &as_rows(input), kernel, out));
        }
        scales
    }

    /// Measures a scale, and writes the input of the next scale to `out`.
    fn measure(
        &self,
        index: usize,
        pictures: &[&dyn FloatRows],
        workspace: &mut Workspace,
        out: &mut [FloatPlane],
    ) -> (Scale, BandSums) {
        let &[reference, ref distorted @ ..] = pictures else {
            unreachable!("the reference is a picture")
        };
        let scale = Scale::from_input(index, reference.width(), reference.height());
        let settings = &self.settings[index][..];
        let measure = MeasureScale { scale, reference, distorted, settings, workspace, out };
        (scale, self.level.run(measure))
    }
}

impl Extractor for FloatAdm {
    type Workspace = Memory;

    fn workspace(&self) -> Memory {
        Memory::default()
    }

    fn extract<T: Sample>(
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
