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
    #[cfg(test)]
    pub(super) fn of(&self, value: u64) -> i64 {
        let shift = 48 - value.leading_zeros();
        let mantissa = (value >> shift) as usize & 0x7fff;
        i64::from(self.table[mantissa]) + 2048 * i64::from(shift)
    }

    /// The sum over `values` of 2048 log2(value) by the value's highest 16 bits. Values are whole,
    /// of at least 2^15 and below 2^53, so that those bits are a double's.
    #[inline(always)]
    pub(super) fn sum(&self, values: &[f64]) -> i64 {
        let table: &[u16; 1 << 15] = self.table[..].try_into().expect("the table's size");
        let (mut logs, mut shifts) = (0_u64, 0_u64);
        for value in values {
            let bits = value.to_bits();
            logs += u64::from(table[(bits >> 37) as usize & 0x7fff]);
            shifts += bits >> 52;
        }
        (logs + 2048 * shifts) as i64 - 2048 * (1023 + 15) * values.len() as i64
    }
}
