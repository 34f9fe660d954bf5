//! Aligns whole videos: which frame of the encode shows each frame of the reference.
//!
//! The cheapest way through both ([`Lattice`]) begins with the shift that stretches of the first
//! frames vote for, and stays within reach of where it has come to and of the frame that is shown
//! at the same time. A pair costs by how much more it misfits than the encode's frame misfits any
//! other, in units of that. Frames that are ruined fit nothing; they and those that are frozen cost
//! little and stay paired: that is damage. Where nothing moves all pairs cost the same, and none is
//! passed over.
//!
//! Unlike the matcher's, misfits are of pictures as they are: what is around a frame differs where
//! frames are lacking. Only what the encode is brighter or darker by is subtracted.
//!
//! Single frames that are [displaced](super::displaced) cost too little to be passed over. Where
//! many are, each is then paired with the frame that it shows.
//!
//! The pairs are then verified as pairs in order are, by a [`Matcher`]. All of it is done while the
//! videos are read, and keeps no more of them than some seconds.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::displaced::{
    Displaced, FAR_WORSE, NEARBY, REPEATED, WORSE, displacement, is_out_of_place,
};
use super::film::{self, Frames};
use super::finding::{Finding, Votes};
use super::lattice::{Lattice, Step};
use super::matcher::Matcher;
use super::path::{Builder, Change, Path};
use super::signature::PARTS;
use super::stretch::{self, STRETCH};
use super::trace::Trace;
use super::{Sight, reach};
use crate::StreamInfo;

/// What a pair costs at most, what one of a frame does that is frozen or ruined, and what one of a
/// frame that shows one nearby does more than that.
const MOST: f64 = 12.0;
const DAMAGED: f64 = 0.5;
const DISPLACED: f64 = 1.0;

/// How much files round times, in seconds.
const ROUNDED: f64 = 1e-3;

/// The least unit, a mean square in levels of 8 bits.
const LEAST_MISFIT: f64 = 0.02;

/// How many votes make a shift the one to begin with.
const ENOUGH: u32 = 2;

/// At how many places single frames have to be displaced, or frames passed over, for each to be
/// paired with what it shows.
const PLACES: usize = 4;

/// How many stretches, and what share of those that move, may have nothing in common, and how many
/// frames of both videos at the same place.
const UNLIKE: u32 = 6;
const UNLIKE_SHARE: f64 = 0.15;
const UNLIKE_FRAMES: u64 = 16;

/// Finds the frames of a reference and an encode that show the same, while both are read.
#[derive(Debug)]
pub struct Aligner {
    reach: usize,
    frames: Frames,
    /// Once enough frames are there to begin.
    lattice: Option<Lattice>,
    /// Whether the way is known to its end.
    is_complete: bool,
    /// The row behind the frames of the reference that the encode lacks at its beginning.
    start: usize,
    /// The node that the next row is expected to go through, and the first frame of the encode that
    /// is shown later than its frame of the reference.
    expected: usize,
    nearest: usize,
    /// The pairs as the way makes them, and with single frames paired with what they show.
    pairs: Builder,
    settled: Builder,
    /// The latest pairs, of frames that are displaced, and by how much they are.
    row: Vec<([u64; 2], i64)>,
    displaced: Displaced,
    matcher: Matcher,
}

/// What came of an alignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    /// The pairs.
    pub path: Path,
    /// How stretches of frames voted for them.
    pub votes: Votes,
    /// Why the pairs can't be relied on, if they can't.
    pub finding: Option<Finding>,
}

impl Aligner {
    /// For an encode of `reference`, both as they are conformed.
    #[must_use]
    pub fn new(reference: &StreamInfo, encode: &StreamInfo) -> Self {
        // The pairs' times are those of the reference.
        let untimed = StreamInfo { has_times: false, ..reference.clone() };
        Self {
            reach: reach(reference.frame_rate.map(vmaf_core::Rational::as_f64)),
            frames: Frames::default(),
            lattice: None,
            is_complete: false,
            start: 0,
            expected: 0,
            nearest: 0,
            pairs: Builder::default(),
            settled: Builder::default(),
            row: Vec::new(),
            displaced: Displaced::default(),
            matcher: Matcher::new(&untimed, encode),
        }
    }

