//! Samples as libvmaf's floating-point features see them.

use crate::Sample;

/// The factor that brings samples of `depth` bits to the range of 8: a power of two, so that
/// multiplying is exact, as is libvmaf's division.
#[inline(always)]
pub(crate) fn to_8_bits(depth: u8) -> f32 {
    1.0 / (1_u32 << (depth - 8)) as f32
}

/// Writes the samples of `row` to `out`, each times `scale` plus `offset`; exact for [`to_8_bits`]
/// and whole offsets of up to 8 bits.
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
