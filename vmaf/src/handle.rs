//! Progress, events and cancellation of a run, from any thread.
//!
//! A stopped run ends at the next frame that is read of any of its videos, whatever it is doing:
//! scoring them, finding their pairs, taking pictures. A suspended batch first stores what it has
//! measured. Neither waits for a frame of an input that stalls.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use vmaf_core::Frame;
use vmaf_media::{
    Error, Frames, Interrupt, Message, ReadPlan, Result, Source, StreamInfo, Wording,
};

use crate::error;
use crate::failure::EncodeFailure;

/// An event of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The run begins to read frames: to score them, or to take pictures of them.
    Reading {
        /// The number of frames to read, if it is known.
        frames: Option<u64>,
    },
    /// This many of these frames are done.
    Frames(u64),
    /// All of these frames are done.
    Done,
    /// A warning about the results.
    Warning(&'a Message),
    /// A note that affects no result.
    Note(&'a str),
    /// An encode that can't be scored; the others continue.
    Failed {
        /// The encode's place in the request.
        encode: usize,
        /// The reason.
        error: &'a EncodeFailure,
    },
}

type Observer = Box<dyn Fn(Event<'_>) + Send + Sync>;

/// A handle of a run. Its clones belong to the same run.
#[derive(Clone, Default)]
pub struct RunHandle {
    is_stopped: Arc<AtomicBool>,
    is_suspended: Arc<AtomicBool>,
    /// True for runs whose measurements are stored when they are suspended.
    is_storing: bool,
    state: Arc<State>,
    wording: Wording,
}

#[derive(Default)]
struct State {
    measured: AtomicU64,
    /// One more than the number of frames to measure; 0 if it is unknown.
    expected: AtomicU64,
    observer: Option<Observer>,
}

impl RunHandle {
    /// Returns a handle whose run calls `observer` for each event, from the thread that it runs on.
    #[must_use]
    pub fn with_observer(observer: impl Fn(Event<'_>) + Send + Sync + 'static) -> Self {
        let state = State { observer: Some(Box::new(observer)), ..State::default() };
        Self { state: Arc::new(state), ..Self::default() }
    }

    /// Returns the handle of a run that is part of this one: stopped with it, and reporting its progress
    /// but neither warnings nor failures.
    pub(crate) fn part(&self) -> Self {
        let parent = self.clone();
        let part = Self::with_observer(move |event| match event {
            Event::Reading { frames } => parent.start_progress(frames),
            Event::Frames(frames) => parent.set_progress(frames),
            Event::Done => parent.event(event),
            Event::Warning(_) | Event::Note(_) | Event::Failed { .. } => {}
        });
        let (is_stopped, is_suspended) = (self.is_stopped.clone(), self.is_suspended.clone());
        let (wording, is_storing) = (self.wording, self.is_storing);
        Self { is_stopped, is_suspended, is_storing, wording, ..part }
    }

    /// Returns the handle of a run whose results name settings in the words of a front end.
    #[must_use]
    pub fn with_wording(mut self, wording: Wording) -> Self {
        self.wording = wording;
        self
    }

    /// Returns the words in which the run's results name settings.
    pub(crate) fn wording(&self) -> Wording {
        self.wording
    }

    /// Stops the run, which then fails.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Returns true if the run was told to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Has a batch store what it has measured before its next frame, and stop. Other runs have
    /// nothing to store, and go on.
    pub fn suspend(&self) {
        self.is_suspended.store(true, Ordering::Relaxed);
    }

    /// Returns true if the batch was told to store its measurements and stop.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.is_suspended.load(Ordering::Relaxed)
    }

    /// Returns the handle of a run whose measurements are stored when it is suspended: it does not
    /// wait for frames then.
    pub(crate) fn storing(&self) -> Self {
        Self { is_storing: true, ..self.clone() }
    }

    /// Returns the interrupt of readers that wait for frames of the run.
    pub(crate) fn interrupt(&self) -> Interrupt {
        let handle = self.clone();
        Interrupt::new(move || handle.is_stopped() || (handle.is_storing && handle.is_suspended()))
    }

    /// Returns the number of measured frames, and of frames to measure, if it is known.
    #[must_use]
    pub fn progress(&self) -> (u64, Option<u64>) {
        let expected = self.state.expected.load(Ordering::Relaxed).checked_sub(1);
        let measured = self.state.measured.load(Ordering::Relaxed);
        (measured, expected)
    }

    /// Starts counting frames; `frames` is their total number, if it is known.
    pub(crate) fn start_progress(&self, frames: Option<u64>) {
        let expected = frames.map_or(0, |frames| frames.saturating_add(1));
        self.state.expected.store(expected, Ordering::Relaxed);
        self.event(Event::Reading { frames });
    }

    /// Sets the number of finished frames.
    pub(crate) fn set_progress(&self, measured: u64) {
        self.state.measured.store(measured, Ordering::Relaxed);
        self.event(Event::Frames(measured));
    }

    /// Returns the outcome of a run: if it was stopped, that it was, since the errors of its videos
    /// are then not their own.
    pub(crate) fn outcome<T>(&self, outcome: error::Result<T>) -> error::Result<T> {
        if self.is_stopped() { Err(error::Error::Stopped) } else { outcome }
    }

    /// Reports a warning about the results.
    pub(crate) fn warn(&self, warning: impl Into<Message>) {
        self.event(Event::Warning(&warning.into()));
    }

    /// Reports an event.
    pub(crate) fn event(&self, event: Event<'_>) {
        if let Some(observer) = &self.state.observer {
            observer(event);
        }
    }

    /// Returns `source`, whose frames fail once the run is stopped.
    pub(crate) fn stoppable(&self, source: Box<dyn Source>) -> Box<dyn Source> {
        Box::new(StoppableSource { source, handle: self.clone() })
    }
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (measured, expected) = self.progress();
        f.debug_struct("RunHandle")
            .field("measured", &measured)
            .field("expected", &expected)
            .field("is_stopped", &self.is_stopped())
            .finish()
    }
}

/// A source whose frames fail once its run is stopped.
struct StoppableSource {
    source: Box<dyn Source>,
    handle: RunHandle,
}

impl Source for StoppableSource {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn frames(self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        let Self { source, handle } = *self;
        Ok(Box::new(StoppableFrames { frames: source.frames(plan)?, handle }))
    }
}

/// The frames of a [`StoppableSource`].
struct StoppableFrames {
    frames: Box<dyn Frames>,
    handle: RunHandle,
}

impl Frames for StoppableFrames {
    fn info(&self) -> &StreamInfo {
        self.frames.info()
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        self.check()?;
        self.frames.read()
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        // Reads frames one by one, so that the run can be stopped in between.
        for passed in 0..count {
            self.check()?;
            if self.frames.skip(1)? == 0 {
                return Ok(passed);
            }
        }
        Ok(count)
    }
}

impl StoppableFrames {
    /// Fails once the run is stopped.
    fn check(&self) -> Result<()> {
        if self.handle.is_stopped() {
            return Err(Error::Interrupted { path: self.info().path.clone() });
        }
        Ok(())
    }
}
