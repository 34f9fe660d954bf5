//! Taking distorted coefficients apart, a row at a time.

/// What a row's coefficients have in common for every gain limit.
pub(super) struct Followed {
    /// How much of each band's coefficient follows the reference, before enhancement.
    restored: [Vec<i32>; 3],
    /// The sign of what may be enhanced; 0 where nothing may.
    direction: [Vec<i8>; 3],
}

/// Reciprocals in units of 2^-30, of which the last is that of 2^15.
pub(super) struct Reciprocals(Vec<i32>);

impl Reciprocals {
    pub(super) fn new() -> Self {
        Self((0..=1 << 15).map(|i| if i == 0 { 0 } else { (1 << 30) / i }).collect())
    }
}

impl Followed {
    pub(super) fn new(width: usize) -> Self {
        Self {
            restored: std::array::from_fn(|_| vec![0; width]),
            direction: std::array::from_fn(|_| vec![0; width]),
        }
    }

    /// Compares a row's columns `from..to` of the distorted bands with the reference's.
    #[inline(always)]
    pub(super) fn compare(
        &mut self,
        reference: &[Vec<i32>; 3],
        distorted: &[Vec<i32>; 3],
        (from, to): (usize, usize),
        reciprocals: &Reciprocals,
    ) {
        let cos = libm::cos(std::f64::consts::PI / 180.0);
        let cos_squared = f64::from((cos * cos) as f32);
        let [oh, ov, od] = [0, 1, 2].map(|band| &reference[band][from..to]);
        let [th, tv, td] = [0, 1, 2].map(|band| &distorted[band][from..to]);
        for i in 0..to - from {
            let (o, t) = ([oh[i], ov[i], od[i]], [th[i], tv[i], td[i]]);
            let same = same_direction(o, t, cos_squared);
            for band in 0..3 {
                let ratio = ratio(o[band], t[band], reciprocals);
                let restored = (ratio * i64::from(o[band]) + (1 << 14)) >> 15;
                self.restored[band][from + i] = restored as i32;
                let enhanced = same && ratio != 0;
                self.direction[band][from + i] = if enhanced { o[band].signum() as i8 } else { 0 };
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
        let restored = &self.restored[band][from..to];
        let direction = &self.direction[band][from..to];
        let distorted = &distorted[from..to];
        let restored_out = &mut restored_out[from..to];
        let additive_out = &mut additive_out[from..to];
        for i in 0..restored.len() {
            let (plain, t) = (restored[i], distorted[i]);
            let enhanced = f64::from(plain) * gain_limit;
            let kept = match direction[i] {
                0 => plain,
                1 => enhanced.min(f64::from(t)) as i32,
                _ => enhanced.max(f64::from(t)) as i32,
            };
            restored_out[i] = kept;
            additive_out[i] = t - kept;
        }
    }
}

/// Whether the horizontal and vertical coefficients keep their direction within a degree, in the
/// precision that libvmaf computes it.
#[inline(always)]
fn same_direction(o: [i32; 3], t: [i32; 3], cos_squared: f64) -> bool {
    let product = |a: [i32; 3], b: [i32; 3]| {
        let sum = i64::from(a[0]) * i64::from(b[0]) + i64::from(a[1]) * i64::from(b[1]);
        f64::from(sum as f32) / 4096.0
    };
    let along = product(o, t);
    along >= 0.0 && along * along >= cos_squared * product(o, o) * product(t, t)
}

/// The quotient t / o between 0 and 1, in units of 2^-15; o by its highest 15 bits.
#[inline(always)]
fn ratio(o: i32, t: i32, reciprocals: &Reciprocals) -> i64 {
    if o == 0 {
        return 1 << 15;
    }
    let magnitude = o.unsigned_abs();
    let shift = 17_u32.saturating_sub(magnitude.leading_zeros());
    let leading = (magnitude + ((1 << shift) >> 1)) >> shift;
    let reciprocal = i64::from(reciprocals.0[leading as usize]);
    let signed = reciprocal * i64::from(t) * i64::from(o.signum());
    ((signed + (1 << (14 + shift))) >> (15 + shift)).clamp(0, 1 << 15)
}
