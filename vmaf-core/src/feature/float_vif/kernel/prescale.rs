//! Resizing pictures before they are measured.
//!
//! Weights depend on a column or on a row alone and are computed once for a job; the products of
//! the two, and the sums, are in libvmaf's order and precision.

use std::f64::consts::PI;

use crate::numeric::FloatPlane;

/// An interpolation method for resizing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feature::float_vif) enum Method {
    Nearest,
    Bilinear,
    Bicubic,
    Lanczos4,
}

impl Method {
    /// The valid values of the option.
    pub(in crate::feature::float_vif) const NAMES: &'static [&'static str] =
        &["nearest", "bilinear", "bicubic", "lanczos4"];

    /// The method called `name`, one of [`Self::NAMES`].
    pub(in crate::feature::float_vif) fn from_name(name: &str) -> Self {
        match name {
            "bilinear" => Self::Bilinear,
            "bicubic" => Self::Bicubic,
            "lanczos4" => Self::Lanczos4,
            _ => Self::Nearest,
        }
    }

    /// The least size of the input, so that the samples under the weights are mirrored only once.
    pub(in crate::feature::float_vif) fn least(self) -> usize {
        match self {
            Self::Nearest => 1,
            Self::Bilinear => 2,
            Self::Bicubic => 3,
            Self::Lanczos4 => 6,
        }
    }

    /// The number of weighted samples in a row or column.
    fn taps(self) -> usize {
        match self {
            Self::Nearest => 1,
            Self::Bilinear => 2,
            Self::Bicubic => 4,
            Self::Lanczos4 => 9,
        }
    }
}

/// The size that `factor` makes of `size`.
pub(in crate::feature::float_vif) fn resized(size: usize, factor: f64) -> usize {
    (size as f64 * factor + 0.5) as usize
}

/// Pictures of one size made into pictures of another.
pub(in crate::feature::float_vif) struct Resize {
    method: Method,
    columns: Vec<Place>,
    rows: Vec<Place>,
}

/// The source samples of one output column or row: their places and weights.
struct Place {
    from: [usize; 9],
    weights: [f32; 9],
}

impl Resize {
    /// Resizes from `from` to `to`, each a width and a height.
    pub(in crate::feature::float_vif) fn new(
        method: Method,
        from: (usize, usize),
        to: (usize, usize),
    ) -> Self {
        let places = |from: usize, to: usize| {
            let ratio = from as f32 / to as f32;
            (0..to).map(|place| Place::new(method, place, from, ratio)).collect()
        };
        Self { method, columns: places(from.0, to.0), rows: places(from.1, to.1) }
    }

    /// Resizes `picture` to `out`.
    pub(in crate::feature::float_vif) fn apply(&self, picture: &FloatPlane, out: &mut FloatPlane) {
        out.resize(self.columns.len(), self.rows.len());
        let taps = self.method.taps();
        for (y, row) in self.rows.iter().enumerate() {
            let mut samples: [&[f32]; 9] = [&[]; 9];
            for (samples, &from) in samples.iter_mut().zip(&row.from[..taps]) {
                *samples = picture.row(from);
            }
            let samples = &samples[..taps];
            for (out, column) in out.row_mut(y).iter_mut().zip(&self.columns) {
                *out = match self.method {
                    Method::Nearest => samples[0][column.from[0]],
                    Method::Bilinear => bilinear(samples, row, column),
                    Method::Bicubic => weighted(samples, row, column).0,
                    Method::Lanczos4 => {
                        let (sum, weights) = weighted(samples, row, column);
                        sum / weights
                    }
                };
            }
        }
    }
}

impl Place {
    fn new(method: Method, place: usize, len: usize, ratio: f32) -> Self {
        let mut from = [0; 9];
        let mut weights = [0.0; 9];
        if method == Method::Nearest {
            from[0] = ((place as f32 * ratio) as usize).min(len - 1);
            weights[0] = 1.0;
            return Self { from, weights };
        }
        let at = ((place as f64 + 0.5) * f64::from(ratio) - 0.5) as f32;
        let below = f64::from(at).floor() as isize;
        let offset = at - below as f32;
        match method {
            Method::Nearest | Method::Bilinear => {
                from[0] = mirrored(below, len);
                from[1] = mirrored(f64::from(at).ceil() as isize, len);
                // The offset from the mirrored position of the first, as in libvmaf.
                let offset = at - from[0] as f32;
                (weights[0], weights[1]) = (1.0 - offset, offset);
            }
            Method::Bicubic => {
                for (k, i) in (-1..=2_i8).enumerate() {
                    from[k] = mirrored(below + isize::from(i), len);
                    weights[k] = cubic(f32::from(i) - offset);
                }
            }
            Method::Lanczos4 => {
                for (k, i) in (-4..=4_i8).enumerate() {
                    from[k] = mirrored(below + isize::from(i), len);
                    weights[k] = lanczos4(f32::from(i) - offset);
                }
            }
        }
        Self { from, weights }
    }
}

