//! Monotone curves through measured points.
//!
//! Better settings never score worse, apart from noise, so that points are first made monotone:
//! neighbours in the wrong order are replaced by their mean (the pool-adjacent-violators algorithm).
//! Between points the curve is the monotone cubic of Fritsch and Butland (PCHIP: "A Method for
//! Constructing Local Monotone Piecewise Cubic Interpolants", SIAM J. Sci. Stat. Comput. 5, 1984),
//! which doesn't overshoot. Beyond the outermost points it goes on in a straight line.

/// A curve that falls, or is level, from left to right.
#[derive(Debug, Clone)]
pub(super) struct FallingCurve {
    /// The points, from left to right.
    points: Vec<(f64, f64)>,
    /// The slope at each point.
    slopes: Vec<f64>,
}

impl FallingCurve {
    /// Creates the curve through `points`, whose places differ. Through a single point it has the
    /// slope `typical`.
    ///
    /// Returns `None` without points.
    pub(super) fn new(mut points: Vec<(f64, f64)>, typical: f64) -> Option<Self> {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        make_falling(&mut points);
        let slopes = match &points[..] {
            [] => return None,
            [_] => vec![typical],
            _ => slopes(&points),
        };
        Some(Self { points, slopes })
    }

    /// Returns the value at `place`.
    pub(super) fn at(&self, place: f64) -> f64 {
        let after = self.points.partition_point(|point| point.0 <= place);
        // The line beyond the first or last point.
        let line = |(x, y): (f64, f64), slope: f64| y + slope * (place - x);
        if after == 0 {
            return line(self.points[0], self.end_slope(true));
        }
        if after == self.points.len() {
            return line(self.points[after - 1], self.end_slope(false));
        }
        let [(x0, y0), (x1, y1)] = [self.points[after - 1], self.points[after]];
        let [d0, d1] = [self.slopes[after - 1], self.slopes[after]];
        let width = x1 - x0;
        let t = (place - x0) / width;
        let (t2, t3) = (t * t, t * t * t);
        y0 * (2.0 * t3 - 3.0 * t2 + 1.0)
            + width * d0 * (t3 - 2.0 * t2 + t)
            + y1 * (3.0 * t2 - 2.0 * t3)
            + width * d1 * (t3 - t2)
    }

    /// Returns the slope beyond the first or last point: that of the line through the outermost
    /// two.
    fn end_slope(&self, is_first: bool) -> f64 {
        match &self.points[..] {
            [first, second, ..] if is_first => secant(*first, *second),
            [.., second, last] => secant(*second, *last),
            _ => self.slopes[0],
        }
    }
}

/// Replaces values that rise from left to right by their means.
fn make_falling(points: &mut [(f64, f64)]) {
    // Blocks of points with one value: the value, and the number of points.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (_, value) in &*points {
        let mut block = (*value, 1);
        while let Some((before, count)) = blocks.pop_if(|before| before.0 < block.0) {
            let all = block.1 + count;
            block = ((block.0 * block.1 as f64 + before * count as f64) / all as f64, all);
        }
        blocks.push(block);
    }
    let values = blocks.into_iter().flat_map(|(value, count)| std::iter::repeat_n(value, count));
    for (point, value) in points.iter_mut().zip(values) {
        point.1 = value;
    }
}

fn secant(from: (f64, f64), to: (f64, f64)) -> f64 {
    (to.1 - from.1) / (to.0 - from.0)
}

/// Returns the slope at each of at least two points.
fn slopes(points: &[(f64, f64)]) -> Vec<f64> {
    let widths: Vec<f64> = points.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    let secants: Vec<f64> = points.windows(2).map(|pair| secant(pair[0], pair[1])).collect();
    if let [only] = secants[..] {
        return vec![only; 2];
    }
    let inner = widths.windows(2).zip(secants.windows(2)).map(|(width, secant)| {
        if secant[0] * secant[1] <= 0.0 {
            return 0.0;
        }
        // The weighted harmonic mean.
        let (before, after) = (2.0 * width[1] + width[0], width[1] + 2.0 * width[0]);
        (before + after) / (before / secant[0] + after / secant[1])
    });
    let inner: Vec<f64> = inner.collect();
    let count = secants.len();
    let first = end_slope([widths[0], widths[1]], [secants[0], secants[1]]);
    let last =
        end_slope([widths[count - 1], widths[count - 2]], [secants[count - 1], secants[count - 2]]);
    [first].into_iter().chain(inner).chain([last]).collect()
}

/// Returns the slope at an end, from the two nearest intervals: that of the parabola through their
/// points, limited so that the curve stays monotone.
fn end_slope(widths: [f64; 2], secants: [f64; 2]) -> f64 {
    let slope = ((2.0 * widths[0] + widths[1]) * secants[0] - widths[0] * secants[1])
        / (widths[0] + widths[1]);
    if slope * secants[0] <= 0.0 {
        0.0
    } else if secants[0] * secants[1] <= 0.0 && slope.abs() > 3.0 * secants[0].abs() {
        3.0 * secants[0]
    } else {
        slope
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(f64, f64)]) -> FallingCurve {
        FallingCurve::new(points.to_vec(), -1.0).expect("points")
    }

    #[test]
    fn it_equals_the_published_interpolant() {
        // From SciPy's PchipInterpolator, of the same points.
        let curve = curve(&[(16.0, 98.0), (22.0, 95.0), (28.0, 88.0), (36.0, 70.0)]);
        for (place, value) in [
            (17.0, 97.759_259_259_259_25),
            (21.5, 95.346_759_259_259_26),
            (25.0, 92.110_297_482_837_52),
            (33.25, 77.377_407_746_129_5),
        ] {
            assert!((curve.at(place) - value).abs() < 1e-9, "{place}: {}", curve.at(place));
        }
    }

    #[test]
    fn it_passes_through_points_and_stays_between_them() {
        let points = [(1.0, 9.0), (2.0, 8.9), (3.0, 2.0), (7.0, 1.9)];
        let curve = curve(&points);
        for (place, value) in points {
            assert_eq!(curve.at(place), value);
        }
        let values: Vec<f64> =
            (0..600).map(|step| curve.at(1.0 + f64::from(step) / 100.0)).collect();
        assert!(values.windows(2).all(|pair| pair[0] >= pair[1]), "{values:?}");
    }

    #[test]
    fn it_goes_on_in_a_line() {
        let line = curve(&[(10.0, 90.0), (20.0, 80.0)]);
        assert_eq!((line.at(0.0), line.at(15.0), line.at(30.0)), (100.0, 85.0, 70.0));
        assert_eq!(curve(&[(10.0, 90.0)]).at(12.0), 88.0);
        assert!(FallingCurve::new(Vec::new(), -1.0).is_none());
    }

    #[test]
    fn noise_is_averaged() {
        let noisy = curve(&[(1.0, 90.0), (2.0, 91.0), (3.0, 80.0)]);
        assert_eq!((noisy.at(1.0), noisy.at(2.0), noisy.at(3.0)), (90.5, 90.5, 80.0));
        let rising = curve(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]);
        assert_eq!((rising.at(1.0), rising.at(9.0)), (2.0, 2.0));
    }
}
