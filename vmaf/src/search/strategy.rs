//! The choice of settings to probe, and of the one that meets the targets.
//!
//! The first probes are set by experience with the encoder: one where that expects the answer or, if
//! processors would be idle, two around it. Each further one goes where curves through all of them
//! meet the targets. A sample needs no probe of exactly that setting: an estimate near a probe, or
//! between close ones, is as good as another probe. If the whole source is encoded, the answer is a
//! probe that meets the targets.
//!
//! Settings are positions on the encoder's scale, from the best (0) to the worst.

use super::curve::FallingCurve;
use super::target::Target;

/// An answer may exceed the targets by this much.
pub(super) const MAX_OVERSHOOT: f64 = 0.5;

/// An estimate is reliable if the margin of a probe is nearer than this to it: of a single probe, of
/// one of several, of which the curve has its own slope, and of one of a ladder's. It is reliable
/// too if the margins of the probes on either side differ by less than [`BETWEEN`].
const CLOSE_TO_ONE: f64 = 0.4;
const CLOSE: f64 = 1.5;
const CLOSE_OF_LADDER: f64 = 0.75;
const BETWEEN: f64 = 10.0;

/// The same for the curves of a ladder, of which only those parts are refined that have rungs.
const BETWEEN_OF_LADDER: f64 = 30.0;

/// The distance of two first probes from the expected answer, as a part of that between settings of
/// scores of 95 and 80.
const FIRST_DISTANCE: f64 = 0.25;

/// The margin aimed at where the whole source is encoded.
const AIM_OF_WHOLE: f64 = 0.12;

/// A probe, or an encode of the whole source: its position, and the margin of each target in points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) position: usize,
    pub(super) margins: Vec<f64>,
}

impl Point {
    /// Returns the smallest margin: below 0 a target is missed.
    pub(super) fn margin(&self) -> f64 {
        self.margins.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// The next step of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Probes these positions.
    Probe(Vec<usize>),
    /// This position meets the targets.
    Found(usize),
    /// No position does.
    Unreachable,
}

/// A search for the worst setting that meets the targets.
pub(super) struct Strategy<'a> {
    targets: &'a [Target],
    /// The position of the worst setting.
    last: usize,
    /// The positions at which films score about 95 and 80.
    typical: [f64; 2],
    /// True if probes encode the whole source.
    is_whole: bool,
    /// True if an estimate is enough of an answer: that of a ladder.
    is_of_ladder: bool,
    /// The position at which the answer is expected.
    expected: Option<usize>,
    /// True if two encodes take no longer than one.
    is_parallel: bool,
}

impl<'a> Strategy<'a> {
    /// Creates a strategy for positions up to `last`. `typical` are those at which films score
    /// about 95 and 80.
    pub(super) fn new(
        targets: &'a [Target],
        last: usize,
        typical: [f64; 2],
        is_whole: bool,
    ) -> Self {
        Self {
            targets,
            last,
            typical,
            is_whole,
            is_of_ladder: false,
            expected: None,
            is_parallel: false,
        }
    }

    /// Returns the strategy for a curve of a ladder: coarser, and without proof that a target can't
    /// be reached.
    pub(super) fn of_ladder(self) -> Self {
        Self { is_of_ladder: true, is_whole: false, ..self }
    }

    /// Returns the strategy that begins at the position at which the answer is expected, if it is
    /// known from a similar search.
    pub(super) fn expecting(self, expected: Option<usize>) -> Self {
        Self { expected, ..self }
    }

    /// Returns the strategy for a machine on which two encodes take no longer than one, if so.
    pub(super) fn parallel(self, is_parallel: bool) -> Self {
        Self { is_parallel, ..self }
    }

