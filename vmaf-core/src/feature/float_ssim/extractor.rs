//! SSIM planned for a job.

use std::sync::Arc;

use super::decibels::Unit;
use super::kernel::picture::{Floats, Samples};
use super::kernel::shrink::{self, Shrink, shrunk};
use super::kernel::{self, Means, Statistics};
use super::window::TAPS;
use crate::feature::{AnyExtractor, Extractor, Plan, Rows, Window};
use crate::{Error, Format, Level, Result, Sample};

struct Ssim {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    /// The distinct factors.
    factors: Vec<usize>,
}

struct Variant {
    /// The index of its factor.
    factor: usize,
    unit: Unit,
}

/// The factor that brings pictures to about 256 lines: the lesser of width and height in 256ths,
/// rounded.
fn automatic(width: u32, height: u32) -> usize {
    let factor = width.min(height) as f32 / 256.0;
    let whole = factor as usize;
    let rounded = if factor - whole as f32 >= 0.5 { whole + 1 } else { whole };
    rounded.max(1)
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let format = plan.format;
    let (width, height) = (format.width, format.height);
    let mut factors: Vec<usize> = Vec::new();
    let mut variants = Vec::new();
    for options in plan.variants {
        let factor = match options.int("scale") {
            0 => automatic(width, height),
            scale => scale as usize,
        };
        let fits = |size: u32| shrunk(size as usize, factor) >= TAPS;
        if !(fits(width) && fits(height)) {
            let feature = super::FEATURE.name.to_owned();
            let least = (TAPS * factor) as u32;
            let (least_width, least_height) = (least, least);
            return Err(Error::TooSmall { feature, width, height, least_width, least_height });
        }
        let known = factors.iter().position(|other| *other == factor);
        let factor = known.unwrap_or_else(|| {
            factors.push(factor);
            factors.len() - 1
        });
        variants.push(Variant { factor, unit: Unit::from_options(options, &format) });
    }
    Ok(Arc::new(Ssim { format, level: plan.level, variants, factors }))
}

/// Memory of one thread: the kernels' memory, and the smaller pictures.
struct Memory {
    kernel: kernel::Workspace,
    shrink: shrink::Workspace,
    reference: Floats,
    distorted: Vec<Floats>,
}

impl Ssim {
    /// The means of each encode that is there.
    fn means<T: Sample>(
        &self,
        factor: usize,
        window: &Window<'_>,
        memory: &mut Memory,
    ) -> Vec<Means> {
        let depth = self.format.bit_depth;
        let planes = window.planes::<T>(0);
        let Memory { kernel: workspace, shrink, reference, distorted } = memory;
        if factor == 1 {
            let pictures: Vec<Samples<'_, T>> =
                planes.into_iter().map(|plane| Samples::new(plane, depth)).collect();
            let (reference, distorted) = (&pictures[0], &pictures[1..]);
            return self.level.run(Statistics { reference, distorted, all: true, workspace });
        }
        distorted.resize_with(planes.len() - 1, Floats::default);
        for (plane, out) in
            planes.into_iter().zip([&mut *reference].into_iter().chain(&mut *distorted))
        {
            self.level.run(Shrink { plane, bit_depth: depth, factor, workspace: shrink, out });
        }
        self.level.run(Statistics { reference, distorted, all: true, workspace })
    }
}

impl Extractor for Ssim {
    type Workspace = Memory;

    fn workspace(&self) -> Memory {
        Memory {
            kernel: kernel::Workspace::new(),
            shrink: shrink::Workspace::default(),
            reference: Floats::default(),
            distorted: Vec::new(),
        }
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        for (index, &factor) in self.factors.iter().enumerate() {
            let means = self.means::<T>(factor, window, memory);
            for ((encode, _), means) in window.encodes().zip(means) {
                for (place, variant) in self.variants.iter().enumerate() {
                    if variant.factor != index {
                        continue;
                    }
                    let score = variant.unit.convert(f64::from(means.score));
                    let terms = [means.luminance, means.contrast, means.structure];
                    let [l, c, s] = terms.map(f64::from);
                    rows.write(encode, place, &[score, l, c, s]);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_automatic_factor_gives_about_256_lines() {
        let sizes = [(176, 144), (720, 383), (720, 384), (720, 480), (1280, 720), (1920, 1080)];
        let factors = sizes.map(|(width, height)| automatic(width, height));
        assert_eq!(factors, [1, 1, 2, 2, 3, 4]);
        assert_eq!(automatic(3840, 2160), 8);
    }
}
