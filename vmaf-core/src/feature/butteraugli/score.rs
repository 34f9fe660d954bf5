//! The two numbers of a map of differences.

/// Sums over a map.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct MapSums {
    /// The greatest value.
    pub(super) max: f32,
    /// The sums of third, sixth and twelfth powers.
    pub(super) powers: [f64; 3],
    /// The number of values, or the sum of their weights.
    pub(super) pixels: f64,
}

impl MapSums {
    /// Adds a value with a weight above 0.
    pub(super) fn add(&mut self, value: f32, weight: f64) {
        self.max = self.max.max(value);
        let third = f64::from(value).powi(3);
        for (sum, power) in self.powers.iter_mut().zip([third, third.powi(2), third.powi(4)]) {
            *sum += weight * power;
        }
        self.pixels += weight;
    }

    /// Returns the greatest value, and the mean of the 3-, 6- and 12-norms.
    pub(super) fn values(&self) -> [f64; 2] {
        let norms = self.powers.iter().zip([3.0, 6.0, 12.0]);
        let norms = norms.map(|(sum, power)| libm::pow(sum / self.pixels, 1.0 / power));
        [f64::from(self.max), norms.sum::<f64>() / 3.0]
    }
}
