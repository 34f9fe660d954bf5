//! The two kinds of coefficients: 16-bit ones of the finest scale, and 32-bit ones of the others.

use bytemuck::Zeroable;
use fearless_simd::prelude::*;

use super::super::setting::{Gain, Setting};
use super::cubes::PlainCubes;
use super::decouple::{
    LARGE, compare_coarser, compare_finest, enhance, follow, follow_coarser, same_direction,
};
use super::masking::{FinestWeights, coarser_shares, finest_limit, finest_shares};
use super::rows::{
    ADDITIVE, BandRows, Detail, PAD, RESTORED, ScaleRows, SplitRow, SplitSlices, first,
};
use crate::simd::aligned::{load, store};

/// A coefficient of the wavelet transform.
pub(in crate::feature::adm) trait Coefficient:
    Copy + Zeroable + 'static
{
    /// The right shifts applied to thresholds, per band, before weighted coefficients are compared
    /// with them.
    const THRESHOLD_SHIFTS: [u32; 3];

    /// The rows of the scale that has such coefficients.
    fn of_scale(rows: &mut ScaleRows) -> &mut BandRows<Self>;

    /// Compares a row of an encode with the reference's, for all settings.
    fn compare<S: Simd>(simd: S, settings: &[Setting], rows: &mut BandRows<Self>, len: usize);

    /// Splits a row under a setting into its parts, and computes how the parts mask each other.
    fn split<S: Simd>(
        simd: S,
        setting: &Setting,
        rows: &mut BandRows<Self>,
        place: (usize, usize, usize),
        len: usize,
    );

    /// Two vectors of a part, weighted, as magnitudes.
    fn weighted<S: Simd>(simd: S, row: &[Self], x: usize, weight: u32) -> [S::i32s; 2];

    /// Two vectors of magnitudes.
    fn magnitudes<S: Simd>(simd: S, row: &[Self], x: usize) -> [S::i32s; 2];

    /// Adds cubes of the reference's magnitudes.
    fn add_plain<S: Simd>(simd: S, cubes: &mut PlainCubes<S>, values: S::i32s);
}

impl Coefficient for i16 {
    const THRESHOLD_SHIFTS: [u32; 3] = [10, 10, 12];

    fn of_scale(rows: &mut ScaleRows) -> &mut BandRows<Self> {
        &mut rows.finest
    }

    #[inline(always)]
    fn compare<S: Simd>(simd: S, settings: &[Setting], rows: &mut BandRows<Self>, len: usize) {
        // Without gain it does not matter.
        if settings.iter().any(|setting| Gain::from_setting(setting) != Gain::One) {
            let [reference, distorted] = &rows.detail;
            compare_finest(simd, reference, distorted, len, &mut rows.same);
        }
    }

