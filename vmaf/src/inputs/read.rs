//! The reading of a run's videos side by side.

use std::cmp::Ordering;
use std::sync::Arc;

use vmaf_core::{Frame, FrameGroup, Scorer};
use vmaf_media::align::Finding;
use vmaf_media::{Frames, ReadPlan, read_ahead};

use super::encode::{Encode, State, frame_at};
use super::ends::{EncodeEnd, StreamEnds};
use super::videos::{InputReader, Inputs, OpenInputs};
use crate::error::{Error, Result};
use crate::failure::EncodeFailure;
use crate::pairing::AlignmentCheck;

impl OpenInputs {
    /// Starts reading ahead after the skipped frames, in the form that `scorer` requires.
    pub fn start(self, scorer: &Scorer) -> Result<InputReader> {
        let plan = |format| ReadPlan { rgb: scorer.reads_rgb(), ..ReadPlan::new(&format) };
        let plan_of = |encode| plan(scorer.required_format_of(encode));
        self.start_ahead(&plan(scorer.required_format()), plan_of)
    }

    /// Starts reading ahead after the skipped frames: the reference by `plan`, and each encode by
    /// the one that `plan_of` returns.
    pub(crate) fn start_ahead(
        self,
        plan: &ReadPlan,
        plan_of: impl Fn(usize) -> ReadPlan,
    ) -> Result<InputReader> {
        let mut inputs = self.start_with(plan, &plan_of)?;
        if inputs.pairing.is_checked() {
            inputs = inputs.checked();
        }
        let interrupt = inputs.handle.interrupt();
        inputs.reference = read_ahead(inputs.reference, plan, &interrupt);
        let encodes = inputs.encodes.into_iter().enumerate();
        let ahead = encodes.map(|(index, encode)| {
            encode.advance(|frames| Ok(read_ahead(frames, &plan_of(index), &interrupt)))
        });
        inputs.encodes = ahead.collect();
        Ok(inputs)
    }

    /// Starts reading after the skipped frames: the reference by `reference_plan`, and each encode by
    /// the one that `plan_of` returns. Only pairs of which both are RGB are read as RGB.
    pub(super) fn start_with(
        self,
        reference_plan: &ReadPlan,
        plan_of: impl Fn(usize) -> ReadPlan,
    ) -> Result<InputReader> {
        let is_rgb = |encode: &Encode<_>| encode.info.as_ref().is_some_and(|info| info.rgb);
        let rgb = self.reference_info.rgb && self.encodes.iter().any(is_rgb);
        let plan = |earlier: &Option<_>, plan: ReadPlan| ReadPlan {
            earlier: earlier.clone(),
            rgb: plan.rgb && rgb,
            ..plan
        };
        let reference = self.reference.frames(&plan(&self.earlier, reference_plan.clone()))?;
        let encodes = self.encodes.into_iter().enumerate().map(|(index, encode)| {
            let plan = plan(&encode.earlier, plan_of(index));
            encode.advance(|source| Ok(source.frames(&plan)?))
        });
        let mut inputs = Inputs {
            reference,
            reference_info: self.reference_info,
            reference_steps: self.reference_steps,
            encodes: encodes.collect(),
            format: self.format,
            pairing: self.pairing,
            offset: self.offset,
            alignment_check: self.alignment_check,
            geometry_check: self.geometry_check,
            pairs: self.pairs,
            earlier: self.earlier,
            position: self.position,
            read: self.read,
            ended: self.ended,
            handle: self.handle,
        };
        inputs.skip_offset()?;
        Ok(inputs)
    }
}

impl InputReader {
    /// Compares frames while they are read.
    fn checked(mut self) -> Self {
        let readers = self.encodes.iter_mut().map(|encode| {
            // A placeholder until the wrapped reader is put in its place.
            match std::mem::replace(&mut encode.state, State::Longer) {
                State::Active(frames) => Some(frames),
                other => {
                    encode.state = other;
                    None
                }
            }
        });
        let readers = readers.collect();
        let (reference, readers, check) =
            AlignmentCheck::new(self.pairing, self.reference, readers);
        for (encode, reader) in self.encodes.iter_mut().zip(readers) {
            if let Some(frames) = reader {
                encode.state = State::Active(frames);
            }
        }
        Self { reference, alignment_check: Some(check), ..self }
    }

