//! The settings from the options, and the sizes that follow from them.

use crate::feature::Options;
use crate::{Error, Format, Result};

/// The width and height of a block, in pixels of the small picture.
pub(super) const BLOCK: usize = 5;

/// The base-2 logarithm of the ratio between the (prescaled) plane's size and the small picture's.
const SHIFT: u32 = 4;

/// The kernel scales that there are windows for.
pub(super) const KERNEL_SCALES: [f32; 21] = [
    0.5,
    2.0 / 3.0,
    1.0,
    1.5,
    2.0,
    3.0,
    4.0 / 3.0,
    5.0 / 3.0,
    3.5 / 3.0,
    3.75 / 3.0,
    4.25 / 3.0,
    2.4,
    360.0 / 97.0,
    1.0 / 2.25,
    1.4746,
    1.54,
    1.6,
    1.06667,
    0.711_111,
    0.740_740,
    1.111_111,
];

/// The interpolation method of the initial scaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Nearest,
    Bilinear,
    Bicubic,
    Lanczos4,
}

/// The names of [`Method`].
pub(super) const METHODS: &[&str] = &["nearest", "bilinear", "bicubic", "lanczos4"];

/// The options that decide how a plane becomes a small picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scaling {
    pub(super) kernel_scale: f32,
    pub(super) prescale: f64,
    pub(super) method: Method,
}

/// The options that decide how statistics become a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Comparison {
    /// The standard deviation of neural noise.
    pub(super) sigma: f32,
    /// The noise floor, as a part of `sigma`.
    pub(super) floor: f32,
    /// The rule by which variances weight entropies, 0 to 6.
    pub(super) weighting: u8,
}

impl Scaling {
    /// The settings in the options of `feature`.
    pub(super) fn new(feature: &str, options: &Options) -> Result<Self> {
        let kernel_scale = options.float("speed_kernelscale") as f32;
        // As libvmaf compares them: within a thousandth.
        if !KERNEL_SCALES.iter().any(|known| (kernel_scale - known).abs() < 1e-3) {
            let mut known = KERNEL_SCALES;
            known.sort_by(f32::total_cmp);
            let known: Vec<String> = known.iter().map(f32::to_string).collect();
            return Err(Error::BadOption {
                feature: feature.to_owned(),
                option: "speed_kernelscale".to_owned(),
                value: kernel_scale.to_string(),
                expected: format!("one of {}", known.join(", ")),
            });
        }
        let method = match options.text("speed_prescale_method").as_str() {
            "bilinear" => Method::Bilinear,
            "bicubic" => Method::Bicubic,
            "lanczos4" => Method::Lanczos4,
            _ => Method::Nearest,
        };
        Ok(Self { kernel_scale, prescale: options.float("speed_prescale"), method })
    }

    /// Returns true if the factor scales: libvmaf treats values within a thousandth of 1 as 1.
    pub(super) fn is_scaling(&self) -> bool {
        (self.prescale - 1.0).abs() >= 1e-3
    }

    /// The scaled length of a side of `length` pixels.
    fn scaled(&self, length: usize) -> usize {
        let scaled = (length as f64 * self.prescale + 0.5) as usize;
        // Nothing is scaled by nearly 1: a side can lose its last pixels, but has no more of them.
        if self.is_scaling() { scaled } else { scaled.min(length) }
    }

    /// Returns true if a side of `length` pixels is large enough for a block.
    fn fits(&self, length: usize) -> bool {
        self.scaled(length) >> SHIFT >= BLOCK
    }

    /// Refuses frames whose plane `plane` holds no block.
    pub(super) fn check(&self, feature: &str, format: Format, plane: usize) -> Result<()> {
        let (width, height) = format.plane_size(plane);
        if self.fits(width) && self.fits(height) {
            return Ok(());
        }
        let least = (1..=u32::from(u16::MAX)).find(|&length| self.fits(length as usize));
        let least = least.unwrap_or(u32::MAX);
        let (x, y) = if plane == 0 { (0, 0) } else { format.chroma.shifts() };
        Err(Error::TooSmall {
            feature: feature.to_owned(),
            width: format.width,
            height: format.height,
            least_width: least << x,
            least_height: least << y,
        })
    }

    /// The sizes of everything, for planes of this `size`.
    pub(super) fn geometry(&self, size: (usize, usize)) -> Geometry {
        let scaled = (self.scaled(size.0), self.scaled(size.1));
        let small = (scaled.0 >> SHIFT, scaled.1 >> SHIFT);
        Geometry { plane: size, scaled, small, blocks: (small.0 / BLOCK, small.1 / BLOCK) }
    }
}

impl Comparison {
    /// The settings in `options`.
    pub(super) fn new(options: &Options, weighting: u8) -> Self {
        Self {
            sigma: options.float("speed_sigma_nn") as f32,
            floor: options.float("speed_nn_floor") as f32,
            weighting,
        }
    }
}

/// Widths and heights on the way from a plane to its blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Geometry {
    /// The plane, in samples.
    pub(super) plane: (usize, usize),
    /// The plane once prescaled.
    pub(super) scaled: (usize, usize),
    /// The small picture, a 16th of that.
    pub(super) small: (usize, usize),
    /// Whole blocks of the small picture.
    pub(super) blocks: (usize, usize),
}
