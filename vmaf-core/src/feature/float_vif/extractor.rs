//! VIF in floating point planned for a job: the pyramid of each picture, scale by scale, shared by
//! all variants that use the same one.

use std::sync::Arc;

use super::kernel::prescale::{Method, Resize, resized};
use super::kernel::{Downscale, Setting, Statistics, Sums, Workspace};
use super::windows::{KERNEL_SCALES, SCALES, allowed, windows};
use crate::feature::{AnyExtractor, Extractor, Options, Plan, Rows, Window};
use crate::numeric::{Centred, FloatPlane, FloatRows, as_rows};
use crate::{Error, Format, Level, Result, Sample};

struct FloatVif {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    pyramids: Vec<Pyramid>,
}

/// The measurements shared by all variants with the same pyramid.
struct Pyramid {
    key: PyramidKey,
    /// The resizing of pictures before they are measured.
    resize: Option<Resize>,
    windows: [Vec<f32>; SCALES],
    noises: Vec<f64>,
    settings: Vec<Setting>,
    /// True if a variant needs the finest scale.
    finest: bool,
}

/// The size of the finest scale, the method that resizes to it, and the windows' width.
#[derive(Clone, Copy, PartialEq)]
struct PyramidKey {
    size: (usize, usize),
    method: Option<Method>,
    kernel_scale: f32,
}

struct Variant {
    /// The index of its pyramid, and of its setting there.
    pyramid: usize,
    setting: usize,
    skip_scale0: bool,
    /// The least values of the scales.
    min: [f64; SCALES],
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let mut pyramids = Vec::new();
    let variants = plan
        .variants
        .iter()
        .map(|options| Variant::new(options, &plan.format, &mut pyramids))
        .collect::<Result<_>>()?;
    Ok(Arc::new(FloatVif { format: plan.format, level: plan.level, variants, pyramids }))
}

/// The index of `value` in `all`; adds it if it is missing.
fn place_of<T: PartialEq>(all: &mut Vec<T>, value: T) -> usize {
    all.iter().position(|other| *other == value).unwrap_or_else(|| {
        all.push(value);
        all.len() - 1
    })
}

impl Variant {
    fn new(options: &Options, format: &Format, pyramids: &mut Vec<Pyramid>) -> Result<Self> {
        let key = PyramidKey::new(options, format)?;
        let known = pyramids.iter().position(|pyramid| pyramid.key == key);
        let pyramid = known.unwrap_or_else(|| {
            pyramids.push(Pyramid::new(key, format));
            pyramids.len() - 1
        });
        let Pyramid { noises, settings, finest, .. } = &mut pyramids[pyramid];
        let noise = place_of(noises, options.float("vif_sigma_nsq"));
        let gain_limit = options.float("vif_enhn_gain_limit") as f32;
        let setting = place_of(settings, Setting { gain_limit, noise });
        let skip_scale0 = options.flag("vif_skip_scale0");
        *finest |= !skip_scale0;
        let min = |scale: usize| options.float(&format!("vif_scale{scale}_min_val"));
        // The finest scale has none.
        Ok(Self { pyramid, setting, skip_scale0, min: [f64::MIN, min(1), min(2), min(3)] })
    }

    /// The outputs, in order, of the sums of each scale.
    fn values(&self, scales: &[Vec<Vec<Sums>>], encode: usize) -> [f64; 15] {
        let mut values = [0.0; 15];
        let (mut num, mut den) = (0.0, 0.0);
        for (scale, sums) in scales.iter().enumerate() {
            let place = 7 + 2 * scale;
            if scale == 0 && self.skip_scale0 {
                values[place + 1] = -1.0;
                continue;
            }
            let sums = sums[encode][self.setting];
            let (of_num, of_den) = (f64::from(sums.num), f64::from(sums.den));
            values[scale] = (of_num / of_den).max(self.min[scale]);
            (values[place], values[place + 1]) = (of_num, of_den);
            (num, den) = (num + of_num, den + of_den);
        }
        values[4] = if den == 0.0 { 1.0 } else { num / den };
        (values[5], values[6]) = (num, den);
        values
    }
}

impl PyramidKey {
    fn new(options: &Options, format: &Format) -> Result<Self> {
        let given = options.float("vif_kernelscale");
        let kernel_scale = given as f32;
        if !allowed(kernel_scale) {
            return Err(Error::BadOption {
                feature: "float_vif".to_owned(),
                option: "vif_kernelscale".to_owned(),
                value: given.to_string(),
                expected: format!(
                    "within 0.001 of one of {}",
                    KERNEL_SCALES.map(|factor| factor.to_string()).join(", ")
                ),
            });
        }
        let factor = options.float("vif_prescale");
        let method = Method::from_name(&options.text("vif_prescale_method"));
        let from = format.plane_size(0);
        let size = (resized(from.0, factor), resized(from.1, factor));
        let method = (size != from).then_some(method);
        check_size(format, factor, method, kernel_scale)?;
        Ok(Self { size, method, kernel_scale })
    }
}