    /// Returns the number of groups read, including those that [`next_group`](Self::next_group)'s
    /// caller skipped.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Returns the ends of the videos.
    pub fn ends(&self) -> StreamEnds {
        let encodes = self.encodes.iter().map(|encode| match &encode.state {
            State::Active(_) => EncodeEnd::Open,
            State::Shorter(frames) => EncodeEnd::Shorter(*frames),
            State::Longer => EncodeEnd::Longer,
            State::Failed(reason) => EncodeEnd::Failed(reason.clone()),
        });
        let votes = self.encodes.iter().map(|encode| encode.alignment.votes);
        let incidents = self.encodes.iter().map(|encode| {
            encode.info.as_ref().map(|info| info.incidents.steps()).unwrap_or_default()
        });
        StreamEnds {
            read: self.read,
            ended: self.ended,
            encodes: encodes.collect(),
            votes: votes.collect(),
            incidents: (self.reference_info.incidents.steps(), incidents.collect()),
        }
    }

    /// Skips the first `reference` frames of the reference and `encodes` of each encode.
    pub fn skip(&mut self, reference: u32, encodes: u32) -> Result<()> {
        skip_frames(&mut *self.reference, reference)?;
        for encode in &mut self.encodes {
            let State::Active(frames) = &mut encode.state else { continue };
            if let Err(error) = skip_frames(&mut **frames, encodes) {
                encode.state = State::Failed(error.into());
            }
        }
        Ok(())
    }

    /// Skips the frames of the offset; the videos must have more.
    fn skip_offset(&mut self) -> Result<()> {
        let Self { offset, reference, encodes, .. } = self;
        let offset = *offset;
        let count = offset.unsigned_abs();
        let beyond =
            |path: &str, frames| Error::OffsetBeyondEnd { path: path.to_owned(), frames, offset };
        if offset < 0 {
            let ended = skip_frames(&mut **reference, count)?;
            let path = &self.reference_info.path;
            return ended.map_or(Ok(()), |frames| Err(beyond(path, frames)));
        }
        for encode in encodes {
            let State::Active(frames) = &mut encode.state else { continue };
            let problem = match skip_frames(&mut **frames, count) {
                Ok(None) => continue,
                Ok(Some(count)) => beyond(&encode.path, count).into(),
                Err(error) => error.into(),
            };
            encode.state = State::Failed(problem);
        }
        Ok(())
    }

    /// Returns the next group, or `None` once the reference has ended, or all pairs were read.
    ///
    /// If the run's handle interrupts it, it fails, and the state is that after the group before.
    pub fn next_group(&mut self) -> Result<Option<FrameGroup>> {
        let paired = self.pairs.as_ref().map(|pairs| pairs.get(self.read).map(|pair| pair[0]));
        if self.ended || paired == Some(None) {
            self.ended = true;
            return Ok(None);
        }
        let wanted = paired.flatten();
        let reference = frame_at(&mut *self.reference, &mut self.position, wanted)?;
        let read = self.read;
        let goes_on = reference.is_some();
        let distorted = self.encodes.iter_mut().map(|encode| encode.next(read, goes_on));
        let mut distorted = distorted.collect::<vmaf_media::Result<Vec<Option<Arc<Frame>>>>>()?;
        if let Some(check) = &mut self.alignment_check {
            let has_frame: Vec<bool> = distorted.iter().map(Option::is_some).collect();
            for (index, finding) in check.compare(goes_on, &has_frame) {
                self.encodes[index].fail_alignment(finding);
                distorted[index] = None;
            }
        }
        let Some(reference) = reference else {
            self.ended = true;
            return Ok(None);
        };
        self.compare_geometry(&reference, &mut distorted);
        self.read += 1;
        Ok(Some(FrameGroup { reference: Arc::new(reference), distorted }))
    }

