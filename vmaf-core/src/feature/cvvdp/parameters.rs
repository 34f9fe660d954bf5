//! The calibration: parameters and tables by name.

use std::sync::LazyLock;

use super::CHANNELS;

/// The text of the calibration.
const TEXT: &str = include_str!("../../../models/cvvdp_v0.5.7.txt");

/// The calibrated parameters.
pub(super) static PARAMETERS: LazyLock<Parameters> = LazyLock::new(Parameters::read);

/// Parameters of the model, by their published names.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) mask_p: f64,
    /// The logarithm of the scale of masking contrast.
    pub(super) mask_c: f64,
    /// The standard deviation of the blur of masking contrast, in pixels of the band.
    pub(super) pu_dilate: f64,
    pub(super) mask_q: [f64; CHANNELS],
    /// The weight of contrast in one channel (row) for masking in another (column).
    pub(super) masking: [[f64; CHANNELS]; CHANNELS],
    /// The logarithm of the greatest difference.
    pub(super) d_max: f64,
    /// The exponents of pooling over pixels, bands, channels and frames.
    pub(super) beta: f64,
    pub(super) beta_sch: f64,
    pub(super) beta_tch: f64,
    pub(super) beta_t: f64,
    /// The correction of sensitivity, in decibels.
    pub(super) sensitivity_correction: f64,
    pub(super) weights: [f64; CHANNELS],
    pub(super) baseband_weight: [f64; CHANNELS],
    /// The weight of stills.
    pub(super) image_int: f64,
    pub(super) jod_a: f64,
    pub(super) jod_exp: f64,
    pub(super) sigma_tf: [f64; CHANNELS],
    pub(super) beta_tf: [f64; CHANNELS],
}

/// The numbers of all lines that begin with `name`, in order.
pub(super) fn numbers(name: &str) -> Vec<f64> {
    let lines = TEXT.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    lines.flat_map(|line| line.split(' ').filter_map(|number| number.parse().ok())).collect()
}

/// `N` numbers of the line `name`.
fn list<const N: usize>(name: &str) -> [f64; N] {
    numbers(name).try_into().unwrap_or_else(|_| unreachable!("the calibration has {N} of {name}"))
}

fn one(name: &str) -> f64 {
    let [number] = list(name);
    number
}

impl Parameters {
    fn read() -> Self {
        let masking: [f64; CHANNELS * CHANNELS] = list("xcm_weights");
        let masking = masking.map(libm::exp2);
        let row = |row: usize| [0, 1, 2, 3].map(|column| masking[row * CHANNELS + column]);
        let (chroma, transient) = (one("ch_chrom_w"), one("ch_trans_w"));
        Self {
            mask_p: one("mask_p"),
            mask_c: one("mask_c"),
            pu_dilate: one("pu_dilate"),
            mask_q: list("mask_q"),
            masking: [row(0), row(1), row(2), row(3)],
            d_max: one("d_max"),
            beta: one("beta"),
            beta_sch: one("beta_sch"),
            beta_tch: one("beta_tch"),
            beta_t: one("beta_t"),
            sensitivity_correction: one("sensitivity_correction"),
            weights: [1.0, chroma, chroma, transient],
            baseband_weight: list("baseband_weight"),
            image_int: one("image_int"),
            jod_a: one("jod_a"),
            jod_exp: one("jod_exp"),
            sigma_tf: list("sigma_tf"),
            beta_tf: list("beta_tf"),
        }
    }
}
