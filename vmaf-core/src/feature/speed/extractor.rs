//! SpEED planned for a job: the reference analysed once for all encodes, and a picture once for all
//! variants that differ only in how statistics become a score.

use std::sync::Arc;

use super::kernel::Analyse;
use super::kernel::covariance;
use super::kernel::downscale::{Downscale, Memory as DownscaleMemory, Scaler};
use super::kernel::entropy::{Compare, Entropies, Score, Statistics};
use super::kernel::picture::{Centred, Difference, Picture, Small};
use super::settings::{Comparison, Scaling};
use crate::feature::{
    AnyExtractor, Extractor, Lookback, Options, Plan, Requirements, Rows, Window,
};
use crate::{Chroma, Error, Frame, Level, Result, Sample};

/// The data that all variants of either feature share.
struct Speed {
    level: Level,
    depth: u8,
    /// The distinct ways of scaling.
    scalers: Vec<(Scaling, Scaler)>,
    /// Each variant's settings.
    variants: Vec<Variant>,
}

struct Variant {
    /// The index of its scaler.
    scaler: usize,
    comparison: Comparison,
    /// The greatest value, if there is one.
    max: f64,
    /// True if the encode's difference is taken from the reference's frame.
    from_reference: bool,
}

/// Memory of one thread.
#[derive(Default)]
struct Memory {
    rows: DownscaleMemory,
    covariance: covariance::Memory,
    small: Small,
    reference: Analysis,
    distorted: Analysis,
}

/// A picture under one way of scaling, analysed.
#[derive(Default)]
struct Analysis {
    statistics: Statistics,
    /// For each deviation of noise that a variant asks for, the blocks' entropies.
    entropies: Vec<(f32, Vec<f32>)>,
    /// The number of them that belong to this picture.
    count: usize,
}

impl Analysis {
    /// Analyses `picture`.
    fn fill<P: Picture>(
        &mut self,
        picture: P,
        scaler: &Scaler,
        level: Level,
        (rows, covariance, small): (&mut DownscaleMemory, &mut covariance::Memory, &mut Small),
    ) {
        level.run(Downscale { picture, scaler, memory: rows, out: small });
        level.run(Analyse { picture: small, memory: covariance, out: &mut self.statistics });
        self.count = 0;
    }

    /// The index of the entropies through noise of deviation `sigma`; computes them if they are
    /// missing.
    fn entropies(&mut self, sigma: f32, level: Level) -> usize {
        let known = self.entropies[..self.count].iter().position(|(other, _)| *other == sigma);
        known.unwrap_or_else(|| {
            if self.count == self.entropies.len() {
                self.entropies.push((sigma, Vec::new()));
            }
            let (of, entropies) = &mut self.entropies[self.count];
            *of = sigma;
            level.run(Entropies { statistics: &self.statistics, sigma, entropies });
            self.count += 1;
            self.count - 1
        })
    }
}

impl Speed {
    /// Plans `feature` for the plane `plane`.
    fn new(feature: &str, plan: &Plan<'_>, plane: usize) -> Result<Self> {
        let size = plan.format.plane_size(plane);
        let mut scalers: Vec<(Scaling, Scaler)> = Vec::new();
        let mut variants = Vec::new();
        for options in plan.variants {
            let scaling = Scaling::new(feature, options)?;
            scaling.check(feature, plan.format, plane)?;
            let known = scalers.iter().position(|(other, _)| *other == scaling);
            let scaler = known.unwrap_or_else(|| {
                scalers.push((scaling, Scaler::new(&scaling, size)));
                scalers.len() - 1
            });
            variants.push(Variant::new(scaler, options, plane == 0));
        }
        Ok(Self { level: plan.level, depth: plan.format.bit_depth, scalers, variants })
    }

    /// Compares the picture `reference` with each of `encodes`, an encode's number and its picture,
    /// and passes each variant's score to `found` (encode, variant, score). Only variants for which
    /// `of_these` is true are compared.
    fn compare<P: Picture, Q: Picture>(
        &self,
        reference: P,
        encodes: &[(usize, Q)],
        of_these: impl Fn(&Variant) -> bool,
        memory: &mut Memory,
        found: &mut dyn FnMut(usize, usize, Score),
    ) {
        let Memory { rows, covariance, small, reference: r, distorted: d } = memory;
        for (number, (_, scaler)) in self.scalers.iter().enumerate() {
            let variants = self.variants.iter().enumerate();
            let variants = variants.filter(|(_, variant)| variant.scaler == number);
            let variants: Vec<_> = variants.filter(|(_, variant)| of_these(variant)).collect();
            if variants.is_empty() {
                continue;
            }
            r.fill(reference, scaler, self.level, (rows, covariance, small));
            for (encode, picture) in encodes {
                d.fill(*picture, scaler, self.level, (rows, covariance, small));
                for (index, variant) in &variants {
                    let sigma = variant.comparison.sigma;
                    let of_r = r.entropies(sigma, self.level);
                    let of_d = d.entropies(sigma, self.level);
                    let score = self.level.run(Compare {
                        comparison: &variant.comparison,
                        reference: (&r.statistics, &r.entropies[of_r].1),
                        distorted: (&d.statistics, &d.entropies[of_d].1),
                    });
                    found(*encode, *index, score);
                }
            }
        }
    }
}

