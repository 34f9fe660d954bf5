//! Splitting distorted coefficients into their parts, a row at a time.
//!
//! The part of a distorted coefficient that follows the reference is defined by a quotient of 15
//! bits and a table of reciprocals ([`follow`]). Most coefficients need neither: if the reference's
//! is below 2^14, rounding the quotient and multiplying it by the reference again gives the
//! distorted coefficient back, limited to between 0 and the reference. (A quotient's error is at
//! most a half and `o` / 2^15 steps of 2^-15; times the reference `o` that is less than a half.)
//! Only larger coefficients, which are frequent only at coarser scales, need the division.
//!
//! The test for the same direction uses single precision wherever its result is certain.

use fearless_simd::prelude::*;

use super::rows::Detail;
use crate::simd::aligned::{load, store};
use crate::simd::pairs::{dot, narrow, pairs_high, pairs_low};

/// The least magnitude of a reference coefficient for which [`follow`] divides.
pub(super) const LARGE: i32 = 1 << 14;

/// The part of `t` that follows the reference's `o`, before enhancement.
pub(super) fn follow(o: i32, t: i32) -> i32 {
    let magnitude = o.unsigned_abs();
    if magnitude < LARGE as u32 {
        return t.clamp(o.min(0), o.max(0));
    }
    // The quotient t / o between 0 and 1, in units of 2^-15; o by its highest 15 bits.
    let shift = 17_u32.saturating_sub(magnitude.leading_zeros());
    let leading = (magnitude + ((1 << shift) >> 1)) >> shift;
    let product = i64::from((1 << 30) / leading) * i64::from(t) * i64::from(o.signum());
    let quotient = ((product + (1 << (14 + shift))) >> (15 + shift)).clamp(0, 1 << 15);
    ((quotient * i64::from(o) + (1 << 14)) >> 15) as i32
}

/// Enhances `restored`, of a coefficient that keeps its direction within a degree, up to the gain
/// limit.
pub(super) fn enhance(restored: i32, t: i32, gain_limit: f64) -> i32 {
    let enhanced = (f64::from(restored) * gain_limit).abs().min(f64::from(t).abs());
    enhanced as i32 * restored.signum()
}

/// The square of the cosine of a degree.
const COS_SQUARED: f32 = 0.999_695_4;

/// Returns true if the horizontal and vertical coefficients keep their direction within a degree,
/// in libvmaf's precision.
pub(super) fn same_direction(o: [i32; 2], t: [i32; 2]) -> bool {
    let along = product(o, t);
    let near = along * along >= f64::from(COS_SQUARED) * product(o, o) * product(t, t);
    along >= 0.0 && near
}

/// The scalar product of two vectors, rounded to single precision.
fn product(a: [i32; 2], b: [i32; 2]) -> f64 {
    let [ah, av, bh, bv] = [a[0], a[1], b[0], b[1]].map(i64::from);
    f64::from((ah * bh + av * bv) as f32) / 4096.0
}

/// Scalar products of a vector's lanes, in single precision.
struct Products<S: Simd> {
    along: S::f32s,
    of_o: S::f32s,
    of_t: S::f32s,
}

impl<S: Simd> Products<S> {
    /// Returns -1 in lanes that keep the direction and 0 in others, and true if that is certain,
    /// given that squares are exact to `margin` times the squared lengths.
    #[inline(always)]
    fn same(&self, simd: S, margin: f32) -> (S::i32s, bool) {
        let threshold = self.of_o * self.of_t * COS_SQUARED;
        let (square, zero) = (self.along * self.along, S::f32s::splat(simd, 0.0));
        let forward = self.along.simd_ge(zero);
        let yes = forward & square.simd_ge(threshold * (1.0 + margin));
        let maybe = forward & square.simd_ge(threshold * (1.0 - margin));
        let (set, clear) = (S::i32s::splat(simd, -1), S::i32s::splat(simd, 0));
        let same = yes.select(set, clear);
        (same, !(maybe & !yes).any_true())
    }
}

/// Marks pairs of 16-bit coefficients that keep their direction; true if all marks are certain.
#[inline(always)]
fn same_pairs<S: Simd>(simd: S, o: S::i16s, t: S::i16s) -> (S::i32s, bool) {
    // Sums below 2^31, so that each is rounded once.
    let products = Products::<S> {
        along: dot(simd, o, t).to_float(),
        of_o: dot(simd, o, o).to_float(),
        of_t: dot(simd, t, t).to_float(),
    };
    // Five roundings of 2^-24 at most.
    products.same(simd, 1.0 / (1 << 20) as f32)
}