    /// Lets encodes with displaced pictures drop out.
    fn compare_geometry(&mut self, reference: &Frame, distorted: &mut [Option<Arc<Frame>>]) {
        let Some(geometry) = &mut self.geometry_check else { return };
        let alignment = self.alignment_check.as_ref();
        let is_paired = |index| alignment.is_none_or(|check| check.is_verified(index));
        let frames = distorted.iter().map(Option::as_deref);
        for (index, finding) in geometry.compare(self.read, reference, frames, is_paired) {
            let encode = &mut self.encodes[index];
            encode.state = State::Failed(EncodeFailure::picture(&encode.path, finding));
            distorted[index] = None;
        }
    }

    /// Ends reading, and lets encodes drop out whose frames do not match, or whose pictures are
    /// displaced.
    pub fn finish(&mut self) -> Result<()> {
        self.finish_pairs()?;
        let Some(mut geometry) = self.geometry_check.take() else { return Ok(()) };
        for (index, encode) in self.encodes.iter_mut().enumerate() {
            if !matches!(encode.state, State::Failed(_))
                && let Some(finding) = geometry.finish(index)
            {
                encode.state = State::Failed(EncodeFailure::picture(&encode.path, finding));
            }
        }
        Ok(())
    }

    /// Lets encodes drop out whose frames do not match.
    fn finish_pairs(&mut self) -> Result<()> {
        let Some(mut check) = self.alignment_check.take() else { return Ok(()) };
        self.read_on(&mut check)?;
        for (index, encode) in self.encodes.iter_mut().enumerate() {
            let length = match encode.state {
                State::Failed(_) => continue,
                State::Shorter(_) => Ordering::Less,
                State::Longer => Ordering::Greater,
                State::Active(_) => Ordering::Equal,
            };
            match check.finish(index, length) {
                Ok(votes) => encode.alignment.votes = votes,
                Err(finding) => encode.fail_alignment(finding),
            }
        }
        Ok(())
    }

    /// Continues to read the longer video after the other has ended: only this shows that the
    /// shorter one lacks frames in the middle. Read errors are ignored here, since these frames are
    /// not scored; it fails only if it is interrupted.
    fn read_on(&mut self, check: &mut AlignmentCheck) -> Result<()> {
        let shorter = |encode: &Encode<_>| matches!(encode.state, State::Shorter(_));
        let count = self.encodes.len();
        if !self.ended && !self.any_active() && self.encodes.iter().any(shorter) {
            let reach = (0..count).filter_map(|index| check.reach(index)).max().unwrap_or_default();
            for _ in 0..reach {
                if !has_frame(&mut *self.reference)? {
                    break;
                }
                self.fail_misaligned(check.compare(true, &vec![false; count]));
            }
        }
        for index in 0..count {
            let Some(mut rest) = self.encodes[index].remaining.take() else { continue };
            for _ in 0..check.reach(index).unwrap_or_default() {
                if !has_frame(&mut *rest)? {
                    break;
                }
                check.follow(index);
            }
        }
        Ok(())
    }

    /// Lets encodes drop out whose frames do not match.
    fn fail_misaligned(&mut self, findings: Vec<(usize, Finding)>) {
        for (index, finding) in findings {
            self.encodes[index].fail_alignment(finding);
        }
    }
}

/// Reads a frame, and returns true if there was one. Fails only if it is interrupted.
fn has_frame(frames: &mut dyn Frames) -> vmaf_media::Result<bool> {
    match frames.read() {
        Ok(frame) => Ok(frame.is_some()),
        Err(error @ vmaf_media::Error::Interrupted { .. }) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Skips `count` frames of a video; if it ends earlier, returns the number of frames that it had.
fn skip_frames(frames: &mut dyn Frames, count: u32) -> vmaf_media::Result<Option<u64>> {
    let passed = frames.skip(u64::from(count))?;
    Ok((passed < u64::from(count)).then_some(passed))
}
