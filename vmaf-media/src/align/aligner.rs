//! Aligns whole videos: finds the frame of the encode that shows each frame of the reference.
//!
//! The cheapest path through both ([`Lattice`]) begins with the shift that stretches of the first
//! frames vote for, and stays within reach of its current position and of the frame with the same
//! timestamp. The cost of a pair is the excess of its misfit over the least misfit of the encode's
//! frame, in units of the latter. Ruined frames fit nothing; they and frozen ones cost little and
//! stay paired, since they are damage. If nothing moves, all pairs cost the same, and no frame is
//! skipped.
//!
//! Unlike the matcher's, misfits compare pictures without subtracting their neighbours, which
//! differ where frames are missing. Only the difference in brightness between the videos is
//! subtracted.
//!
//! Single frames that are [displaced](super::displaced) cost too little to be skipped. If there are
//! many, each is then paired with the frame that it shows.
//!
//! The pairs are then verified by a [`Matcher`], as pairs in order are. All of it happens while the
//! videos are read, and keeps only some seconds of them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::displaced::{
    DisplacementCounter, NEARBY_FRAMES, REASSIGN_MARGIN, REPEATED_FRAME_MARGIN, REPORT_MARGIN,
    displacement, is_out_of_place,
};
use super::finding::{Finding, Votes};
use super::lattice::{Lattice, PathStep};
use super::matcher::Matcher;
use super::path::{AlignmentPath, PathBuilder, UnpairedFrames};
use super::residuals::Residuals;
use super::stretch::{self, STRETCH};
use super::timestamps::ROUNDING;
use super::window::{self, WindowPair};
use super::{CELLS, FrameFingerprint, reach};
use crate::StreamInfo;

/// The greatest cost of a pair, the cost of a pair with a frozen or ruined frame, and the extra
/// cost of a frame that shows a neighbour.
const MAX_PAIR_COST: f64 = 12.0;
const DAMAGED_PAIR_COST: f64 = 0.5;
const DISPLACED_FRAME_COST: f64 = 1.0;

/// The least unit, a mean square in levels of 8 bits.
const MIN_MISFIT_UNIT: f64 = 0.02;

/// The number of votes for a shift that is enough to begin with it.
const VOTES_TO_START: u32 = 2;

/// The least number of places with displaced or skipped frames from which each displaced frame is
/// paired with the frame that it shows.
const PLACES_TO_REASSIGN: usize = 4;

/// The limits from which videos are too different: stretches that have nothing in common, their
/// share of those that move, and frames of both videos skipped at the same place.
const UNLIKE_STRETCHES: u32 = 6;
const UNLIKE_SHARE: f64 = 0.15;
const UNLIKE_FRAMES: u64 = 16;

/// Finds the frames of a reference and an encode that show the same, while both are read.
#[derive(Debug)]
pub struct Aligner {
    reach: usize,
    frames: WindowPair,
    /// The lattice, once there are enough frames to begin.
    lattice: Option<Lattice>,
    /// True if the path is known to its end.
    is_complete: bool,
    /// The row after the frames of the reference that the encode lacks at its beginning.
    start: usize,
    /// The node at which the next row is expected, and the first frame of the encode that is shown
    /// later than its frame of the reference.
    expected: usize,
    nearest: usize,
    /// The pairs along the path, and those with displaced single frames paired with the frames they
    /// show.
    pairs: PathBuilder,
    reassigned: PathBuilder,
    /// The latest run of pairs with displaced frames, and their displacements.
    displaced_run: Vec<([u64; 2], i64)>,
    displaced: DisplacementCounter,
    matcher: Matcher,
}

/// Result of an alignment.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignmentResult {
    /// The pairs.
    pub path: AlignmentPath,
    /// The votes of stretches of frames for the pairs.
    pub votes: Votes,
    /// The reason why the pairs can't be relied on, if there is one.
    pub finding: Option<Finding>,
}

impl Aligner {
    /// Starts aligning an encode of `reference`, both as they are conformed.
    #[must_use]
    pub fn new(reference: &StreamInfo, encode: &StreamInfo) -> Self {
        // The pairs' timestamps are the reference's.
        let untimed = StreamInfo { has_times: false, ..reference.clone() };
        Self {
            reach: reach(reference.frame_rate.map(vmaf_core::Rational::as_f64)),
            frames: WindowPair::default(),
            lattice: None,
            is_complete: false,
            start: 0,
            expected: 0,
            nearest: 0,
            pairs: PathBuilder::default(),
            reassigned: PathBuilder::default(),
            displaced_run: Vec::new(),
            displaced: DisplacementCounter::default(),
            matcher: Matcher::new(&untimed, encode),
        }
    }