    /// Returns the next step after `points`. An answer on a sample is chosen with the margin `aim`.
    pub(super) fn next(&self, points: &[Point], aim: f64) -> Step {
        let Some(curves) = Curves::new(self.targets, points, self.typical) else {
            return Step::Probe(self.first());
        };
        if self.is_whole {
            self.next_of_whole(points, &curves)
        } else {
            self.next_of_sample(points, &curves, aim)
        }
    }

    /// Returns the first positions to probe, at the expected answer or around it.
    fn first(&self) -> Vec<usize> {
        let expected =
            self.targets.iter().filter_map(|target| target.typical_position(self.typical));
        let expected = self.expected.map(|at| at as f64).or(expected.reduce(f64::min));
        let expected = expected.unwrap_or_else(|| self.typical.iter().sum::<f64>() / 2.0);
        let are_around = self.is_parallel || !self.are_scores();
        let distance = if are_around { self.first_distance() } else { 0.0 };
        let last = self.last as f64;
        // Away from the ends of the scale, where an answer is rare.
        let clamp = |position: f64| position.clamp(0.05 * last, 0.95 * last).round() as usize;
        let mut first = vec![clamp(expected - distance), clamp(expected + distance)];
        first.dedup();
        first
    }

    /// Returns true if all targets are scores, whose points and slopes are known by experience.
    fn are_scores(&self) -> bool {
        self.targets.iter().all(Target::is_curved)
    }

    /// Returns the distance of two first probes from the expected answer.
    fn first_distance(&self) -> f64 {
        FIRST_DISTANCE * (self.typical[1] - self.typical[0]).abs()
    }

    fn next_of_sample(&self, points: &[Point], curves: &Curves<'_>, aim: f64) -> Step {
        let answer = curves.worst_with(aim, 0..=self.last).unwrap_or(0);
        if let Some(probe) = points.iter().find(|point| point.position == answer) {
            let is_met = probe.margin() >= aim || (answer == 0 && probe.margin() >= 0.0);
            if is_met || answer > 0 {
                return Step::Found(answer);
            }
            return Step::Unreachable;
        }
        let margin = curves.margin(answer);
        if self.is_of_ladder && margin < -CLOSE_OF_LADDER {
            return Step::Unreachable;
        }
        let better = points.iter().filter(|point| point.position < answer);
        let worse = points.iter().filter(|point| point.position > answer);
        let sides = better.max_by_key(|point| point.position).map(Point::margin);
        let sides = sides.zip(worse.min_by_key(|point| point.position).map(Point::margin));
        let (close, between) = match points.len() {
            _ if self.is_of_ladder => (CLOSE_OF_LADDER, BETWEEN_OF_LADDER),
            1 => (CLOSE_TO_ONE, BETWEEN),
            _ => (CLOSE, BETWEEN),
        };
        // On a plateau, a margin that is near may belong to a setting that is far.
        let reach = self.first_distance();
        let is_close = points.iter().any(|point| {
            let is_near = self.is_of_ladder || point.position.abs_diff(answer) as f64 <= reach;
            is_near && (point.margin() - margin).abs() <= close
        });
        let is_between = sides.is_some_and(|(better, worse)| better - worse <= between);
        let is_beyond = self.are_scores() && !self.is_of_ladder;
        let is_reliable = is_between || (is_close && (sides.is_some() || is_beyond));
        if is_reliable { Step::Found(answer) } else { Step::Probe(vec![answer]) }
    }

    fn next_of_whole(&self, points: &[Point], curves: &Curves<'_>) -> Step {
        let passing = points.iter().filter(|point| point.margin() >= 0.0);
        let passing = passing.max_by_key(|point| point.position);
        let behind = passing.map_or(0, |point| point.position + 1);
        // Noise may make a better setting fail: only failures behind the best answer count.
        let failing = points.iter().filter(|point| point.margin() < 0.0);
        let failing =
            failing.map(|point| point.position).filter(|position| *position >= behind).min();
        let end = failing.unwrap_or(self.last + 1);
        if let Some(point) = passing
            && (point.margin() <= MAX_OVERSHOOT || behind == end)
        {
            return Step::Found(point.position);
        }
        if behind == end {
            return Step::Unreachable;
        }
        let answer = curves.worst_with(AIM_OF_WHOLE, behind..=end - 1);
        Step::Probe(vec![answer.unwrap_or(behind)])
    }
}

