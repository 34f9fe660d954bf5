//! Pairs the frames of encodes with the reference's, and verifies the pairs.
//!
//! Frames are paired in order, and while they are scored [`vmaf_media::align`] compares their
//! contents and timestamps: an encode whose frames do not match drops out, with the reason. Pairing
//! by content reads the videos once before, to find the pairs.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use vmaf_media::align::{
    self, Aligner, AlignmentResult, Finding, FrameFingerprint, FrameFingerprints, Matcher,
    UnpairedFrames, Votes,
};
use vmaf_media::{Error, Frames, Interrupt, ReadPlan, Result, Source, StreamInfo};

use crate::failure::EncodeFailure;
use crate::request::Pairing;

/// The number of agreeing stretches of frames that verify the pairs.
const STRETCHES_TO_VERIFY: u32 = 4;

/// A video that is read.
type Reader = Box<dyn Frames>;

/// The pairing of an encode's frames with the reference's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    pub(crate) pairing: Pairing,
    /// The number of frames skipped at the start of the encode or, if negative, of the reference.
    pub(crate) offset: i32,
    /// The votes of stretches of frames for these pairs; zero if nothing was compared.
    pub(crate) votes: Votes,
    /// The frames without a counterpart, and their times in the reference.
    pub(crate) changes: Vec<(UnpairedFrames, Option<f64>)>,
}

/// Compares the frames of the videos that are read.
pub(crate) struct AlignmentCheck {
    reference: FrameFingerprints,
    /// For each encode that is being read.
    encodes: Vec<Option<(FrameFingerprints, Matcher)>>,
}

impl AlignmentCheck {
    /// Returns the reference, the encodes that are being read, and the comparison that `pairing`
    /// requests.
    pub(crate) fn new(
        pairing: Pairing,
        reference: Reader,
        encodes: Vec<Option<Reader>>,
    ) -> (Reader, Vec<Option<Reader>>, Self) {
        let info = matched_info(pairing, reference.info());
        let (reference, fingerprints) = align::with_fingerprints(reference);
        let fingerprinted = encodes.into_iter().map(|encode| {
            let matcher = Matcher::new(&info, encode.as_ref()?.info());
            let (encode, fingerprints) = align::with_fingerprints(encode?);
            Some((encode, (fingerprints, matcher)))
        });
        let (readers, encodes) = fingerprinted.map(Option::unzip).unzip();
        (reference, readers, Self { reference: fingerprints, encodes })
    }

    /// Compares the latest frames: of the reference, if there was one, and of the encodes that had
    /// one. Returns what speaks against an encode, with its index.
    pub(crate) fn compare(&mut self, reference: bool, encodes: &[bool]) -> Vec<(usize, Finding)> {
        let reference = if reference { self.reference.next() } else { None };
        let mut findings = Vec::new();
        for (index, (encode, has_frame)) in self.encodes.iter_mut().zip(encodes).enumerate() {
            let Some((fingerprints, matcher)) = encode else { continue };
            let fingerprint: Option<FrameFingerprint> =
                if *has_frame { fingerprints.next() } else { None };
            matcher.push(reference.as_ref(), fingerprint.as_ref());
            if let Some(finding) = matcher.finding() {
                findings.push((index, finding.clone()));
                *encode = None;
            }
        }
        findings
    }

    /// Returns true if the pairs of encode `index` are verified by now.
    pub(crate) fn is_verified(&self, index: usize) -> bool {
        let matcher = self.encodes.get(index).and_then(|encode| encode.as_ref());
        matcher.is_some_and(|(_, matcher)| {
            let Votes { telling, agreeing, .. } = matcher.votes();
            telling >= STRETCHES_TO_VERIFY && agreeing == telling
        })
    }

    /// Returns the number of frames to read of one video after the other has ended, for comparison.
    /// `None` if nothing compares encode `index`.
    pub(crate) fn reach(&self, index: usize) -> Option<usize> {
        self.encodes[index].as_ref().map(|(_, matcher)| matcher.reach())
    }

    /// Compares the latest frame of encode `index`, which has no counterpart.
    pub(crate) fn follow(&mut self, index: usize) {
        if let Some((fingerprints, matcher)) = &mut self.encodes[index] {
            matcher.push(None, fingerprints.next().as_ref());
        }
    }

    /// Returns the votes for the pairs of encode `index`, or the finding against them. `length` is
    /// the encode's length compared with the reference's; equal if that is unknown.
    pub(crate) fn finish(&mut self, index: usize, length: Ordering) -> Result<Votes, Finding> {
        let Some((_, matcher)) = &mut self.encodes[index] else { return Ok(Votes::default()) };
        match matcher.finish(length) {
            Some(finding) => Err(finding),
            None => Ok(matcher.votes()),
        }
    }
}

/// The stream as it is compared: without its timestamps if those are ignored.
fn matched_info(pairing: Pairing, info: &StreamInfo) -> StreamInfo {
    StreamInfo { has_times: info.has_times && pairing == Pairing::Time, ..info.clone() }
}

/// A video of which only fingerprints are needed.
struct FingerprintReader {
    frames: Reader,
    fingerprints: FrameFingerprints,
}

impl FingerprintReader {
    fn new(source: Box<dyn Source>, interrupt: &Interrupt) -> Result<Self> {
        let plan = ReadPlan::luma();
        let (frames, fingerprints) = align::with_fingerprints(source.frames(&plan)?);
        Ok(Self { frames: vmaf_media::read_ahead(frames, &plan, interrupt), fingerprints })
    }

    /// Reads the next frame and returns its fingerprint, if there is one.
    fn next(&mut self) -> Result<Option<FrameFingerprint>> {
        Ok(self.frames.read()?.and_then(|_| self.fingerprints.next()))
    }
}

/// Reads the videos to their ends, side by side, to find the pairs of frames by content. Returns
/// the reason for an encode that can't be read.
pub(crate) fn align_videos(
    reference: Box<dyn Source>,
    encodes: Vec<Option<Box<dyn Source>>>,
    interrupt: &Interrupt,
) -> Result<Vec<Option<Result<AlignmentResult, EncodeFailure>>>> {
    let info = reference.info().clone();
    let mut reference = FingerprintReader::new(reference, interrupt)?;
    let begin = |encode: Box<dyn Source>| {
        let aligner = Aligner::new(&info, encode.info());
        Ok((aligner, FingerprintReader::new(encode, interrupt)?))
    };
    let mut encodes: Vec<_> = encodes.into_iter().map(|encode| encode.map(begin)).collect();
    loop {
        let fingerprint = reference.next()?;
        for encode in encodes.iter_mut().flatten() {
            let Ok((aligner, reader)) = encode else { continue };
            aligner.push_reference(fingerprint.as_ref());
            match follow(aligner, reader) {
                Ok(()) => {}
                Err(error @ Error::Interrupted { .. }) => return Err(error),
                Err(error) => *encode = Err(error.into()),
            }
        }
        if fingerprint.is_none() {
            break;
        }
    }
    let finish =
        |encode: Result<(Aligner, FingerprintReader), EncodeFailure>| Ok(encode?.0.finish());
    Ok(encodes.into_iter().map(|encode| encode.map(finish)).collect())
}

/// Reads an encode as far as needed.
fn follow(aligner: &mut Aligner, reader: &mut FingerprintReader) -> Result<()> {
    while aligner.wants_encode() {
        aligner.push_encode(reader.next()?.as_ref());
    }
    Ok(())
}
