//! Pools over scenes.

use std::ops::Range;

use super::{defined, mean};

/// A scene and the mean of its values.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SceneMean {
    /// The indices of the scene's values.
    pub rows: Range<usize>,
    /// The mean of the values.
    pub mean: f64,
}

/// The mean of each scene, of those in `scenes`: ranges of indices of `values`. `None` if there are
/// no scenes, or a value is undefined.
#[must_use]
pub fn scene_means(values: &[f64], scenes: &[Range<usize>]) -> Option<Vec<SceneMean>> {
    defined(values)?;
    let means = scenes.iter().map(|rows| {
        let mean = mean(values.get(rows.clone())?)?;
        Some(SceneMean { rows: rows.clone(), mean })
    });
    means.collect::<Option<Vec<_>>>().filter(|means| !means.is_empty())
}

/// The scene with the lowest mean, the earliest if several tie; [`scene_means`] tells when there is
/// none.
#[must_use]
pub fn worst_scene(values: &[f64], scenes: &[Range<usize>]) -> Option<SceneMean> {
    let means = scene_means(values, scenes)?;
    means.into_iter().reduce(|worst, other| if other.mean < worst.mean { other } else { worst })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_scene_has_the_lowest_mean() {
        let values = [90.0, 92.0, 70.0, 80.0, 75.0, 75.0];
        let worst = worst_scene(&values, &[0..2, 2..4, 4..6]).expect("a scene");
        assert_eq!(worst, SceneMean { rows: 2..4, mean: 75.0 });
        let means = scene_means(&values, &[0..2, 2..6]).expect("scenes");
        assert_eq!(means.iter().map(|scene| scene.mean).collect::<Vec<_>>(), [91.0, 75.0]);
    }

    #[test]
    fn undefined_values_and_missing_scenes_have_no_means() {
        assert_eq!(worst_scene(&[1.0, 2.0], &[]), None);
        assert_eq!(worst_scene(&[1.0, f64::NAN], &[0..1, 1..2]), None);
        assert_eq!(worst_scene(&[1.0], &[0..1, 1..2]), None, "a scene beyond the values");
        assert_eq!(worst_scene(&[1.0], &[0..0, 0..1]), None, "an empty scene");
        let infinite = [f64::INFINITY, f64::INFINITY, 40.0];
        let worst = worst_scene(&infinite, &[0..2, 2..3]).expect("a scene");
        assert_eq!(worst, SceneMean { rows: 2..3, mean: 40.0 });
    }
}
