//! Motion in floating point, planned for a job.

use std::sync::Arc;

use super::kernel::{Blur, Change, Workspace};
use crate::feature::motion::temporal::Temporal;
use crate::feature::{
    AnyExtractor, Extractor, Lookback, Neighbours, Options, Plan, Requirements, Rows, Series,
    Window,
};
use crate::numeric::Centred;
use crate::{Chroma, Error, Format, Frame, Level, Result, Sample};

struct FloatMotion {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
}

/// One set of options.
struct Variant {
    force_zero: bool,
    measure: ChangeOptions,
    fps_weight: f64,
    temporal: Temporal,
}

/// The options that decide the measurement of two frames; the others apply afterwards.
#[derive(Clone, Copy, PartialEq)]
struct ChangeOptions {
    blur: Blur,
    add_half_size: bool,
    add_chroma: bool,
}

impl Variant {
    fn new(options: &Options) -> Self {
        let blur = match options.int("motion_filter_size") {
            1 => Blur::None,
            3 => Blur::Three,
            _ => Blur::Five,
        };
        Self {
            force_zero: options.flag("motion_force_zero"),
            measure: ChangeOptions {
                blur,
                add_half_size: options.flag("motion_add_scale1"),
                add_chroma: options.flag("motion_add_uv"),
            },
            fps_weight: options.float("motion_fps_weight"),
            temporal: Temporal {
                distance: 1,
                blend_factor: options.float("motion_blend_factor"),
                blend_offset: options.float("motion_blend_offset"),
                max: options.float("motion_max_val"),
                moving_average: false,
            },
        }
    }
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let format = plan.format;
    let variants: Vec<Variant> = plan.variants.iter().map(Variant::new).collect();
    if variants.iter().any(|variant| variant.measure.add_chroma) {
        let feature = super::FEATURE.name.to_owned();
        if format.chroma == Chroma::Mono {
            let reason = "frames have no chroma: leave motion_add_uv out".to_owned();
            return Err(Error::Unsupported { feature, reason });
        }
        let (width, height) = format.plane_size(1);
        if width < 3 || height < 3 {
            let (x, y) = format.chroma.shifts();
            return Err(Error::TooSmall {
                feature,
                width: format.width,
                height: format.height,
                least_width: 3 << x,
                least_height: 3 << y,
            });
        }
    }
    Ok(Arc::new(FloatMotion { format, level: plan.level, variants }))
}

impl FloatMotion {
    fn change<'f, T: Sample>(
        &self,
        previous: &'f Frame,
        current: &'f Frame,
        measure: ChangeOptions,
        workspace: &mut Workspace,
    ) -> f64 {
        let planes = if measure.add_chroma { 3 } else { 1 };
        let mut sum = 0.0;
        for index in 0..planes {
            let ChangeOptions { blur, add_half_size, .. } = measure;
            let (level, depth) = (self.level, self.format.bit_depth);
            let picture =
                |frame: &'f Frame| Centred { plane: frame.plane::<T>(index), depth, level };
            let workspace = &mut *workspace;
            let change = level.run(Change {
                previous: &picture(previous),
                current: &picture(current),
                blur,
                add_half_size,
                workspace,
            });
            sum += f64::from(change);
        }
        sum
    }
}

impl Extractor for FloatMotion {
    type Workspace = Workspace;

    fn requirements(&self) -> Requirements {
        let reference = usize::from(self.variants.iter().any(|variant| !variant.force_zero));
        let chroma = self.variants.iter().any(|variant| variant.measure.add_chroma);
        let neighbours = self.variants.iter().map(|variant| variant.temporal.neighbours());
        Requirements {
            lookback: Lookback { reference, chroma, ..Lookback::default() },
            chroma,
            neighbours: neighbours.fold(Neighbours::default(), Neighbours::union),
            ..Requirements::default()
        }
    }

    fn workspace(&self) -> Workspace {
        Workspace::new(self.format.width as usize)
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        workspace: &mut Workspace,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let mut changes: Vec<(ChangeOptions, f64)> = Vec::new();
        for (index, variant) in self.variants.iter().enumerate() {
            let previous = window.previous.first().filter(|_| !variant.force_zero);
            let change = previous.map_or(0.0, |previous| {
                let known = changes.iter().find(|(measure, _)| *measure == variant.measure);
                known.map(|(_, change)| *change).unwrap_or_else(|| {
                    let measure = variant.measure;
                    let change = self.change::<T>(previous, window.reference, measure, workspace);
                    changes.push((measure, change));
                    change
                })
            });
            let change = change * variant.fps_weight;
            for encode in 0..window.distorted.len() {
                rows.write(encode, index, &[change.min(variant.temporal.max), change]);
            }
        }
        Ok(())
    }

    fn finish(&self, variant: usize, frames: &Series<'_>, emit: &mut dyn FnMut(usize, &[f64])) {
        self.variants[variant].temporal.finish(frames.first, frames.columns[1], emit);
    }
}
