//! Finds an encode whose contrast is that of the other range from end to end: its samples were
//! converted, but the flag that says so was lost.
//!
//! Nothing else is wrong with such a video, and metrics that reward contrast rate it above a good
//! encode. The mean brightness of the parts of its frames is a linear function of the reference's,
//! with the slope and offset of the conversion.

use serde::{Deserialize, Serialize};

use super::{CELLS, STEPS_PER_LEVEL, Signature};

/// A change of contrast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contrast {
    /// Limited range in the reference is full range in the encode.
    Widened,
    /// Full range in the reference is limited range in the encode.
    Narrowed,
}

/// The greatest deviation from a conversion's slope, and from its offset in levels of 8 bits.
const MAX_SLOPE_DEVIATION: f64 = 0.04;
const MAX_OFFSET_DEVIATION: f64 = 4.0;

/// The least variance of a frame's parts, in levels of 8 bits squared, from which a slope can be
/// determined.
const MIN_VARIANCE: f64 = 60.0;

/// The least share of the variance that the line explains.
const MIN_EXPLAINED: f64 = 0.98;

/// The least share of agreeing frames among the conclusive ones.
const MIN_AGREEING: f64 = 0.95;

/// The numbers of conclusive frames, and of those that show each change.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ContrastCounts {
    telling: u32,
    widened: u32,
    narrowed: u32,
}

impl ContrastCounts {
    /// Adds the next frame of each video.
    pub(super) fn push(&mut self, reference: &Signature, encode: &Signature) {
        let Some(change) = change(reference, encode) else { return };
        self.telling += 1;
        match change {
            Some(Contrast::Widened) => self.widened += 1,
            Some(Contrast::Narrowed) => self.narrowed += 1,
            None => {}
        }
    }

    /// Returns the change that nearly all frames show.
    pub(super) fn dominant_change(&self) -> Option<Contrast> {
        let enough = f64::from(self.telling.max(1)) * MIN_AGREEING;
        let all = [(self.widened, Contrast::Widened), (self.narrowed, Contrast::Narrowed)];
        all.into_iter().find_map(|(count, change)| (f64::from(count) >= enough).then_some(change))
    }
}

/// Returns the change between two frames, if there is one; the outer `None` if they are
/// inconclusive.
fn change(reference: &Signature, encode: &Signature) -> Option<Option<Contrast>> {
    let levels = |signature: &Signature| {
        signature.0.map(|part| f64::from(part) / f64::from(STEPS_PER_LEVEL))
    };
    let (x, y) = (levels(reference), levels(encode));
    let count = CELLS as f64;
    let mean = |of: &[f64; CELLS]| of.iter().sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(&x), mean(&y));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.into_iter().zip(y) {
        let (x, y) = (x - mean_x, y - mean_y);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    if xx / count < MIN_VARIANCE || yy <= 0.0 || xy * xy < MIN_EXPLAINED * xx * yy {
        return None;
    }
    let slope = xy / xx;
    let at = |x: f64| mean_y + slope * (x - mean_x);
    // Both the slope and the position of the range's lower end have to be the conversion's.
    let is_conversion = |[from, to]: [[f64; 2]; 2]| {
        let wanted = (to[1] - to[0]) / (from[1] - from[0]);
        (slope - wanted).abs() < MAX_SLOPE_DEVIATION
            && (at(from[0]) - to[0]).abs() < MAX_OFFSET_DEVIATION
    };
    let (limited, full) = ([16.0, 235.0], [0.0, 255.0]);
    Some(if is_conversion([limited, full]) {
        Some(Contrast::Widened)
    } else {
        is_conversion([full, limited]).then_some(Contrast::Narrowed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of brightness 40 to 200, changed.
    fn signature(change: impl Fn(f64) -> f64) -> Signature {
        let mut parts = [0; CELLS];
        for (index, part) in parts.iter_mut().enumerate() {
            let level = 40.0 + 160.0 * (index * 37 % CELLS) as f64 / CELLS as f64;
            *part = (change(level) * f64::from(STEPS_PER_LEVEL)).round() as u16;
        }
        Signature(parts)
    }

    fn dominant_change(change: impl Fn(f64) -> f64) -> Option<Contrast> {
        let mut counts = ContrastCounts::default();
        for _ in 0..40 {
            counts.push(&signature(|level| level), &signature(&change));
        }
        counts.dominant_change()
    }

    #[test]
    fn only_a_contrast_change_of_the_other_range_is_found() {
        let widened = |level: f64| (level - 16.0) * 255.0 / 219.0;
        assert_eq!(dominant_change(widened), Some(Contrast::Widened));
        assert_eq!(dominant_change(|level| level * 219.0 / 255.0 + 16.0), Some(Contrast::Narrowed));
        // Alike, brighter, a little more contrast, a different curve.
        assert_eq!(dominant_change(|level| level), None);
        assert_eq!(dominant_change(|level| level * 255.0 / 219.0), None);
        assert_eq!(dominant_change(|level| (level - 16.0) * 1.08 + 16.0), None);
        assert_eq!(dominant_change(|level| 255.0 * (level / 255.0).powf(1.3)), None);
    }

    #[test]
    fn a_passing_contrast_change_is_not_found() {
        let mut counts = ContrastCounts::default();
        let widened = signature(|level| (level - 16.0) * 255.0 / 219.0);
        for index in 0..40 {
            let same = signature(|level| level);
            counts.push(&same, if index < 30 { &widened } else { &same });
        }
        assert_eq!(counts.dominant_change(), None);
        // Even pictures are inconclusive.
        let even = Signature([60 * 64; CELLS]);
        let mut counts = ContrastCounts::default();
        counts.push(&even, &even);
        assert_eq!(counts.dominant_change(), None);
    }
}