    #[inline(always)]
    fn split<S: Simd>(
        simd: S,
        setting: &Setting,
        rows: &mut BandRows<Self>,
        (encode, index, ring): (usize, usize, usize),
        len: usize,
    ) {
        let BandRows { detail: [reference, distorted], same, encodes, .. } = rows;
        let row = &mut encodes[encode][index].rows[ring];
        let limit = finest_limit(&setting.weights.fixed).min(LARGE - 1) as i16;
        let limit = S::i16s::splat(simd, limit);
        let weights = FinestWeights::new(simd, &setting.weights.fixed);
        let zero = S::i16s::splat(simd, 0);
        let gain = Gain::from_setting(setting);
        let (lanes, wide) = (S::i16s::LEN, S::i32s::LEN);
        let padded = len.next_multiple_of(lanes);
        let (o_rows, t_rows) = (reference.first(padded), distorted.first(padded));
        let SplitSlices { parts, near, own } = row.slices(padded);
        let mut greatest = zero;
        for x in (0..len).step_by(lanes) {
            let (mut o, mut t) = ([zero; 3], [zero; 3]);
            for band in 0..3 {
                o[band] = load(simd, o_rows[band], x);
                t[band] = load(simd, t_rows[band], x);
                greatest = greatest.max(o[band].abs()).max(t[band].abs());
            }
            // The part that follows the reference is between 0 and the reference, or a multiple of
            // it.
            let mut bounds = [(zero, zero); 3];
            for band in 0..3 {
                bounds[band] = (o[band].min(zero), o[band].max(zero));
            }
            match gain {
                Gain::One => {}
                Gain::Whole(factor) => {
                    let same = S::i16s::from_slice(simd, &same[x..x + lanes]);
                    let same = same.simd_lt(zero);
                    // A value too large to be multiplied bounds nothing anyway.
                    let cap = S::i16s::splat(simd, (i32::from(i16::MAX) / factor) as i16);
                    let cap = same.select(cap, S::i16s::splat(simd, i16::MAX));
                    let factor = S::i16s::splat(simd, factor as i16);
                    let factor = same.select(factor, S::i16s::splat(simd, 1));
                    for (low, high) in &mut bounds {
                        *low = (*low).max(-cap) * factor;
                        *high = (*high).min(cap) * factor;
                    }
                }
                Gain::Broken(factor) => {
                    for (low, high) in &mut bounds {
                        for i in 0..lanes {
                            let factor = if same[x + i] == 0 { 1.0 } else { factor };
                            low[i] = (f64::from(low[i]) * factor).max(-32767.0) as i16;
                            high[i] = (f64::from(high[i]) * factor).min(32767.0) as i16;
                        }
                    }
                }
            }
            let (mut restored, mut additive) = ([zero; 3], [zero; 3]);
            for band in 0..3 {
                restored[band] = t[band].max(bounds[band].0).min(bounds[band].1);
                additive[band] = t[band] - restored[band];
                store(restored[band], parts[RESTORED][band], x);
                store(additive[band], parts[ADDITIVE][band], x);
            }
            for (part, values) in [(RESTORED, restored), (ADDITIVE, additive)] {
                if part == RESTORED && !setting.additive {
                    continue;
                }
                let shares = weights.shares(simd, values);
                for (half, shares) in shares.iter().enumerate() {
                    store(shares.near, near[part], x + half * wide);
                    store(shares.own, own[part], x + half * wide);
                }
            }
        }
        if greatest.simd_gt(limit).any_true() {
            for x in (0..len).step_by(lanes) {
                let mut greatest = zero;
                for row in o_rows.iter().chain(&t_rows) {
                    greatest = greatest.max(load::<S, S::i16s>(simd, row, x).abs());
                }
                if greatest.simd_gt(limit).any_true() {
                    split_finest_slowly(setting, reference, distorted, x..x + lanes, row);
                }
            }
        }
    }

    #[inline(always)]
    fn weighted<S: Simd>(simd: S, row: &[Self], x: usize, weight: u32) -> [S::i32s; 2] {
        let [low, high] = Self::magnitudes::<S>(simd, row, x);
        [low * weight as i32, high * weight as i32]
    }

    #[inline(always)]
    fn magnitudes<S: Simd>(simd: S, row: &[Self], x: usize) -> [S::i32s; 2] {
        let values = S::i16s::from_slice(simd, &row[x..x + S::i16s::LEN]);
        let (low, high) = values.abs().bitcast::<S::u16s>().widen();
        [low.bitcast(), high.bitcast()]
    }

    #[inline(always)]
    fn add_plain<S: Simd>(simd: S, cubes: &mut PlainCubes<S>, values: S::i32s) {
        cubes.add_narrow(simd, values);
    }
}

/// As [`Coefficient::split`], for columns with coefficients too large for 16 bits.
#[cold]
#[inline(never)]
fn split_finest_slowly(
    setting: &Setting,
    reference: &Detail<i16>,
    distorted: &Detail<i16>,
    columns: std::ops::Range<usize>,
    row: &mut SplitRow<i16>,
) {
    for x in columns {
        let value = |detail: &Detail<i16>, band: usize| i32::from(detail.rows[band][x]);
        let [o, t] = [reference, distorted].map(|d| [value(d, 0), value(d, 1), value(d, 2)]);
        let same = same_direction([o[0], o[1]], [t[0], t[1]]);
        let mut shares = [[(0, 0); 3]; 2];
        for band in 0..3 {
            let plain = follow(o[band], t[band]);
            let restored = if same { enhance(plain, t[band], setting.gain_limit) } else { plain };
            for (part, value) in [(RESTORED, restored), (ADDITIVE, t[band] - restored)] {
                row.parts[part][band][x] = value as i16;
                shares[part][band] = finest_shares(value, setting.weights.fixed[band], band);
            }
        }
        for (part, shares) in shares.iter().enumerate() {
            let near = shares[0].0 + shares[1].0 + shares[2].0;
            row.near[part][PAD + x] = near;
            row.own[part][PAD + x] = shares[0].1 + shares[1].1 + shares[2].1 - near;
        }
    }
}

