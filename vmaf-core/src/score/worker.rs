//! State shared by a scorer's threads: the extractors, their workspaces and the measured values.

use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::table::ScoreTable;
use crate::column::Column;
use crate::error::JobError;
use crate::feature::{
    AnyExtractor, Feature, Options, Requirements, Rows, Series, ThreadExtractor, ValueLayout, When,
    Window,
};
use crate::memory::OutOfMemory;
use crate::model::Model;
use crate::scene;
use crate::{Chroma, Error, Frame, FrameGroup, Result};

/// The purpose of a pushed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The frame is scored.
    Scored,
    /// The frame lies between scored frames and is not scored.
    Between,
    /// The values of other frames depend on this frame's temporal features.
    Context,
    /// The frame serves at most as a predecessor of another frame.
    Unused,
}

/// A frame group to be measured.
pub(super) struct Task {
    pub(super) index: u64,
    pub(super) slot: usize,
    pub(super) role: Role,
    /// The pictures at each of the job's bit depths.
    pub(super) pictures: Vec<Pictures>,
}

/// A frame group and the earlier ones that extractors look back at, at one bit depth.
pub(super) struct Pictures {
    pub(super) group: FrameGroup,
    /// Earlier reference frames, the latest first.
    pub(super) previous: Vec<Arc<Frame>>,
    /// Earlier frames of the encodes, the latest first.
    pub(super) previous_distorted: Vec<Vec<Option<Arc<Frame>>>>,
}

/// A feature planned for all its variants.
pub(super) struct FeaturePlan {
    pub(super) extractor: Arc<dyn AnyExtractor>,
    pub(super) requirements: Requirements,
    /// The position of each variant's values in a row.
    pub(super) layouts: Vec<ValueLayout>,
    /// The index of the bit depth at which it is measured.
    pub(super) depth: usize,
    /// The encodes that it measures.
    pub(super) encodes: Vec<bool>,
}

/// The columns of one variant of a feature, and the source of their values.
#[derive(Debug, Clone)]
pub(super) struct VariantOutputs {
    /// For each encode, the index of the [`FeaturePlan`] that measures it and of its variant there.
    measured_by: Vec<(usize, usize)>,
    /// All per-frame outputs.
    per_frame: Vec<FrameOutput>,
    at_end: Vec<OutputColumn>,
    of_video: Vec<OutputColumn>,
}

/// An output: its index among outputs of its kind, and its column's name.
#[derive(Debug, Clone)]
struct OutputColumn {
    index: usize,
    name: String,
    /// The number of the feature's per-frame outputs before it.
    before: usize,
}

/// A per-frame output.
#[derive(Debug, Clone)]
struct FrameOutput {
    /// The column's name.
    name: String,
    is_hidden: bool,
    /// The output's position in a row, if it is measured.
    at: Option<usize>,
}

impl VariantOutputs {
    /// Creates a variant of a feature for `encodes` encodes, with its values in rows from `start`
    /// on.
    pub(super) fn new(
        feature: &'static Feature,
        options: &Options,
        chroma: Chroma,
        encodes: usize,
        start: usize,
    ) -> (Self, ValueLayout) {
        let mut places = ValueLayout { start, present: Vec::new() };
        let (mut per_frame, mut at_end, mut of_video) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ends, mut videos) = (0, 0);
        for output in feature.outputs {
            let mut there = feature.outputs_under(options, chroma);
            let is_there = there.any(|other| std::ptr::eq(other, output));
            let (name, before) = (feature.column(output, options), per_frame.len());
            match output.when {
                When::Frame | When::Hidden => {
                    let at = is_there.then_some(start + places.present.len());
                    if is_there {
                        places.present.push(per_frame.len());
                    }
                    let is_hidden = output.when == When::Hidden;
                    per_frame.push(FrameOutput { name, is_hidden, at });
                }
                When::End => {
                    at_end.extend(is_there.then_some(OutputColumn { index: ends, name, before }));
                    ends += 1;
                }
                When::Video => {
                    of_video.extend(is_there.then_some(OutputColumn {
                        index: videos,
                        name,
                        before,
                    }));
                    videos += 1;
                }
            }
        }
        let measured_by = vec![(0, 0); encodes];
        (Self { measured_by, per_frame, at_end, of_video }, places)
    }

    /// Records that variant `plan.1` of the [`FeaturePlan`] with index `plan.0` measures it for
    /// `encodes`.
    pub(super) fn set_plan(&mut self, plan: (usize, usize), encodes: &[bool]) {
        let places = self.measured_by.iter_mut().zip(encodes);
        places.filter(|(_, measured)| **measured).for_each(|(place, _)| *place = plan);
    }

    /// The number of values per frame.
    fn frame_outputs(&self) -> usize {
        self.per_frame.iter().filter(|output| output.at.is_some()).count()
    }
}