    /// Takes what was seen of the reference's next frame; `None` at its end. Before the next one,
    /// the encode's frames are to be given that are [wanted](Self::wants_encode).
    pub fn push_reference(&mut self, sight: Option<&Sight>) {
        self.frames.push_reference(sight);
        self.advance();
    }

    /// Whether the encode's next frame is to be given.
    #[must_use]
    pub fn wants_encode(&mut self) -> bool {
        let Frames { reference, encode, .. } = &self.frames;
        if encode.ended() || self.is_complete {
            return !encode.ended();
        }
        let Some(row) = self.lattice.as_ref().map(Lattice::next) else {
            return self.has_reference(0) && encode.seen() < 2 * self.reach;
        };
        row <= reference.seen() && self.has_reference(row) && self.band(row).is_none()
    }

    /// Takes what was seen of the encode's next frame; `None` at its end.
    pub fn push_encode(&mut self, sight: Option<&Sight>) {
        if self.is_complete {
            self.frames.encode.pass(sight);
        } else {
            self.frames.push_encode(sight);
            self.advance();
        }
    }

    /// The pairs, once both videos were given to their ends.
    #[must_use]
    pub fn finish(mut self) -> Aligned {
        let Frames { reference, encode, .. } = &self.frames;
        let ends = [reference.seen() as u64, encode.seen() as u64];
        let places = self.displaced.finish().places as usize + self.pairs.changes();
        let is_settled = places >= PLACES;
        let mut path = self.pairs.finish(ends);
        let is_unlike = is_unlike(&path);
        if is_settled {
            path = self.settled.finish(ends);
        }
        let mut finding = match self.matcher.finish(Ordering::Equal) {
            // Each displaced frame is paired with what it shows.
            Some(Finding::Displaced { .. }) if is_settled => None,
            Some(Finding::Offset { votes, .. } | Finding::Slip { votes, .. }) => {
                Some(Finding::Unverified { votes })
            }
            other => other,
        };
        let votes = self.matcher.votes();
        let [moving, stretches] = self.matcher.unlike();
        let are_unlike = f64::from(stretches) > UNLIKE_SHARE * f64::from(moving);
        if is_unlike || stretches >= UNLIKE && are_unlike {
            finding = finding.or(Some(Finding::Unlike));
        }
        // What only ends sooner needs no proof.
        let within = path.changes.iter().any(|(change, _)| {
            let is_last = [0, 1].map(|end| change.at[end] + [change.lacking, change.added][end]);
            is_last != ends
        });
        if within && votes.agreeing == 0 {
            finding = finding.or(Some(Finding::Unproved));
        }
        Aligned { path, votes, finding }
    }

