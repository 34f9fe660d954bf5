//! Compares timestamps, counted from each file's first frame.
//!
//! Frames paired in order belong together by their timestamps if these differ by less than half a
//! frame's duration. Files round timestamps, by a millisecond at worst.

use super::finding::{Finding, Votes};

/// The rounding error of files' timestamps, in seconds.
pub(super) const ROUNDING: f64 = 1e-3;

/// The number of consecutive frames that must have other timestamps; fewer are enough at a video's
/// end.
const FRAMES_NEEDED: usize = 12;
const FRAMES_NEEDED_AT_END: usize = 3;

/// The number of frames to wait for a finding from the pictures, which may be more exact.
const FRAMES_TO_WAIT: usize = 64;

/// The greatest relative difference of frame rates that count as alike: 24 and 23.976 differ by
/// 1e-3.
const MAX_RATE_DIFFERENCE: f64 = 5e-4;

/// Follows the times of a reference and an encode.
#[derive(Debug, Default)]
pub(super) struct TimestampCheck {
    /// The frame rates that the files state.
    rates: [Option<f64>; 2],
    /// The reference's timestamps; `NaN` if one is not known.
    times: Vec<f64>,
    /// The timestamps of the first frames of both.
    start: Option<[f64; 2]>,
    /// True if timestamps don't count, or a frame had none: then there is no finding.
    is_disabled: bool,
    /// The delay of the encode's latest frame, with both counted from the first.
    delay: f64,
    /// The frame at which the delay changed most, and by how much.
    jump: (usize, f64),
    /// The number of latest frames in a row that have other timestamps.
    frames_off: usize,
    /// The time elapsed in both videos, by their timestamps.
    elapsed: [f64; 2],
}

impl TimestampCheck {
    /// Starts comparing videos that state these frame rates; timestamps are only compared if
    /// `compare_times`.
    pub(super) fn new(reference: Option<f64>, encode: Option<f64>, compare_times: bool) -> Self {
        Self { rates: [reference, encode], is_disabled: !compare_times, ..Self::default() }
    }

    /// Adds the timestamps of the next pair; the encode may have ended.
    pub(super) fn push(&mut self, reference: Option<f64>, encode: Option<f64>) {
        let index = self.times.len();
        self.times.push(reference.unwrap_or(f64::NAN));
        let (Some(reference), Some(encode)) = (reference, encode) else {
            self.is_disabled |= index == 0 || reference.is_none();
            return;
        };
        if self.is_disabled {
            return;
        }
        let start = *self.start.get_or_insert([reference, encode]);
        let before = self.elapsed[0];
        self.elapsed = [reference - start[0], encode - start[1]];
        let delay = self.elapsed[1] - self.elapsed[0];
        let change = (delay - self.delay).abs();
        if change > self.jump.1 {
            self.jump = (index, change);
        }
        self.delay = delay;
        let duration = self.rates[0].map_or(self.elapsed[0] - before, |rate| 1.0 / rate);
        self.frames_off =
            if delay.abs() > duration / 2.0 + ROUNDING { self.frames_off + 1 } else { 0 };
    }

    /// Returns the timestamp of frame `index` of the reference, if it is known.
    pub(super) fn reference_time(&self, index: usize) -> Option<f64> {
        self.times.get(index).copied().filter(|time| time.is_finite())
    }

    /// Returns the frame rates that the files state, if they are not alike.
    pub(super) fn different_rates(&self) -> Option<[f64; 2]> {
        let [Some(reference), Some(encode)] = self.rates else { return None };
        ((encode / reference - 1.0).abs() > MAX_RATE_DIFFERENCE).then_some([reference, encode])
    }

    /// Returns the finding, once the pictures before frame `compared` were compared.
    pub(super) fn finding(&self, compared: usize, votes: Votes) -> Option<Finding> {
        let since = self.times.len() - self.frames_off;
        (self.frames_off >= FRAMES_NEEDED && compared >= since + FRAMES_TO_WAIT)
            .then(|| self.finding_now(votes))
    }

    /// Returns the finding at the end.
    pub(super) fn finish(&self, votes: Votes) -> Option<Finding> {
        (self.frames_off >= FRAMES_NEEDED_AT_END).then(|| self.finding_now(votes))
    }

    fn finding_now(&self, votes: Votes) -> Finding {
        let (at, change) = self.jump;
        if change >= self.delay.abs() / 2.0 {
            let time = self.reference_time(at);
            return Finding::Jump { frame: at as u64, time, seconds: self.delay, votes };
        }
        let durations = self.times.len() as f64 - 1.0;
        let rates = self.elapsed.map(|elapsed| durations / elapsed);
        Finding::Rate { rates: self.different_rates().unwrap_or(rates), votes }
    }
}