/// Marks the columns of a row of the finest scale that keep their direction: -1, else 0.
#[inline(always)]
pub(super) fn compare_finest<S: Simd>(
    simd: S,
    reference: &Detail<i16>,
    distorted: &Detail<i16>,
    len: usize,
    same: &mut [i16],
) {
    let lanes = S::i16s::LEN;
    let padded = len.next_multiple_of(lanes);
    let ([oh, ov, _], [th, tv, _]) = (reference.first(padded), distorted.first(padded));
    let same = &mut same[..padded];
    for x in (0..len).step_by(lanes) {
        let (ah, av) = (load(simd, oh, x), load(simd, ov, x));
        let (bh, bv) = (load(simd, th, x), load(simd, tv, x));
        let o = [pairs_low(simd, ah, av), pairs_high(simd, ah, av)];
        let t = [pairs_low(simd, bh, bv), pairs_high(simd, bh, bv)];
        let (low, high) = (same_pairs(simd, o[0], t[0]), same_pairs(simd, o[1], t[1]));
        store(narrow(simd, low.0, high.0), same, x);
        if !(low.1 & high.1) {
            for i in x..x + lanes {
                let wide = |a: i16, b: i16| [i32::from(a), i32::from(b)];
                same[i] = -i16::from(same_direction(wide(oh[i], ov[i]), wide(th[i], tv[i])));
            }
        }
    }
}

/// Marks the columns of a row of a coarser scale that keep their direction.
#[inline(always)]
pub(super) fn compare_coarser<S: Simd>(
    simd: S,
    reference: &Detail<i32>,
    distorted: &Detail<i32>,
    len: usize,
    same: &mut [i32],
) {
    let lanes = S::i32s::LEN;
    let padded = len.next_multiple_of(lanes);
    let ([oh, ov, _], [th, tv, _]) = (reference.first(padded), distorted.first(padded));
    let same = &mut same[..padded];
    for x in (0..len).step_by(lanes) {
        let (ah, av): (S::i32s, S::i32s) = (load(simd, oh, x), load(simd, ov, x));
        let (bh, bv): (S::i32s, S::i32s) = (load(simd, th, x), load(simd, tv, x));
        let (ah, av): (S::f32s, S::f32s) = (ah.to_float(), av.to_float());
        let (bh, bv): (S::f32s, S::f32s) = (bh.to_float(), bv.to_float());
        let products = Products::<S> {
            along: ah * bh + av * bv,
            of_o: ah * ah + av * av,
            of_t: bh * bh + bv * bv,
        };
        // Less than 32 roundings of 2^-24, those of the definition included.
        let (marks, sure) = products.same(simd, 1.0 / (1 << 18) as f32);
        store(marks, same, x);
        if !sure {
            for i in x..x + lanes {
                same[i] = -i32::from(same_direction([oh[i], ov[i]], [th[i], tv[i]]));
            }
        }
    }
}

