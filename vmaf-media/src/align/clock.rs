//! When frames are shown, counted from each file's first.
//!
//! Frames paired in order belong together by their times as long as these differ by less than half
//! a frame's duration. Files round times, by a millisecond at the worst.

use super::finding::{Finding, Votes};

/// How much files round times, in seconds.
const ROUNDED: f64 = 1e-3;

/// How many frames in a row have to be at other times; at a video's end fewer do.
const ENOUGH: usize = 12;
const ENOUGH_AT_END: usize = 3;

/// How many frames the pictures are waited for, which may tell what happened more exactly.
const PATIENCE: usize = 64;

/// By how much frame rates may differ that are alike, as a part: 24 and 23.976 differ by 1e-3.
const RATES_ALIKE: f64 = 5e-4;

/// Follows the times of a reference and an encode.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The frame rates that the files state.
    rates: [Option<f64>; 2],
    /// When the reference's frames are shown; `NaN` where that is not known.
    times: Vec<f64>,
    /// When the first frames of both are shown.
    start: Option<[f64; 2]>,
    /// Whether times don't count, or a frame of either had none: then they tell nothing.
    unknown: bool,
    /// How much later, counted from the first, the latest frame of the encode is shown.
    late: f64,
    /// The frame at which that changed most, and by how much.
    jump: (usize, f64),
    /// How many of the latest frames are at other times.
    off: usize,
    /// How long both videos have gone on, by their times.
    elapsed: [f64; 2],
}

impl Clock {
    /// For videos that state these frame rates; times are only compared if they count.
    pub(super) fn new(reference: Option<f64>, encode: Option<f64>, times_count: bool) -> Self {
        Self { rates: [reference, encode], unknown: !times_count, ..Self::default() }
    }

    /// Takes the times of the next pair; the encode may have ended.
    pub(super) fn push(&mut self, reference: Option<f64>, encode: Option<f64>) {
        let index = self.times.len();
        self.times.push(reference.unwrap_or(f64::NAN));
        let (Some(reference), Some(encode)) = (reference, encode) else {
            self.unknown |= index == 0 || reference.is_none();
            return;
        };
        if self.unknown {
            return;
        }
        let start = *self.start.get_or_insert([reference, encode]);
        let before = self.elapsed[0];
        self.elapsed = [reference - start[0], encode - start[1]];
        let late = self.elapsed[1] - self.elapsed[0];
        let change = (late - self.late).abs();
        if change > self.jump.1 {
            self.jump = (index, change);
        }
        self.late = late;
        let duration = self.rates[0].map_or(self.elapsed[0] - before, |rate| 1.0 / rate);
        self.off = if late.abs() > duration / 2.0 + ROUNDED { self.off + 1 } else { 0 };
    }

    /// When frame `index` of the reference is shown, if that is known.
    pub(super) fn reference_time(&self, index: usize) -> Option<f64> {
        self.times.get(index).copied().filter(|time| time.is_finite())
    }

    /// The frame rates that the files state, if they are not alike.
    pub(super) fn different_rates(&self) -> Option<[f64; 2]> {
        let [Some(reference), Some(encode)] = self.rates else { return None };
        ((encode / reference - 1.0).abs() > RATES_ALIKE).then_some([reference, encode])
    }

    /// What the times tell, once the pictures before frame `compared` had their say.
    pub(super) fn finding(&self, compared: usize, votes: Votes) -> Option<Finding> {
        let since = self.times.len() - self.off;
        (self.off >= ENOUGH && compared >= since + PATIENCE).then(|| self.found(votes))
    }

    /// What the times tell at the end.
    pub(super) fn finish(&self, votes: Votes) -> Option<Finding> {
        (self.off >= ENOUGH_AT_END).then(|| self.found(votes))
    }

    fn found(&self, votes: Votes) -> Finding {
        let (at, change) = self.jump;
        if change >= self.late.abs() / 2.0 {
            let time = self.reference_time(at);
            return Finding::Jump { frame: at as u64, time, seconds: self.late, votes };
        }
        let durations = self.times.len() as f64 - 1.0;
        let rates = self.elapsed.map(|elapsed| durations / elapsed);
        Finding::Rate { rates: self.different_rates().unwrap_or(rates), votes }
    }
}