/// A frame's values: one row per encode, `NaN` where undefined.
#[derive(Debug, Clone)]
pub(super) struct FrameValues {
    pub(super) index: u64,
    pub(super) role: Role,
    pub(super) time: Option<f64>,
    /// The reference's change from the frame before, if scenes are detected.
    pub(super) change: Option<f32>,
    /// The encodes that have not dropped out.
    pub(super) present: Vec<bool>,
    pub(super) values: Vec<f64>,
}

#[derive(Default)]
struct Progress {
    frames: Vec<FrameValues>,
    in_flight: usize,
    done: u64,
    /// The failure of the earliest frame that failed.
    failure: Option<(u64, Error)>,
}

/// One thread's extractor for each [`FeaturePlan`].
type ThreadExtractors = Vec<Box<dyn ThreadExtractor>>;

/// The state that the threads share.
pub(super) struct SharedState {
    encodes: usize,
    /// The greatest number of frames in flight.
    limit: usize,
    plans: Vec<FeaturePlan>,
    variants: Vec<VariantOutputs>,
    models: Vec<Model>,
    row: usize,
    progress: Mutex<Progress>,
    room: Condvar,
    /// Extractors that no thread uses at the moment.
    idle: Mutex<Vec<ThreadExtractors>>,
}

impl SharedState {
    pub(super) fn new(
        encodes: usize,
        threads: usize,
        plans: Vec<FeaturePlan>,
        variants: Vec<VariantOutputs>,
        models: Vec<Model>,
    ) -> Self {
        let row = variants.iter().map(VariantOutputs::frame_outputs).sum();
        Self {
            encodes,
            // While all threads work, the caller prepares the next frame. With many threads, a few
            // more frames in flight keep threads from waiting for it.
            limit: threads + threads / 4,
            plans,
            variants,
            models,
            row,
            progress: Mutex::default(),
            room: Condvar::new(),
            idle: Mutex::default(),
        }
    }

    pub(super) fn encodes(&self) -> usize {
        self.encodes
    }

    /// The number of values per encode in a frame.
    pub(super) fn row(&self) -> usize {
        self.row
    }

    pub(super) fn measured(&self) -> u64 {
        self.progress().done
    }

