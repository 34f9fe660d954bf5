//! Gates: conditions that a score has to meet, such as `mean>=93`, `p5>=85` or `psnr_y:mean>=38`.
//!
//! A gate consists of a column, a pool of its values, a comparison and a bound. A gate without a
//! column applies to each model's score. `vmaf>=90` is short for `mean>=90`.
//!
//! An infinite pool, such as the signal-to-noise ratio of identical pictures, exceeds any bound. An
//! undefined pool neither holds nor fails: [`Gate::verdict`] returns `None`, and the caller has to
//! treat the score as not measured.

use std::fmt;
use std::str::FromStr;

use crate::pool::{self, Pool, Presentation, SceneMean, WorstWindow};
use crate::{Error, Result};

/// The shorthand for the mean of each model's score.
const SHORT: &str = "vmaf";

/// The length in seconds of the worst stretch that a verdict reports, unless the pool sets one.
const STRETCH: f64 = 1.0;

/// The side of the bound on which a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
}

impl Comparison {
    /// All comparisons, longer signs first so that `>=` is matched before `>`.
    const ALL: [(&str, Self); 4] =
        [(">=", Self::AtLeast), ("<=", Self::AtMost), (">", Self::Above), ("<", Self::Below)];

    /// The sign: `>=`, `>`, `<=` or `<`.
    #[must_use]
    pub fn sign(self) -> &'static str {
        Self::ALL.iter().find(|(_, of)| *of == self).map_or("", |(sign, _)| sign)
    }

    /// Returns true if greater values are better.
    #[must_use]
    pub fn wants_more(self) -> bool {
        matches!(self, Self::AtLeast | Self::Above)
    }

    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::AtLeast => value >= bound,
            Self::Above => value > bound,
            Self::AtMost => value <= bound,
            Self::Below => value < bound,
        }
    }
}

/// A condition on a pooled column.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// The column, or `None` for each model's score.
    pub column: Option<String>,
    /// The pool that reduces the column to one value.
    pub pool: Pool,
    /// The side of the bound on which the pooled value has to be.
    pub comparison: Comparison,
    /// The bound.
    pub bound: f64,
}

/// The outcome of a gate.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// The pooled value.
    pub value: f64,
    /// True if the gate held.
    pub held: bool,
    /// The distance of the value from the bound; negative on the failing side.
    pub margin: f64,
    /// The worst stretch of the column, if the frames' times are known: one second long, as long as
    /// the pool's window, or the worst scene for a pool of scenes.
    pub worst: Option<WorstWindow>,
}

impl Gate {
    /// The gate "each model's mean is at least `bound`".
    #[must_use]
    pub fn mean_at_least(bound: f64) -> Self {
        Self { column: None, pool: Pool::Mean, comparison: Comparison::AtLeast, bound }
    }

    /// Judges a column's `values`, of frames `shown` as [`Pool::apply`] takes it. Returns `None` if
    /// the values cannot be pooled, such as when there are none or one is undefined.
    #[must_use]
    pub fn verdict<'a>(
        &self,
        values: &[f64],
        shown: impl Into<Presentation<'a>>,
    ) -> Option<Verdict> {
        let shown = shown.into();
        let value = self.pool.apply(values, shown)?;
        let distance = value - self.bound;
        let worst = if self.comparison.wants_more() {
            self.worst_stretch(values, shown)
        } else {
            let negative: Vec<f64> = values.iter().map(|value| -value).collect();
            let worst = self.worst_stretch(&negative, shown);
            worst.map(|worst| WorstWindow { mean: -worst.mean, ..worst })
        };
        Some(Verdict {
            value,
            held: self.comparison.holds(value, self.bound),
            margin: if self.comparison.wants_more() { distance } else { -distance },
            worst,
        })
    }

    /// The stretch with the lowest mean, of the kind that the pool names.
    fn worst_stretch(&self, values: &[f64], shown: Presentation<'_>) -> Option<WorstWindow> {
        let Presentation { times, scenes } = shown;
        match self.pool {
            Pool::SceneMin | Pool::SceneMax => {
                let SceneMean { rows, mean } = pool::worst_scene(values, scenes)?;
                let start = *times.get(rows.start)?;
                Some(WorstWindow { first: rows.start, len: rows.len(), start, mean })
            }
            Pool::Window(seconds) => pool::worst_window(values, times, seconds),
            _ => pool::worst_window(values, times, STRETCH),
        }
    }
}

impl FromStr for Gate {
    type Err = Error;

