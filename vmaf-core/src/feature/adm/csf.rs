//! The eye's sensitivity to each band, by viewing distance.
//!
//! At a given viewing distance a wavelet band has a spatial frequency; coefficients are weighted by
//! the eye's sensitivity to it. The models differ: Watson's thresholds for wavelet noise, Barten's
//! contrast sensitivity as HDR-VDP computes it, and two blends of them, tabulated for some
//! displays; `float_adm` also has the sensitivity that ADM was published with. Single and double
//! precision alternate here as in libvmaf, because weights are truncated to fixed point afterwards.

use std::f64::consts::PI;

use super::scale::SCALES;
use crate::feature::Options;
use crate::{Error, Result};

/// The weights of a scale's bands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weights {
    /// The weights of the horizontal, vertical and diagonal band.
    pub(super) exact: [f32; 3],
    /// The same in fixed point: at the finest scale in units of 2^-21, 2^-21 and 2^-23, at others
    /// of 2^-32.
    pub(super) fixed: [u32; 3],
}

/// The viewing distance times display height, in pixels, below which fixed point overflows.
const LEAST_DISTANCE: f64 = 3.0 * 1080.0;

/// The weights of each scale.
pub(super) fn weights(options: &Options) -> Result<[Weights; SCALES]> {
    let view = View::from_options(options);
    let fail = |reason: String| Error::Unsupported { feature: "adm".to_owned(), reason };
    if view.pixels() < LEAST_DISTANCE {
        return Err(fail(format!(
            "a viewing distance of {} at a display height of {} is too near: \
             adm_norm_view_dist times adm_ref_display_height must be at least {LEAST_DISTANCE}",
            view.distance, view.height
        )));
    }
    let mode = options.int("adm_csf_mode");
    let straight_scale = options.float("adm_csf_scale");
    let diagonal_scale = options.float("adm_csf_diag_scale");
    let table = match mode {
        2 => view.blend(BLENDS).map_err(fail)?,
        3 => view.blend(BLENDS_BY_ABSOLUTE_ERROR).map_err(fail)?,
        _ => None,
    };
    let pair = |scale: usize| match (mode, table) {
        (_, Some([straight, diagonal])) => (straight[scale], diagonal[scale]),
        (1, None) => (view.barten(scale, straight_scale), view.barten(scale, diagonal_scale)),
        _ => (1.0 / view.watson(scale, STRAIGHT), 1.0 / view.watson(scale, DIAGONAL)),
    };
    let usual = mode == 0 && (view.pixels() - LEAST_DISTANCE).abs() < 1.0e-8;
    Ok(std::array::from_fn(|scale| {
        let (straight, diagonal) = pair(scale);
        let exact = [straight, straight, diagonal];
        let fixed = match scale {
            0 if usual => [36453, 36453, 49417],
            0 => [(straight, 21), (straight, 21), (diagonal, 23)]
                .map(|(weight, bits)| u32::from(truncate(weight, bits) as u16)),
            _ => exact.map(|weight| truncate(weight, 32) as u32),
        };
        Weights { exact, fixed }
    }))
}

/// `weight` in units of 2^-`bits`, rounded towards 0.
fn truncate(weight: f32, bits: i32) -> i64 {
    (f64::from(weight) * 2.0_f64.powi(bits)) as i64
}

/// The position of a viewer.
pub(in crate::feature) struct View {
    /// In heights of the display.
    distance: f64,
    /// The display's height in pixels.
    height: i64,
}

/// Orientation of a band, as Watson's tables are indexed.
pub(in crate::feature) const STRAIGHT: usize = 1;
pub(in crate::feature) const DIAGONAL: usize = 2;

impl View {
    /// The view that the options describe.
    pub(in crate::feature) fn from_options(options: &Options) -> Self {
        Self {
            distance: options.float("adm_norm_view_dist"),
            height: options.int("adm_ref_display_height"),
        }
    }

    /// The distance in pixels.
    fn pixels(&self) -> f64 {
        self.distance * self.height as f64
    }

    /// Pixels in a degree of the visual field.
    fn pixels_per_degree(&self) -> f32 {
        (self.pixels() * PI / 180.0) as f32
    }

