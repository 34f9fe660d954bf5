//! Compares an encode's frames with the reference's while both are read.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::bars::BarCheck;
use super::contrast::ContrastCounts;
use super::displaced::{DisplacementCounter, REPORT_MARGIN, displacement};
use super::finding::{Finding, Votes};
use super::residuals::{RESIDUAL_STEPS, Residuals, distance, mean_square};
use super::stretch::{self, STRETCH};
use super::timestamps::TimestampCheck;
use super::{FrameFingerprint, reach};
use crate::StreamInfo;

/// The number of votes that make a finding, and the number if the videos' lengths confirm it.
const VOTES_NEEDED: u32 = 4;
const VOTES_NEEDED_WITH_LENGTHS: u32 = 2;

/// The number of stretches at the end that vote if the videos' lengths differ.
const STRETCHES_AT_END: usize = 8;

/// The number of votes that each vote for another shift cancels.
const VOTES_CANCELLED: u32 = 2;

/// Compares an encode with its reference, frame by frame, keeping only the frames within reach.
#[derive(Debug)]
pub struct Matcher {
    reach: usize,
    reference: Residuals,
    encode: Residuals,
    /// The first frame of the next stretch.
    next: usize,
    votes: Votes,
    /// Votes for other shifts than 0, less the votes against them.
    candidates: BTreeMap<i64, ShiftCandidate>,
    /// The frame after the last stretch that voted for a shift of 0.
    aligned_until: Option<usize>,
    displaced: DisplacementCounter,
    /// The number of stretches that move, and of those in which the videos have nothing in common.
    moving: u32,
    unlike_stretches: u32,
    timestamps: TimestampCheck,
    bars: BarCheck,
    contrasts: ContrastCounts,
    finding: Option<Finding>,
}

/// Votes for one shift.
#[derive(Debug, Clone, Copy)]
struct ShiftCandidate {
    votes: u32,
    /// Votes for it, and all votes, since the shift was first voted for.
    agreeing: u32,
    telling: u32,
    /// The start of the first stretch that voted for it.
    since: usize,
    /// The frame until which the videos were aligned before that.
    aligned_until: Option<usize>,
}

impl Matcher {
    /// Starts comparing an encode of `reference`, both as they are conformed. Timestamps are
    /// compared if both [have them](StreamInfo::has_times).
    #[must_use]
    pub fn new(reference: &StreamInfo, encode: &StreamInfo) -> Self {
        let rate = |info: &StreamInfo| info.frame_rate.map(vmaf_core::Rational::as_f64);
        Self {
            reach: reach(rate(reference)),
            reference: Residuals::default(),
            encode: Residuals::default(),
            next: 0,
            votes: Votes::default(),
            candidates: BTreeMap::new(),
            aligned_until: None,
            displaced: DisplacementCounter::default(),
            moving: 0,
            unlike_stretches: 0,
            timestamps: TimestampCheck::new(rate(reference), rate(encode), reference.has_times),
            bars: BarCheck::new(&reference.format),
            contrasts: ContrastCounts::default(),
            finding: None,
        }
    }

    /// Adds the next frame of each video; `None` after its end.
    pub fn push(
        &mut self,
        reference: Option<&FrameFingerprint>,
        encode: Option<&FrameFingerprint>,
    ) {
        for (fingerprint, residuals) in
            [(reference, &mut self.reference), (encode, &mut self.encode)]
        {
            match fingerprint {
                Some(fingerprint) => residuals.push(fingerprint.signature),
                None => residuals.end(),
            }
        }
        if let Some(reference) = reference {
            self.timestamps.push(reference.time, encode.and_then(|encode| encode.time));
        }
        if let (Some(reference), Some(encode)) = (reference, encode) {
            self.bars.push(reference, encode);
            self.contrasts.push(&reference.signature, &encode.signature);
        }
        self.compare_ready_stretches();
    }