/// The margins of all positions, from those of the probes.
pub(super) struct Curves<'a>(Vec<(&'a Target, FallingCurve)>);

impl<'a> Curves<'a> {
    /// Creates the curves through `points`; `None` without points.
    pub(super) fn new(targets: &'a [Target], points: &[Point], typical: [f64; 2]) -> Option<Self> {
        let curves = targets.iter().enumerate().map(|(index, target)| {
            // Scores end at 0: a setting that bad says nothing about the slope before it.
            let is_useful = |point: &&Point| {
                let is_better =
                    |other: &Point| other.position < point.position && other.margins[index] < 0.0;
                !target.is_exhausted(point.margins[index]) || !points.iter().any(is_better)
            };
            let numbers = points
                .iter()
                .filter(is_useful)
                .map(|point| (point.position as f64, target.to_curve(point.margins[index])));
            let curve = FallingCurve::new(numbers.collect(), target.typical_slope(typical))?;
            Some((target, curve))
        });
        curves.collect::<Option<Vec<_>>>().map(Self)
    }

    /// Returns the margin of each target in points at a position.
    pub(super) fn margins(&self, position: usize) -> Vec<f64> {
        let numbers = self.0.iter().zip(self.numbers(position));
        numbers.map(|((target, _), number)| target.margin(number)).collect()
    }

    /// Returns the numbers of the curves at a position, from which margins follow.
    pub(super) fn numbers(&self, position: usize) -> Vec<f64> {
        self.0.iter().map(|(_, curve)| curve.at(position as f64)).collect()
    }

    /// Returns the smallest margin at a position.
    fn margin(&self, position: usize) -> f64 {
        self.margins(position).into_iter().fold(f64::INFINITY, f64::min)
    }

