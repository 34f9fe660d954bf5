//! The mapping of a regressor's output to a score: transform, then clip.

/// The mapping of a regressor's output to a score.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ScoreMap {
    /// The transform, which may be disabled.
    pub transform: Option<Transform>,
    /// The least and the greatest score.
    pub clip: Option<(f64, f64)>,
}

/// A polynomial, then a piecewise linear function, then a bound by the untransformed score.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Transform {
    /// True if the transform applies by default.
    pub enabled: bool,
    /// The coefficients of 1, x and x²; `None` for no polynomial.
    pub polynomial: Option<[f64; 3]>,
    /// The corners of the piecewise linear function, in rising order; empty for no such function.
    pub knots: Vec<(f64, f64)>,
    /// True if the result must not exceed the untransformed score.
    pub at_most_input: bool,
    /// True if the result must not be below the untransformed score.
    pub at_least_input: bool,
}

impl ScoreMap {
    /// Returns the mapped score.
    #[must_use]
    pub fn apply(&self, score: f64) -> f64 {
        let score = match &self.transform {
            Some(transform) if transform.enabled => transform.apply(score),
            _ => score,
        };
        match self.clip {
            Some((min, max)) if !score.is_nan() => score.max(min).min(max),
            _ => score,
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if let Some((min, max)) = self.clip
            && (!min.is_finite() || !max.is_finite() || min > max)
        {
            return Err(format!("its scores can't be clipped to {min}..{max}"));
        }
        self.transform.as_ref().map_or(Ok(()), Transform::check)
    }
}

impl Transform {
    fn apply(&self, score: f64) -> f64 {
        let mut mapped = score;
        if let Some([p0, p1, p2]) = self.polynomial {
            mapped = p0 + p1 * mapped + p2 * mapped * mapped;
        }
        if !self.knots.is_empty() {
            mapped = piecewise(&self.knots, mapped);
        }
        if self.at_most_input {
            mapped = mapped.min(score);
        }
        if self.at_least_input {
            mapped = mapped.max(score);
        }
        mapped
    }

    fn check(&self) -> Result<(), String> {
        let numbers = self.polynomial.iter().flatten().copied();
        let corners = self.knots.iter().flat_map(|&(x, y)| [x, y]);
        if !numbers.chain(corners).all(f64::is_finite) {
            return Err("a number of its score transform is not finite".to_owned());
        }
        let rising = |pair: &[(f64, f64)]| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
        if self.knots.len() == 1 || !self.knots.windows(2).all(rising) {
            return Err("the knots of its score transform do not rise".to_owned());
        }
        Ok(())
    }
}

/// The piecewise linear function through `knots`, with its first and last pieces extended. The
/// later piece applies at a corner.
fn piecewise(knots: &[(f64, f64)], x: f64) -> f64 {
    let last = knots.len() - 2;
    let piece = (0..=last).rfind(|&i| knots[i].0 <= x).unwrap_or(0);
    let ((x0, y0), (x1, y1)) = (knots[piece], knots[piece + 1]);
    if y0 == y1 {
        return y0;
    }
    if x0 == 0.0 {
        return (y1 - y0) / x1 * x + y0;
    }
    let slope = (y1 - y0) / (x1 - x0);
    slope * x + (y0 - x0 * slope)
}
