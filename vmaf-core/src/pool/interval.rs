//! Confidence intervals of sampled pools: the 95 % interval of the pool over all frames.
//!
//! One frame is drawn at random from each of n stretches of equal length: a stratified sample (a
//! job's `Sampling`). The variance of its mean is estimated from the successive differences d of
//! the n values, with neighbouring strata collapsed into one:
//!
//! ```text
//! var = (1 - n/N) / n * sum(d^2) / (2 (n - 1))
//! ```
//!
//! A slow trend counts as variance, so the interval errs on the wide side. Its half-width is the
//! square root of the variance times Student's t for 2 (n - 1) / 3 degrees of freedom, the number
//! that the estimate has for independent values. The harmonic mean and the ends of its interval are
//! transforms of the mean of 1/(v + 1). A percentile's interval lies between order statistics, by
//! the binomial distribution; an end is open if the sample is too small to bound it. A sample
//! cannot bound the least value, the greatest value, a window or a scene: these have no interval.

use super::{Pool, defined};

/// The normal distribution's 97.5th percentile.
const Z: f64 = 1.959_963_985;

/// Student's t, the 97.5th percentile, for 1 to 9 degrees of freedom.
const T: [f64; 9] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/// An interval; an unbounded end is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Interval {
    /// The lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl Interval {
    /// Returns true if `value` is not outside the interval.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low.is_none_or(|low| low <= value) && self.high.is_none_or(|high| value <= high)
    }
}

/// The 95 % interval of `pool` over all frames, estimated from a sampled `share` of them with
/// `values` in frame order. Returns `None` if a sample cannot bound the pool.
#[must_use]
pub fn interval(pool: Pool, values: &[f64], share: f64) -> Option<Interval> {
    let rest = 1.0 - share.clamp(0.0, 1.0);
    let values = defined(values)?;
    match pool {
        Pool::Mean => of_mean(values, rest),
        Pool::HarmonicMean => {
            let inverse: Vec<f64> = values.iter().map(|value| 1.0 / (value + 1.0)).collect();
            let Interval { low, high } = of_mean(&inverse, rest)?;
            // An end that is 0 or below corresponds to no finite harmonic mean: it is open.
            let back = |end: Option<f64>| end.filter(|end| *end > 0.0).map(|end| 1.0 / end - 1.0);
            Some(Interval { low: back(high), high: back(low) })
        }
        Pool::Percentile(percent) => Some(of_percentile(values, percent, rest)),
        Pool::Min | Pool::Max | Pool::Window(_) | Pool::SceneMin | Pool::SceneMax => None,
    }
}

