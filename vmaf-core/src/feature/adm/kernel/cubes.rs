//! Sums of cubes, in 64 bits: squares are rounded and shifted before they are cubed, and cubes before
//! they are added, as libvmaf's are.

use fearless_simd::prelude::*;

use super::super::sums::CubeShifts;
use crate::simd::halves::{lower_halves, wide_products};

/// The cubes of values of 31 bits, rounded.
#[derive(Clone, Copy)]
struct RoundedCubes {
    add_square: u64,
    square: u32,
    add_cube: u64,
    cube: u32,
}

impl RoundedCubes {
    /// Sums of the cubes of two of `values` each.
    #[inline(always)]
    fn sums_of<S: Simd>(self, simd: S, values: S::i32s) -> S::u64s {
        let [first, last] = wide_products(simd, values, values);
        let first = (first + self.add_square) >> self.square;
        let last = (last + self.add_square) >> self.square;
        let [first, last] = wide_products(simd, lower_halves(simd, [first, last]), values);
        ((first + self.add_cube) >> self.cube) + ((last + self.add_cube) >> self.cube)
    }
}

/// The sum of cubes of one band.
#[derive(Clone, Copy)]
pub(super) struct Cubes<S: Simd> {
    sum: S::u64s,
    rounded: RoundedCubes,
}

/// Added to a signed number so that it can be shifted as an unsigned one.
const SIGN: u64 = 1 << 63;

impl<S: Simd> Cubes<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, shifts: &CubeShifts, band: usize) -> Self {
        let (square, cube) = (shifts.square[band], shifts.cube[band]);
        let (add_square, add_cube) = ((1 << square) >> 1, ((1 << cube) >> 1) + SIGN);
        let rounded = RoundedCubes { add_square, square, add_cube, cube };
        Self { sum: S::u64s::splat(simd, 0), rounded }
    }

    /// Adds the cubes of values of 31 bits.
    #[inline(always)]
    pub(super) fn add(&mut self, simd: S, values: S::i32s) {
        self.sum += self.rounded.sums_of(simd, values);
    }

    /// The sum, of as many vectors as have been added.
    #[inline(always)]
    pub(super) fn finish(self, vectors: usize) -> i64 {
        let signs = SIGN >> self.rounded.cube;
        let signs = signs.wrapping_mul((vectors * S::i32s::LEN) as u64);
        total::<S>(self.sum).wrapping_sub(signs) as i64
    }
}

/// The sum of cubes of the reference's magnitudes.
#[derive(Clone, Copy)]
pub(in crate::feature::adm) struct PlainCubes<S: Simd> {
    sum: S::u64s,
    rounded: RoundedCubes,
}

impl<S: Simd> PlainCubes<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, shifts: &CubeShifts, band: usize) -> Self {
        let (square, cube) = (shifts.square[band], shifts.cube[band]);
        // Rounded by a whole unit, not by half of one.
        let add_square = if square == 0 { 0 } else { 1 << square };
        let rounded = RoundedCubes { add_square, square, add_cube: (1 << cube) >> 1, cube };
        Self { sum: S::u64s::splat(simd, 0), rounded }
    }

    /// Adds the cubes of magnitudes below 2^15.
    #[inline(always)]
    pub(super) fn add_narrow(&mut self, simd: S, values: S::i32s) {
        let [first, last] = wide_products(simd, values * values, values);
        self.sum += first + last;
    }

    /// Adds the cubes of magnitudes below 2^31, whose shifted squares are too.
    #[inline(always)]
    pub(super) fn add_wide(&mut self, simd: S, values: S::i32s) {
        self.sum += self.rounded.sums_of(simd, values);
    }

    #[inline(always)]
    pub(super) fn finish(self) -> u64 {
        total::<S>(self.sum)
    }
}

/// The sum of the lanes, modulo 2^64.
#[inline(always)]
fn total<S: Simd>(lanes: S::u64s) -> u64 {
    let mut sum = 0_u64;
    for lane in lanes.as_slice() {
        sum = sum.wrapping_add(*lane);
    }
    sum
}