    /// How many frames of both videos are kept.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        let Frames { reference, encode, .. } = &self.frames;
        reference.sights().count() + encode.sights().count()
    }

    /// Whether all frames of the reference are there that `row` needs.
    fn has_reference(&self, row: usize) -> bool {
        let reference = &self.frames.reference;
        reference.ended() || reference.seen() >= row + 2 * self.reach
    }

    /// Goes on as far as the frames allow.
    fn advance(&mut self) {
        let ended = self.frames.encode.ended();
        if self.lattice.is_none() {
            if !self.has_reference(0) || !(ended || self.frames.encode.seen() >= 2 * self.reach) {
                return;
            }
            self.begin();
        }
        while let Some(row) = self.lattice.as_ref().map(Lattice::next) {
            let seen = self.frames.reference.seen();
            if self.is_complete || row > seen || !self.has_reference(row) {
                return;
            }
            let Some(band) = self.band(row) else { return };
            self.push_row(row, band);
            if row == seen && self.frames.reference.ended() {
                self.complete();
            }
        }
    }

    /// Begins with the shift that the first frames vote for.
    fn begin(&mut self) {
        let traces = [&self.frames.reference, &self.frames.encode].map(|film| {
            let mut trace = Trace::default();
            film.sights().for_each(|sight| trace.push(sight.signature));
            trace.end();
            trace
        });
        let [reference, encode] = &traces;
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
        let shift = votes.iter().map(|vote| vote.1).find(|shift| counts[shift] >= ENOUGH);
        let shift = shift.unwrap_or_default();
        let agreed: Vec<(usize, i64)> =
            votes.into_iter().filter(|(_, shift)| counts[shift] >= ENOUGH).collect();
        self.frames.begin(self.brighter(&agreed));
        self.lattice = Some(Lattice::new(shift));
        self.start = (-shift).max(0) as usize;
        self.expected = shift.max(0) as usize;
        let time = self.frames.reference.get(0).and_then(|sight| sight.time);
        (self.pairs, self.settled) = (Builder::new(time), Builder::new(time));
    }

    /// By how much each part of the encode's picture is brighter, in levels of 8 bits, in the
    /// stretches of the reference that voted for a shift.
    fn brighter(&self, votes: &[(usize, i64)]) -> [f32; PARTS] {
        let Frames { reference, encode, .. } = &self.frames;
        let frames = votes.iter().flat_map(|(from, shift)| {
            (*from..from + STRETCH).map(|frame| (frame, frame.checked_add_signed(*shift as isize)))
        });
        let pairs = frames.filter_map(|(frame, other)| {
            Some([reference.get(frame)?.signature, encode.get(other?)?.signature])
        });
        film::brighter(pairs)
    }

    /// The nodes of `row` that are looked at, if all frames are there that they need.
    fn band(&mut self, row: usize) -> Option<[usize; 2]> {
        let Frames { reference, encode, .. } = &self.frames;
        let reach = self.reach;
        let mut nodes = [self.expected; 2];
        let timed = row.checked_sub(1).and_then(|frame| reference.elapsed(frame));
        if let Some(time) = timed.map(|time| time + ROUNDED) {
            self.nearest = self.nearest.max(encode.first());
            while encode.elapsed(self.nearest).is_some_and(|elapsed| elapsed <= time) {
                self.nearest += 1;
            }
            // Times that go far from what the frames show don't count.
            let is_there = self.nearest < encode.seen();
            if !is_there && !encode.ended() && encode.seen() < self.expected + 4 * reach {
                return None;
            }
            if let Some(node) = self.due(row) {
                nodes = [node.min(self.expected), node.max(self.expected)];
            }
        }
        let Frames { encode, .. } = &self.frames;
        let is_there = encode.ended() || encode.seen() >= nodes[1] + 2 * reach;
        let first = nodes[0].saturating_sub(reach).max(self.lattice.as_ref()?.decided()[1]);
        let last = (nodes[1] + reach).min(encode.seen());
        is_there.then(|| [first.min(last), last])
    }

    fn push_row(&mut self, row: usize, band: [usize; 2]) {
        let due = self.due(row);
        let Some(lattice) = &mut self.lattice else { return };
        let frames = &self.frames;
        let end = frames.encode.ended().then(|| frames.encode.seen());
        lattice.push(band, due, end, |node| {
            // The first row has no frame of the reference.
            row.checked_sub(1).map_or(f64::INFINITY, |frame| cost(frames, frame, node))
        });
        if row >= self.start {
            self.expected = lattice.best(self.expected) + 1;
        }
        let within = |at: usize| at.saturating_sub(self.reach);
        self.frames.leave([within(row), within(self.expected)]);
        if lattice.kept() >= 2 * self.reach {
            let steps = lattice.commit(row - self.reach);
            self.take(&steps);
        }
    }

    /// The node of `row` that times suggest, if they go with what the frames show.
    fn due(&self, row: usize) -> Option<usize> {
        self.frames.reference.elapsed(row.checked_sub(1)?)?;
        let Frames { encode, .. } = &self.frames;
        let is_timed = encode.elapsed(self.nearest.min(encode.seen().checked_sub(1)?)).is_some();
        let node = self.nearest.min(encode.seen());
        (is_timed && node.abs_diff(self.expected) <= 2 * self.reach).then_some(node)
    }

    /// Decides the rest of the way.
    fn complete(&mut self) {
        self.is_complete = true;
        let steps = self.lattice.as_mut().map(Lattice::finish).unwrap_or_default();
        self.take(&steps);
        self.end_row();
    }

    /// Takes the pairs of steps that are decided.
    fn take(&mut self, steps: &[Step]) {
        let mut at = self.frames.taken;
        for step in steps {
            match step {
                Step::Pair => {
                    self.take_pair(at);
                    at = at.map(|frame| frame + 1);
                }
                Step::PassReference => at[0] += 1,
                Step::PassEncode => at[1] += 1,
            }
        }
        self.frames.taken = at;
        // Frames of rows that are not decided yet are needed, and those around displaced ones.
        let first = self.row.first().map_or(at, |(pair, _)| pair.map(|frame| frame as usize));
        self.frames.forget(first.map(|frame| frame.saturating_sub(NEARBY as usize + 1)));
    }

    fn take_pair(&mut self, at: [usize; 2]) {
        let Frames { reference, encode, .. } = &self.frames;
        self.matcher.push(reference.get(at[0]), encode.get(at[1]));
        let misfit =
            |shift: i64| self.frames.misfit(at[0].checked_add_signed(shift as isize)?, at[1]);
        let pair = at.map(|frame| frame as u64);
        self.displaced.push(pair[0], displacement(FAR_WORSE, misfit));
        let is_one_of_several =
            self.frames.is_one_of_several(at[1]) && !self.frames.is_frozen(at[1]);
        let worse = if is_one_of_several { REPEATED } else { WORSE };
        let displacement = displacement(worse, misfit);
        self.pairs.pair(pair, time(&self.frames, pair[0] + 1));
        if displacement == 0 {
            self.end_row();
            self.settle(pair);
        } else {
            self.row.push((pair, displacement));
            if self.row.len() > super::displaced::MOST_IN_A_ROW {
                self.end_row();
            }
        }
    }

    /// Settles a row of displaced frames: each with what it shows, if it is out of place.
    fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        let is_out_of_place = is_out_of_place(row.iter().map(|(_, shift)| *shift));
        for ([reference, encode], shift) in row {
            let shown =
                if is_out_of_place { reference.saturating_add_signed(shift) } else { reference };
            self.settle([shown, encode]);
        }
    }

    /// Settles a pair, unless its frame of the reference has one.
    fn settle(&mut self, pair: [u64; 2]) {
        if pair[0] >= self.settled.next_of_reference() {
            self.settled.pair(pair, time(&self.frames, pair[0] + 1));
        }
    }
}