fn of_mean(values: &[f64], rest: f64) -> Option<Interval> {
    let count = values.len();
    if count < 2 || values.iter().any(|value| value.is_infinite()) {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    let squares: f64 = values.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
    let variance = squares / (2 * (count - 1)) as f64;
    let half = student(2 * (count - 1) / 3) * (rest * variance / count as f64).sqrt();
    Some(Interval { low: Some(mean - half), high: Some(mean + half) })
}

fn of_percentile(values: &[f64], percent: f64, rest: f64) -> Interval {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (count, part) = (sorted.len() as f64, percent / 100.0);
    // The half-width of the 95 % interval of the number of values below.
    let half = Z * (count * part * (1.0 - part) * rest).sqrt();
    if rest == 0.0 {
        let value = Some(super::percentile_of_sorted(&sorted, percent));
        return Interval { low: value, high: value };
    }
    let (low, high) = ((count * part - half).floor(), (count * part + half).ceil());
    // The approximation is narrow at the ends of small samples. The percentile itself lies from this
    // rank to the next.
    let rank = ((count - 1.0) * part).floor() + 1.0;
    let (low, high) = (low.min(rank), high.max(rank + 1.0));
    let at = |rank: f64| {
        // Ranks count from 1; none is below the first or above the last.
        let inside = (1.0..=count).contains(&rank);
        inside.then(|| sorted[rank as usize - 1])
    };
    Interval { low: at(low), high: at(high) }
}

/// Student's t, the 97.5th percentile, for `degrees` degrees of freedom, at least one.
fn student(degrees: usize) -> f64 {
    if let Some(known) = T.get(degrees.saturating_sub(1)) {
        return *known;
    }
    // Cornish and Fisher's expansion, accurate to 0.003 from ten degrees of freedom on.
    let (z, n) = (Z, degrees as f64);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    z + first / n + second / n.powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Sampling;

    #[test]
    fn intervals_equal_those_computed_by_hand() {
        let values = [90.0, 92.0, 91.0, 95.0];
        let found = interval(Pool::Mean, &values, 0.0).expect("an interval");
        // (4 + 1 + 16) / 6 is 3.5; four values leave 2 degrees of freedom.
        let half = 4.303 * (3.5_f64 / 4.0).sqrt();
        assert!((found.low.expect("bounded") - (92.0 - half)).abs() < 1e-9);
        assert!((found.high.expect("bounded") - (92.0 + half)).abs() < 1e-9);
        // For a sample of all frames, the interval is the value itself.
        let whole = |pool| interval(pool, &values, 1.0);
        let exact = |value| Some(Interval { low: Some(value), high: Some(value) });
        assert_eq!((whole(Pool::Mean), whole(Pool::Percentile(50.0))), (exact(92.0), exact(91.5)));
        for pool in [Pool::Min, Pool::Max, Pool::Window(1.0), Pool::SceneMin] {
            assert_eq!(whole(pool), None);
        }
        assert_eq!(interval(Pool::Mean, &[90.0], 0.1), None);
        assert!((student(10) - 2.228).abs() < 0.003 && (student(60) - 2.000).abs() < 0.001);
    }

    #[test]
    fn unbounded_ends_are_open() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        let found = interval(Pool::Percentile(5.0), &values, 0.01).expect("an interval");
        assert_eq!(found, Interval { low: None, high: Some(10.0) });
        let median = interval(Pool::Percentile(50.0), &values, 0.01).expect("an interval");
        assert_eq!(median, Interval { low: Some(40.0), high: Some(60.0) });
        assert!(found.contains(-1e9) && !found.contains(10.5) && median.contains(40.0));
    }

    #[test]
    fn percentiles_lie_within_their_intervals() {
        for count in 2..60 {
            let values: Vec<f64> = (0..count).map(|i| f64::from(i * i % 17)).collect();
            for percent in [1.0, 5.0, 10.0, 50.0, 90.0, 99.0] {
                let pool = Pool::Percentile(percent);
                let value = pool.apply(&values, &[]).expect("a value");
                let found = interval(pool, &values, 0.1).expect("an interval");
                assert!(found.contains(value), "{pool} of {count}: {value} in {found:?}");
            }
        }
    }

    /// The scores of an encode with a pyramid of eight frames, scenes and noise.
    fn pyramid() -> Vec<f64> {
        let level = |frame: u64| [0.0, 6.0, 4.0, 6.0, 2.0, 6.0, 4.0, 6.0][frame as usize % 8];
        let mut noise = 1_u64;
        let mut value = |frame: u64| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let scene = [92.0, 84.0, 95.0, 88.0][frame as usize / 500];
            scene - level(frame) - (noise >> 33) as f64 / (1_u64 << 31) as f64 * 3.0
        };
        (0..2000).map(&mut value).collect()
    }

    #[test]
    fn nineteen_of_twenty_intervals_contain_the_value_of_all_frames() {
        let all = pyramid();
        let (mut covered, mut error) = ([0_u32; 4], 0.0_f64);
        let pools =
            [Pool::Mean, Pool::HarmonicMean, Pool::Percentile(10.0), Pool::Percentile(50.0)];
        let whole = pools.map(|pool| pool.apply(&all, &[]).expect("a value"));
        for seed in 0..400 {
            let sampling = Sampling::new(1, 20).expect("a share").with_seed(seed);
            let drawn = (0..2000).filter(|frame| sampling.takes(*frame));
            let drawn: Vec<f64> = drawn.map(|frame| all[frame as usize]).collect();
            assert_eq!(drawn.len(), 100);
            for ((covered, pool), whole) in covered.iter_mut().zip(pools).zip(whole) {
                let found = interval(pool, &drawn, sampling.share()).expect("an interval");
                *covered += u32::from(found.contains(whole));
            }
            error += Pool::Mean.apply(&drawn, &[]).expect("a mean") - whole[0];
        }
        for (covered, pool) in covered.iter().zip(pools) {
            assert!(*covered >= 370, "{pool}: {covered} of 400");
        }
        // The sampled mean is unbiased; the mean of every eighth frame is more than 4 points off.
        assert!((error / 400.0).abs() < 0.05, "{error}");
        let eighth: Vec<f64> = all.iter().step_by(8).copied().collect();
        assert!(Pool::Mean.apply(&eighth, &[]).expect("a mean") - whole[0] > 4.0);
    }
}
