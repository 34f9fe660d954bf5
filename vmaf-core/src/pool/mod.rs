//! Pools: reductions of per-frame values to one value for the video.
//!
//! Mean, harmonic mean, minimum and maximum are libvmaf's, with sums in frame order. A percentile
//! interpolates linearly between the nearest ranks, as libvmaf's confidence intervals and NumPy do.
//! The worst window is the lowest mean over any stretch of a given length; it reveals a bad second
//! that the mean hides. Pools of scenes do the same for stretches of similar content: a scene of
//! film grain or rain may look bad throughout while the others look good.
//!
//! All pools return `None` if there are no values or a value is undefined (`NaN`). Infinite values,
//! such as the signal-to-noise ratio of identical pictures, take part: they make the mean infinite,
//! but not the harmonic mean or the percentiles below them. [`complete_times`] fills gaps in
//! timestamps, and [`interval`] estimates the error of pooling a sample of the frames.

mod interval;
mod presentation;
mod scenes;
mod times;

use std::fmt;
use std::str::FromStr;

pub use interval::{Interval, interval};
pub use presentation::Presentation;
pub use scenes::{SceneMean, scene_means, worst_scene};
pub use times::complete_times;

use crate::{Error, Result};

/// A pooling method.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Pool {
    /// The arithmetic mean.
    Mean,
    /// libvmaf's harmonic mean: the harmonic mean of the values plus 1, minus 1.
    HarmonicMean,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
    /// The value below which this percentage of the values lies.
    Percentile(f64),
    /// The lowest mean of any stretch of this many seconds.
    Window(f64),
    /// The lowest mean of any scene.
    SceneMin,
    /// The highest mean of any scene.
    SceneMax,
}

impl Pool {
    /// Pools the `values` of frames. [`Pool::Window`] needs the times at which the frames are
    /// `shown`, [`Pool::SceneMin`] and [`Pool::SceneMax`] their scenes; without them there is no
    /// such pool. Times alone may be given as a slice.
    #[must_use]
    pub fn apply<'a>(self, values: &[f64], shown: impl Into<Presentation<'a>>) -> Option<f64> {
        let Presentation { times, scenes } = shown.into();
        match self {
            Self::Mean => mean(values),
            Self::HarmonicMean => harmonic_mean(values),
            Self::Min => min(values),
            Self::Max => max(values),
            Self::Percentile(percent) => percentile(values, percent),
            Self::Window(seconds) => worst_window(values, times, seconds).map(|w| w.mean),
            Self::SceneMin => worst_scene(values, scenes).map(|scene| scene.mean),
            Self::SceneMax => {
                let means = scene_means(values, scenes)?.into_iter().map(|scene| scene.mean);
                means.reduce(f64::max)
            }
        }
    }
}

impl FromStr for Pool {
    type Err = Error;

    /// Parses `mean`, `harmonic_mean`, `min`, `max`, `median`, `p5` (any percentile),
    /// `window(2s)`, `scene(min)` or `scene(max)`.
    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str, range: std::ops::RangeInclusive<f64>| {
            text.parse::<f64>().ok().filter(|value| range.contains(value))
        };
        let named = match text {
            "mean" => Some(Self::Mean),
            "harmonic_mean" => Some(Self::HarmonicMean),
            "min" => Some(Self::Min),
            "max" => Some(Self::Max),
            "median" => Some(Self::Percentile(50.0)),
            "scene(min)" => Some(Self::SceneMin),
            "scene(max)" => Some(Self::SceneMax),
            _ => None,
        };
        let window = || {
            let seconds = text.strip_prefix("window(")?.strip_suffix("s)")?;
            number(seconds, 1e-3..=1e6).map(Self::Window)
        };
        let percent = || number(text.strip_prefix('p')?, 0.0..=100.0).map(Self::Percentile);
        named.or_else(window).or_else(percent).ok_or_else(|| {
            let known = [
                "mean",
                "harmonic_mean",
                "min",
                "max",
                "median",
                "p5",
                "window(1s)",
                "scene(min)",
                "scene(max)",
            ];
            Error::unknown("pool", text, known)
        })
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => f.write_str("mean"),
            Self::HarmonicMean => f.write_str("harmonic_mean"),
            Self::Min => f.write_str("min"),
            Self::Max => f.write_str("max"),
            Self::Percentile(percent) => write!(f, "p{percent}"),
            Self::Window(seconds) => write!(f, "window({seconds}s)"),
            Self::SceneMin => f.write_str("scene(min)"),
            Self::SceneMax => f.write_str("scene(max)"),
        }
    }
}