/// Checks that the windows fit the frames at every scale.
fn check_size(
    format: &Format,
    factor: f64,
    method: Option<Method>,
    kernel_scale: f32,
) -> Result<()> {
    // A window is mirrored at the borders once: a scale has more pixels than half a window.
    let of_scale = |scale: usize| (super::windows::taps(scale, kernel_scale) / 2 + 1) << scale;
    let least = (0..SCALES).map(of_scale).max().unwrap_or(1);
    let fits = |size: usize| {
        resized(size, factor) >= least && method.is_none_or(|method| size >= method.least())
    };
    let (width, height) = format.plane_size(0);
    if fits(width) && fits(height) {
        return Ok(());
    }
    let least = (1..).find(|&size| fits(size)).unwrap_or(least) as u32;
    Err(Error::TooSmall {
        feature: "float_vif with these options".to_owned(),
        width: format.width,
        height: format.height,
        least_width: least,
        least_height: least,
    })
}

impl Pyramid {
    fn new(key: PyramidKey, format: &Format) -> Self {
        let from = format.plane_size(0);
        Self {
            key,
            resize: key.method.map(|method| Resize::new(method, from, key.size)),
            windows: windows(key.kernel_scale),
            noises: Vec::new(),
            settings: Vec::new(),
            finest: false,
        }
    }

    /// The sums of each scale, encode and setting, of the reference's picture and those of the
    /// encodes.
    fn sums(
        &self,
        level: Level,
        pictures: &[&dyn FloatRows],
        kernel: &mut Workspace,
        [current, next]: &mut [Vec<FloatPlane>; 2],
    ) -> Vec<Vec<Vec<Sums>>> {
        for smaller in [&mut *current, &mut *next] {
            smaller.resize_with(pictures.len(), FloatPlane::default);
        }
        let mut scales = Vec::with_capacity(SCALES);
        scales.push(if self.finest {
            self.statistics(level, 0, pictures, kernel)
        } else {
            Vec::new()
        });
        self.downscale(level, 1, pictures, kernel, current);
        for scale in 1..SCALES {
            let pictures = as_rows(current);
            scales.push(self.statistics(level, scale, &pictures, kernel));
            if scale + 1 < SCALES {
                self.downscale(level, scale + 1, &pictures, kernel, next);
                std::mem::swap(current, next);
            }
        }
        scales
    }

    fn statistics(
        &self,
        level: Level,
        scale: usize,
        pictures: &[&dyn FloatRows],
        workspace: &mut Workspace,
    ) -> Vec<Vec<Sums>> {
        let &[reference, ref distorted @ ..] = pictures else { return Vec::new() };
        level.run(Statistics {
            window: &self.windows[scale],
            reference,
            distorted,
            noises: &self.noises,
            settings: &self.settings,
            workspace,
        })
    }

    /// Makes the pictures of `scale` from those of the scale before.
    fn downscale(
        &self,
        level: Level,
        scale: usize,
        pictures: &[&dyn FloatRows],
        workspace: &mut Workspace,
        to: &mut [FloatPlane],
    ) {
        for (&picture, out) in pictures.iter().zip(to) {
            let window = &self.windows[scale];
            level.run(Downscale { window, picture, workspace, out });
        }
    }
}

/// Memory of one thread: the kernel's memory, a picture before it is resized and all after, and the
/// pictures of the current scale and the next, the reference's first.
#[derive(Default)]
struct Memory {
    kernel: Workspace,
    plain: FloatPlane,
    resized: Vec<FloatPlane>,
    pictures: [Vec<FloatPlane>; 2],
}

impl FloatVif {
    /// The sums of each pyramid, scale, encode and setting.
    fn sums<T: Sample>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
    ) -> Vec<Vec<Vec<Vec<Sums>>>> {
        let depth = self.format.bit_depth;
        let planes = window.planes::<T>(0).into_iter();
        let level = self.level;
        let pictures: Vec<Centred<'_, T>> =
            planes.map(|plane| Centred { plane, depth, level }).collect();
        let Memory { kernel, plain, resized, pictures: scales } = memory;
        let mut all = Vec::with_capacity(self.pyramids.len());
        for pyramid in &self.pyramids {
            let Some(resize) = &pyramid.resize else {
                all.push(pyramid.sums(level, &as_rows(&pictures), kernel, scales));
                continue;
            };
            resized.resize_with(pictures.len(), FloatPlane::default);
            for (picture, out) in pictures.iter().zip(&mut *resized) {
                plain.resize(picture.width(), picture.height());
                for y in 0..picture.height() {
                    picture.read(y, plain.row_mut(y));
                }
                resize.apply(plain, out);
            }
            all.push(pyramid.sums(level, &as_rows(resized), kernel, scales));
        }
        all
    }
}

impl Extractor for FloatVif {
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
        let pyramids = self.sums::<T>(window, memory);
        rows.write_variants(window, &self.variants, |encode, variant| {
            variant.values(&pyramids[variant.pyramid], encode)
        });
        Ok(())
    }
}
