//! Selected frames of a run's videos, read again.

use std::sync::Arc;

use vmaf_core::FrameGroup;
use vmaf_media::align::AlignmentPath;
use vmaf_media::{FrameIndex, Frames, ReadPlan, StreamInfo, read_ahead_of};

use super::encode::State;
use super::videos::{InputReader, OpenInputs};
use crate::error::Result;
use crate::report_frames::ReportFrame;

/// The positions of a run's frames, by which they are found again after its videos were closed.
#[derive(Debug, Clone)]
pub struct FrameLocations {
    /// The pairs found by content.
    reference_pairs: Option<AlignmentPath>,
    reference_index: Option<FrameIndex>,
    /// The pairs and the index of each encode.
    encodes: Vec<(Option<AlignmentPath>, Option<FrameIndex>)>,
}

/// Videos of which selected frames are read.
pub(crate) struct SelectedFrames {
    reference: Box<dyn Frames>,
    /// `None` for a video of which no frame is wanted, or which failed.
    encodes: Vec<Option<Box<dyn Frames>>>,
}

impl InputReader {
    /// Closes the videos.
    pub fn into_frame_locations(self) -> FrameLocations {
        let index_of = |info: Option<StreamInfo>| info.and_then(|info| info.index);
        let encodes = self.encodes.into_iter().map(|encode| (encode.pairs, index_of(encode.info)));
        FrameLocations {
            reference_pairs: self.pairs,
            reference_index: self.reference_info.index,
            encodes: encodes.collect(),
        }
    }
}

impl OpenInputs {
    /// Pairs and finds frames as they were in the same videos, opened in the same way.
    pub fn with_frame_locations(mut self, frame_locations: FrameLocations) -> Self {
        (self.pairs, self.earlier) =
            (frame_locations.reference_pairs, frame_locations.reference_index);
        for (encode, (pairs, index)) in self.encodes.iter_mut().zip(frame_locations.encodes) {
            (encode.pairs, encode.earlier) = (pairs, index);
        }
        self
    }

    /// Starts reading the frames of each video that `report_frames` select, with the RGB that they
    /// were converted from if `rgb`.
    pub(crate) fn selected_frames(
        self,
        report_frames: &[ReportFrame],
        rgb: bool,
    ) -> Result<SelectedFrames> {
        let plan = ReadPlan { rgb, ..ReadPlan::new(&self.format) };
        let interrupt = self.handle.interrupt();
        let inputs = self.start_with(&plan, |_| plan.clone())?;
        let encodes = inputs.encodes.into_iter().enumerate().map(|(index, encode)| {
            let State::Active(frames) = encode.state else { return None };
            let shown =
                report_frames.iter().filter(|report_frame| report_frame.encodes.contains(&index));
            let wanted = frame_numbers(shown, encode.pairs.as_ref(), 1);
            (!wanted.is_empty()).then(|| read_ahead_of(frames, &plan, wanted, &interrupt))
        });
        let encodes = encodes.collect();
        let wanted = frame_numbers(report_frames.iter(), inputs.pairs.as_ref(), 0);
        let reference = read_ahead_of(inputs.reference, &plan, wanted, &interrupt);
        Ok(SelectedFrames { reference, encodes })
    }
}

/// Returns the numbers of the selected frames in a video, which is one side of `pairs` if its
/// frames are paired by content.
fn frame_numbers<'a>(
    report_frames: impl Iterator<Item = &'a ReportFrame>,
    pairs: Option<&AlignmentPath>,
    side: usize,
) -> Vec<u64> {
    let number = |report_frame: &ReportFrame| match pairs {
        Some(pairs) => pairs.get(report_frame.frame).map(|pair| pair[side]),
        None => Some(report_frame.frame),
    };
    report_frames.map_while(number).collect()
}

impl SelectedFrames {
    /// Returns the next selected frames, or `None` if the reference has ended. An encode that ended
    /// or failed has none.
    pub(crate) fn next(&mut self, report_frame: &ReportFrame) -> Result<Option<FrameGroup>> {
        let Some(reference) = self.reference.read()? else { return Ok(None) };
        let encodes = self.encodes.iter_mut().enumerate().map(|(encode, frames)| {
            let frames = frames.as_mut().filter(|_| report_frame.encodes.contains(&encode))?;
            frames.read().ok().flatten().map(Arc::new)
        });
        let distorted = encodes.collect();
        Ok(Some(FrameGroup { reference: Arc::new(reference), distorted }))
    }
}
