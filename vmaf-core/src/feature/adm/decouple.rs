//! Taking distorted coefficients apart, a row at a time.
//!
//! Steps that depend on one another are loops of their own over the row, without branches, so that
//! each vectorises. The quotient that libvmaf takes from a table of reciprocals is divided for: the
//! quotient of two whole numbers below 2^31, in double precision, never rounds up to the next whole
//! number, so that its whole part is the table's entry.

/// What a row's coefficients have in common for every gain limit.
pub(super) struct Followed {
    /// How much of each band's coefficient follows the reference, before enhancement.
    restored: [Vec<i32>; 3],
    /// The sign of what may be enhanced; 0 where nothing may.
    direction: [Vec<i32>; 3],
    /// 1 where the direction is kept, 0 elsewhere.
    same: Vec<i32>,
}

impl Followed {
    pub(super) fn new(width: usize) -> Self {
        let row = || vec![0; width];
        Self { restored: [row(), row(), row()], direction: [row(), row(), row()], same: row() }
    }

    /// Compares a row's columns `from..to` of the distorted bands with the reference's. `narrow`
    /// says that coefficients have 16 bits, as at the finest scale.
    #[inline(always)]
    pub(super) fn compare(
        &mut self,
        reference: &[Vec<i32>; 3],
        distorted: &[Vec<i32>; 3],
        (from, to): (usize, usize),
        narrow: bool,
    ) {
        let same = &mut self.same[from..to];
        let o = [&reference[0][from..to], &reference[1][from..to]];
        let t = [&distorted[0][from..to], &distorted[1][from..to]];
        same_directions(o, t, same);
        for band in 0..3 {
            let (o, t) = (&reference[band][from..to], &distorted[band][from..to]);
            let restored = &mut self.restored[band][from..to];
            let direction = &mut self.direction[band][from..to];
            if narrow {
                follow_narrow(o, t, same, restored, direction);
            } else {
                follow_wide(o, t, same, restored, direction);
            }
        }
    }

    /// A band's columns `from..to` under a gain limit: what follows the reference, and the rest.
    #[inline(always)]
    pub(super) fn split(
        &self,
        band: usize,
        distorted: &[i32],
        (from, to): (usize, usize),
        gain_limit: f64,
        restored_out: &mut [i32],
        additive_out: &mut [i32],
    ) {
        let len = to - from;
        let restored = &self.restored[band][from..to];
        let direction = &self.direction[band][from..to];
        let distorted = &distorted[from..to];
        let restored_out = &mut restored_out[from..][..len];
        let additive_out = &mut additive_out[from..][..len];
        for i in 0..len {
            let (plain, t) = (restored[i], distorted[i]);
            // Both have the sign of the reference: the lesser magnitude counts.
            let enhanced = (f64::from(plain) * gain_limit).abs().min(f64::from(t).abs());
            let enhanced = enhanced as i32 * direction[i];
            let kept = if direction[i] == 0 { plain } else { enhanced };
            restored_out[i] = kept;
            additive_out[i] = t - kept;
        }
    }
}

/// Where the horizontal and vertical coefficients keep their direction within a degree, in the
/// precision that libvmaf computes it.
#[inline(always)]
fn same_directions(o: [&[i32]; 2], t: [&[i32]; 2], same: &mut [i32]) {
    let cos = libm::cos(std::f64::consts::PI / 180.0);
    let cos_squared = f64::from((cos * cos) as f32);
    let len = same.len();
    let ([oh, ov], [th, tv]) = ([&o[0][..len], &o[1][..len]], [&t[0][..len], &t[1][..len]]);
    for i in 0..len {
        let along = product(oh[i], ov[i], th[i], tv[i]);
        let of_o = product(oh[i], ov[i], oh[i], ov[i]);
        let of_t = product(th[i], tv[i], th[i], tv[i]);
        let near = along * along >= cos_squared * of_o * of_t;
        same[i] = i32::from((along >= 0.0) & near);
    }
}

/// The scalar product of two vectors, rounded to single precision.
#[inline(always)]
fn product(ah: i32, av: i32, bh: i32, bv: i32) -> f64 {
    let sum = i64::from(ah) * i64::from(bh) + i64::from(av) * i64::from(bv);
    f64::from(sum as f32) / 4096.0
}

/// Coefficients of 16 bits: how much follows the reference, and the sign of what may be enhanced.
#[inline(always)]
fn follow_narrow(o: &[i32], t: &[i32], same: &[i32], restored: &mut [i32], direction: &mut [i32]) {
    let len = same.len();
    let (o, t, restored, direction) =
        (&o[..len], &t[..len], &mut restored[..len], &mut direction[..len]);
    for i in 0..len {
        let sign = o[i].signum();
        let reciprocal = reciprocal(o[i].abs());
        // The quotient t / o between 0 and 1, in units of 2^-15.
        let quotient = (reciprocal * i64::from((t[i] * sign).max(0)) + (1 << 14)) >> 15;
        let ratio = if sign == 0 { 1 << 15 } else { quotient.min(1 << 15) as i32 };
        restored[i] = (ratio * o[i] + (1 << 14)) >> 15;
        direction[i] = if ratio == 0 { 0 } else { sign * same[i] };
    }
}

/// Wider coefficients: the reference's count by their highest 15 bits.
#[inline(always)]
fn follow_wide(o: &[i32], t: &[i32], same: &[i32], restored: &mut [i32], direction: &mut [i32]) {
    let len = same.len();
    let (o, t, restored, direction) =
        (&o[..len], &t[..len], &mut restored[..len], &mut direction[..len]);
    for i in 0..len {
        let sign = o[i].signum();
        let magnitude = o[i].unsigned_abs();
        let shift = 17_u32.saturating_sub(magnitude.leading_zeros());
        let leading = (magnitude + ((1 << shift) >> 1)) >> shift;
        let reciprocal = reciprocal(leading as i32);
        let product = reciprocal * i64::from((t[i] * sign).max(0));
        let quotient = (product + (1 << (14 + shift))) >> (15 + shift);
        let ratio = if sign == 0 { 1 << 15 } else { quotient.min(1 << 15) };
        restored[i] = ((ratio * i64::from(o[i]) + (1 << 14)) >> 15) as i32;
        direction[i] = if ratio == 0 { 0 } else { sign * same[i] };
    }
}

/// 2^30 / `divisor`, its whole part; what it gives for 0 is not used.
#[inline(always)]
fn reciprocal(divisor: i32) -> i64 {
    let quotient = f64::from(1 << 30) / f64::from(divisor.max(1));
    i64::from(quotient as i32)
}

#[cfg(test)]
mod tests {
    use super::reciprocal;

    #[test]
    fn reciprocals_are_the_table() {
        for divisor in 1..=1 << 15 {
            assert_eq!(reciprocal(divisor), (1 << 30) / i64::from(divisor));
        }
    }
}