    /// Parses `[COLUMN:]POOL OP NUMBER` or `vmaf OP NUMBER`; spaces are ignored.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = |reason: String| Error::Gate { gate: text.to_owned(), reason };
        let found = Comparison::ALL
            .iter()
            .filter_map(|(sign, comparison)| Some((text.split_once(sign)?, *comparison)))
            .next();
        let Some(((of, bound), comparison)) = found else {
            return Err(wrong("has none of >=, >, <= and <, as in mean>=90".to_owned()));
        };
        let bound: Option<f64> = bound.trim().parse().ok();
        let bound = bound.filter(|bound| bound.is_finite()).ok_or_else(|| {
            wrong(format!("has no number behind {}, as in mean>=90", comparison.sign()))
        })?;
        let of = of.trim();
        let (column, pool) = match of.rsplit_once(':') {
            Some((column, pool)) => (Some(column.trim().to_owned()), pool.trim()),
            None if of == SHORT => (None, "mean"),
            None => (None, of),
        };
        if column.as_deref() == Some("") {
            return Err(wrong("has no column before the colon".to_owned()));
        }
        let pool = pool.parse().map_err(|error| {
            // What has parentheses is a misspelt pool, not a column.
            let may_be_column = column.is_none() && !of.contains('(');
            let hint =
                if may_be_column { format!("; of a column: {of}:mean") } else { String::new() };
            wrong(format!("{error}{hint}"))
        })?;
        Ok(Self { column, pool, comparison, bound })
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "{column}:")?;
        }
        write!(f, "{}{}{}", self.pool, self.comparison.sign(), self.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(text: &str) -> Gate {
        text.parse().expect(text)
    }

    #[test]
    fn gates_round_trip_through_text() {
        for text in [
            "mean>=93",
            "p5>=85",
            "min>70",
            "window(2s)>=80.5",
            "psnr_y:mean<=38",
            "scene(min)>=85",
        ] {
            assert_eq!(gate(text).to_string(), text);
        }
        assert_eq!(gate("vmaf>=90"), Gate::mean_at_least(90.0));
        assert_eq!(gate(" vmaf_v0.6.1 : p5 >= 85 ").column.as_deref(), Some("vmaf_v0.6.1"));
        assert_eq!(gate("mean>=-1").bound, -1.0);
    }

    #[test]
    fn malformed_gates_are_refused_with_the_reason() {
        let error = |text: &str| text.parse::<Gate>().expect_err(text).to_string();
        for (text, reason) in [
            ("mean=90", "none of >=, >, <= and <"),
            ("mean>=", "no number behind >="),
            ("mean>=nan", "no number behind >="),
            ("maen>=90", "did you mean 'mean'"),
            ("psnr_y>=38", "psnr_y:mean"),
            (":mean>=1", "no column"),
            ("scene(mean)>=80", "did you mean 'scene(max)'?"),
            ("mean>=90>=80", "no number"),
        ] {
            let error = error(text);
            assert!(error.contains(reason) && error.contains(text), "{error}");
        }
        assert!(!error("scene(mean)>=80").contains("of a column"));
    }

    #[test]
    fn verdicts_have_margins_on_the_right_side() {
        let times: Vec<f64> = (0..50).map(|i| f64::from(i) / 25.0).collect();
        let values: Vec<f64> = (0..50).map(|i| if i < 25 { 96.0 } else { 90.0 }).collect();
        let verdict = gate("mean>=93").verdict(&values, &times).expect("a number");
        assert_eq!((verdict.value, verdict.held, verdict.margin), (93.0, true, 0.0));
        assert_eq!(verdict.worst.map(|worst| (worst.first, worst.mean)), Some((25, 90.0)));
        assert!(!gate("mean>93").verdict(&values, &times).expect("a number").held);
        let verdict = gate("max<=95").verdict(&values, &times).expect("a number");
        assert_eq!((verdict.held, verdict.margin), (false, -1.0));
        assert_eq!(verdict.worst.map(|worst| (worst.first, worst.mean)), Some((0, 96.0)));
        let verdict = gate("window(0.4s)>=90").verdict(&values, &times).expect("a number");
        assert_eq!((verdict.held, verdict.worst.map(|worst| worst.len)), (true, Some(10)));
    }

    #[test]
    fn gates_on_scenes_judge_the_worst_one() {
        let values = [90.0, 92.0, 70.0, 80.0, 95.0];
        let times = [0.0, 0.04, 0.08, 0.12, 0.16];
        let shown = Presentation { times: &times, scenes: &[0..2, 2..4, 4..5] };
        let verdict = gate("scene(min)>=80").verdict(&values, shown).expect("a number");
        assert_eq!((verdict.value, verdict.held, verdict.margin), (75.0, false, -5.0));
        let worst = verdict.worst.expect("a stretch");
        assert_eq!((worst.first, worst.len, worst.start, worst.mean), (2, 2, 0.08, 75.0));
        let verdict = gate("scene(max)<=94").verdict(&values, shown).expect("a number");
        assert_eq!((verdict.value, verdict.margin), (95.0, -1.0));
        assert_eq!(verdict.worst.map(|worst| (worst.first, worst.mean)), Some((4, 95.0)));
        // Scenes may be known where times are not.
        let untimed = Presentation { times: &[], ..shown };
        let verdict = gate("scene(min)>=75").verdict(&values, untimed).expect("a number");
        assert_eq!((verdict.held, verdict.worst), (true, None));
        assert_eq!(gate("scene(min)>=75").verdict(&values, &times), None);
    }

    #[test]
    fn values_that_are_not_measured_have_no_verdict() {
        assert_eq!(gate("mean>=0").verdict(&[], &[]), None);
        assert_eq!(gate("min<=0").verdict(&[1.0, f64::NAN], &[0.0, 1.0]), None);
        // An infinite score is above any bound.
        let infinite = [f64::INFINITY, 40.0];
        let verdict = gate("mean>=100").verdict(&infinite, &[0.0, 1.0]).expect("a verdict");
        assert_eq!((verdict.held, verdict.margin), (true, f64::INFINITY));
        assert_eq!(verdict.worst.map(|worst| (worst.first, worst.mean)), Some((1, 40.0)));
        assert!(!gate("max<=100").verdict(&infinite, &[]).expect("a verdict").held);
        // If the frames' times are unknown, only windows are undefined.
        assert_eq!(gate("window(1s)>=0").verdict(&[1.0, 2.0], &[]), None);
        assert_eq!(gate("mean>=0").verdict(&[1.0, 2.0], &[]).and_then(|v| v.worst), None);
    }
}
