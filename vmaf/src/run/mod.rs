//! A run: it reads a reference and its encodes in one pass, and returns a result for each encode.
//!
//! The request is checked completely before the first frame is read. From then on an encode that
//! fails drops out while the others continue; only a failure of the reference ends the run.
//!
//! The [plan], made before the first frame, and the ends of the videos make the results, in one run
//! or in parts.

pub(crate) mod light;
pub(crate) mod models;
pub(crate) mod plan;
mod reading;
pub(crate) mod sample;

use std::num::NonZero;
use std::sync::Arc;

use vmaf_core::{Chroma, Level, Scorer, memory};
use vmaf_media::ReadPlan;

use self::models::Measurements;
use self::plan::{PlannedJob, RunPlan, RunStats};
use self::reading::Reading;
use crate::conform::Conformer;
use crate::encode_result::EncodeResult;
use crate::error::Result;
use crate::handle::{Event, RunHandle};
use crate::heatmaps::Heatmaps;
use crate::inputs::{InputReader, OpenInputs, OpenSettings, State, StreamEnds, expanded_patterns};
use crate::request::{Options, Request};
use crate::result::Run;

impl Request {
    /// Scores the encodes in one pass.
    ///
    /// An encode that can't be scored does not affect the others: its
    /// [`EncodeResult`](crate::EncodeResult) has the reason.
    ///
    /// # Errors
    /// Fails if the request can't be fulfilled, or the reference can't be read.
    pub fn run(&self) -> Result<Run> {
        self.run_with(&RunHandle::default())
    }

    /// Scores the encodes as [`run`](Self::run) does. `handle` shows progress and can stop the run.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does, and if the run was stopped.
    pub fn run_with(&self, handle: &RunHandle) -> Result<Run> {
        let outcome = memory::catch(|| run(self, handle));
        handle.outcome(outcome.unwrap_or_else(|refused| Err(refused.into())))
    }
}

/// Runs a request.
fn run(request: &Request, handle: &RunHandle) -> Result<Run> {
    let Request { reference, encodes, options, .. } = request;
    let measurements = Measurements::new(options)?;
    if let Some(hint) = expanded_patterns::hint(reference, encodes) {
        handle.warn(hint);
    }
    let open_settings =
        OpenSettings { indexed: request.pictures, ..OpenSettings::new(options, handle) };
    let inputs = OpenInputs::open_paired(reference, encodes, &open_settings)?;
    let mut opened = OpenRun::with_inputs(measurements, inputs, options, handle)?;
    opened.plan.column_gates(&opened.planned, &request.gates)?;
    let first = opened.plan.frames.start;
    let folder = request.heatmaps.as_deref();
    if let Some(heatmaps) = Heatmaps::new(&opened.planned.measured, folder, encodes, first)? {
        opened.planned.job = opened.planned.job.maps(Arc::new(heatmaps));
    }
    let (mut started, mut scorer) = opened.start()?;
    started.report_failed();
    let (ends, stats) = started.read(&mut scorer)?;
    let StartedRun { mut plan, planned, inputs, .. } = started;
    let scores = plan.conclude(&ends, scorer)?;
    let results = EncodeResult::all(&plan, &planned, scores, stats, Some(request))?;
    let run = Run::new(results, &request.gates, &request.pools)?;
    let mut run = run.with_wording(handle.wording());
    // Warnings about the models were reported before the first frame.
    let known = plan.warnings(&planned.models).len();
    run.warnings()[known..].iter().for_each(|warning| handle.warn(warning));
    if request.pictures {
        // This closes the videos, before they are opened again.
        run.set_frame_locations(inputs.into_frame_locations());
    }
    Ok(run)
}

/// A run whose videos are open, and not yet read.
pub(crate) type OpenRun = PlannedRun<OpenInputs>;

/// A run whose videos are read.
pub(crate) type StartedRun = PlannedRun<InputReader>;

/// A planned run of `I`, the inputs in one of their stages.
pub(crate) struct PlannedRun<I> {
    pub(crate) plan: RunPlan,
    pub(crate) planned: PlannedJob,
    pub(crate) inputs: I,
    handle: RunHandle,
    threads: usize,
    level: Level,
}

