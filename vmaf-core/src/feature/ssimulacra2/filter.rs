//! The filter: a Gaussian of standard deviation 1.5 as a sum of three truncated cosines.

/// The columns or rows on each side that the filter reads. Those outside the picture are 0.
pub(super) const REACH: usize = 4;

/// Rows and columns that the filter reads.
pub(super) const TAPS: usize = 2 * REACH + 1;

/// The weights, from the middle outwards: the sum over k of 1, 3 and 5 of `beta_k cos(k pi n / 10)`,
/// where Charalampidis's equations give `beta` for a radius of 5 and this standard deviation.
pub(super) const WEIGHTS: [f64; REACH + 1] = [
    0.264_621_105_488_198_5,
    0.212_928_592_010_422_2,
    0.109_335_372_777_460_3,
    0.036_011_114_658_364_4,
    0.009_414_367_809_653_74,
];

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    #[test]
    fn weights_are_those_of_the_paper() {
        const RADIUS: f64 = 5.0;
        const DEVIATION: f64 = 1.5;
        let angles = [1.0, 3.0, 5.0].map(|k| k * PI / (2.0 * RADIUS));
        // The responses at the start of the filter and their slopes, equations 37 and 44.
        let [p1, p3, p5] = [(0, 1.0), (1, -1.0), (2, 1.0)]
            .map(|(k, sign): (usize, f64)| sign / (angles[k] / 2.0).tan());
        let [r1, r3, r5] = [(0, p1, 1.0), (1, p3, -1.0), (2, p5, 1.0)]
            .map(|(k, p, sign): (usize, f64, f64)| sign * p * p / angles[k].sin());
        let rho = angles.map(|angle| (-0.5 * (DEVIATION * angle).powi(2)).exp() / RADIUS);
        let d13 = p1 * r3 - r1 * p3;
        let (z1, z3) = ((p3 * r5 - r3 * p5) / d13, (p5 * r1 - r5 * p1) / d13);
        // The weights sum to 1, their variance is the Gaussian's, and their spectrum is near its.
        let sums = |beta: [f64; 3]| {
            [
                beta[0] * p1 + beta[1] * p3 + beta[2] * p5,
                beta[0] * r1 + beta[1] * r3 + beta[2] * r5,
                beta[0] * z1 + beta[1] * z3 + beta[2],
            ]
        };
        let wanted =
            [1.0, RADIUS * RADIUS - DEVIATION * DEVIATION, z1 * rho[0] + z3 * rho[1] + rho[2]];
        // The discrete cosine transform of the weights gives beta back.
        let beta = [0, 1, 2].map(|k: usize| {
            let cosine = |n: usize| WEIGHTS[n] * (angles[k] * n as f64).cos();
            let mean = cosine(0) + (1..=REACH).map(|n| 2.0 * cosine(n)).sum::<f64>();
            mean / RADIUS
        });
        for (n, weight) in WEIGHTS.iter().enumerate() {
            let sum: f64 = (0..3).map(|k| beta[k] * (angles[k] * n as f64).cos()).sum();
            assert!((sum - weight).abs() < 1e-15, "{n}: {sum}");
        }
        for (found, wanted) in sums(beta).into_iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-12 * wanted.abs().max(1.0), "{found} {wanted}");
        }
    }
}