/// The arithmetic mean.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    let sum: f64 = defined(values)?.iter().sum();
    Some(sum / values.len() as f64).filter(|mean| !mean.is_nan())
}

/// libvmaf's harmonic mean: the harmonic mean of the values plus 1, minus 1, so that values may be
/// 0.
#[must_use]
pub fn harmonic_mean(values: &[f64]) -> Option<f64> {
    let sum: f64 = defined(values)?.iter().map(|value| 1.0 / (value + 1.0)).sum();
    let mean = values.len() as f64 / sum - 1.0;
    let is_infinite = || values.iter().all(|value| *value == f64::INFINITY);
    (mean.is_finite() || is_infinite()).then_some(mean)
}

/// The least value.
#[must_use]
pub fn min(values: &[f64]) -> Option<f64> {
    defined(values)?.iter().copied().reduce(f64::min)
}

/// The greatest value.
#[must_use]
pub fn max(values: &[f64]) -> Option<f64> {
    defined(values)?.iter().copied().reduce(f64::max)
}

/// The value below which `percent` percent of the values lie, interpolated linearly.
#[must_use]
pub fn percentile(values: &[f64], percent: f64) -> Option<f64> {
    let mut sorted = defined(values)?.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(percentile_of_sorted(&sorted, percent)).filter(|value| !value.is_nan())
}

/// [`percentile`] of at least one value; all have to be defined and sorted.
pub(crate) fn percentile_of_sorted(sorted: &[f64], percent: f64) -> f64 {
    let position = percent * (sorted.len() - 1) as f64 / 100.0;
    let (below, above) = (position.floor(), position.ceil());
    if below == above {
        sorted[below as usize]
    } else {
        sorted[below as usize] * (above - position) + sorted[above as usize] * (position - below)
    }
}

/// A stretch of frames and its mean.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct WorstWindow {
    /// The index of the first value.
    pub first: usize,
    /// The number of values.
    pub len: usize,
    /// The presentation time of the first frame, in seconds.
    pub start: f64,
    /// The mean of the values.
    pub mean: f64,
}

/// The stretch of `seconds` with the lowest mean, the earliest if several tie. A stretch starts at
/// a frame and holds the frames shown less than `seconds` after it. Stretches that extend beyond
/// the video's end are ignored, except that a shorter video is one stretch.
#[must_use]
pub fn worst_window(values: &[f64], times: &[f64], seconds: f64) -> Option<WorstWindow> {
    defined(values)?;
    if times.len() != values.len() {
        return None;
    }
    // The last frame is shown for as long as the one before it. Timestamps may be rounded, by less
    // than half of the shortest interval between frames.
    let gaps = || times.windows(2).map(|pair| pair[1] - pair[0]);
    let end = times[times.len() - 1] + gaps().next_back().unwrap_or(0.0);
    let slack = gaps().filter(|gap| *gap > 0.0).reduce(f64::min).unwrap_or(0.0) / 2.0;
    let mut worst: Option<WorstWindow> = None;
    for (first, &start) in times.iter().enumerate() {
        if first > 0 && start + seconds > end + slack {
            break;
        }
        let inside = |time: &&f64| **time < start + seconds - slack;
        let len = times[first..].iter().take_while(inside).count().max(1);
        let mean = values[first..first + len].iter().sum::<f64>() / len as f64;
        if mean.is_nan() {
            // Values include both positive and negative infinity.
            return None;
        }
        if worst.is_none_or(|worst| mean < worst.mean) {
            worst = Some(WorstWindow { first, len, start, mean });
        }
    }
    worst
}

