//! Transposition of samples from rows cut into segments to vectors of one column each.

use fearless_simd::{Simd, prelude::*, u8x16, u16x8, u32x4, u64x2};

use super::aligned::load;
use super::segments::MAX_LANES;
use crate::Sample;

/// The columns in a piece.
pub(crate) const PIECE: usize = 8;

/// Two rows, each cut into as many segments as a vector has lanes.
#[derive(Clone, Copy)]
pub(crate) struct Segments<'a, T, S: Simd> {
    simd: S,
    rows: [&'a [T]; 2],
    length: usize,
}

impl<'a, T, S: Simd> Segments<'a, T, S> {
    /// Cuts `rows` into segments of `length`.
    #[inline(always)]
    pub(crate) fn new(simd: S, rows: [&'a [T]; 2], length: usize) -> Self {
        let whole = length * S::u32s::LEN;
        Self { simd, rows: [&rows[0][..whole], &rows[1][..whole]], length }
    }

    /// The columns from `x` on of both rows' segments of `lane`.
    #[inline(always)]
    fn piece(&self, lane: usize, x: usize) -> [&'a [T; PIECE]; 2] {
        assert!(lane < S::u32s::LEN && x + PIECE <= self.length);
        let place = lane * self.length + x;
        // The compiler doesn't see that the checks above suffice, and others cost as much as the
        // transposition.
        #[expect(unsafe_code, reason = "checks in each lane cost too much")]
        // SAFETY: by the assertion, the piece ends at most at the end of the lane's segment, and
        // `new` made the rows as long as all segments.
        unsafe {
            [&*self.rows[0].as_ptr().add(place).cast(), &*self.rows[1].as_ptr().add(place).cast()]
        }
    }
}

/// Samples of pairs of rows that are transposed in pieces: of as many segments as a vector has
/// lanes, so many columns.
///
/// Interleaving segment `k` with the one half of all segments further, for each `k`, gives as many
/// rows whose neighbours are half as far apart; when that was done for each doubling of lanes,
/// columns are adjacent. The two rows are interleaved before.
pub(crate) trait Transpose: Sample {
    /// Pairs of the columns of a piece that begins at `x`.
    fn transpose<S: Simd>(segments: Segments<Self, S>, x: usize, pairs: &mut [S::u32s; PIECE]);
}

impl Transpose for u16 {
    #[inline(always)]
    fn transpose<S: Simd>(segments: Segments<u16, S>, x: usize, pairs: &mut [S::u32s; PIECE]) {
        let simd = segments.simd;
        let lanes = S::u32s::LEN;
        // Half of a piece at a time: a pair has four bytes.
        let mut halves = [[u32x4::splat(simd, 0); MAX_LANES]; 2];
        let [low, high] = &mut halves;
        for (lane, (low, high)) in low.iter_mut().zip(high).enumerate().take(lanes) {
            let [first, second] = segments.piece(lane, x);
            let first = u16x8::from_slice(simd, first);
            let second = u16x8::from_slice(simd, second);
            *low = first.zip_low(second).bitcast();
            *high = first.zip_high(second).bitcast();
        }
        for half in 0..2 {
            let mut vectors = halves[half];
            for _ in 0..lanes.ilog2() {
                let before = vectors;
                for k in 0..lanes / 2 {
                    let (a, b) = (before[k], before[k + lanes / 2]);
                    (vectors[2 * k], vectors[2 * k + 1]) = (a.zip_low(b), a.zip_high(b));
                }
            }
            let mut memory = [0; MAX_LANES * PIECE / 2];
            for lane in 0..lanes {
                vectors[lane].store_slice(&mut memory[lane * PIECE / 2..][..PIECE / 2]);
            }
            for column in 0..PIECE / 2 {
                pairs[half * PIECE / 2 + column] = load(simd, &memory, column * lanes);
            }
        }
    }
}

impl Transpose for u8 {
    #[inline(always)]
    fn transpose<S: Simd>(segments: Segments<u8, S>, x: usize, pairs: &mut [S::u32s; PIECE]) {
        let simd = segments.simd;
        let lanes = S::u32s::LEN;
        let mut vectors = [u16x8::splat(simd, 0); MAX_LANES];
        for (lane, vector) in vectors.iter_mut().enumerate().take(lanes) {
            let [first, second] = segments.piece(lane, x);
            let first = half_vector(simd, first);
            let second = half_vector(simd, second);
            *vector = first.zip_low(second).bitcast();
        }
        for _ in 0..lanes.ilog2() {
            let before = vectors;
            for k in 0..lanes / 2 {
                let (a, b) = (before[k], before[k + lanes / 2]);
                (vectors[2 * k], vectors[2 * k + 1]) = (a.zip_low(b), a.zip_high(b));
            }
        }
        let mut memory = [0; 2 * MAX_LANES * PIECE];
        for lane in 0..lanes {
            let bytes: u8x16<S> = vectors[lane].bitcast();
            bytes.store_slice(&mut memory[lane * 2 * PIECE..][..2 * PIECE]);
        }
        for two in 0..PIECE / 2 {
            let (low, high) = load::<S, S::u8s>(simd, &memory, two * 4 * lanes).widen();
            pairs[2 * two] = low.bitcast();
            pairs[2 * two + 1] = high.bitcast();
        }
    }
}

/// A vector whose first half is `bytes`.
#[inline(always)]
fn half_vector<S: Simd>(simd: S, bytes: &[u8; PIECE]) -> u8x16<S> {
    u64x2::load_array(simd, [u64::from_le_bytes(*bytes), 0]).bitcast()
}
