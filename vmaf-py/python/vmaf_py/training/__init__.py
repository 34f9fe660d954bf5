"""Training VMAF-style models from features and subjective scores.

A VMAF model is a support-vector regressor that maps features of an encode (detail, visual information,
motion) to subjective scores. `train` makes one from a table with a row per encode, and cross-validates it
on contents that it wasn't trained on. `vmaf score --model`, FFmpeg and libvmaf read the saved files:

    >>> import numpy as np, vmaf_py as vq
    >>> random = np.random.default_rng(1)
    >>> detail, motion = random.uniform(0.5, 1, 60), random.uniform(0, 20, 60)
    >>> table = {
    ...     "integer_adm2": detail,
    ...     "integer_motion2": motion,
    ...     "mos": 200 * detail - 105 + 0.3 * motion,
    ...     "content": [f"clip {i % 6}" for i in range(60)],
    ... }
    >>> trained = vq.train(
    ...     table, score="mos", content="content", features=["integer_adm2", "integer_motion2"]
    ... )
    >>> trained.cross_validation.figures.plcc > 0.99
    True

Training needs scikit-learn, the extra [train]. Predicting, and reading and writing models, need only NumPy.

References
- Z. Li et al., "Toward a practical perceptual video quality metric", Netflix Technology Blog, 2016, and
  "VMAF: the journey continues", 2018: the method, and the training of the published models.
- B. Schölkopf et al., "New support vector algorithms", Neural Computation 12(5), 2000: the nu-SVR.
- C.-C. Chang, C.-J. Lin, "LIBSVM: a library for support vector machines", ACM TIST 2(3), 2011.
- Recommendation ITU-T P.1401, "Methods, metrics and procedures for statistical evaluation, qualification
  and comparison of objective quality prediction models", 2020: correlation and error.
"""

from __future__ import annotations

from ._errors import TrainingError
from ._features import DEFAULT_FEATURES, Feature, features_of
from ._figures import Figures, figures
from ._model import Interval, Model, read_model
from ._predictor import Predictor, Scaling
from ._regression import Parameters
from ._train import CrossValidation, Fold, Training, train
from ._transform import ScoreTransform

__all__ = [
    "DEFAULT_FEATURES",
    "CrossValidation",
    "Feature",
    "Figures",
    "Fold",
    "Interval",
    "Model",
    "Parameters",
    "Predictor",
    "Scaling",
    "ScoreTransform",
    "Training",
    "TrainingError",
    "features_of",
    "figures",
    "read_model",
    "train",
]
