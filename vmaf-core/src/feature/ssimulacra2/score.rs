//! From the maps' means to the score.

use std::sync::LazyLock;

use super::SCALES;

/// Kinds of maps of a component: similarity, edges added, edges lost.
pub(super) const MAPS: usize = 3;

/// Numbers of a picture.
const NUMBERS: usize = 3 * SCALES * 2 * MAPS;

/// The weight of each number, in the order component, scale, norm (mean, fourth-power mean), map.
static WEIGHTS: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let text = include_str!("../../../models/ssimulacra2_v2.1.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let numbers = lines.flat_map(str::split_whitespace).map(str::parse);
    let weights: Vec<f64> = numbers.collect::<Result<_, _>>().unwrap_or_default();
    assert_eq!(weights.len(), NUMBERS, "the built-in weights of SSIMULACRA2");
    weights
});

/// The sums over a component of a scale.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct MapSums {
    /// The sums of each map's values.
    pub(super) values: [f64; MAPS],
    /// The sums of their fourth powers.
    pub(super) fourth_powers: [f64; MAPS],
}

/// The sums over a scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ScaleSums {
    /// The sums of X, Y and B.
    pub(super) components: [MapSums; 3],
    /// The number of pixels.
    pub(super) pixels: f64,
}

/// The score of an encode, of which these scales were compared.
pub(super) fn score(scales: &[ScaleSums]) -> f64 {
    let mut weights = WEIGHTS.iter();
    let mut error = 0.0;
    for component in 0..3 {
        for scale in scales {
            let MapSums { values, fourth_powers } = scale.components[component];
            let means = values.map(|sum| sum / scale.pixels);
            let fourth = fourth_powers.map(|sum| libm::sqrt(libm::sqrt(sum / scale.pixels)));
            for (value, weight) in means.into_iter().chain(fourth).zip(&mut weights) {
                error += weight * value;
            }
        }
    }
    let error = error * 0.956_238_261_683_484_4;
    let distance = 2.326_765_642_916_932 * error - 0.020_884_521_182_843_837 * error * error
        + 6.248_496_625_763_138e-5 * error * error * error;
    if distance > 0.0 { 100.0 - 10.0 * libm::pow(distance, 0.627_633_646_783_138_7) } else { 100.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_pictures_score_100() {
        let scale = ScaleSums { components: [MapSums::default(); 3], pixels: 64.0 };
        assert_eq!(score(&[scale; SCALES]), 100.0);
    }

    #[test]
    fn the_weights_of_a_missing_scale_go_to_the_next() {
        // With a single scale, similarity's fourth-power mean of X, Y and B has weights 3, 9 and 15.
        let mut scale = ScaleSums { components: [MapSums::default(); 3], pixels: 1.0 };
        scale.components[1].values[0] = 0.5;
        let error: f64 = 0.5 * WEIGHTS[6] * 0.956_238_261_683_484_4;
        assert_eq!(error, 0.0);
        assert_eq!(score(&[scale]), 100.0);
        scale.components[1].values[2] = 0.5;
        assert_eq!(WEIGHTS[8], 0.0);
        scale.components[1].fourth_powers[0] = 0.0625;
        let error = 0.5 * WEIGHTS[9] * 0.956_238_261_683_484_4;
        let distance = 2.326_765_642_916_932 * error - 0.020_884_521_182_843_837 * error * error
            + 6.248_496_625_763_138e-5 * error * error * error;
        let expected = 100.0 - 10.0 * distance.powf(0.627_633_646_783_138_7);
        assert!((score(&[scale]) - expected).abs() < 1e-9, "{expected}");
    }
}
