//! Samples in the form that libvmaf's floating-point features use.

use fearless_simd::prelude::*;

use crate::Sample;

/// Samples that can be loaded into vectors of 16-bit integers.
pub(crate) trait Load: Sample {
    /// Loads the first samples of `row` into two vectors. 16-bit samples are reinterpreted as
    /// signed.
    fn load<S: Simd>(simd: S, row: &[Self]) -> [S::i16s; 2];

    /// Loads the samples from column `x` on; lanes beyond the end of the row are unspecified.
    #[inline(always)]
    fn load_at<S: Simd>(simd: S, row: &[Self], x: usize) -> [S::i16s; 2] {
        let rest = &row[x..];
        if rest.len() >= 2 * S::i16s::LEN {
            return Self::load(simd, rest);
        }
        let mut padded = [Self::default(); 64];
        padded[..rest.len()].copy_from_slice(rest);
        Self::load(simd, &padded)
    }
}

impl Load for u8 {
    #[inline(always)]
    fn load<S: Simd>(simd: S, row: &[Self]) -> [S::i16s; 2] {
        let (low, high) = S::u8s::from_slice(simd, &row[..S::u8s::LEN]).widen();
        [low.bitcast(), high.bitcast()]
    }
}

impl Load for u16 {
    #[inline(always)]
    fn load<S: Simd>(simd: S, row: &[Self]) -> [S::i16s; 2] {
        let lanes = S::u16s::LEN;
        let low = S::u16s::from_slice(simd, &row[..lanes]);
        let high = S::u16s::from_slice(simd, &row[lanes..2 * lanes]);
        [low.bitcast(), high.bitcast()]
    }
}

/// The factor that scales samples of `depth` bits to the range of 8 bits. It is a power of two, so
/// the multiplication is exact, as is libvmaf's division.
#[inline(always)]
pub(crate) fn to_8_bits(depth: u8) -> f32 {
    1.0 / (1_u32 << (depth - 8)) as f32
}

/// Writes `scale` times each sample of `row` plus `offset` to `out`; exact for [`to_8_bits`] and
/// integer offsets of up to 8 bits.
#[inline(always)]
pub(crate) fn read_f32<T: Sample>(row: &[T], scale: f32, offset: f32, out: &mut [f32]) {
    let row = &row[..out.len()];
    for x in 0..row.len() {
        let sample: i32 = row[x].into();
        out[x] = sample as f32 * scale + offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_exact() {
        for depth in 8..=16 {
            let samples: Vec<u16> = (0..=u16::MAX >> (16 - depth)).collect();
            for offset in [0.0, -128.0] {
                let mut out = vec![0.0; samples.len()];
                read_f32(&samples, to_8_bits(depth), offset, &mut out);
                let scale = f64::from(1_u32 << (depth - 8));
                let exact = |s: &u16| f64::from(*s) / scale + f64::from(offset);
                assert!(samples.iter().zip(&out).all(|(s, f)| exact(s) == f64::from(*f)));
            }
        }
    }
}
