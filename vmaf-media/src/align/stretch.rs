//! The vote of a stretch of frames for the shift between two videos.

use super::residuals::{RESIDUAL_STEPS, Residuals, distance, energy, mean_square};

/// Frames that vote together.
pub(super) const STRETCH: usize = 8;

/// The least movement in a conclusive stretch: a mean square, in levels of 8 bits.
const MIN_MOVEMENT: f64 = 0.01;

/// The greatest fraction of the movement that the best shift may leave unexplained.
const MAX_UNEXPLAINED: f64 = 0.5;

/// The least margin of the best shift over others, as a factor and as a fraction of the movement. A
/// vote against the assumed shift of 0 needs a larger margin over it.
const MARGIN: f64 = 1.3;
const MARGIN_OVER_ASSUMED: f64 = 1.5;
const MOVEMENT_MARGIN: f64 = 0.02;

/// Returns the shift that the stretch of `video` from frame `from` on votes for, if it is
/// conclusive:
/// `other` shows the same that many frames later, within `reach`. A shift of 0 is assumed to be
/// right.
pub(super) fn vote(video: &Residuals, other: &Residuals, from: usize, reach: usize) -> Option<i64> {
    let movement = movement(video, from)?;
    let first = from.saturating_sub(reach).max(other.first());
    let last = (from + reach + STRETCH).min(other.ready()).checked_sub(STRETCH)?;
    let misfits: Vec<f64> = (first..=last).map(|at| misfit(video, other, from, at)).collect();
    let (best, least) = misfits.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let others = misfits.iter().enumerate().filter(|(at, _)| *at != best);
    let second = others.map(|(_, misfit)| *misfit).fold(f64::INFINITY, f64::min);
    let is_worse = |misfit: f64, factor: f64| misfit > factor * least + MOVEMENT_MARGIN * movement;
    let shift = (first + best) as i64 - from as i64;
    // Frames beyond those available might have fitted better.
    let is_within = best > 0 && best + 1 < misfits.len();
    // Beyond the ends, nothing is known of the assumed shift.
    let assumed_misfit = from.checked_sub(first).and_then(|at| misfits.get(at));
    let beats_assumed =
        shift == 0 || assumed_misfit.is_some_and(|it| is_worse(*it, MARGIN_OVER_ASSUMED));
    let is_best = is_within && least < MAX_UNEXPLAINED * movement && is_worse(second, MARGIN);
    (is_best && beats_assumed).then_some(shift)
}

/// Returns true if the stretches of both videos from frame `from` on have nothing in common; `None`
/// if the first doesn't move enough to tell.
pub(super) fn is_unlike(video: &Residuals, other: &Residuals, from: usize) -> Option<bool> {
    let movement = movement(video, from)?;
    let is_available = from >= other.first() && from + STRETCH <= other.ready();
    is_available.then(|| misfit(video, other, from, from) > movement)
}

/// Returns the movement in the stretch from frame `from` on, if it is enough.
fn movement(video: &Residuals, from: usize) -> Option<f64> {
    if from + STRETCH > video.ready() {
        return None;
    }
    let sum = (from..from + STRETCH).map(|index| energy(video.get(index))).sum();
    Some(mean_square(sum, STRETCH, RESIDUAL_STEPS)).filter(|movement| *movement > MIN_MOVEMENT)
}

/// Returns the difference between the stretch from frame `from` on and the other video's from frame
/// `at` on.
fn misfit(video: &Residuals, other: &Residuals, from: usize, at: usize) -> f64 {
    let pairs = (from..from + STRETCH).zip(at..);
    let sum = pairs.map(|(i, j)| distance(video.get(i), other.get(j))).sum();
    mean_square(sum, STRETCH, RESIDUAL_STEPS)
}
