//! The convex hull of encodes over the logarithm of their rate.

use super::LadderPoint;

/// Returns the corners of the upper convex hull, from the lowest rate to the best score: no encode,
/// and no mixture of two, is better at the same rate.
pub(super) fn upper_hull(points: &[LadderPoint]) -> Vec<LadderPoint> {
    let mut sorted: Vec<LadderPoint> = points.to_vec();
    sorted.retain(|point| point.kilobits > 0.0 && point.score.is_finite());
    sorted.sort_by(|a, b| a.kilobits.total_cmp(&b.kilobits).then(b.score.total_cmp(&a.score)));
    let mut hull: Vec<LadderPoint> = Vec::new();
    for point in sorted {
        if hull.last().is_some_and(|last| point.score <= last.score) {
            continue;
        }
        while let [.., before, last] = hull[..]
            && slope(&before, &last) <= slope(&before, &point)
        {
            hull.pop();
        }
        hull.push(point);
    }
    hull
}

/// Returns the gain in score per factor e of the rate.
fn slope(from: &LadderPoint, to: &LadderPoint) -> f64 {
    (to.score - from.score) / (to.kilobits / from.kilobits).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(kilobits: f64, score: f64) -> LadderPoint {
        LadderPoint { height: 0, quality: 0.0, score, kilobits }
    }

    #[test]
    fn points_below_the_line_of_two_others_are_left_out() {
        let all = [
            point(100.0, 50.0),
            point(200.0, 70.0),
            // Below the line from 70 to 90 over a factor of 4.
            point(400.0, 79.0),
            point(800.0, 90.0),
            // Worse than a smaller one.
            point(900.0, 89.0),
            // At the same rate as a better one.
            point(200.0, 60.0),
        ];
        let rates: Vec<f64> = upper_hull(&all).iter().map(|point| point.kilobits).collect();
        assert_eq!(rates, [100.0, 200.0, 800.0]);
        assert!(upper_hull(&[]).is_empty());
        let slopes: Vec<f64> =
            upper_hull(&all).windows(2).map(|pair| slope(&pair[0], &pair[1])).collect();
        assert!(slopes[0] > slopes[1], "{slopes:?}");
    }
}