    /// Adds the reference's next frame; `None` at its end. Before the next call, add the encode's
    /// frames while they are [wanted](Self::wants_encode).
    pub fn push_reference(&mut self, fingerprint: Option<&FrameFingerprint>) {
        self.frames.push_reference(fingerprint);
        self.advance();
    }

    /// Returns true if the encode's next frame is to be added.
    #[must_use]
    pub fn wants_encode(&mut self) -> bool {
        let WindowPair { reference, encode, .. } = &self.frames;
        if encode.ended() || self.is_complete {
            return !encode.ended();
        }
        let Some(row) = self.lattice.as_ref().map(Lattice::next) else {
            return self.has_reference(0) && encode.seen() < 2 * self.reach;
        };
        row <= reference.seen() && self.has_reference(row) && self.band(row).is_none()
    }

    /// Adds the encode's next frame; `None` at its end.
    pub fn push_encode(&mut self, fingerprint: Option<&FrameFingerprint>) {
        if self.is_complete {
            self.frames.encode.count_frame(fingerprint);
        } else {
            self.frames.push_encode(fingerprint);
            self.advance();
        }
    }

    /// Returns the pairs, once both videos were added to their ends.
    #[must_use]
    pub fn finish(mut self) -> AlignmentResult {
        let WindowPair { reference, encode, .. } = &self.frames;
        let ends = [reference.seen() as u64, encode.seen() as u64];
        let places = self.displaced.finish().places as usize + self.pairs.changes();
        let is_reassigned = places >= PLACES_TO_REASSIGN;
        let mut path = self.pairs.finish(ends);
        let is_unlike = is_unlike(&path);
        if is_reassigned {
            path = self.reassigned.finish(ends);
        }
        let mut finding = match self.matcher.finish(Ordering::Equal) {
            // Each displaced frame is paired with the frame that it shows.
            Some(Finding::Displaced { .. }) if is_reassigned => None,
            Some(Finding::Offset { votes, .. } | Finding::Slip { votes, .. }) => {
                Some(Finding::Unverified { votes })
            }
            other => other,
        };
        let votes = self.matcher.votes();
        let [moving, stretches] = self.matcher.unlike_stretches();
        let many_unlike = f64::from(stretches) > UNLIKE_SHARE * f64::from(moving);
        if is_unlike || stretches >= UNLIKE_STRETCHES && many_unlike {
            finding = finding.or(Some(Finding::Unlike));
        }
        // A video that only ends earlier needs no proof.
        let within = path.changes.iter().any(|(change, _)| {
            let is_last = [0, 1].map(|end| change.at[end] + [change.lacking, change.added][end]);
            is_last != ends
        });
        if within && votes.agreeing == 0 {
            finding = finding.or(Some(Finding::Unproved));
        }
        AlignmentResult { path, votes, finding }
    }

    /// Returns the number of frames of both videos that are kept.
    #[cfg(test)]
    pub(super) fn frames_kept(&self) -> usize {
        let WindowPair { reference, encode, .. } = &self.frames;
        reference.fingerprints().count() + encode.fingerprints().count()
    }

    /// Returns true if all frames of the reference that `row` needs are available.
    fn has_reference(&self, row: usize) -> bool {
        let reference = &self.frames.reference;
        reference.ended() || reference.seen() >= row + 2 * self.reach
    }

    /// Advances as far as the frames allow.
    fn advance(&mut self) {
        let ended = self.frames.encode.ended();
        if self.lattice.is_none() {
            if !self.has_reference(0) || !(ended || self.frames.encode.seen() >= 2 * self.reach) {
                return;
            }
            self.start_lattice();
        }
        while let Some(row) = self.lattice.as_ref().map(Lattice::next) {
            let seen = self.frames.reference.seen();
            if self.is_complete || row > seen || !self.has_reference(row) {
                return;
            }
            let Some(band) = self.band(row) else { return };
            self.push_row(row, band);
            if row == seen && self.frames.reference.ended() {
                self.finish_path();
            }
        }
    }

