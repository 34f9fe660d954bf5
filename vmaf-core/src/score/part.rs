//! Parts: the measured values of a stretch of a video's frames, which can be stored and joined.
//!
//! A feature's raw values for a frame depend only on that frame's pictures and some before it, so a
//! part can be measured anywhere, at any time. Values that depend on later frames, on the whole
//! video or on a model are computed after all parts are [joined](super::Scorer::add). The result is
//! bit-identical to that of an unbroken run, wherever the cuts are.
//!
//! A serialized part consists of: `vmafpart`, the format version, the job's fingerprint, the number
//! of the first frame, the number of encodes, of values per encode and of frames; then, for each
//! frame, its role, its time, the reference's change, a flag for each encode that tells if it is
//! present, and the values. Roles and flags are bytes, also the flags before a time and a change;
//! numbers have 64 bits, little-endian.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::worker::{FrameValues, Role};
use crate::error::JobError;
use crate::{Error, Result};

/// The first bytes of a serialized part.
const MAGIC: &[u8; 8] = b"vmafpart";

/// The version of the serialized format.
const FORM: u64 = 2;

/// The bytes of a frame before its flags: its role, and two numbers, each with a flag.
const FRAME_HEADER: usize = 1 + 2 * 9;

/// The roles of measured frames, in the order of their codes.
const ROLES: [Role; 3] = [Role::Scored, Role::Between, Role::Context];

/// A digest of everything in which two jobs have to agree to exchange parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a job that is described by `lines`.
    pub(super) fn from_lines(lines: &[String]) -> Self {
        let mut hash = Sha256::new();
        for line in lines {
            hash.update(line.len().to_le_bytes());
            hash.update(line);
        }
        Self(hash.finalize().into())
    }
}

/// The measured values of a stretch of frames.
#[derive(Debug, Clone)]
pub struct Part {
    job: Fingerprint,
    encodes: usize,
    /// The number of values per encode in a frame.
    row: usize,
    first: u64,
    /// The frames from number `first` on.
    measured: Vec<FrameValues>,
}

impl Part {
    pub(super) fn new(
        job: Fingerprint,
        (encodes, row): (usize, usize),
        first: u64,
        measured: Vec<FrameValues>,
    ) -> Self {
        Self { job, encodes, row, first, measured }
    }

    /// The numbers of the measured frames, including neighbours of the frames to score. Empty for a
    /// part beyond the end of the video.
    #[must_use]
    pub fn frames(&self) -> Range<u64> {
        self.first..self.first + self.measured.len() as u64
    }

    pub(super) fn into_measured(self) -> Vec<FrameValues> {
        self.measured
    }

    /// Fails unless this part belongs to the job with this fingerprint and begins at `first`.
    pub(super) fn check(&self, job: Fingerprint, first: u64) -> Result<()> {
        if self.job != job {
            return Err(JobError::ForeignPart.into());
        }
        if self.first != first {
            return Err(JobError::PartOrder { start: self.first, expected: first }.into());
        }
        Ok(())
    }

    /// Serializes the part; [`from_bytes`](Self::from_bytes) is the inverse.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let number = |number: u64, bytes: &mut Vec<u8>| bytes.extend(number.to_le_bytes());
        number(FORM, &mut bytes);
        bytes.extend(self.job.0);
        number(self.first, &mut bytes);
        for count in [self.encodes, self.row, self.measured.len()] {
            number(count as u64, &mut bytes);
        }
        for frame in &self.measured {
            let role = ROLES.iter().position(|role| *role == frame.role);
            bytes.push(role.expect("a measured frame has one of these roles") as u8);
            for optional in [frame.time, frame.change.map(f64::from)] {
                bytes.push(optional.is_some().into());
                number(optional.unwrap_or_default().to_bits(), &mut bytes);
            }
            bytes.extend(frame.present.iter().map(|present| u8::from(*present)));
            for value in &frame.values {
                number(value.to_bits(), &mut bytes);
            }
        }
        bytes
    }

    /// Deserializes a part.
    ///
    /// # Errors
    /// [`Error::Job`] if the bytes are not a part, or are one written by another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let fail = |reason| Error::from(JobError::UnreadablePart { reason });
        let mut bytes = Bytes(bytes);
        if bytes.take(MAGIC.len()) != Some(MAGIC) {
            return Err(fail("it does not begin as one"));
        }
        let short = || fail("it ends too early");
        if bytes.number().ok_or_else(short)? != FORM {
            return Err(fail("another version of this library wrote it"));
        }
        let job = bytes.take(32).and_then(|job| job.try_into().ok()).ok_or_else(short)?;
        let first = bytes.number().ok_or_else(short)?;
        let [encodes, row, frames] = [bytes.count(), bytes.count(), bytes.count()];
        let (Some(encodes), Some(row), Some(frames)) = (encodes, row, frames) else {
            return Err(short());
        };
        let values = encodes.checked_mul(row).and_then(|values| values.checked_mul(8));
        let size = values.and_then(|values| values.checked_add(encodes)?.checked_add(FRAME_HEADER));
        let total = size.and_then(|size| size.checked_mul(frames));
        if total != Some(bytes.0.len()) || first.checked_add(frames as u64).is_none() {
            return Err(fail("it is not as long as it says"));
        }
        let mut measured = Vec::with_capacity(frames);
        for index in first..first + frames as u64 {
            let frame = bytes.frame(index, encodes, row).ok_or_else(|| fail("a frame is wrong"))?;
            measured.push(frame);
        }
        Ok(Self { job: Fingerprint(job), encodes, row, first, measured })
    }
}

/// The bytes that remain to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn flag(&mut self) -> Option<bool> {
        match self.take(1)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    fn optional(&mut self) -> Option<Option<f64>> {
        let is_there = self.flag()?;
        let number = f64::from_bits(self.number()?);
        Some(is_there.then_some(number))
    }

    fn frame(&mut self, index: u64, encodes: usize, row: usize) -> Option<FrameValues> {
        let role = *ROLES.get(usize::from(*self.take(1)?.first()?))?;
        let time = self.optional()?;
        let change = self.optional()?.map(|change| change as f32);
        let present = (0..encodes).map(|_| self.flag()).collect::<Option<_>>()?;
        let values = (0..encodes * row).map(|_| self.number().map(f64::from_bits));
        let values = values.collect::<Option<_>>()?;
        Some(FrameValues { index, role, time, change, present, values })
    }
}
