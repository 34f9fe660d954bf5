//! The setting of a further encode of the whole source, from those that were scored.
//!
//! An estimate from a sample is off by about the same factor of the points lost for neighbouring
//! settings, so that the difference found at one setting corrects the estimates of the others.
//! Between two encodes of the whole source, the differences of both are interpolated. The result
//! must not promise more than the straight line between the two encodes does: where few scenes
//! decide, the curve of a sample has another shape than that of the whole.

use super::strategy::{Curves, Point};
use super::target::Target;

/// The margin aimed at once an estimate is corrected: a third encode costs more than a tenth of a
/// point.
const AIM: f64 = 0.12;

/// Returns the position that the `known` encodes and the curves of a sample recommend for another
/// encode; `None` if it lies at a known one, or would be worse than one that fails. The worst
/// setting has the position `last`.
pub(super) fn corrected(
    targets: &[Target],
    curves: &Curves<'_>,
    known: &[Point],
    last: usize,
) -> Option<usize> {
    let mut known: Vec<Correction> =
        known.iter().map(|encode| Correction::new(targets, curves, encode)).collect();
    known.sort_by_key(|of| of.position);
    let passing = known.iter().filter(|of| of.is_met).map(|of| of.position).max();
    let start = passing.map_or(0, |position| position + 1);
    let failing = known.iter().filter(|of| !of.is_met && of.position >= start);
    let failing = failing.map(|of| of.position).min();
    let end = failing.unwrap_or(last + 1);
    let margin = |position: usize| {
        let estimates = targets.iter().zip(curves.numbers(position)).enumerate();
        let margins = estimates.map(|(index, (target, estimate))| {
            let corrected = estimate + at(&known, position, |of| of.differences[index]);
            let is_between = start > 0 && failing.is_some();
            let line = is_between.then(|| at(&known, position, |of| of.numbers[index]));
            target.margin(line.map_or(corrected, |line| line.min(corrected)))
        });
        margins.fold(f64::INFINITY, f64::min)
    };
    let found = (start..end).rev().find(|position| margin(*position) >= AIM);
    // Without a better guess, the next better setting than one that failed.
    found.or_else(|| if passing.is_none() { end.checked_sub(1) } else { None })
}

/// An encode of the whole source beside the curves of the targets, in their numbers.
struct Correction {
    position: usize,
    /// The values of the targets.
    numbers: Vec<f64>,
    /// The differences between them and the estimates.
    differences: Vec<f64>,
    /// True if the encode meets the targets.
    is_met: bool,
}

impl Correction {
    fn new(targets: &[Target], curves: &Curves<'_>, encode: &Point) -> Self {
        let numbers = targets.iter().zip(&encode.margins);
        let numbers: Vec<f64> = numbers.map(|(target, margin)| target.to_curve(*margin)).collect();
        let estimates = curves.numbers(encode.position);
        let differences =
            numbers.iter().zip(estimates).map(|(number, estimate)| number - estimate).collect();
        Self { position: encode.position, numbers, differences, is_met: encode.margin() >= 0.0 }
    }
}

/// Returns a value of known encodes at a position: on the line between those of its neighbours, or
/// that of the outermost. `known` is in the order of positions.
fn at(known: &[Correction], position: usize, value: impl Fn(&Correction) -> f64) -> f64 {
    let after = known.partition_point(|of| of.position <= position);
    match (after.checked_sub(1).map(|before| &known[before]), known.get(after)) {
        (None, None) => 0.0,
        (Some(only), None) | (None, Some(only)) => value(only),
        (Some(before), Some(after)) => {
            let part = (position - before.position) as f64;
            let width = (after.position - before.position) as f64;
            value(before) + (value(after) - value(before)) * part / width
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the position recommended after whole encodes at positions with these margins, where
    /// the sample's score is 100 less a twentieth of the position, and the target 90.
    fn recommended(known: &[(usize, f64)]) -> Option<usize> {
        let targets = [Target::of_score(90.0)];
        let points = [0, 100, 200, 300]
            .map(|position| Point { position, margins: vec![10.0 - position as f64 / 20.0] });
        let curves = Curves::new(&targets, &points, [100.0, 300.0]).expect("points");
        let known = known
            .iter()
            .map(|(position, margin)| Point { position: *position, margins: vec![*margin] });
        corrected(&targets, &curves, &known.collect::<Vec<_>>(), 400)
    }

    #[test]
    fn a_difference_moves_the_answer() {
        // The sample has its answer near 200.
        let better = recommended(&[(198, -1.0)]).expect("another");
        assert!((160..190).contains(&better), "{better}");
        let worse = recommended(&[(198, 1.0)]).expect("another");
        assert!((205..230).contains(&worse), "{worse}");
    }

    #[test]
    fn between_two_encodes_the_line_bounds_the_answer() {
        // The sample's curve is flat between, as if its scenes hardly changed.
        let targets = [Target::of_score(95.0)];
        let points = [(150, 1.3), (210, 0.9), (240, -1.4)];
        let points = points.map(|(position, margin)| Point { position, margins: vec![margin] });
        let curves = Curves::new(&targets, &points, [150.0, 260.0]).expect("points");
        let whole = |position: usize, margin: f64| Point { position, margins: vec![margin] };
        let known = [whole(155, 0.94), whole(215, -1.28)];
        let position = corrected(&targets, &curves, &known, 400).expect("between");
        assert!((175..185).contains(&position), "{position}");
    }

    #[test]
    fn nothing_is_recommended_beside_known_encodes() {
        assert_eq!(recommended(&[(199, 0.2), (200, -0.1)]), None);
        // A failure far below the target: the next better setting at least.
        assert_eq!(recommended(&[(0, -1.0)]), None);
        assert_eq!(recommended(&[(1, -20.0)]), Some(0));
    }
}
