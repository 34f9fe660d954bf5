//! The sums of a scale, and the numerators and denominators that follow from them.

use crate::feature::adm::scale::Region;
use crate::numeric::powf;

/// Numbers of the horizontal, vertical and diagonal band.
pub(super) type Bands = [f32; 3];

/// The norm that coefficients are pooled with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Norm(pub(super) f64);

impl Norm {
    /// Returns true if powers are plain products.
    #[inline(always)]
    pub(super) fn is_cubic(self) -> bool {
        self.0 == 3.0
    }

    /// A magnitude's power, if the norm is not the cubic one.
    pub(super) fn power(self, magnitude: f32) -> f32 {
        powf(magnitude, self.0 as f32)
    }

    fn root(self, sum: f32) -> f32 {
        powf(sum, (1.0 / self.0) as f32)
    }

    /// The norm of all bands over `region`, from the sums of their powers; noise keeps it from
    /// vanishing.
    pub(super) fn of(self, sums: Bands, region: &Region, noise_weight: f64) -> f32 {
        let noise = self.root((region.area() as f64 * noise_weight) as f32);
        let [horizontal, vertical, diagonal] = sums.map(|sum| self.root(sum) + noise);
        horizontal + vertical + diagonal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_equal_those_computed_by_hand() {
        let region = Region { left: 0, top: 0, right: 10, bottom: 10 };
        assert_eq!(Norm(3.0).of([27.0, 8.0, 1.0], &region, 0.0), 6.0);
        assert_eq!(Norm(2.0).of([9.0, 16.0, 0.0], &region, 0.04), 7.0 + 3.0 * 2.0);
        assert_eq!(Norm(1.0).of([9.0, 16.0, 0.5], &region, 0.0), 25.5);
    }
}