fn defined(values: &[f64]) -> Option<&[f64]> {
    (!values.is_empty() && !values.iter().any(|value| value.is_nan())).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_equal_those_computed_by_hand() {
        let values = [90.0, 10.0, 50.0, 70.0];
        assert_eq!(mean(&values), Some(55.0));
        assert_eq!((min(&values), max(&values)), (Some(10.0), Some(90.0)));
        assert_eq!(percentile(&values, 50.0), Some(60.0));
        assert_eq!(percentile(&values, 0.0), Some(10.0));
        assert_eq!(percentile(&values, 100.0), Some(90.0));
        let harmonic = 4.0 / (1.0 / 91.0 + 1.0 / 11.0 + 1.0 / 51.0 + 1.0 / 71.0) - 1.0;
        assert!((harmonic_mean(&values).expect("finite") - harmonic).abs() < 1e-12);
    }

    #[test]
    fn nothing_and_nan_pool_to_nothing() {
        assert_eq!(mean(&[]), None);
        assert_eq!(percentile(&[1.0, f64::NAN], 5.0), None);
        assert_eq!(worst_window(&[1.0, f64::NAN], &[0.0, 1.0], 1.0), None);
    }

    #[test]
    fn infinite_values_affect_only_pools_that_include_them() {
        // A black lead-in of identical frames.
        let infinite = f64::INFINITY;
        let values = [infinite, infinite, 40.0, 42.0, 44.0, infinite];
        let times: Vec<f64> = (0..6).map(f64::from).collect();
        assert_eq!((mean(&values), max(&values)), (Some(infinite), Some(infinite)));
        assert_eq!((min(&values), percentile(&values, 20.0)), (Some(40.0), Some(42.0)));
        assert_eq!(percentile(&values, 50.0), Some(infinite));
        let harmonic = 6.0 / (1.0 / 41.0 + 1.0 / 43.0 + 1.0 / 45.0) - 1.0;
        assert!((harmonic_mean(&values).expect("defined") - harmonic).abs() < 1e-12);
        let worst = worst_window(&values, &times, 2.0).expect("a window");
        assert_eq!((worst.first, worst.mean), (2, 41.0));
        assert_eq!(harmonic_mean(&[infinite; 2]), Some(infinite));
        assert_eq!(worst_window(&[infinite; 2], &times[..2], 1.0).map(|w| w.mean), Some(infinite));
        // Infinities of both signs have no mean, and the sum of finite values is not infinite.
        let both = [infinite, -infinite];
        assert_eq!((mean(&both), worst_window(&both, &times[..2], 2.0)), (None, None));
        assert_eq!(harmonic_mean(&[-2.0, 0.0]), None);
    }

    #[test]
    fn the_worst_window_finds_a_ruined_second() {
        let times: Vec<f64> = (0..100).map(|i| f64::from(i) / 25.0).collect();
        let values: Vec<f64> =
            (0..100).map(|i| if (40..65).contains(&i) { 20.0 } else { 95.0 }).collect();
        let worst = worst_window(&values, &times, 1.0).expect("a window");
        assert_eq!((worst.first, worst.len, worst.mean), (40, 25, 20.0));
        assert!((worst.start - 1.6).abs() < 1e-12);
    }

    #[test]
    fn a_short_video_is_one_window() {
        let worst = worst_window(&[3.0, 5.0], &[0.0, 0.04], 2.0).expect("a window");
        assert_eq!((worst.first, worst.len, worst.mean), (0, 2, 4.0));
    }

    #[test]
    fn windows_are_measured_in_time_not_frames() {
        // Half of the frames are shown in the first tenth of the time.
        let times: Vec<f64> =
            (0..10).map(|i| f64::from(i) / 100.0).chain((1..10).map(f64::from)).collect();
        let mut values = vec![50.0; 19];
        values[18] = 0.0;
        let worst = worst_window(&values, &times, 1.0).expect("a window");
        assert_eq!((worst.first, worst.len, worst.mean), (18, 1, 0.0));
    }

    #[test]
    fn names_round_trip_through_text() {
        let pools = ["mean", "harmonic_mean", "min", "max", "p5", "p99.5", "window(2s)"];
        for name in pools.into_iter().chain(["scene(min)", "scene(max)"]) {
            assert_eq!(name.parse::<Pool>().expect(name).to_string(), name);
        }
        "p101".parse::<Pool>().expect_err("above 100");
        let error = "harmonic".parse::<Pool>().expect_err("unknown").to_string();
        assert!(error.contains("did you mean 'harmonic_mean'?"), "{error}");
    }
}
