//! Powers in a form that vectorises.

/// Added to a number below 2^22, it leaves the number rounded to a whole one in the lowest bits.
const WHOLE: f32 = 1.5 * 8_388_608.0;

/// The base-2 logarithm of a positive number, to 2 parts in 10^7.
#[inline(always)]
pub(in crate::feature::cvvdp) fn log2(x: f32) -> f32 {
    // x = 2^exponent m, with m from the root of 1/2 to that of 2.
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let offset = x.to_bits().wrapping_sub(ROOT_HALF);
    let exponent = (offset as i32 >> 23) as f32;
    let m = f32::from_bits((offset & 0x007f_ffff) + ROOT_HALF);
    // The series of the area tangent: log2(m) = 2 / ln(2) artanh((m - 1) / (m + 1)).
    let s = (m - 1.0) / (m + 1.0);
    let square = s * s;
    #[rustfmt::skip]
    let series = 2.885_39 + square * (0.961_796_7 + square * (0.577_078 + square * (
        0.412_198_6 + square * 0.320_598_9)));
    exponent + s * series
}

/// 2 to the power `x`, from -126 to 126, to 2 parts in 10^7.
#[inline(always)]
pub(in crate::feature::cvvdp) fn exp2(x: f32) -> f32 {
    let x = x.clamp(-126.0, 126.0);
    let whole = x + WHOLE;
    let r = x - (whole - WHOLE);
    #[rustfmt::skip]
    let series = 1.0 + r * (std::f32::consts::LN_2 + r * (0.240_226_5 + r * (0.055_504_11 + r * (
        0.009_618_129 + r * (0.001_333_355_8 + r * (0.000_154_035_3 + r * 0.000_015_252_734))))));
    f32::from_bits(series.to_bits().wrapping_add(whole.to_bits() << 23))
}

/// A power of numbers of at least 0 that is smooth near 0, where it is 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct SmoothPower {
    power: f32,
    at_zero: f32,
}

impl SmoothPower {
    pub(super) fn new(power: f64) -> Self {
        // By the same steps as any other number, so that 0 gives 0.
        let raw = Self { power: power as f32, at_zero: 0.0 };
        Self { at_zero: raw.of(0.0), ..raw }
    }

    #[inline(always)]
    pub(super) fn of(self, x: f32) -> f32 {
        exp2(self.power * log2(x + super::score::EPSILON as f32)) - self.at_zero
    }
}