    /// Adds frames that were measured earlier, all of which precede the pushed ones.
    pub(super) fn add(&self, measured: Vec<FrameValues>) {
        self.progress().frames.extend(measured);
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until another frame may be in flight, reserves space for its values and returns its
    /// slot.
    pub(super) fn begin(
        &self,
        index: u64,
        role: Role,
        group: &FrameGroup,
        change: Option<f32>,
    ) -> Result<usize> {
        let mut progress = self.progress();
        while progress.in_flight >= self.limit {
            progress = self.room.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some((_, error)) = &progress.failure {
            return Err(error.clone());
        }
        progress.in_flight += 1;
        let time = group.reference.time;
        let present = group.distorted.iter().map(Option::is_some).collect();
        let values = Vec::new();
        progress.frames.push(FrameValues { index, role, time, change, present, values });
        Ok(progress.frames.len() - 1)
    }

    /// Measures a frame group and stores its values.
    pub(super) fn measure(&self, task: Task) {
        let measuring = std::panic::AssertUnwindSafe(|| self.values(&task));
        let result = std::panic::catch_unwind(measuring).unwrap_or_else(|payload| match payload
            .downcast::<OutOfMemory>(
        ) {
            Ok(refused) => Err((*refused).into()),
            Err(_) => Err(JobError::Panic { frame: task.index }.into()),
        });
        let Task { index, slot, .. } = task;
        // The pictures' memory is freed before another frame may enter.
        drop(task.pictures);
        let mut progress = self.progress();
        progress.in_flight -= 1;
        progress.done += 1;
        match result {
            Ok(values) => progress.frames[slot].values = values,
            Err(error) => {
                if progress.failure.as_ref().is_none_or(|(earliest, _)| index < *earliest) {
                    progress.failure = Some((index, error));
                }
            }
        }
        self.room.notify_all();
    }

    fn values(&self, task: &Task) -> Result<Vec<f64>> {
        let mut values = vec![f64::NAN; self.row * self.encodes];
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut extractors = idle.unwrap_or_else(|| {
            self.plans.iter().map(|plan| plan.extractor.clone().for_thread()).collect()
        });
        for (plan, extractor) in self.plans.iter().zip(&mut extractors) {
            let pictures = &task.pictures[plan.depth];
            let is_of_all = plan.encodes.iter().all(|measured| *measured);
            let own = (!is_of_all).then(|| pictures.group.only(&plan.encodes));
            let group = own.as_ref().unwrap_or(&pictures.group);
            if !is_of_all && group.distorted.iter().all(Option::is_none) {
                continue;
            }
            let window = Window {
                index: task.index,
                reference: &group.reference,
                distorted: &group.distorted,
                previous: &pictures.previous,
                previous_distorted: &pictures.previous_distorted,
            };
            let Requirements { all_frames, neighbours, .. } = plan.requirements;
            let is_part = task.role == Role::Between && all_frames;
            let has_neighbours = neighbours != Default::default();
            if task.role == Role::Scored || is_part || has_neighbours {
                let mut rows = Rows::new(&mut values, self.row, &plan.layouts, &plan.encodes);
                extractor.extract(&window, &mut rows)?;
            }
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(extractors);
        Ok(values)
    }

    /// Waits until no frame is in flight and returns the frames measured from index `from` on.
    pub(super) fn wait(&self, from: usize) -> Result<Vec<FrameValues>> {
        let mut progress = self.progress();
        while progress.in_flight > 0 {
            progress = self.room.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        match &progress.failure {
            Some((_, error)) => Err(error.clone()),
            None => Ok(progress.frames.get(from..).unwrap_or_default().to_vec()),
        }
    }

    /// Returns the values of the frames with numbers `range`, if all of them are measured.
    pub(super) fn measured_range(&self, range: Range<u64>) -> Result<Option<Vec<FrameValues>>> {
        let progress = self.progress();
        if let Some((_, error)) = &progress.failure {
            return Err(error.clone());
        }
        let Some(first) = progress.frames.first().map(|frame| frame.index) else {
            return Ok(None);
        };
        // Frames are consecutive, and those in flight have no values yet.
        let slot = |index: u64| index.checked_sub(first).map(|slot| slot as usize);
        let slots = slot(range.start).zip(slot(range.end));
        let frames = slots.and_then(|(start, end)| progress.frames.get(start..end));
        let is_measured = |frame: &FrameValues| !frame.values.is_empty();
        Ok(frames.filter(|frames| frames.iter().all(is_measured)).map(<[_]>::to_vec))
    }

    /// Converts the measured values to a table for each encode.
    ///
    /// Unless the frames are `complete`, columns that depend on neighbours are left out.
    pub(super) fn tables(&self, measured: &[FrameValues], complete: bool) -> Vec<ScoreTable> {
        (0..self.encodes).map(|encode| self.table(encode, measured, complete)).collect()
    }

    fn table(&self, encode: usize, measured: &[FrameValues], complete: bool) -> ScoreTable {
        // For an encode that dropped out, the video ends there.
        let end = measured.iter().position(|frame| !frame.present[encode]);
        let measured = &measured[..end.unwrap_or(measured.len())];
        let roles: Vec<Role> = measured.iter().map(|frame| frame.role).collect();
        let only = |values: &[f64], which: &[Role]| -> Vec<f64> {
            let values = values.iter().zip(&roles);
            values.filter(|(_, role)| which.contains(role)).map(|(value, _)| *value).collect()
        };
        let scored_only = |values: &[f64]| only(values, &[Role::Scored]);
        // Columns follow the order in which libvmaf first writes them: per-frame values by feature,
        // then values known only at the end by feature, then models.
        let (mut columns, mut at_end, mut aggregates) = (Vec::new(), Vec::new(), Vec::new());
        for variant in &self.variants {
            let values = |output: &FrameOutput| -> Vec<f64> {
                let at = output.at.map(|at| encode * self.row + at);
                at.map_or(Vec::new(), |at| measured.iter().map(|frame| frame.values[at]).collect())
            };
            let per_frame: Vec<Vec<f64>> = variant.per_frame.iter().map(values).collect();
            let first = measured.first().map_or(0, |frame| frame.index);
            let finished = if complete {
                self.finish(variant, encode, &per_frame, (first, measured.len()))
            } else {
                Vec::new()
            };
            let finished = finished.into_iter().zip(&variant.at_end).map(|(column, place)| {
                (Column { values: scored_only(&column.values), ..column }, place.before)
            });
            let mut finished = finished.peekable();
            let (plan, _) = variant.measured_by[encode];
            let of_video: &[Role] = if self.plans[plan].requirements.all_frames {
                &[Role::Scored, Role::Between]
            } else {
                &[Role::Scored]
            };
            let of_video: Vec<Vec<f64>> =
                per_frame.iter().map(|values| only(values, of_video)).collect();
            aggregates.extend(self.aggregate(variant, encode, &of_video, first));
            let outputs = variant.per_frame.iter().zip(&per_frame).enumerate();
            for (index, (output, values)) in outputs {
                while let Some((column, _)) = finished.next_if(|(_, before)| *before <= index) {
                    columns.push(column);
                }
                if output.at.is_some() && !output.is_hidden {
                    let (name, values) = (output.name.clone(), scored_only(values));
                    columns.push(Column { name, values });
                }
            }
            at_end.extend(finished.map(|(column, _)| column));
        }
        columns.extend(at_end);

        let frames = measured.iter().filter(|frame| frame.role == Role::Scored);
        let (frames, times) = frames.map(|frame| (frame.index, frame.time)).unzip();
        let mut scored = ScoreTable::new(frames, times, columns, aggregates, scenes(measured));
        for model in &self.models {
            scored.add_model(model);
        }
        scored
    }

    /// The columns of one variant of an encode that depend on neighbouring frames, for `frames`
    /// frames from number `first` on.
    fn finish(
        &self,
        variant: &VariantOutputs,
        encode: usize,
        per_frame: &[Vec<f64>],
        (first, frames): (u64, usize),
    ) -> Vec<Column> {
        let new = |place: &OutputColumn| Column {
            name: place.name.clone(),
            values: vec![f64::NAN; frames],
        };
        let mut columns: Vec<Column> = variant.at_end.iter().map(new).collect();
        if columns.is_empty() || frames == 0 {
            return columns;
        }
        let values: Vec<&[f64]> = per_frame.iter().map(|values| &values[..]).collect();
        let series = Series { first, columns: &values };
        let (plan, index) = variant.measured_by[encode];
        let extractor = &self.plans[plan].extractor;
        extractor.finish(index, &series, &mut |frame, values| {
            for (column, place) in columns.iter_mut().zip(&variant.at_end) {
                column.values[frame] = values[place.index];
            }
        });
        columns
    }

    /// The whole-video values of one variant of an encode.
    fn aggregate(
        &self,
        variant: &VariantOutputs,
        encode: usize,
        per_frame: &[Vec<f64>],
        first: u64,
    ) -> Vec<(String, f64)> {
        if variant.of_video.is_empty() {
            return Vec::new();
        }
        let values: Vec<&[f64]> = per_frame.iter().map(|values| &values[..]).collect();
        let series = Series { first, columns: &values };
        let (plan, index) = variant.measured_by[encode];
        let extractor = &self.plans[plan].extractor;
        let values = extractor.aggregate(index, &series);
        let places = variant.of_video.iter();
        places.map(|place| (place.name.clone(), values[place.index])).collect()
    }
}

/// Returns the scenes of the scored frames and those between them, by frame number.
fn scenes(measured: &[FrameValues]) -> Vec<Range<u64>> {
    let is_inside = |frame: &&FrameValues| matches!(frame.role, Role::Scored | Role::Between);
    let inside: Vec<&FrameValues> = measured.iter().filter(is_inside).collect();
    let Some(first) = inside.first() else { return Vec::new() };
    let changes: Option<Vec<f32>> = inside.iter().map(|frame| frame.change).collect();
    let scenes = scene::scenes(&changes.unwrap_or_default()).into_iter();
    scenes.map(|scene| scene.start + first.index..scene.end + first.index).collect()
}