impl Coefficient for i32 {
    const THRESHOLD_SHIFTS: [u32; 3] = [0; 3];

    fn of_scale(rows: &mut ScaleRows) -> &mut BandRows<Self> {
        &mut rows.coarser
    }

    #[inline(always)]
    fn compare<S: Simd>(simd: S, _settings: &[Setting], rows: &mut BandRows<Self>, len: usize) {
        let [reference, distorted] = &rows.detail;
        compare_coarser(simd, reference, distorted, len, &mut rows.same);
        let lanes = S::i32s::LEN;
        let padded = len.next_multiple_of(lanes);
        for band in 0..3 {
            let (o, t) = (&reference.rows[band][..padded], &distorted.rows[band][..padded]);
            let out = &mut rows.followed[band][..padded];
            for x in (0..len).step_by(lanes) {
                store(follow_coarser(simd, load(simd, o, x), load(simd, t, x)), out, x);
            }
        }
    }

    #[inline(always)]
    fn split<S: Simd>(
        simd: S,
        setting: &Setting,
        rows: &mut BandRows<Self>,
        (encode, index, ring): (usize, usize, usize),
        len: usize,
    ) {
        let BandRows { detail: [_, distorted], same, followed, encodes, .. } = rows;
        let row = &mut encodes[encode][index].rows[ring];
        let weights = &setting.weights.fixed;
        let gain = Gain::from_setting(setting);
        let lanes = S::i32s::LEN;
        let zero = S::i32s::splat(simd, 0);
        let padded = len.next_multiple_of(lanes);
        let (same, t_rows) = (&same[..padded], distorted.first(padded));
        let followed = first(followed, padded);
        let SplitSlices { parts, near, own } = row.slices(padded);
        for x in (0..len).step_by(lanes) {
            let marks: S::i32s = load(simd, same, x);
            let kept = marks.simd_lt(zero);
            let (mut restored, mut additive) = ([zero; 3], [zero; 3]);
            for band in 0..3 {
                let t: S::i32s = load(simd, t_rows[band], x);
                let plain: S::i32s = load(simd, followed[band], x);
                let most: S::u32s = t.abs().bitcast();
                let magnitude: S::u32s = plain.abs().bitcast();
                let enhanced = match gain {
                    Gain::One => magnitude.min(most),
                    Gain::Whole(factor) => {
                        // A value too large to be multiplied is limited by the other anyway.
                        let factor = factor as u32;
                        (magnitude.min(S::u32s::splat(simd, u32::MAX / factor)) * factor).min(most)
                    }
                    Gain::Broken(factor) => {
                        let mut enhanced = magnitude;
                        for i in 0..lanes {
                            let product = f64::from(magnitude[i]) * factor;
                            enhanced[i] = product.min(f64::from(most[i])) as u32;
                        }
                        enhanced
                    }
                };
                let sign = plain >> 31;
                let enhanced = (enhanced.bitcast::<S::i32s>() ^ sign) - sign;
                restored[band] = kept.select(enhanced, plain);
                additive[band] = t - restored[band];
            }
            for (part, values) in [(RESTORED, restored), (ADDITIVE, additive)] {
                let (shares, magnitudes) = coarser_shares(simd, weights, values);
                store(shares.near, near[part], x);
                store(shares.own, own[part], x);
                for band in 0..3 {
                    store(magnitudes[band], parts[part][band], x);
                }
            }
        }
    }

    #[inline(always)]
    fn weighted<S: Simd>(simd: S, row: &[Self], x: usize, _weight: u32) -> [S::i32s; 2] {
        let lanes = S::i32s::LEN;
        let low = S::i32s::from_slice(simd, &row[x..x + lanes]);
        [low, S::i32s::from_slice(simd, &row[x + lanes..x + 2 * lanes])]
    }

    #[inline(always)]
    fn magnitudes<S: Simd>(simd: S, row: &[Self], x: usize) -> [S::i32s; 2] {
        let [low, high] = Self::weighted::<S>(simd, row, x, 0);
        [low.abs(), high.abs()]
    }

    #[inline(always)]
    fn add_plain<S: Simd>(simd: S, cubes: &mut PlainCubes<S>, values: S::i32s) {
        cubes.add_wide(simd, values);
    }
}