    /// Watson's quantisation step that is just invisible (equation 9 and tables IV and V, luma).
    pub(in crate::feature) fn watson(&self, scale: usize, orientation: usize) -> f32 {
        const A: f32 = 0.495;
        const K: f32 = 0.466;
        const F0: f32 = 0.401;
        const G: [f32; 3] = [1.501, 1.0, 0.534];
        const AMPLITUDES: [[f32; 3]; SCALES] = [
            [0.62171, 0.67234, 0.72709],
            [0.34537, 0.41317, 0.49428],
            [0.18004, 0.22727, 0.28688],
            [0.091401, 0.11792, 0.15214],
        ];
        let octaves = 2.0_f64.powi(scale as i32 + 1) * f64::from(F0) * f64::from(G[orientation]);
        let ratio = libm::log10(octaves / f64::from(self.pixels_per_degree())) as f32;
        let rise = libm::pow(10.0, f64::from(K * ratio * ratio));
        (2.0 * f64::from(A) * rise / f64::from(AMPLITUDES[scale][orientation])) as f32
    }

    /// Barten's sensitivity at 100 cd/m².
    pub(in crate::feature) fn barten(&self, scale: usize, factor: f64) -> f32 {
        // The two luminances of HDR-VDP's table around 100 cd/m², and the columns interpolated.
        const LUMINANCES: [f32; 2] = [20.0, 150.0];
        const COLUMNS: [[f32; 4]; 2] =
            [[0.334278, 3.79542, 1.07327, 6.4635], [0.394533, 2.7755, 1.16577, 7.45665]];
        const LUMINANCE: f64 = 100.0;
        let frequency = self.frequency(scale);
        let [low, high] = LUMINANCES.map(|luminance| libm::log10(f64::from(luminance)) as f32);
        let at = libm::log10(LUMINANCE) as f32;
        let [p0, p1, p2, p3]: [f32; 4] = std::array::from_fn(|i| {
            let (left, right) = (COLUMNS[0][i], COLUMNS[1][i]);
            left + ((right - left) / (high - low)) * (at - low)
        });
        let pow = |x: f32, y: f32| libm::pow(f64::from(x), f64::from(y));
        let a = (1.0 + pow(p0 * frequency, p1)) as f32;
        let fall = libm::exp(-libm::pow(f64::from(frequency / 7.0), 2.0));
        let b = (1.0 / libm::pow(1.0 - fall, f64::from(p2))) as f32;
        let neural = (f64::from(p3) / libm::pow(f64::from(a * b), 0.5)) as f32;
        let sensitivity = neural * eye_transfer(frequency) * rod_cone_sensitivity(LUMINANCE as f32);
        (f64::from(sensitivity) * factor) as f32
    }

    /// The sensitivity that ADM was published with.
    pub(in crate::feature) fn published(&self, scale: usize, orientation: usize) -> f32 {
        let mut frequency = self.frequency(scale);
        if orientation == DIAGONAL {
            // Diagonal detail is seen as if it were finer.
            frequency = (f64::from(frequency) / 0.7) as f32;
        }
        let frequency = f64::from(frequency);
        ((0.31 + 0.69 * frequency) * libm::exp(-0.29 * frequency)) as f32
    }

    /// The spatial frequency of a scale's bands, in cycles a degree.
    fn frequency(&self, scale: usize) -> f32 {
        (f64::from(self.pixels_per_degree()) / 2.0_f64.powi(scale as i32 + 1)) as f32
    }

    /// The tabulated weights for this view, straight and diagonal.
    fn blend(&self, table: &'static [Blend]) -> std::result::Result<Option<[[f32; 4]; 2]>, String> {
        let here = |blend: &&Blend| blend.height == self.height && blend.distance == self.distance;
        table.iter().find(here).map(|blend| Some(blend.weights)).ok_or_else(|| {
            let views: Vec<String> =
                table.iter().map(|b| format!("{} at {}", b.distance, b.height)).collect();
            format!(
                "adm_csf_mode 2 and 3 are tabled for these viewing distances at display heights \
                 only: {}; not for {} at {}",
                views.join(", "),
                self.distance,
                self.height
            )
        })
    }
}

/// The eye's optics: the share of the contrast at a frequency that reaches the retina.
fn eye_transfer(frequency: f32) -> f32 {
    const A: [f32; 4] = [0.424_838_6, 0.572_435_1, 0.000_167_576_23, 0.002_558_723_6];
    const B: [f32; 4] = [0.028, 0.37, 37.0, 360.0];
    A.iter().zip(B).fold(0.0, |sum: f32, (a, b)| {
        (f64::from(sum) + f64::from(*a) * libm::exp(f64::from(-b * frequency))) as f32
    })
}

/// Sensitivity by luminance.
fn rod_cone_sensitivity(luminance: f32) -> f32 {
    const SENSITIVITY: [f32; 4] = [30.162, 4.0627, 1.6596, 0.2712];
    let [peak, drop, slope, low_slope] = SENSITIVITY;
    let bend = libm::pow(f64::from(drop / luminance), f64::from(slope)) + 1.0;
    (f64::from(peak) * libm::pow(bend, f64::from(-low_slope))) as f32
}

