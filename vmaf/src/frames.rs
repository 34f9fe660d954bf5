//! Frames from memory, pushed one after the other.
//!
//! Each video is a [`Source`] at the end of a channel. A thread reads the run as it reads files, so
//! the same code pairs frames and proves that they belong to the reference. The channels hold a few
//! frames, so that whoever pushes waits for the run and memory stays bounded.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use vmaf_core::error::JobError;
use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Rational, Scorer, memory};
use vmaf_media::conform::converted;
use vmaf_media::{ColorRange, Frames, Matrix, ReadPlan, RgbConverter, Source, StreamInfo};

use crate::encode_result::EncodeResult;
use crate::error::{Error, Result};
use crate::failure::EncodeFailure;
use crate::handle::RunHandle;
use crate::inputs::{OpenInputs, OpenSettings};
use crate::request::{Pairing, Request};
use crate::run::models::Measurements;
use crate::run::{OpenRun, StartedRun};

/// The number of frames of each video that may wait to be read.
const QUEUE_LENGTH: usize = 1;

/// The frame rate if none is given, as for raw video.
const FRAME_RATE: Rational = Rational { num: 25, den: 1 };

/// A run whose frames are pushed. Dropping it stops it.
#[derive(Debug)]
pub struct FrameRun {
    /// The format of pushed YUV: the run's, without chroma if nothing measures it.
    yuv_format: Format,
    /// The format of pushed RGB.
    rgb_format: Format,
    recycler: Recycler,
    frame_rate: Rational,
    count: u64,
    handle: RunHandle,
    /// The channels to the reference and to each encode that has not dropped out.
    reference: SyncSender<Frame>,
    encodes: Vec<Option<SyncSender<Frame>>>,
    run: RunState,
}

#[derive(Debug)]
enum RunState {
    /// Reading the pushed frames.
    Reading(JoinHandle<Result<Vec<EncodeResult>>>),
    /// Finished: it has read all the frames it needs.
    Finished(Vec<EncodeResult>),
    /// Failed, and its error was returned.
    Failed,
}

impl FrameRun {
    /// Starts a run of frames of `format`. The reference and the encodes of `request` are names.
    ///
    /// # Errors
    /// Fails if the request can't be fulfilled with frames of this format.
    pub fn start(request: &Request, format: Format) -> Result<Self> {
        Self::start_converting(request, format, &vec![None; request.encodes.len() + 1])
    }

    /// Starts a run of frames of `format`, of which some videos are RGB: `matrices` has an entry for
    /// the reference and for each encode, the matrix that converts the video to limited-range YUV, or
    /// `None` if it is YUV. The planes of RGB are red, green and blue.
    ///
    /// # Errors
    /// Fails if the request can't be fulfilled with frames of this format, if RGB is not 4:4:4, or if
    /// videos have different matrices.
    pub fn start_converting(
        request: &Request,
        format: Format,
        matrices: &[Option<Matrix>],
    ) -> Result<Self> {
        let matrix = common_matrix(matrices, request.encodes.len() + 1)?;
        if matrix.is_some() && format.chroma() != Chroma::Yuv444 {
            return Err(Error::input(format!("frames are RGB, which is 4:4:4, but are {format}")));
        }
        let Request { reference, encodes: distorted, options, .. } = request;
        let measurements = Measurements::new(options)?;
        let handle = RunHandle::default();
        let open_settings = OpenSettings::new(options, &handle);
        if open_settings.pairing == Pairing::Content {
            return Err(Error::input(
                "pairing by content reads the videos twice, which frames from memory do not allow",
            ));
        }
        let frame_rate = open_settings.frame_rate.unwrap_or(FRAME_RATE);
        let video = |(name, own): (&str, &Option<Matrix>)| {
            let (sender, receiver) = sync_channel(QUEUE_LENGTH);
            let mut info = info(name, format, frame_rate);
            // YUV beside RGB has the matrix by which that is converted.
            info.color.matrix = matrix.map(|matrix| matrix.name().to_owned());
            info.rgb = own.is_some();
            info.range = own.is_some().then_some(ColorRange::Limited);
            let source = Box::new(ChannelSource { info, receiver, converter: None });
            (sender, handle.stoppable(converted(source, matrix.unwrap_or_default())))
        };
        let (to_reference, source) = video((reference, &matrices[0]));
        let distorted_names = distorted.iter().map(String::as_str);
        let (senders, sources): (Vec<_>, Vec<_>) =
            distorted_names.zip(&matrices[1..]).map(video).unzip();
        let encodes = distorted.iter().map(String::as_str).zip(sources.into_iter().map(Ok));
        let inputs = OpenInputs::compare(source, encodes, &open_settings)?;
        let opened = OpenRun::with_inputs(measurements, inputs, options, &handle)?;
        let (started, scorer) = opened.start()?;
        let chroma = scorer.required_format().chroma();
        let work = move || {
            let results = memory::catch(|| results(started, scorer));
            results.unwrap_or_else(|refused| Err(refused.into()))
        };
        let thread = thread::Builder::new().spawn(work).map_err(|error| {
            let failure = JobError::Threads { count: 1, reason: error.to_string() };
            Error::Core(failure.into())
        })?;
        Ok(Self {
            yuv_format: format.with_chroma(chroma),
            rgb_format: format,
            recycler: Recycler::default(),
            frame_rate,
            count: 0,
            handle,
            reference: to_reference,
            encodes: senders.into_iter().map(Some).collect(),
            run: RunState::Reading(thread),
        })
    }

