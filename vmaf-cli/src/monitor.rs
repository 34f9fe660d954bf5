//! How a run is seen, and stopped, from another thread.
//!
//! A run that was told to stop ends at the next frame that is read of any of its videos, whatever it
//! is doing: scoring them, finding their pairs, taking pictures.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use vmaf_core::{Format, Frame};
use vmaf_media::{Error, FrameIndex, Matrix, Result, Source, StreamInfo};

/// What a run tells of itself, and is told. Clones are of the same run.
#[derive(Debug, Clone, Default)]
pub struct Monitor(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_stopped: AtomicBool,
    measured: AtomicU64,
    /// One more than how many frames there are to measure; 0 where that is not known.
    expected: AtomicU64,
}

impl Monitor {
    /// Tells the run to stop. It then fails.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::Relaxed);
    }

    /// How many frames are measured, and how many there are to measure, where that is known.
    #[must_use]
    pub fn progress(&self) -> (u64, Option<u64>) {
        let expected = self.0.expected.load(Ordering::Relaxed).checked_sub(1);
        let measured = self.0.measured.load(Ordering::Relaxed);
        (measured, expected)
    }

    /// Tells how many frames there are to measure.
    pub(crate) fn expect(&self, frames: Option<u64>) {
        let expected = frames.map_or(0, |frames| frames.saturating_add(1));
        self.0.expected.store(expected, Ordering::Relaxed);
    }

    /// Tells how many frames are measured.
    pub(crate) fn at(&self, measured: u64) {
        self.0.measured.store(measured, Ordering::Relaxed);
    }

    /// `source`, which fails once the run is stopped.
    pub(crate) fn watching(&self, source: Box<dyn Source>) -> Box<dyn Source> {
        Box::new(Watched { source, monitor: self.clone(), read: 0 })
    }
}

struct Watched {
    source: Box<dyn Source>,
    monitor: Monitor,
    read: u64,
}

impl Source for Watched {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn look_at(&mut self, format: &Format) {
        self.source.look_at(format);
    }

    fn convert_with(&mut self, matrix: Matrix) {
        self.source.convert_with(matrix);
    }

    fn allow_sizes(&mut self) {
        self.source.allow_sizes();
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        self.check()?;
        self.source.read()
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        // One by one, so that a run can be stopped in between.
        for passed in 0..count {
            self.check()?;
            if self.source.skip(1)? == 0 {
                return Ok(passed);
            }
        }
        Ok(count)
    }

    fn revisit(&mut self, index: &FrameIndex) {
        self.source.revisit(index);
    }
}

impl Watched {
    /// Fails once the run is stopped, and counts the next frame.
    fn check(&mut self) -> Result<()> {
        if self.monitor.0.is_stopped.load(Ordering::Relaxed) {
            let path = self.info().path.clone();
            return Err(Error::Frame { path, frame: self.read, reason: "stopped".to_owned() });
        }
        self.read += 1;
        Ok(())
    }
}