    /// Returns the finding so far, if anything is wrong.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.finding.as_ref()
    }

    /// Returns the votes of the stretches, and any change of contrast.
    #[must_use]
    pub fn votes(&self) -> Votes {
        Votes { contrast: self.contrasts.dominant_change(), ..self.votes }
    }

    /// Ends both videos and returns the finding. `length` compares the encode's length with the
    /// reference's: a shift that it confirms needs fewer votes. It is [`Ordering::Equal`] unless
    /// both were read to the end of the shorter.
    pub fn finish(&mut self, length: Ordering) -> Option<Finding> {
        self.reference.end();
        self.encode.end();
        self.compare_ready_stretches();
        if self.finding.is_none()
            && let Some((shift, candidate)) = self.candidates.iter().max_by_key(|it| it.1.votes)
            && candidate.votes >= VOTES_NEEDED_WITH_LENGTHS
            && shift.cmp(&0) == length
        {
            self.finding = Some(self.finding_of(*shift, *candidate));
        }
        if self.finding.is_none() {
            self.finding = self.missing_in_shorter(length);
        }
        let finding = self.finding.take().or_else(|| self.displaced_finding());
        let finding = finding.or_else(|| self.bars.finish());
        finding.or_else(|| self.timestamps.finish(self.votes))
    }

    /// Returns the finding that the shorter video lacks frames in the middle, if its last frames
    /// vote for that. There are few of them if most of the video is before the gap, so stretches
    /// overlap.
    fn missing_in_shorter(&self, length: Ordering) -> Option<Finding> {
        let (shorter, longer, sign) = match length {
            Ordering::Less => (&self.encode, &self.reference, -1),
            Ordering::Greater => (&self.reference, &self.encode, 1),
            Ordering::Equal => return None,
        };
        // The very last ones might fit better beyond the other's end.
        let last = shorter.ready().checked_sub(STRETCH + 1)?;
        let first = shorter.first().max((last + 1).saturating_sub(STRETCHES_AT_END));
        let vote = |from| Some((from, stretch::vote(shorter, longer, from, self.reach)?));
        let votes: Vec<(usize, i64)> = (first..=last).filter_map(vote).collect();
        let (_, shift) = *votes.last()?;
        let agreeing = votes.iter().filter(|vote| vote.1 == shift).count() as u32;
        if shift <= 0 || agreeing < VOTES_NEEDED || (agreeing as usize) < votes.len() {
            return None;
        }
        let since = votes.iter().map(|vote| vote.0).min()?;
        let candidate = ShiftCandidate {
            votes: agreeing,
            agreeing,
            telling: agreeing,
            since: if sign < 0 { since + shift as usize } else { since },
            aligned_until: Some(self.aligned_until.unwrap_or_default()),
        };
        Some(self.finding_of(sign * shift, candidate))
    }

    /// Returns the number of frames to read of the longer video after the other has ended, to find
    /// out how they differ.
    #[must_use]
    pub fn reach(&self) -> usize {
        self.reach
    }

    /// Returns the number of stretches that move, and of those in which the videos have nothing in
    /// common.
    pub(super) fn unlike_stretches(&self) -> [u32; 2] {
        [self.moving, self.unlike_stretches]
    }

    /// Returns the finding that single frames are out of place, if enough are.
    fn displaced_finding(&mut self) -> Option<Finding> {
        let counts = self.displaced.finish();
        counts.are_many().then_some(Finding::Displaced {
            frames: counts.displaced,
            compared: counts.compared,
            repeated: counts.repeated,
            lacking: counts.lacking,
        })
    }

    /// Counts the votes of all stretches that are ready.
    fn compare_ready_stretches(&mut self) {
        while self.finding.is_none() && self.is_ready() {
            if let Some(unlike_stretches) =
                stretch::is_unlike(&self.reference, &self.encode, self.next)
            {
                self.moving += 1;
                self.unlike_stretches += u32::from(unlike_stretches);
            }
            for index in self.next..self.next + STRETCH {
                if let Some(displacement) = self.displacement_of(index) {
                    self.displaced.push(index as u64, displacement);
                }
            }
            if let Some(shift) = self.vote() {
                self.add_vote(shift);
            }
            self.next += STRETCH;
            let first_needed = self.next.saturating_sub(self.reach);
            self.reference.drop_before(first_needed);
            self.encode.drop_before(first_needed);
        }
        if self.finding.is_none() {
            self.finding = self.bars.finding();
        }
        if self.finding.is_none() {
            // The pictures may still give a more exact finding than the timestamps.
            self.finding = self.timestamps.finding(self.next, self.votes);
        }
    }

    /// Returns true if all frames that the next stretch is compared with are available.
    fn is_ready(&self) -> bool {
        let behind = self.next + STRETCH;
        let videos = [&self.reference, &self.encode];
        let is_complete =
            |residuals: &Residuals| residuals.ready() >= behind + self.reach || residuals.ended();
        videos.iter().any(|residuals| residuals.ready() >= behind)
            && videos.iter().all(|residuals| is_complete(residuals))
    }

    /// Returns the shift that the next stretch votes for, if it is conclusive. Only the encode's
    /// own frames can show what it lacks, and only the reference's what the encode has in addition.
    fn vote(&self) -> Option<i64> {
        let of_reference = || stretch::vote(&self.reference, &self.encode, self.next, self.reach);
        let of_encode = || stretch::vote(&self.encode, &self.reference, self.next, self.reach);
        of_reference().or_else(|| of_encode().map(|shift| -shift))
    }

    /// Returns the displacement of the encode's frame `index`, if both videos have one.
    fn displacement_of(&self, index: usize) -> Option<i64> {
        if index >= self.reference.ready() || index >= self.encode.ready() {
            return None;
        }
        let encode = self.encode.get(index);
        Some(displacement(REPORT_MARGIN, |shift| {
            let other = index.checked_add_signed(shift as isize)?;
            let is_available = (self.reference.first()..self.reference.ready()).contains(&other);
            is_available.then(|| {
                mean_square(distance(self.reference.get(other), encode), 1, RESIDUAL_STEPS)
            })
        }))
    }

    /// Counts a vote of the next stretch.
    fn add_vote(&mut self, shift: i64) {
        self.votes.telling += 1;
        for (other, candidate) in &mut self.candidates {
            if *other != shift {
                candidate.votes = candidate.votes.saturating_sub(VOTES_CANCELLED);
                candidate.telling += 1;
            }
        }
        self.candidates.retain(|_, candidate| candidate.votes > 0);
        if shift == 0 {
            self.votes.agreeing += 1;
            self.aligned_until = Some(self.next + STRETCH);
            return;
        }
        let aligned_until = self.aligned_until;
        let candidate = self.candidates.entry(shift).or_insert(ShiftCandidate {
            votes: 0,
            agreeing: 0,
            telling: 0,
            since: self.next,
            aligned_until,
        });
        candidate.votes += 1;
        candidate.agreeing += 1;
        candidate.telling += 1;
        let candidate = *candidate;
        if candidate.votes >= VOTES_NEEDED {
            self.finding = Some(self.finding_of(shift, candidate));
        }
    }

    fn finding_of(&self, shift: i64, candidate: ShiftCandidate) -> Finding {
        let ShiftCandidate { telling, agreeing, .. } = candidate;
        let votes = Votes { telling, agreeing, ..Votes::default() };
        match candidate.aligned_until {
            None => Finding::Offset { frames: shift, votes },
            Some(until) => {
                let times =
                    [until, candidate.since].map(|frame| self.timestamps.reference_time(frame));
                let rates = self.timestamps.different_rates();
                let frames = [until as u64, candidate.since as u64];
                Finding::Slip { shift, frames, times, rates, votes }
            }
        }
    }
}