    /// Begins with the shift that the first frames vote for.
    fn start_lattice(&mut self) {
        let videos = [&self.frames.reference, &self.frames.encode].map(|window| {
            let mut residuals = Residuals::default();
            window.fingerprints().for_each(|fingerprint| residuals.push(fingerprint.signature));
            residuals.end();
            residuals
        });
        let [reference, encode] = &videos;
        let vote = |from: usize| {
            let of_reference = stretch::vote(reference, encode, from, self.reach);
            let of_encode = || stretch::vote(encode, reference, from, self.reach);
            // The frame of the reference that shows the stretch.
            let of_encode =
                || of_encode().map(|shift| (from.checked_add_signed(shift as isize), -shift));
            of_reference.map(|shift| (Some(from), shift)).or_else(of_encode)
        };
        let stretches = (0..reference.ready().max(encode.ready())).step_by(STRETCH);
        let votes: Vec<(usize, i64)> =
            stretches.filter_map(vote).filter_map(|(from, shift)| Some((from?, shift))).collect();
        let mut counts: BTreeMap<i64, u32> = BTreeMap::new();
        votes.iter().for_each(|(_, shift)| *counts.entry(*shift).or_default() += 1);
        let shift = votes.iter().map(|vote| vote.1).find(|shift| counts[shift] >= VOTES_TO_START);
        let shift = shift.unwrap_or_default();
        let agreed: Vec<(usize, i64)> =
            votes.into_iter().filter(|(_, shift)| counts[shift] >= VOTES_TO_START).collect();
        self.frames.begin(self.brightness_offset(&agreed));
        self.lattice = Some(Lattice::new(shift));
        self.start = (-shift).max(0) as usize;
        self.expected = shift.max(0) as usize;
        let time = self.frames.reference.get(0).and_then(|fingerprint| fingerprint.time);
        (self.pairs, self.reassigned) = (PathBuilder::new(time), PathBuilder::new(time));
    }

    /// Returns the difference in brightness of each part of the encode's picture, in levels of 8
    /// bits, over the stretches of the reference that voted for a shift.
    fn brightness_offset(&self, votes: &[(usize, i64)]) -> [f32; CELLS] {
        let WindowPair { reference, encode, .. } = &self.frames;
        let frames = votes.iter().flat_map(|(from, shift)| {
            (*from..from + STRETCH).map(|frame| (frame, frame.checked_add_signed(*shift as isize)))
        });
        let pairs = frames.filter_map(|(frame, other)| {
            Some([reference.get(frame)?.signature, encode.get(other?)?.signature])
        });
        window::brightness_offset(pairs)
    }

    /// Returns the range of nodes of `row` that are examined, if all frames that they need are
    /// available.
    fn band(&mut self, row: usize) -> Option<[usize; 2]> {
        let WindowPair { reference, encode, .. } = &self.frames;
        let reach = self.reach;
        let mut nodes = [self.expected; 2];
        let timed = row.checked_sub(1).and_then(|frame| reference.elapsed(frame));
        if let Some(time) = timed.map(|time| time + ROUNDING) {
            self.nearest = self.nearest.max(encode.first());
            while encode.elapsed(self.nearest).is_some_and(|elapsed| elapsed <= time) {
                self.nearest += 1;
            }
            // Timestamps that go far beyond the position of the pictures don't count.
            let is_available = self.nearest < encode.seen();
            if !is_available && !encode.ended() && encode.seen() < self.expected + 4 * reach {
                return None;
            }
            if let Some(node) = self.node_by_time(row) {
                nodes = [node.min(self.expected), node.max(self.expected)];
            }
        }
        let WindowPair { encode, .. } = &self.frames;
        let is_available = encode.ended() || encode.seen() >= nodes[1] + 2 * reach;
        let first = nodes[0].saturating_sub(reach).max(self.lattice.as_ref()?.decided()[1]);
        let last = (nodes[1] + reach).min(encode.seen());
        is_available.then(|| [first.min(last), last])
    }

    fn push_row(&mut self, row: usize, band: [usize; 2]) {
        let node_by_time = self.node_by_time(row);
        let Some(lattice) = &mut self.lattice else { return };
        let frames = &self.frames;
        let end = frames.encode.ended().then(|| frames.encode.seen());
        lattice.push(band, node_by_time, end, |node| {
            // The first row has no frame of the reference.
            row.checked_sub(1).map_or(f64::INFINITY, |frame| cost(frames, frame, node))
        });
        if row >= self.start {
            self.expected = lattice.best(self.expected) + 1;
        }
        let within = |at: usize| at.saturating_sub(self.reach);
        self.frames.set_needed([within(row), within(self.expected)]);
        if lattice.rows_kept() >= 2 * self.reach {
            let steps = lattice.commit(row - self.reach);
            self.apply_steps(&steps);
        }
    }

    /// Returns the node of `row` that timestamps suggest, if they are consistent with the pictures.
    fn node_by_time(&self, row: usize) -> Option<usize> {
        self.frames.reference.elapsed(row.checked_sub(1)?)?;
        let WindowPair { encode, .. } = &self.frames;
        let is_timed = encode.elapsed(self.nearest.min(encode.seen().checked_sub(1)?)).is_some();
        let node = self.nearest.min(encode.seen());
        (is_timed && node.abs_diff(self.expected) <= 2 * self.reach).then_some(node)
    }

    /// Decides the rest of the path.
    fn finish_path(&mut self) {
        self.is_complete = true;
        let steps = self.lattice.as_mut().map(Lattice::finish).unwrap_or_default();
        self.apply_steps(&steps);
        self.end_displaced_run();
    }