    /// Returns a frame of YUV to write to and push. Its samples are arbitrary.
    #[must_use]
    pub fn frame(&self) -> Frame {
        self.recycler.frame(self.yuv_format)
    }

    /// Returns a frame of RGB to write to and push. Its samples are arbitrary.
    #[must_use]
    pub fn rgb_frame(&self) -> Frame {
        self.recycler.frame(self.rgb_format)
    }

    /// Returns the number of frames pushed of each video.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Pushes the next frame of the reference and of each encode, and waits until there is room.
    /// Frames after the requested ones are ignored.
    ///
    /// # Errors
    /// Returns the run's error if it failed: nothing more can be measured then.
    pub fn push(&mut self, reference: Frame, distorted: Vec<Frame>) -> Result<()> {
        if distorted.len() != self.encodes.len() {
            return Err(Error::input(format!(
                "frame {} has {} encodes, earlier frames have {}",
                self.count,
                distorted.len(),
                self.encodes.len()
            )));
        }
        let (time, frame_rate) = (self.frame_rate.time_of(self.count), self.frame_rate);
        let shown = |mut frame: Frame| {
            (frame.time, frame.frame_rate) = (Some(time), Some(frame_rate));
            frame
        };
        self.count += 1;
        let is_read = self.reference.send(shown(reference)).is_ok();
        for (sender, frame) in self.encodes.iter_mut().zip(distorted) {
            if sender.as_ref().is_some_and(|to| to.send(shown(frame)).is_err()) {
                *sender = None;
            }
        }
        if is_read {
            return Ok(());
        }
        let measured = self.take_results()?;
        if measured.iter().all(|encode| encode.failure().is_some()) {
            return Err(
                EncodeFailure::all(measured.iter().filter_map(EncodeResult::failure)).into()
            );
        }
        self.run = RunState::Finished(measured);
        Ok(())
    }

    /// Ends the videos here, and returns the result of each encode.
    ///
    /// # Errors
    /// Returns the run's error if it failed.
    pub fn finish(mut self) -> Result<Vec<EncodeResult>> {
        // Nobody reads the replacement.
        self.reference = sync_channel(0).0;
        self.encodes.clear();
        self.take_results()
    }

    /// Ends the run and returns its results.
    fn take_results(&mut self) -> Result<Vec<EncodeResult>> {
        match std::mem::replace(&mut self.run, RunState::Failed) {
            RunState::Reading(thread) => thread
                .join()
                .unwrap_or_else(|_| Err(Error::input("the thread of the run panicked"))),
            RunState::Finished(measured) => Ok(measured),
            RunState::Failed => Err(Error::input("the run has already failed")),
        }
    }
}

impl Drop for FrameRun {
    fn drop(&mut self) {
        self.handle.stop();
    }
}

/// Reads a run that has started to its end.
fn results(mut run: StartedRun, mut scorer: Scorer) -> Result<Vec<EncodeResult>> {
    let (ends, stats) = run.read(&mut scorer)?;
    let scores = run.plan.conclude(&ends, scorer)?;
    EncodeResult::all(&run.plan, &run.planned, scores, stats, None)
}

/// A video whose frames come through a channel.
struct ChannelSource {
    info: StreamInfo,
    receiver: Receiver<Frame>,
    /// Converts frames if they are RGB.
    converter: Option<RgbConverter>,
}

impl Source for ChannelSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(mut self: Box<Self>, plan: &ReadPlan) -> vmaf_media::Result<Box<dyn Frames>> {
        // YUV is pushed in the required form.
        let matrix = plan.matrix.unwrap_or_default();
        self.converter = self.info.rgb.then(|| RgbConverter::new(matrix, plan.rgb));
        Ok(self)
    }
}

impl Frames for ChannelSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> vmaf_media::Result<Option<Frame>> {
        // The sender is dropped after the last frame.
        let Ok(mut frame) = self.receiver.recv() else { return Ok(None) };
        if let Some(converter) = &self.converter {
            converter.convert(&mut frame);
        }
        Ok(Some(frame))
    }
}

/// Returns the one matrix of the videos that are RGB, `None` if none is.
fn common_matrix(matrices: &[Option<Matrix>], videos: usize) -> Result<Option<Matrix>> {
    if matrices.len() != videos {
        let reason = format!("{} matrices are given for {videos} videos", matrices.len());
        return Err(Error::input(reason));
    }
    let mut all = matrices.iter().flatten();
    let Some(matrix) = all.next() else { return Ok(None) };
    match all.find(|other| *other != matrix) {
        Some(other) => Err(Error::input(format!(
            "videos are converted from RGB by different matrices, {matrix} and {other}"
        ))),
        None => Ok(Some(*matrix)),
    }
}

/// Facts about frames from memory: the same as about raw video.
fn info(name: &str, format: Format, frame_rate: Rational) -> StreamInfo {
    StreamInfo {
        frame_rate: Some(frame_rate),
        has_times: false,
        ..StreamInfo::new(name, format, "rawvideo")
    }
}
