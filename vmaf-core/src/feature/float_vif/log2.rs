//! The logarithm to base 2 as libvmaf approximates it here.

/// log2(1 + r) for r of 0 to 1, the highest power first; the constant is 0.
const POLYNOMIAL: [f32; 8] = [
    -0.012_671_635_5,
    0.064_841_18,
    -0.157_048_84,
    0.257_167_73,
    -0.353_800_56,
    0.480_131_42,
    -0.721_314_3,
    1.442_694_8,
];

/// log2(x) for `x` of at least 1: the exponent and a polynomial in the mantissa. NaN counts as 1.5
/// times 2^128, which its bits are on x86.
#[inline(always)]
pub(super) fn log2(x: f32) -> f32 {
    let bits = if x.is_nan() { 0x7fc0_0000 } else { x.to_bits() };
    let exponent = (bits >> 23) as i32 - 127;
    let r = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000) - 1.0;
    let mut sum = POLYNOMIAL[0];
    for coefficient in &POLYNOMIAL[1..] {
        sum = sum * r + coefficient;
    }
    exponent as f32 + sum * r
}

#[cfg(test)]
mod tests {
    use super::log2;

    #[test]
    fn log2_is_close_to_the_exact_logarithm() {
        for (x, exact) in [(1.0, 0.0), (2.0, 1.0), (1024.0, 10.0)] {
            assert_eq!(log2(x), exact);
        }
        for i in 0..1000_u16 {
            let x = 1.0 + f32::from(i) * 0.37;
            assert!((f64::from(log2(x)) - libm::log2(f64::from(x))).abs() < 2e-6, "{x}");
        }
        assert!((log2(f32::NAN) - 128.585).abs() < 1e-3);
    }
}
