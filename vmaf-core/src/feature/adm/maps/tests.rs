//! The values that maps pool to, within the bounds of rounding.

use super::super::sums::CubeShifts;
use super::*;
use crate::feature::maps::Maps;
use crate::feature::testing::{PATTERNS, frame, measured};
use crate::feature::{Feature, Options, adm};
use crate::{Frame, feature};

/// The bound of the relative difference between the norms of the two ways: each is rounded to
/// single precision as a sum of cubes (a third of which is left in the root), as a root (libvmaf's
/// power is off by less than two halves of the last place) and in five additions; that is less than
/// 8 half units of the last place, twice. A map's samples are rounded once.
const ROUNDING: f64 = 17.0 / (1 << 24) as f64;

/// A number and how far it may be off.
#[derive(Debug, Clone, Copy, Default)]
struct Near(f64, f64);

impl Near {
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }

    fn by(self, other: Self) -> Self {
        let quotient = self.0 / other.0;
        Self(quotient, (self.1 + quotient.abs() * other.1) / (other.0 - other.1))
    }
}

/// The norm of a scale's bands, and how far the feature's may be from it: it rounds each row's sum
/// to a multiple of a unit, which is worth the more the smaller the sum is.
fn norm_of(bands: &[MapPlane], scale: &Scale, weights: &csf::Weights, noise_weight: f64) -> Near {
    let mut norm = Near::default();
    for (band, plane) in bands.iter().enumerate() {
        let (shifts, weight) = match plane.part {
            Part::Denominator => (CubeShifts::plain(scale), f64::from(weights.exact[band])),
            _ => (CubeShifts::masked(scale), 1.0),
        };
        let (sum, area) = plane.sums(None, |x| x * x * x);
        let unit = shifts.unit(band) * 2.0_f64.powi(shifts.row as i32) * weight.powi(3);
        let rows = if shifts.row == 0 { 0.0 } else { plane.counted.height as f64 / 2.0 * unit };
        let off = rows + plane.sums(None, |x| x.abs().powi(3)).0 * ROUNDING;
        let root = libm::cbrt(sum);
        let range = (libm::cbrt(sum + off) - root).max(root - libm::cbrt(sum - off));
        let noise = libm::cbrt(area * noise_weight);
        norm = norm.add(Near(root + noise, range + (root.abs() + noise) * ROUNDING));
    }
    norm
}

/// The greatest difference of any column, after checking all against their bounds.
fn check(options: &Options, reference: &Frame, distorted: &Frame) -> f64 {
    let feature: &'static Feature = &adm::FEATURE;
    let maps = Maps::new(feature, options, reference, distorted).expect("maps");
    let expected = measured(feature, options, reference, distorted);
    let weights = csf::weights(options).expect("defined");
    let noise = options.float("adm_noise_weight");
    let (mut num, mut den, mut added) = (Near::default(), Near::default(), Near::default());
    let mut bounds = [0.0; SCALES];
    let mut size = maps.size();
    for (index, bound) in bounds.iter_mut().enumerate() {
        let scale = Scale::from_input(index, size.0, size.1);
        size = (scale.width, scale.height);
        let part = |part: Part, noise: f64| {
            let planes = maps.planes().iter();
            let bands = planes.filter(|plane| plane.scale == index && plane.part == part);
            norm_of(&bands.cloned().collect::<Vec<_>>(), &scale, &weights[index], noise)
        };
        let (n, d) = (part(Part::Numerator, noise), part(Part::Denominator, noise));
        *bound = if d.0 == 0.0 { 0.0 } else { n.by(d).1 };
        (num, den, added) = (num.add(n), den.add(d), added.add(part(Part::Added, 0.0)));
    }
    let (kept, aim) = (num.by(den).1, added.by(den).1);
    let bound = |column: &str| match column.strip_prefix("integer_adm_scale") {
        Some(scale) => bounds[usize::from(scale.as_bytes()[0] - b'0')],
        None if column.starts_with("integer_adm2") => kept,
        None if column.starts_with("integer_aim") => aim,
        None => kept.max(aim),
    };
    let mut greatest = 0.0_f64;
    let values = maps.values();
    assert_eq!(values.len(), expected.len());
    for value in values {
        let (column, value) = (&value.column, value.value);
        let (expected, bound) = (expected[column], bound(column));
        let off = (value - expected).abs();
        let what = format!("{column} of {}: {value} {expected}", reference.format());
        // Where fixed point overflows, as in libvmaf, a sum of cubes can be negative.
        let is_undefined = value.is_nan() && expected.is_nan();
        assert!(off <= bound || is_undefined, "{what}, off by {off}, not {bound}");
        greatest = greatest.max(off);
    }
    greatest
}

fn options(set: &str) -> Options {
    let mut options = feature::find("adm").expect("adm").options();
    for (name, value) in set.split(':').filter_map(|pair| pair.split_once('=')) {
        options.set(name, value).expect("a valid option");
    }
    options
}

const SETS: [&str; 4] = [
    "",
    "adm_csf_mode=2:adm_enhn_gain_limit=1:adm_noise_weight=0.02:adm_dlm_weight=0.7:adm_min_val=0.5",
    "adm_skip_scale0=true:adm_csf_mode=1",
    "adm_skip_aim=true:adm_norm_view_dist=5",
];

#[test]
fn pooled_maps_equal_adm() {
    let mut turn = 0;
    for a in PATTERNS {
        for b in PATTERNS {
            let (width, height) = [(17, 17), (18, 41), (40, 35), (130, 19)][turn % 4];
            let depth = [8, 10, 12, 16, 9][turn % 5];
            let of = |pattern| frame(pattern, width, height, depth);
            for set in SETS {
                check(&options(set), &of(*a), &of(*b));
            }
            turn += 1;
        }
    }
}

#[test]
fn pooled_maps_of_pictures_are_within_a_millionth() {
    for depth in [8, 10] {
        let of = |pattern| frame(pattern, 320, 180, depth);
        let off = check(&options(""), &of(PATTERNS[0]), &of(PATTERNS[1]));
        assert!(off < 1e-6, "{off}");
    }
}