/// A place mirrored at the borders, which are not repeated.
fn mirrored(place: isize, len: usize) -> usize {
    let last = len as isize - 1;
    let place = if place < 0 {
        -place
    } else if place > last {
        2 * last - place
    } else {
        place
    };
    place as usize
}

/// Between four samples.
fn bilinear(samples: &[&[f32]], row: &Place, column: &Place) -> f32 {
    let ([left, right, ..], [above, below, ..]) = (column.weights, row.weights);
    let [a, b, ..] = column.from;
    above * left * samples[0][a]
        + above * right * samples[0][b]
        + below * left * samples[1][a]
        + below * right * samples[1][b]
}

/// The weighted sum of samples, and the sum of weights.
fn weighted(samples: &[&[f32]], row: &Place, column: &Place) -> (f32, f32) {
    let (mut sum, mut weights) = (0.0_f32, 0.0_f32);
    let taps = samples.len();
    for (samples, &down) in samples.iter().zip(&row.weights) {
        for (&from, &across) in column.from[..taps].iter().zip(&column.weights) {
            let weight = across * down;
            weights += weight;
            sum += samples[from] * weight;
        }
    }
    (sum, weights)
}

/// Keys' cubic of sharpness -0.75.
fn cubic(t: f32) -> f32 {
    const A: f32 = -0.75;
    let t = t.abs();
    if t < 1.0 {
        ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0
    } else if t < 2.0 {
        (((t - 5.0) * t + 8.0) * t - 4.0) * A
    } else {
        0.0
    }
}

/// The sinc function in a window of four lobes.
fn lanczos4(x: f32) -> f32 {
    const LOBES: f64 = 4.0;
    let x = f64::from(x);
    if x == 0.0 {
        1.0
    } else if x > -LOBES && x < LOBES {
        let windowed = LOBES * libm::sin(PI * x) * libm::sin(PI * x / LOBES);
        (windowed / (PI * PI * x * x)) as f32
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize, value: impl Fn(usize, usize) -> f32) -> FloatPlane {
        let mut picture = FloatPlane::default();
        picture.resize(width, height);
        for y in 0..height {
            for (x, out) in picture.row_mut(y).iter_mut().enumerate() {
                *out = value(x, y);
            }
        }
        picture
    }

    const METHODS: [Method; 4] =
        [Method::Nearest, Method::Bilinear, Method::Bicubic, Method::Lanczos4];

    #[test]
    fn flat_pictures_stay_flat() {
        for method in METHODS {
            for (from, to) in [((16, 9), (40, 23)), ((33, 20), (11, 7))] {
                let resize = Resize::new(method, from, to);
                let mut out = FloatPlane::default();
                resize.apply(&picture(from.0, from.1, |_, _| 17.0), &mut out);
                for y in 0..to.1 {
                    assert!(out.row(y).iter().all(|v| (v - 17.0).abs() < 1e-4), "{method:?}");
                }
            }
        }
    }

    #[test]
    fn slopes_keep_their_steepness_within_the_borders() {
        for method in [Method::Bilinear, Method::Bicubic, Method::Lanczos4] {
            let resize = Resize::new(method, (40, 12), (80, 24));
            let mut out = FloatPlane::default();
            resize.apply(&picture(40, 12, |x, _| x as f32), &mut out);
            for (x, value) in out.row(12).iter().enumerate().skip(12).take(56) {
                let exact = (x as f32 + 0.5) / 2.0 - 0.5;
                assert!((value - exact).abs() < 0.06, "{method:?} {x}: {value}");
            }
        }
    }

    #[test]
    fn sizes_are_rounded() {
        assert_eq!((resized(1920, 0.5), resized(15, 0.5), resized(100, 1.0)), (960, 8, 100));
    }
}
