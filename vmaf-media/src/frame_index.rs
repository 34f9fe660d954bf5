//! An index of a video's frames, to find some of them again without decoding all others.
//!
//! It is written while a video is decoded: each frame's timestamp and a digest of its samples. A
//! source that is read [again](crate::ReadPlan::earlier) seeks to the frames that are requested. A
//! frame decoded there counts as the requested one only if both agree: seeking in files is full of
//! pitfalls, and a picture of another frame would be worse than none.

#![cfg_attr(
    not(feature = "ffmpeg"),
    expect(dead_code, reason = "only the decoder in this process writes one")
)]

use std::sync::{Arc, Mutex, PoisonError};

/// Timestamps of the frames of a video, and digests of their samples. Clones share it: the holder
/// of a stream's [`StreamInfo`](crate::StreamInfo) sees the entries that its source writes.
#[derive(Debug, Clone, Default)]
pub struct FrameIndex(Arc<Mutex<Vec<Entry>>>);

/// Index entry of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its timestamp, in units of its stream.
    pub(crate) timestamp: Option<i64>,
    /// The digest of its samples, unless the frame was skipped.
    pub(crate) digest: Option<u64>,
}

/// The index doesn't make two streams different.
impl PartialEq for FrameIndex {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl FrameIndex {
    /// Adds the next frame.
    pub(crate) fn push(&self, entry: Entry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Returns the frames in order, if the timestamps are known and strictly increase.
    pub(crate) fn entries(&self) -> Option<Vec<Entry>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_first = entries.first()?.timestamp.is_some();
        let are_apart = entries.is_sorted_by(|a, b| b.timestamp > a.timestamp);
        (is_first && are_apart).then_some(entries)
    }
}

/// Returns a digest of rows of bytes, in order. Changing any bit almost certainly changes it.
pub(crate) fn digest<'a>(rows: impl Iterator<Item = &'a [u8]>) -> u64 {
    /// Odd, with bits as of a random number: those of the golden ratio.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |sum: u64, word: u64| (sum ^ word).wrapping_mul(FACTOR).rotate_left(29);
    // Several sums, since each step of one waits for the one before.
    let mut sums = [1_u64, 2, 3, 4];
    for row in rows {
        let (blocks, rest) = row.as_chunks::<32>();
        for block in blocks {
            for (sum, word) in sums.iter_mut().zip(block.as_chunks::<8>().0) {
                *sum = mix(*sum, u64::from_le_bytes(*word));
            }
        }
        sums[0] = rest.iter().fold(sums[0], |sum, byte| mix(sum, u64::from(*byte)));
    }
    sums.into_iter().fold(0, mix)
}

#[cfg(all(test, feature = "ffmpeg"))]
mod tests {
    use super::*;

    #[test]
    fn digests_depend_on_every_byte_and_its_position() {
        let bytes: Vec<u8> = (0..150).map(|i| (i * 7 % 64) as u8).collect();
        let of = |bytes: &[u8]| digest(bytes.chunks(75));
        let expected = of(&bytes);
        assert_eq!(of(&bytes.clone()), expected);
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut other = bytes.clone();
                other[place] ^= 1 << bit;
                assert_ne!(of(&other), expected, "{place} {bit}");
            }
        }
        let mut swapped = bytes.clone();
        swapped.swap(3, 35);
        assert_ne!(of(&swapped), expected);
    }

    #[test]
    fn frames_are_found_by_increasing_timestamps() {
        let of = |times: &[Option<i64>]| {
            let index = FrameIndex::default();
            times.iter().for_each(|&timestamp| index.push(Entry { timestamp, digest: Some(1) }));
            index.entries().map(|entries| entries.len())
        };
        assert_eq!(of(&[Some(-3), Some(0), Some(4)]), Some(3));
        for unclear in [&[][..], &[None], &[Some(0), None], &[None, Some(1)]] {
            assert_eq!(of(unclear), None, "{unclear:?}");
        }
        assert_eq!(of(&[Some(0), Some(4), Some(4)]), None);
        assert_eq!(of(&[Some(0), Some(4), Some(2)]), None);
    }
}
