//! Logarithms to base 2 in steps of 1/2048, as libvmaf's table gives them.

/// 2048 log2(i) for the upper half of the 16-bit numbers, rounded.
pub(super) struct Log2 {
    table: Vec<u16>,
}

impl Log2 {
    pub(super) fn new() -> Self {
        // The logarithm is taken in single precision, then scaled and rounded.
        let entry = |i: u32| (libm::log2(f64::from(i)) as f32 * 2048.0).round() as u16;
        Self { table: (1 << 15..1 << 16).map(entry).collect() }
    }

    /// 2048 log2(value) by the value's highest 16 bits, for values of at least 2^15.
    #[inline(always)]
    pub(super) fn of(&self, value: u64) -> i64 {
        let shift = 48 - value.leading_zeros();
        let mantissa = (value >> shift) as usize & 0x7fff;
        i64::from(self.table[mantissa]) + 2048 * i64::from(shift)
    }
}