/// Weights tabulated for one display.
struct Blend {
    distance: f64,
    height: i64,
    /// The weights of straight and diagonal bands, by scale.
    weights: [[f32; 4]; 2],
}

const fn blend(distance: f64, height: i64, straight: [f32; 4], diagonal: [f32; 4]) -> Blend {
    Blend { distance, height, weights: [straight, diagonal] }
}

// 1.5 heights of 2160 lines are as many pixels as 3 of 1080.
static BLENDS: &[Blend] = &[
    blend(
        3.0,
        1080,
        [0.01183, 0.025026, 0.04295, 0.058621],
        [0.004302, 0.011778, 0.023918, 0.035901],
    ),
    blend(
        5.0,
        1080,
        [0.004212, 0.014809, 0.029642, 0.047464],
        [0.000984, 0.005852, 0.0146, 0.027574],
    ),
    blend(
        1.5,
        2160,
        [0.01183, 0.025026, 0.04295, 0.058621],
        [0.004302, 0.011778, 0.023918, 0.035901],
    ),
    blend(
        3.0,
        2160,
        [0.00226, 0.01183, 0.025026, 0.04295],
        [0.000479, 0.004302, 0.011778, 0.023918],
    ),
    blend(
        5.0,
        2160,
        [0.000092, 0.004212, 0.014809, 0.029642],
        [0.00005, 0.000984, 0.005852, 0.0146],
    ),
    blend(
        5.0,
        720,
        [0.010144, 0.022561, 0.040309, 0.05672],
        [0.003463, 0.010282, 0.021839, 0.034641],
    ),
];

static BLENDS_BY_ABSOLUTE_ERROR: &[Blend] = &[
    blend(
        3.0,
        1080,
        [0.011249, 0.022606, 0.03593, 0.045673],
        [0.004097, 0.010921, 0.02143, 0.031313],
    ),
    blend(
        5.0,
        1080,
        [0.004052, 0.013939, 0.026298, 0.038833],
        [0.000927, 0.005544, 0.013415, 0.024515],
    ),
    blend(
        1.5,
        2160,
        [0.011249, 0.022606, 0.03593, 0.045673],
        [0.004097, 0.010921, 0.02143, 0.031313],
    ),
    blend(
        3.0,
        2160,
        [0.002166, 0.011249, 0.022606, 0.03593],
        [0.000447, 0.004097, 0.010921, 0.02143],
    ),
    blend(
        5.0,
        2160,
        [0.000077, 0.004052, 0.013939, 0.026298],
        [0.000045, 0.000927, 0.005544, 0.013415],
    ),
    blend(
        5.0,
        720,
        [0.009689, 0.020577, 0.034162, 0.044523],
        [0.003302, 0.009579, 0.019661, 0.030318],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature;

    fn with(set: &[(&str, &str)]) -> Result<[Weights; SCALES]> {
        let mut options = feature::find("adm").expect("adm").options();
        for (name, value) in set {
            options.set(name, value).expect("an option");
        }
        weights(&options)
    }

    #[test]
    fn the_default_view_has_libvmafs_constants() {
        let weights = with(&[]).expect("defined");
        assert_eq!(weights[0].fixed, [36453, 36453, 49417]);
        // Those are what the formula gives, but for its last digits.
        for (band, bits) in [(0, 21), (2, 23)] {
            let exact = f64::from(weights[0].exact[band]) * 2.0_f64.powi(bits);
            assert!((exact / f64::from(weights[0].fixed[band]) - 1.0).abs() < 1e-3, "{exact}");
        }
    }

    #[test]
    fn sensitivity_falls_with_the_viewing_distance() {
        for mode in ["0", "1", "2", "3"] {
            let near = with(&[("adm_csf_mode", mode)]).expect("defined");
            let far =
                with(&[("adm_csf_mode", mode), ("adm_norm_view_dist", "5")]).expect("defined");
            assert!((0..3).all(|i| far[0].exact[i] < near[0].exact[i]), "mode {mode}");
        }
    }

    #[test]
    fn undefined_views_are_refused() {
        let near = with(&[("adm_norm_view_dist", "2.9")]).expect_err("too near").to_string();
        assert!(near.contains("too near"), "{near}");
        let set = [("adm_csf_mode", "2"), ("adm_norm_view_dist", "4")];
        let blend = with(&set).expect_err("not tabled").to_string();
        assert!(blend.contains("not for 4 at 1080"), "{blend}");
    }
}
