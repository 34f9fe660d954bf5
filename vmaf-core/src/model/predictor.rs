//! A support-vector regressor and the scaling around it.

use super::ChromaCorrection;

/// A regressor with the linear scaling of its inputs and output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Predictor {
    /// The scaling of the inputs and the output; `None` if the model does not scale.
    pub(crate) scaling: Option<Scaling>,
    /// The regressor.
    pub(crate) svr: Svr,
}

/// Linear scaling to the range that a regressor was trained in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scaling {
    /// Slope and intercept of the score, inverted after the regression.
    pub(crate) score: (f64, f64),
    /// Slope and intercept of each feature.
    pub(crate) features: Vec<(f64, f64)>,
}

/// A nu-SVR with a Gaussian kernel, as LIBSVM trains it (Chang and Lin, "LIBSVM: a library for
/// support vector machines", 2011).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Svr {
    /// The kernel is `exp(-gamma * |x - y|²)`.
    pub(crate) gamma: f64,
    /// The constant subtracted from the weighted sum of kernels.
    pub(crate) rho: f64,
    /// The weight of each support vector.
    pub(crate) weights: Vec<f64>,
    /// The support vectors, one after another.
    pub(crate) vectors: Vec<f64>,
}

impl Predictor {
    /// The score of `features`, neither transformed nor clipped.
    pub(super) fn predict(&self, features: &[f64], correction: Option<ChromaCorrection>) -> f64 {
        let of = |i: usize| self.scaling.as_ref().map_or((1.0, 0.0), |scaling| scaling.features[i]);
        let scale = |i: usize, value: f64| {
            let (slope, intercept) = of(i);
            slope * value + intercept
        };
        let unscale = |i: usize, value: f64| {
            let (slope, intercept) = of(i);
            (value - intercept) / slope
        };
        let mut scaled: Vec<f64> =
            features.iter().enumerate().map(|(i, &value)| scale(i, value)).collect();
        if let Some(ChromaCorrection { parameter, adm, chroma }) = correction
            && unscale(chroma, scaled[chroma]) == 0.0
        {
            let adm = unscale(adm, scaled[adm]);
            scaled[chroma] = scale(chroma, -parameter * adm + parameter);
        }
        let (slope, intercept) = self.scaling.as_ref().map_or((1.0, 0.0), |scaling| scaling.score);
        (self.svr.predict(&scaled) - intercept) / slope
    }

    pub(super) fn check(&self, inputs: usize) -> Result<(), String> {
        let svr = &self.svr;
        if inputs == 0 || svr.weights.is_empty() {
            return Err("it has no features or no support vectors".to_owned());
        }
        if svr.vectors.len() != svr.weights.len() * inputs {
            return Err(format!("its support vectors are not of {inputs} features each"));
        }
        let mut numbers = vec![svr.gamma, svr.rho];
        numbers.extend(svr.weights.iter().chain(&svr.vectors));
        if let Some(scaling) = &self.scaling {
            if scaling.features.len() != inputs {
                let given = scaling.features.len();
                return Err(format!("it scales {given} features but has {inputs}"));
            }
            let pairs = scaling.features.iter().chain([&scaling.score]);
            numbers.extend(pairs.flat_map(|(slope, intercept)| [slope, intercept]));
            if scaling.score.0 == 0.0 {
                return Err("its score has a slope of 0".to_owned());
            }
        }
        if numbers.iter().all(|number| number.is_finite()) {
            Ok(())
        } else {
            Err("a number in it is not finite".to_owned())
        }
    }
}

impl Svr {
    /// Evaluates the regression at `x`, summing in the order of the features and of the vectors.
    fn predict(&self, x: &[f64]) -> f64 {
        let kernels = self.vectors.chunks_exact(x.len()).map(|vector| {
            let distance: f64 = x
                .iter()
                .zip(vector)
                .map(|(a, b)| a - b)
                .map(|difference| difference * difference)
                .sum();
            libm::exp(-self.gamma * distance)
        });
        let sum: f64 = self.weights.iter().zip(kernels).map(|(weight, k)| weight * k).sum();
        sum - self.rho
    }
}