impl Variant {
    fn new(scaler: usize, options: &Options, is_temporal: bool) -> Self {
        let weighting = if is_temporal { 0 } else { options.int("speed_weight_var_mode") as u8 };
        Self {
            scaler,
            comparison: Comparison::new(options, weighting),
            max: options.float("speed_max_val"),
            from_reference: is_temporal && options.flag("speed_use_ref_diff"),
        }
    }

    /// `value`, bounded; the bound if there is no value.
    fn bound(&self, value: f32) -> f64 {
        let value = f64::from(value);
        if value < self.max { value } else { self.max }
    }
}

struct ChromaSpeed(Speed);

/// Plans `speed_chroma`.
pub(super) fn chroma(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let feature = super::CHROMA.name;
    if plan.format.chroma == Chroma::Mono {
        return Err(Error::Unsupported {
            feature: feature.to_owned(),
            reason: "mono frames have no chroma to compare; leave it out, or give frames with \
                     chroma"
                .to_owned(),
        });
    }
    Ok(Arc::new(ChromaSpeed(Speed::new(feature, plan, 1)?)))
}

impl ChromaSpeed {
    /// The scores of both planes, by encode and variant.
    fn scores<T: Sample>(&self, window: &Window<'_>, memory: &mut Memory) -> [Vec<Score>; 2] {
        let variants = self.0.variants.len();
        let unknown = Score { value: 0.0, is_singular: true };
        let mut scores = [1, 2].map(|_| vec![unknown; window.distorted.len() * variants]);
        for (plane, scores) in (1..).zip(&mut scores) {
            let picture = |frame| Centred(Frame::plane::<T>(frame, plane), self.0.depth);
            let encodes: Vec<_> =
                window.encodes().map(|(encode, frame)| (encode, picture(frame))).collect();
            let reference = picture(window.reference);
            self.0.compare(reference, &encodes, |_| true, memory, &mut |encode, variant, score| {
                scores[encode * variants + variant] = score;
            });
        }
        scores
    }
}

impl Extractor for ChromaSpeed {
    type Workspace = Memory;

    fn requirements(&self) -> Requirements {
        Requirements { chroma: true, ..Requirements::default() }
    }

    fn workspace(&self) -> Memory {
        Memory::default()
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let [u, v] = self.scores::<T>(window, memory);
        for (encode, _) in window.encodes() {
            for (index, variant) in self.0.variants.iter().enumerate() {
                let at = encode * self.0.variants.len() + index;
                let (u, v) = (u[at], v[at]);
                let both = match (u.is_singular, v.is_singular) {
                    (true, false) => v.value,
                    (false, true) => u.value,
                    _ => (u.value + v.value) / 2.0,
                };
                let values = [u.value, v.value, both].map(|value| variant.bound(value));
                rows.write(encode, index, &values);
            }
        }
        Ok(())
    }
}

struct TemporalSpeed(Speed);

/// Plans `speed_temporal`.
pub(super) fn temporal(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    Ok(Arc::new(TemporalSpeed(Speed::new(super::TEMPORAL.name, plan, 0)?)))
}

impl Extractor for TemporalSpeed {
    type Workspace = Memory;

    fn requirements(&self) -> Requirements {
        let lookback = Lookback { reference: 1, distorted: 1, chroma: false };
        Requirements { lookback, ..Requirements::default() }
    }

    fn workspace(&self) -> Memory {
        Memory::default()
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let (Some(reference), Some(distorted)) =
            (window.previous.first(), window.previous_distorted.first())
        else {
            for (encode, _) in window.encodes() {
                rows.write_all(encode, &[0.0]);
            }
            return Ok(());
        };
        let change = |earlier, frame| {
            let (earlier, frame) = (Frame::plane::<T>(earlier, 0), Frame::plane::<T>(frame, 0));
            Difference(earlier, frame, self.0.depth)
        };
        for from_reference in [false, true] {
            let mut encodes = Vec::new();
            for (encode, frame) in window.encodes() {
                let Some(earlier) = &distorted[encode] else { continue };
                let frame = if from_reference { window.reference } else { frame };
                encodes.push((encode, change(earlier, frame)));
            }
            self.0.compare(
                change(reference, window.reference),
                &encodes,
                |variant| variant.from_reference == from_reference,
                memory,
                &mut |encode, variant, score| {
                    rows.write(encode, variant, &[f64::from(score.value)]);
                },
            );
        }
        Ok(())
    }
}
