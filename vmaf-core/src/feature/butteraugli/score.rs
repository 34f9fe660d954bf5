//! The two numbers of a map of differences.

/// What is summed up over a map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MapSums {
    /// The greatest value.
    pub(super) max: f32,
    /// The sums of third, sixth and twelfth powers.
    pub(super) powers: [f64; 3],
    pub(super) pixels: f64,
}

impl MapSums {
    /// Returns the greatest value, and the mean of the 3-, 6- and 12-norms.
    pub(super) fn values(&self) -> [f64; 2] {
        let norms = self.powers.iter().zip([3.0, 6.0, 12.0]);
        let norms = norms.map(|(sum, power)| libm::pow(sum / self.pixels, 1.0 / power));
        [f64::from(self.max), norms.sum::<f64>() / 3.0]
    }
}