impl OpenRun {
    /// Opens the videos and plans the run.
    pub(crate) fn open(
        measurements: Measurements,
        reference: &str,
        encodes: &[String],
        options: &Options,
        handle: &RunHandle,
    ) -> Result<Self> {
        let inputs =
            OpenInputs::open_paired(reference, encodes, &OpenSettings::new(options, handle))?;
        Self::with_inputs(measurements, inputs, options, handle)
    }

    /// Plans the run of videos that are open.
    pub(crate) fn with_inputs(
        measurements: Measurements,
        inputs: OpenInputs,
        options: &Options,
        handle: &RunHandle,
    ) -> Result<Self> {
        let plan = RunPlan::new(measurements, &inputs, options)?;
        let planned = plan.job()?;
        let conformer = Conformer::new(&options.conform);
        conformer.check_models(&plan.reference, !planned.models.is_empty())?;
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        };
        let level = Level::best();
        Ok(Self { plan, planned, inputs, handle: handle.clone(), threads, level })
    }

    /// Starts the job and begins to read ahead.
    pub(crate) fn start(self) -> Result<(StartedRun, Scorer)> {
        let Self { plan, planned, mut inputs, handle, threads, level } = self;
        let scorer = planned.job.clone().threads(threads).level(level).start()?;
        if scorer.required_format().chroma() != Chroma::Mono {
            inputs.require_chroma();
        }
        let inputs = inputs.start(&scorer)?;
        Ok((StartedRun { plan, planned, inputs, handle, threads, level }, scorer))
    }
}

impl StartedRun {
    /// Reports the warnings about the models, and each encode that can't be read, before the
    /// others take their time. Returns the latter's places.
    pub(crate) fn report_failed(&self) -> Vec<usize> {
        for warning in self.plan.warnings(&self.planned.models) {
            self.handle.warn(warning);
        }
        let mut failed = Vec::new();
        for (encode, of) in self.inputs.encodes().iter().enumerate() {
            if let State::Failed(error) = &of.state {
                self.handle.event(Event::Failed { encode, error });
                failed.push(encode);
            }
        }
        failed
    }

    /// Reads the videos into `scorer`.
    pub(crate) fn read(&mut self, scorer: &mut Scorer) -> Result<(StreamEnds, RunStats)> {
        let handle = self.handle.clone();
        handle.start_progress(self.expected(scorer));
        let read = self.read_with(scorer, |_, scorer| {
            handle.set_progress(scorer.measured_groups());
            Ok(())
        });
        if let Ok((_, stats)) = &read {
            // The last frames were still being measured when reading ended.
            handle.set_progress(stats.count);
        }
        handle.event(Event::Done);
        read
    }

    /// Returns the number of frames to read into `scorer`, if it is known.
    pub(crate) fn expected(&self, scorer: &Scorer) -> Option<u64> {
        Reading::expected(&self.inputs, scorer)
    }

    /// Reads the videos into `scorer`, and calls `pushed` after each frame.
    pub(crate) fn read_with(
        &mut self,
        scorer: &mut Scorer,
        mut pushed: impl FnMut(&InputReader, &mut Scorer) -> Result<()>,
    ) -> Result<(StreamEnds, RunStats)> {
        let mut stats = RunStats::start(self.threads, self.level);
        self.plan.reading().read(&mut self.inputs, scorer, |inputs, scorer| {
            stats.count += 1;
            pushed(inputs, scorer)
        })?;
        Ok((self.inputs.ends(), stats))
    }
}

/// Counts the frames of the reference at `path`.
pub(crate) fn count(path: &str, options: &Options, handle: &RunHandle) -> Result<u64> {
    let open_settings = OpenSettings::new(options, handle);
    let source = open_settings.open(path, open_settings.streams.of_reference())?;
    let mut frames = source.frames(&ReadPlan::default())?;
    let mut count = 0;
    while frames.read()?.is_some() {
        count += 1;
    }
    Ok(count)
}
