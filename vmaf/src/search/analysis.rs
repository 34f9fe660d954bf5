//! The source, analysed in one pass over its frames.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use vmaf_core::{pool, scene};
use vmaf_media::{Rational, ReadPlan, Source};

use super::content::FrameContent;
use crate::error::{Error, Result};
use crate::handle::{Event, RunHandle};

/// The frame rate of a video that states none.
const DEFAULT_RATE: f64 = 25.0;

/// The largest deviation of timestamps from a constant rate: Matroska rounds to milliseconds.
const MAX_DEVIATION: f64 = 0.002;

/// Facts about each frame of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SourceAnalysis {
    /// The nominal frame rate.
    rate: Option<Rational>,
    times: Vec<Option<f64>>,
    /// The change from the frame before, and the detail, in levels of 8 bits.
    changes: Vec<f32>,
    details: Vec<f32>,
}

impl SourceAnalysis {
    /// Reads all frames of `source`. `handle` shows progress.
    pub(super) fn read(source: Box<dyn Source>, handle: &RunHandle) -> Result<Self> {
        let info = source.info();
        let (path, has_times) = (info.path.clone(), info.has_times);
        let rate = info.frame_rate;
        handle.start_progress(info.frames);
        let mut frames = source.frames(&ReadPlan::luma())?;
        let mut analysis =
            Self { rate, times: Vec::new(), changes: Vec::new(), details: Vec::new() };
        let mut previous: Option<FrameContent> = None;
        while let Some(frame) = frames.read()? {
            let content = FrameContent::from_frame(&frame);
            let change = previous.map_or(0.0, |previous| content.change_from(&previous));
            analysis.times.push(frame.time.filter(|_| has_times));
            analysis.changes.push(change);
            analysis.details.push(content.detail);
            previous = Some(content);
            handle.set_progress(analysis.frames());
        }
        handle.event(Event::Done);
        if analysis.frames() == 0 {
            return Err(Error::input(format!("{path} has no frames")));
        }
        Ok(analysis)
    }

    /// Returns the number of frames.
    pub(super) fn frames(&self) -> u64 {
        self.changes.len() as u64
    }

    /// Returns the scenes, which cover all frames.
    pub(super) fn scenes(&self) -> Vec<Range<u64>> {
        scene::scenes(&self.changes)
    }

    /// Returns the detail of a frame.
    pub(super) fn detail(&self, frame: u64) -> f32 {
        self.details.get(frame as usize).copied().unwrap_or_default()
    }

    /// Returns the logarithms of the mean detail and of the mean change of these frames. Scores at a
    /// setting depend on both, in opposite directions. The cut that `is_cut` says is before them is
    /// no change of theirs.
    pub(super) fn content(&self, frames: &Range<u64>, is_cut: bool) -> [f64; 2] {
        let mean = |of: &[f32], start: u64| {
            let values = of.get(start as usize..frames.end as usize).unwrap_or_default();
            let sum: f64 = values.iter().map(|value| f64::from(*value)).sum();
            (sum / values.len().max(1) as f64).ln_1p()
        };
        let start = frames.start;
        [mean(&self.details, start), mean(&self.changes, start + u64::from(is_cut))]
    }

    /// Returns the time of each frame in seconds: the file's own, or those of its frame rate.
    pub(super) fn times(&self) -> Vec<f64> {
        let numbers: Vec<u64> = (0..self.frames()).collect();
        pool::complete_times(&numbers, &self.times)
            .unwrap_or_else(|| numbers.iter().map(|frame| *frame as f64 / self.rate()).collect())
    }

    /// Returns the timestamp of a frame, if the file itself has it.
    pub(super) fn own_time(&self, frame: u64) -> Option<f64> {
        self.times.get(frame as usize).copied().flatten()
    }

    /// Returns the nominal frame rate.
    pub(super) fn rate(&self) -> f64 {
        self.rate.map_or(DEFAULT_RATE, Rational::as_f64)
    }

    /// Returns the frame rate if it is constant.
    pub(super) fn constant_rate(&self) -> Option<Rational> {
        let rate = self.rate?;
        let times = self.times();
        let is_regular = times.iter().enumerate().all(|(frame, time)| {
            (time - times[0] - frame as f64 / rate.as_f64()).abs() <= MAX_DEVIATION
        });
        is_regular.then_some(rate)
    }

    /// Returns the duration in seconds.
    pub(super) fn seconds(&self) -> f64 {
        match self.times()[..] {
            [first, .., last] => last - first + 1.0 / self.rate(),
            _ => 1.0 / self.rate(),
        }
    }
}

#[cfg(test)]
impl SourceAnalysis {
    /// Returns the analysis of frames at 25 frames per second, with these changes and details.
    pub(super) fn of_frames(frames: impl Iterator<Item = (f32, f32)>) -> Self {
        let (changes, details): (Vec<f32>, Vec<f32>) = frames.unzip();
        let rate = Some(Rational { num: 25, den: 1 });
        Self { rate, times: vec![None; changes.len()], changes, details }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_times(times: impl Iterator<Item = f64>) -> SourceAnalysis {
        let times: Vec<Option<f64>> = times.map(Some).collect();
        let frames = times.iter().map(|_| (0.0, 1.0));
        SourceAnalysis { times: times.clone(), ..SourceAnalysis::of_frames(frames) }
    }

    #[test]
    fn a_rate_is_constant_if_timestamps_say_so() {
        let rounded = with_times((0..100).map(|frame| f64::from(frame) / 25.0 + 0.001));
        assert!(rounded.constant_rate().is_some());
        assert!((rounded.seconds() - 4.0).abs() < 1e-9);
        let variable = with_times((0..100).map(|frame| f64::from(frame * (1 + frame % 2)) / 25.0));
        assert_eq!(variable.constant_rate(), None);
        // Files without timestamps have those of their rate.
        let raw = SourceAnalysis::of_frames((0..50).map(|_| (0.0, 1.0)));
        assert!(raw.constant_rate().is_some());
        assert!((raw.times()[49] - 1.96).abs() < 1e-9);
    }

    #[test]
    fn content_is_detail_and_change_without_the_cut() {
        let analysis = SourceAnalysis::of_frames((0..20).map(|frame| match frame {
            10 => (30.0, 6.0),
            frame => (0.5, frame as f32 / 10.0),
        }));
        let [detail, change] = analysis.content(&(10..20), true);
        assert!((change - 1.5_f64.ln()).abs() < 1e-9, "{change}");
        assert!(detail > analysis.content(&(0..10), false)[0]);
        assert!(analysis.content(&(10..20), false)[1] > change);
    }
}
