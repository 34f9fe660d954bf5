//! Single metrics and maps of frames in memory, and lists of the built-in metrics and models.

use numpy::{IntoPyArray, PyArray2, ToPyArray};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use vmaf_core::feature::{FEATURES, Options};
use vmaf_core::maps::{Maps, Rect};
use vmaf_core::model::BUILTINS;
use vmaf_core::{Job, Rational, feature};

use crate::errors;
use crate::planes::{self, Layout, Plane, Planes};

/// A frame's planes.
type FramePlanes<'py> = Vec<Plane<'py>>;

/// The matrices that convert the reference and the encode from RGB, `None` for YUV.
type Matrices = (Option<String>, Option<String>);

/// Measures one feature on the pairs of frames that `pairs` yields. Returns the columns, with a
/// value per frame, and the values of the whole video.
#[pyfunction]
pub(crate) fn measure<'py>(
    py: Python<'py>,
    name: &str,
    options: Vec<(String, String)>,
    layout: Layout,
    matrices: Matrices,
    frame_rate: (u32, u32),
    pairs: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let format = planes::format(&layout)?;
    let feature = feature::find(name).map_err(errors::of_core)?;
    let options = options_of(feature, &options)?;
    let job = Job::new(format, 1).feature(feature, options).threads(0);
    let mut scorer = job.start().map_err(errors::of_core)?;
    let frame_rate = Rational::rate(frame_rate.0, frame_rate.1);
    for pair in pairs.try_iter()? {
        let (reference, distorted): (FramePlanes<'_>, FramePlanes<'_>) = pair?.extract()?;
        let (reference, distorted) = (Planes::of(&reference)?, Planes::of(&distorted)?);
        py.detach(|| {
            let frame = |planes: &Planes<'_>, matrix: &Option<String>| -> PyResult<_> {
                let mut frame = planes.to_frame(format, planes::matrix(matrix.as_deref()))?;
                frame.frame_rate = frame_rate;
                Ok(frame)
            };
            let pair = (frame(&reference, &matrices.0)?, frame(&distorted, &matrices.1)?);
            scorer.push_pair(pair.0, pair.1).map_err(errors::of_core)
        })?;
        py.check_signals()?;
    }
    let scored = py.detach(|| scorer.finish()).map_err(errors::of_core)?;
    let (columns, aggregates) = (PyDict::new(py), PyDict::new(py));
    for scored in &scored {
        for column in scored.columns() {
            columns.set_item(&column.name, column.values.clone().into_pyarray(py))?;
        }
        for (name, value) in scored.aggregates() {
            aggregates.set_item(name, value)?;
        }
    }
    Ok((columns, aggregates))
}

fn options_of(feature: &'static feature::Feature, given: &[(String, String)]) -> PyResult<Options> {
    let mut options = feature.options();
    for (name, value) in given {
        options.set(name, value).map_err(errors::of_core)?;
    }
    Ok(options)
}

/// A map: its name, such as `scale0_num_h`, the rectangle that is pooled (x, y, width, height), and
/// its samples.
type MapOf<'py> = (String, (usize, usize, usize, usize), Bound<'py, PyArray2<f32>>);

/// Computes the maps of a feature for a pair of frames: the heat map, the map of each scale and
/// band, the columns that they pool to, and the constants for pooling.
#[pyfunction]
#[expect(clippy::type_complexity, reason = "a tuple of what Python takes apart at once")]
pub(crate) fn maps<'py>(
    py: Python<'py>,
    name: &str,
    options: Vec<(String, String)>,
    layout: Layout,
    matrices: Matrices,
    pair: (FramePlanes<'py>, FramePlanes<'py>),
) -> PyResult<(
    Bound<'py, PyArray2<f32>>,
    Vec<MapOf<'py>>,
    Vec<(String, f64)>,
    Vec<(&'static str, f64)>,
)> {
    let format = planes::format(&layout)?;
    let feature = feature::find(name).map_err(errors::of_core)?;
    let options = options_of(feature, &options)?;
    let (reference, distorted) = (Planes::of(&pair.0)?, Planes::of(&pair.1)?);
    let (maps, heat) = py.detach(|| -> PyResult<_> {
        let matrix = |name: &Option<String>| planes::matrix(name.as_deref());
        let reference = reference.to_frame(format, matrix(&matrices.0))?;
        let distorted = distorted.to_frame(format, matrix(&matrices.1))?;
        let maps = Maps::new(feature, &options, &reference, &distorted).map_err(errors::of_core)?;
        let heat = maps.heat();
        Ok((maps, heat))
    })?;
    let planes = maps.planes().iter().map(|plane| {
        let Rect { x, y, width, height } = plane.counted;
        (plane.to_string(), (x, y, width, height), plane.map.view().to_pyarray(py))
    });
    let planes = planes.collect();
    let values = maps.values().into_iter().map(|value| (value.column, value.value)).collect();
    Ok((heat.view().to_pyarray(py), planes, values, maps.constants()))
}

/// Returns all metrics: name, summary, paper, columns (each with its summary), and options (each
/// with its default and help).
#[pyfunction]
pub(crate) fn features(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let all = FEATURES.iter().map(|feature| {
        let dict = PyDict::new(py);
        dict.set_item("name", feature.name)?;
        dict.set_item("summary", feature.summary)?;
        dict.set_item("paper", feature.paper)?;
        dict.set_item("least_size", feature.least_size)?;
        let outputs = feature.outputs.iter().filter(|output| !output.summary.is_empty());
        let columns: Vec<_> = outputs.map(|output| (output.column, output.summary)).collect();
        dict.set_item("columns", columns)?;
        let options = feature.options.iter();
        let options: Vec<_> =
            options.map(|option| (option.name, option.default_text(), option.help)).collect();
        dict.set_item("options", options)?;
        Ok(dict)
    });
    all.collect()
}

/// Returns all built-in models: name, short name, display, viewing distance, range, and recommended
/// use.
#[pyfunction]
pub(crate) fn models(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let all = BUILTINS.iter().map(|model| {
        let dict = PyDict::new(py);
        dict.set_item("name", model.name)?;
        dict.set_item("short", model.short)?;
        dict.set_item("display", model.display)?;
        dict.set_item("viewing_distance", model.viewing_distance)?;
        dict.set_item("range", model.range)?;
        dict.set_item("use_for", model.use_for)?;
        Ok(dict)
    });
    all.collect()
}