    /// Takes the pairs of decided steps.
    fn apply_steps(&mut self, steps: &[PathStep]) {
        let mut at = self.frames.next_unpaired;
        for step in steps {
            match step {
                PathStep::Pair => {
                    self.add_pair(at);
                    at = at.map(|frame| frame + 1);
                }
                PathStep::SkipReference => at[0] += 1,
                PathStep::SkipEncode => at[1] += 1,
            }
        }
        self.frames.next_unpaired = at;
        // Frames of undecided rows are needed, and those around displaced ones.
        let first =
            self.displaced_run.first().map_or(at, |(pair, _)| pair.map(|frame| frame as usize));
        self.frames
            .drop_before(first.map(|frame| frame.saturating_sub(NEARBY_FRAMES as usize + 1)));
    }

    fn add_pair(&mut self, at: [usize; 2]) {
        let WindowPair { reference, encode, .. } = &self.frames;
        self.matcher.push(reference.get(at[0]), encode.get(at[1]));
        let misfit =
            |shift: i64| self.frames.misfit(at[0].checked_add_signed(shift as isize)?, at[1]);
        let pair = at.map(|frame| frame as u64);
        self.displaced.push(pair[0], displacement(REPORT_MARGIN, misfit));
        let is_one_of_several =
            self.frames.is_one_of_several(at[1]) && !self.frames.is_frozen(at[1]);
        let margin = if is_one_of_several { REPEATED_FRAME_MARGIN } else { REASSIGN_MARGIN };
        let displacement = displacement(margin, misfit);
        self.pairs.add_pair(pair, reference_time(&self.frames, pair[0] + 1));
        if displacement == 0 {
            self.end_displaced_run();
            self.reassign(pair);
        } else {
            self.displaced_run.push((pair, displacement));
            if self.displaced_run.len() > super::displaced::MAX_RUN {
                self.end_displaced_run();
            }
        }
    }

    /// Settles a run of displaced frames: each with the frame that it shows, if they are out of
    /// place.
    fn end_displaced_run(&mut self) {
        let row = std::mem::take(&mut self.displaced_run);
        let is_out_of_place = is_out_of_place(row.iter().map(|(_, shift)| *shift));
        for ([reference, encode], shift) in row {
            let shown =
                if is_out_of_place { reference.saturating_add_signed(shift) } else { reference };
            self.reassign([shown, encode]);
        }
    }

    /// Settles a pair, unless its frame of the reference already has one.
    fn reassign(&mut self, pair: [u64; 2]) {
        if pair[0] >= self.reassigned.next_reference_frame() {
            self.reassigned.add_pair(pair, reference_time(&self.frames, pair[0] + 1));
        }
    }
}

/// Returns the cost of pairing a frame of the reference with one of the encode.
fn cost(frames: &WindowPair, reference: usize, encode: usize) -> f64 {
    let unit = frames.least(encode).max(MIN_MISFIT_UNIT);
    let misfit = |shift: i64| {
        let misfit = frames.misfit(reference.checked_add_signed(shift as isize)?, encode)?;
        Some((misfit / unit - 1.0).clamp(0.0, MAX_PAIR_COST))
    };
    let Some(mut cost) = misfit(0) else { return f64::INFINITY };
    if cost > DAMAGED_PAIR_COST && (frames.is_frozen(encode) || frames.fits_nothing(encode)) {
        cost = DAMAGED_PAIR_COST;
    }
    if cost > DISPLACED_FRAME_COST {
        let nearby = (1 - NEARBY_FRAMES..NEARBY_FRAMES).filter_map(misfit);
        cost = nearby.fold(cost, |cost, nearby| cost.min(DISPLACED_FRAME_COST + nearby));
    }
    cost
}

/// Returns true if many frames of both videos were skipped at the same place.
fn is_unlike(path: &AlignmentPath) -> bool {
    let is_long =
        |change: &UnpairedFrames| [change.lacking, change.added].map(|it| it >= UNLIKE_FRAMES);
    let changes = path.changes.iter().map(|(change, _)| change);
    let next = changes.clone().skip(1).map(Some).chain([None]);
    changes.zip(next).any(|(change, next)| {
        let behind = change.at[0] + change.lacking;
        let next = next.filter(|next| next.at[0] - behind <= NEARBY_FRAMES as u64);
        let [lacking, added] = is_long(change);
        let [next_lacking, next_added] = next.map_or([false; 2], is_long);
        (lacking || next_lacking) && (added || next_added)
    })
}

/// Returns the reference's timestamp of a frame, if it is known.
fn reference_time(frames: &WindowPair, frame: u64) -> Option<f64> {
    frames.reference.get(frame as usize)?.time
}