    /// Returns the worst setting among `positions` with at least the margin `aim`.
    fn worst_with(&self, aim: f64, positions: std::ops::RangeInclusive<usize>) -> Option<usize> {
        positions.rev().find(|position| self.margin(*position) >= aim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches where the score at a position is `score`, and returns the answer and the number of
    /// probes.
    fn search(
        score: impl Fn(usize) -> f64,
        bound: f64,
        typical: [f64; 2],
        is_whole: bool,
    ) -> (Step, usize) {
        let targets = [Target::of_score(bound)];
        follow(&Strategy::new(&targets, 200, typical, is_whole), score, bound)
    }

    /// Follows a strategy whose only target is `bound`.
    fn follow(strategy: &Strategy<'_>, score: impl Fn(usize) -> f64, bound: f64) -> (Step, usize) {
        let mut points: Vec<Point> = Vec::new();
        loop {
            match strategy.next(&points, 0.1) {
                Step::Probe(positions) => {
                    for position in positions {
                        assert!(points.iter().all(|point| point.position != position), "again");
                        points.push(Point { position, margins: vec![score(position) - bound] });
                    }
                    assert!(points.len() < 15, "{points:?}");
                }
                step => return (step, points.len()),
            }
        }
    }

    /// Scores as encoders have them: the points lost below 100 grow by a constant factor a step.
    fn film(position: usize, of_95: f64, of_80: f64) -> f64 {
        let growth = (20.0_f64 / 5.0).ln() / (of_80 - of_95);
        (100.0 - 5.0 * ((position as f64 - of_95) * growth).exp()).max(0.0)
    }

    #[test]
    fn one_probe_is_enough_where_experience_holds_and_two_begin_where_processors_are_idle() {
        let (typical, bound) = ([60.0, 100.0], 90.0);
        let targets = [Target::of_score(bound)];
        let score = |position| film(position, 60.0, 100.0);
        let strategy = Strategy::new(&targets, 200, typical, false);
        let (step, probes) = follow(&strategy, score, bound);
        assert!(matches!(step, Step::Found(_)) && probes == 1, "{step:?} {probes}");
        let (step, probes) = follow(&strategy.parallel(true), score, bound);
        assert!(matches!(step, Step::Found(_)) && probes == 2, "{step:?} {probes}");
    }

    #[test]
    fn a_plateau_is_not_extrapolated() {
        // Hardly a difference between two probes, and a steep fall beyond.
        let score = |position: usize| {
            if position < 80 { 96.0 } else { (176.0 - position as f64).max(0.0) }
        };
        let (step, _) = search(score, 95.0, [60.0, 100.0], false);
        let Step::Found(position) = step else { panic!("{step:?}") };
        assert!((66..=81).contains(&position), "{position}");
    }

    #[test]
    fn answers_meet_the_target_and_hardly_exceed_it() {
        for (of_95, of_80) in [(60.0, 100.0), (30.0, 80.0), (90.0, 150.0), (75.0, 90.0)] {
            for bound in [70.0, 80.0, 90.0, 95.0] {
                for is_whole in [false, true] {
                    let score = |position| film(position, of_95, of_80);
                    let (step, probes) = search(score, bound, [60.0, 100.0], is_whole);
                    let Step::Found(position) = step else { panic!("{step:?}") };
                    let margin = score(position) - bound;
                    let is_close = margin <= 0.8 || score(position + 1) < bound + 0.1;
                    assert!(margin >= 0.0 && is_close, "{bound}: {margin}");
                    assert!(probes <= 7, "{of_95} {bound} {is_whole}: {probes} probes");
                }
            }
        }
    }

    #[test]
    fn unknown_encoders_are_searched_too() {
        let (step, probes) =
            search(|position| film(position, 20.0, 40.0), 93.0, [200.0 / 3.0, 400.0 / 3.0], false);
        let Step::Found(position) = step else { panic!("{step:?}") };
        assert!((23..=24).contains(&position) && probes <= 6, "{position} {probes}");
    }

    #[test]
    fn the_ends_of_the_scale_are_answers_or_proofs() {
        let typical = [60.0, 100.0];
        for is_whole in [false, true] {
            assert_eq!(search(|_| 99.0, 90.0, typical, is_whole).0, Step::Found(200));
            assert_eq!(search(|_| 80.0, 90.0, typical, is_whole).0, Step::Unreachable);
            // A plateau below the target.
            let plateau = |position: usize| film(position, 60.0, 100.0).min(92.0);
            assert_eq!(search(plateau, 93.0, typical, is_whole).0, Step::Unreachable);
        }
    }

    #[test]
    fn steep_steps_give_the_last_that_passes() {
        // A coarse scale: three points a step.
        let score = |position: usize| 100.0 - 3.0 * position as f64;
        for is_whole in [false, true] {
            let (step, _) = search(score, 80.0, [2.0, 7.0], is_whole);
            assert_eq!(step, Step::Found(6));
        }
    }

    #[test]
    fn all_targets_hold() {
        let targets = [Target::of_score(90.0), Target::of_score(94.0)];
        let strategy = Strategy::new(&targets, 200, [60.0, 100.0], false);
        let mut points = Vec::new();
        let position = loop {
            match strategy.next(&points, 0.0) {
                Step::Probe(positions) => points.extend(positions.into_iter().map(|position| {
                    // The second target is of a lower column.
                    let score = film(position, 60.0, 100.0);
                    Point { position, margins: vec![score - 90.0, score - 1.0 - 94.0] }
                })),
                Step::Found(position) => break position,
                Step::Unreachable => panic!("unreachable"),
            }
        };
        assert!((58..=60).contains(&position), "{position}");
    }
}
