//! Compares an encode's frames with the reference's while both are read.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::clock::Clock;
use super::contrast::Contrasts;
use super::edges::Edges;
use super::finding::{Finding, Votes};
use super::trace::{FINE, Trace, distance, energy, mean_square};
use super::{Sight, reach};
use crate::StreamInfo;

/// Frames that vote together.
const STRETCH: usize = 8;

/// How much has to move for a stretch to tell: a mean square, in levels of 8 bits.
const MOVES: f64 = 0.01;

/// What of that the best shift may leave unexplained.
const UNEXPLAINED: f64 = 0.5;

/// By how much other shifts fit worse than the best, as a factor and as a part of what moves. The
/// shift that is believed has to fit worse by more where the stretch votes against it.
const WORSE: f64 = 1.3;
const BELIEVED_WORSE: f64 = 1.5;
const PART: f64 = 0.02;

/// How many votes make a finding, and how many where the videos' lengths say the same.
const ENOUGH: u32 = 4;
const ENOUGH_WITH_LENGTHS: u32 = 2;

/// What a vote for one shift takes from every other.
const AGAINST: u32 = 2;

/// Compares an encode with its reference, frame by frame, and remembers of both no more than what
/// is within reach.
#[derive(Debug)]
pub struct Matcher {
    reach: usize,
    reference: Trace,
    encode: Trace,
    /// The first frame of the next stretch.
    next: usize,
    votes: Votes,
    /// Votes for other shifts than none, less those against them.
    standing: BTreeMap<i64, Standing>,
    /// The frame behind the last stretch that voted for no shift.
    aligned_until: Option<usize>,
    clock: Clock,
    edges: Edges,
    contrasts: Contrasts,
    finding: Option<Finding>,
}

/// How a shift stands.
#[derive(Debug, Clone, Copy)]
struct Standing {
    votes: u32,
    /// Votes for it since it stands, and all votes since then.
    agreeing: u32,
    telling: u32,
    /// Where the first stretch that voted for it begins.
    since: usize,
    /// Until when frames voted for no shift, before that.
    aligned_until: Option<usize>,
}

impl Matcher {
    /// For an encode of `reference`, both as they are conformed. Times are compared where both
    /// [have some](StreamInfo::has_times).
    #[must_use]
    pub fn new(reference: &StreamInfo, encode: &StreamInfo) -> Self {
        let rate = |info: &StreamInfo| info.frame_rate.map(vmaf_core::Rational::as_f64);
        Self {
            reach: reach(rate(reference)),
            reference: Trace::default(),
            encode: Trace::default(),
            next: 0,
            votes: Votes::default(),
            standing: BTreeMap::new(),
            aligned_until: None,
            clock: Clock::new(rate(reference), rate(encode), reference.has_times),
            edges: Edges::new(&reference.format),
            contrasts: Contrasts::default(),
            finding: None,
        }
    }

    /// Takes what was seen of the next frame of each, where there is one.
    pub fn push(&mut self, reference: Option<&Sight>, encode: Option<&Sight>) {
        for (sight, trace) in [(reference, &mut self.reference), (encode, &mut self.encode)] {
            match sight {
                Some(sight) => trace.push(sight.signature),
                None => trace.end(),
            }
        }
        if let Some(reference) = reference {
            self.clock.push(reference.time, encode.and_then(|encode| encode.time));
        }
        if let (Some(reference), Some(encode)) = (reference, encode) {
            self.edges.push(reference, encode);
            self.contrasts.push(&reference.signature, &encode.signature);
        }
        self.settle();
    }