/// [`follow`] for the lanes of a vector.
#[inline(always)]
pub(super) fn follow_coarser<S: Simd>(simd: S, o: S::i32s, t: S::i32s) -> S::i32s {
    let zero = S::i32s::splat(simd, 0);
    let small = t.max(o.min(zero)).min(o.max(zero));
    let magnitude = o.abs();
    let is_small = magnitude.simd_lt(S::i32s::splat(simd, LARGE));
    let sign = o >> 31;
    let towards: S::u32s = ((t ^ sign) - sign).max(zero).bitcast();
    // How many bits there are above 15, from the exponent of a number with the same highest bit
    // and so few more that it isn't rounded up.
    let unsigned: S::u32s = magnitude.bitcast();
    let few: S::i32s = (unsigned & !(unsigned >> 8)).bitcast();
    let exponent = few.to_float::<S::f32s>().bitcast::<S::i32s>() >> 23;
    let shift: S::u32s = (exponent - (127 + 14)).max(zero).bitcast();
    let one = S::u32s::splat(simd, 1);
    let unit = one << shift;
    let leading: S::i32s = ((unsigned + (unit >> 1)) >> shift).bitcast();
    // 2^30 / leading, its whole part, of 17 bits: the quotient may have been rounded up to it.
    let power = S::f32s::splat(simd, (1_u32 << 30) as f32);
    let divisor: S::f32s = leading.max(S::i32s::splat(simd, 1)).to_float();
    let quotient: S::i32s = (power / divisor).to_int();
    let rest = S::i32s::splat(simd, 1 << 30) - quotient * leading;
    let reciprocal: S::u32s = (quotient + (rest >> 31)).bitcast();
    // A ninth eighth of the reference is 1 for sure. The product's 47 bits are taken in two parts.
    let towards = towards.min(unsigned + (unsigned >> 3));
    let (upper, lower) = (towards >> shift, towards & (unit - one));
    let product = reciprocal * upper + ((reciprocal * lower) >> shift);
    let ratio = ((product + (1 << 14)) >> 15).min(S::u32s::splat(simd, 1 << 15));
    let ratio: S::i32s = ratio.bitcast();
    let large = ratio * (o >> 15) + ((ratio * (o & 0x7fff) + (1 << 14)) >> 15);
    is_small.select(small, large)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::{Kernel, Level};

    /// Computes `follow` with the table of reciprocals, whatever the magnitude.
    fn by_table(o: i32, t: i32) -> i32 {
        let magnitude = o.unsigned_abs();
        let shift = 17_u32.saturating_sub(magnitude.leading_zeros());
        let leading = (magnitude + ((1 << shift) >> 1)) >> shift;
        let signed = i64::from((1 << 30) / leading.max(1)) * i64::from(t) * i64::from(o.signum());
        let ratio = ((signed + (1 << (14 + shift))) >> (15 + shift)).clamp(0, 1 << 15);
        let ratio = if o == 0 { 1 << 15 } else { ratio };
        ((ratio * i64::from(o) + (1 << 14)) >> 15) as i32
    }

    #[test]
    fn directions_within_a_degree_are_the_same() {
        let cos = libm::cos(std::f64::consts::PI / 180.0);
        assert_eq!(COS_SQUARED, (cos * cos) as f32);
    }

    #[test]
    fn small_coefficients_need_no_quotient() {
        for o in 0..LARGE {
            // All distorted ones for some, those around the ends for all.
            let step = if o % 127 == 0 || o > LARGE - 40 { 1 } else { 1 + o / 16 };
            for t in (0..=o).step_by(step as usize).chain(o - 2..o + 3).chain([-1, 40_000]) {
                assert_eq!(by_table(o, t), t.clamp(0, o), "{o} {t}");
                assert_eq!(by_table(-o, -t), (-t).clamp(-o, 0), "{o} {t}");
            }
        }
    }

    struct Follow<'a>(&'a [i32], &'a [i32]);

    impl Kernel for Follow<'_> {
        type Output = Vec<i32>;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Vec<i32> {
            let mut out = vec![0; self.0.len()];
            for x in (0..out.len()).step_by(S::i32s::LEN) {
                let load = |row: &[i32]| S::i32s::from_slice(simd, &row[x..x + S::i32s::LEN]);
                let found = follow_coarser(simd, load(self.0), load(self.1));
                found.store_slice(&mut out[x..x + S::i32s::LEN]);
            }
            out
        }
    }

    #[test]
    fn quotients_equal_those_by_libvmafs_table() {
        // References of every size, each leading number of 15 bits among them, and distorted
        // coefficients around them, around 0, around halves of the quotient's steps, anywhere.
        let (mut o, mut t) = (Vec::new(), Vec::new());
        for i in 0..1 << 19 {
            let random = |seed| noise(seed, i, 0);
            let leading = LARGE as u32 + (i as u32 & 0x3fff);
            let shift = random(1) % 17;
            let magnitude = (leading << shift) + (random(2) & ((1 << shift) - 1));
            let magnitude = magnitude.min(2_100_000_000) as i32;
            let near = (random(3) % 64) as i32 - 32;
            let other = match random(4) % 5 {
                0 => magnitude + (near << (random(5) % 14)),
                1 => near,
                2 => random(6) as i32 >> 1,
                3 => ((i64::from(magnitude) * i64::from(random(7) >> 8)) >> 24) as i32,
                _ => ((i64::from(magnitude) * i64::from(2 * (random(8) >> 17) + 1)) >> 16) as i32,
            };
            let sign = if random(9) % 2 == 0 { 1 } else { -1 };
            o.push(sign * if i % 8 == 0 { magnitude >> 16 } else { magnitude });
            t.push(sign * other);
        }
        let expected: Vec<i32> = o.iter().zip(&t).map(|(o, t)| by_table(*o, *t)).collect();
        for level in Level::available() {
            assert_eq!(level.run(Follow(&o, &t)), expected, "{}", level.name());
        }
        let one_by_one: Vec<i32> = o.iter().zip(&t).map(|(o, t)| follow(*o, *t)).collect();
        assert_eq!(one_by_one, expected);
    }
}