/// What it costs to pair a frame of the reference with one of the encode.
fn cost(frames: &Frames, reference: usize, encode: usize) -> f64 {
    let unit = frames.least(encode).max(LEAST_MISFIT);
    let misfit = |shift: i64| {
        let misfit = frames.misfit(reference.checked_add_signed(shift as isize)?, encode)?;
        Some((misfit / unit - 1.0).clamp(0.0, MOST))
    };
    let Some(mut cost) = misfit(0) else { return f64::INFINITY };
    if cost > DAMAGED && (frames.is_frozen(encode) || frames.fits_nothing(encode)) {
        cost = DAMAGED;
    }
    if cost > DISPLACED {
        let nearby = (1 - NEARBY..NEARBY).filter_map(misfit);
        cost = nearby.fold(cost, |cost, nearby| cost.min(DISPLACED + nearby));
    }
    cost
}

/// Whether many frames of both videos were passed over at the same place.
fn is_unlike(path: &Path) -> bool {
    let is_long = |change: &Change| [change.lacking, change.added].map(|it| it >= UNLIKE_FRAMES);
    let changes = path.changes.iter().map(|(change, _)| change);
    let next = changes.clone().skip(1).map(Some).chain([None]);
    changes.zip(next).any(|(change, next)| {
        let behind = change.at[0] + change.lacking;
        let next = next.filter(|next| next.at[0] - behind <= NEARBY as u64);
        let [lacking, added] = is_long(change);
        let [next_lacking, next_added] = next.map_or([false; 2], is_long);
        (lacking || next_lacking) && (added || next_added)
    })
}

/// When the reference shows a frame, if that is known.
fn time(frames: &Frames, frame: u64) -> Option<f64> {
    frames.reference.get(frame as usize)?.time
}