    /// What was found by now, if anything is not as it should be.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.finding.as_ref()
    }

    /// How stretches voted, and what frames say of the contrast.
    #[must_use]
    pub fn votes(&self) -> Votes {
        Votes { contrast: self.contrasts.throughout(), ..self.votes }
    }

    /// Says that no more frames come, and gives what was found. `length` is the encode's beside the
    /// reference's: fewer votes are enough for a shift that it bears out. Where not both were read
    /// to where one ends it is [`Ordering::Equal`].
    pub fn finish(&mut self, length: Ordering) -> Option<Finding> {
        self.reference.end();
        self.encode.end();
        self.settle();
        if self.finding.is_none()
            && let Some((shift, standing)) = self.standing.iter().max_by_key(|it| it.1.votes)
            && standing.votes >= ENOUGH_WITH_LENGTHS
            && shift.cmp(&0) == length
        {
            self.finding = Some(self.found(*shift, *standing));
        }
        let finding = self.finding.take().or_else(|| self.edges.finish());
        finding.or_else(|| self.clock.finish(self.votes))
    }

    /// Lets all stretches vote that can.
    fn settle(&mut self) {
        while self.finding.is_none() && self.is_ready() {
            if let Some(shift) = self.shift_of(self.next) {
                self.count(shift);
            }
            self.next += STRETCH;
            self.reference.forget(self.next);
            self.encode.forget(self.next.saturating_sub(self.reach));
        }
        if self.finding.is_none() {
            self.finding = self.edges.finding();
        }
        if self.finding.is_none() {
            // The pictures may still tell more exactly what the times tell.
            self.finding = self.clock.finding(self.next, self.votes);
        }
    }

    /// Whether all frames are there that the next stretch is compared with.
    fn is_ready(&self) -> bool {
        let behind = self.next + STRETCH;
        let complete = self.encode.ready() >= behind + self.reach || self.encode.ended();
        behind <= self.reference.ready() && complete
    }

    /// The shift that the stretch from frame `from` of the reference on votes for, if it can tell.
    fn shift_of(&self, from: usize) -> Option<i64> {
        let frames = from..from + STRETCH;
        let moves: i64 = frames.clone().map(|index| energy(self.reference.get(index))).sum();
        let moves = mean_square(moves, STRETCH, FINE);
        if moves <= MOVES {
            return None;
        }
        let first = from.saturating_sub(self.reach).max(self.encode.first());
        let last = (from + self.reach + STRETCH).min(self.encode.ready()).checked_sub(STRETCH)?;
        let misfit = |at: usize| {
            let pairs = frames.clone().zip(at..);
            let sum = pairs.map(|(i, j)| distance(self.reference.get(i), self.encode.get(j)));
            mean_square(sum.sum(), STRETCH, FINE)
        };
        let misfits: Vec<f64> = (first..=last).map(misfit).collect();
        let (best, least) =
            misfits.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let others = misfits.iter().enumerate().filter(|(at, _)| *at != best);
        let second = others.map(|(_, misfit)| *misfit).fold(f64::INFINITY, f64::min);
        let is_worse = |misfit: f64, factor: f64| misfit > factor * least + PART * moves;
        let shift = (first + best) as i64 - from as i64;
        // What lies beyond the frames there are might have fitted better.
        let is_within = best > 0 && best + 1 < misfits.len();
        // Beyond the ends nothing is known of the shift that is believed.
        let believed = from.checked_sub(first).and_then(|at| misfits.get(at));
        let against = shift == 0 || believed.is_some_and(|it| is_worse(*it, BELIEVED_WORSE));
        let is_best = is_within && least < UNEXPLAINED * moves && is_worse(second, WORSE);
        let tells = is_best && against;
        tells.then_some(shift)
    }

    /// Counts a vote of the next stretch.
    fn count(&mut self, shift: i64) {
        self.votes.telling += 1;
        for (other, standing) in &mut self.standing {
            if *other != shift {
                standing.votes = standing.votes.saturating_sub(AGAINST);
                standing.telling += 1;
            }
        }
        self.standing.retain(|_, standing| standing.votes > 0);
        if shift == 0 {
            self.votes.agreeing += 1;
            self.aligned_until = Some(self.next + STRETCH);
            return;
        }
        let aligned_until = self.aligned_until;
        let standing = self.standing.entry(shift).or_insert(Standing {
            votes: 0,
            agreeing: 0,
            telling: 0,
            since: self.next,
            aligned_until,
        });
        standing.votes += 1;
        standing.agreeing += 1;
        standing.telling += 1;
        let standing = *standing;
        if standing.votes >= ENOUGH {
            self.finding = Some(self.found(shift, standing));
        }
    }

    fn found(&self, shift: i64, standing: Standing) -> Finding {
        let Standing { telling, agreeing, .. } = standing;
        let votes = Votes { telling, agreeing, ..Votes::default() };
        match standing.aligned_until {
            None => Finding::Offset { frames: shift, votes },
            Some(until) => {
                let times = [until, standing.since].map(|frame| self.clock.reference_time(frame));
                let rates = self.clock.different_rates();
                let frames = [until as u64, standing.since as u64];
                Finding::Slip { shift, frames, times, rates, votes }
            }
        }
    }
}
