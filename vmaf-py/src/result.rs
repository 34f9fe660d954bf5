//! The result of an encode as a Python object.

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use vmaf::{Judgement, Run, RunHandle};

use crate::attend::attend;
use crate::call;
use crate::errors;
use crate::options::gates;
use crate::wording::WORDING;

/// The result of an encode, or the reason why there is none.
#[pyclass(frozen, module = "vmaf_py._native")]
pub(crate) struct EncodeResult(vmaf::EncodeResult);

/// Wraps results as Python objects.
pub(crate) fn all(measured: Vec<vmaf::EncodeResult>) -> Vec<EncodeResult> {
    measured.into_iter().map(EncodeResult).collect()
}

#[pymethods]
impl EncodeResult {
    /// Restores a pickled result.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        vmaf::EncodeResult::from_bytes(bytes).map(Self).map_err(errors::of_run)
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.0.to_bytes().map_err(errors::of_run)?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let bytes = slf.get().to_bytes(slf.py())?;
        Ok((slf.get_type().getattr("from_bytes")?, (bytes,)))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    #[getter]
    fn reference(&self) -> &str {
        self.0.reference()
    }

    #[getter]
    fn distorted(&self) -> &str {
        self.0.distorted()
    }

    #[getter]
    fn failure(&self) -> Option<String> {
        self.0.failure().map(|failure| failure.message().worded(&WORDING))
    }

    #[getter]
    fn models(&self) -> Vec<String> {
        self.0.models().to_vec()
    }

    #[getter]
    fn metrics(&self) -> Vec<String> {
        self.0.metrics().to_vec()
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings().iter().map(|warning| warning.worded(&WORDING)).collect()
    }

    #[getter]
    fn frames<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u64>> {
        self.0.frames().to_vec().into_pyarray(py)
    }

    /// Presentation times in seconds; NaN if unknown.
    #[getter]
    fn times<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let times = self.0.times().iter().map(|time| time.unwrap_or(f64::NAN));
        times.collect::<Vec<_>>().into_pyarray(py)
    }

    /// The first and last frame of each scene, the last not included.
    #[getter]
    fn scenes(&self) -> Vec<(u64, u64)> {
        self.0.scenes().iter().map(|scene| (scene.start, scene.end)).collect()
    }

    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let columns = PyDict::new(py);
        for (name, values) in self.0.columns() {
            columns.set_item(name, values.to_vec().into_pyarray(py))?;
        }
        Ok(columns)
    }

    #[getter]
    fn aggregates<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let aggregates = PyDict::new(py);
        for (name, value) in self.0.aggregates() {
            aggregates.set_item(name, value)?;
        }
        Ok(aggregates)
    }

    fn pool(&self, column: &str, pool: &str) -> PyResult<Option<f64>> {
        self.0.pool(column, pool).map_err(errors::of_run)
    }

    /// Returns the verdict of each gate: gate, value, held, margin, the worst interval (start, end,
    /// mean) or None, and a sentence.
    fn judge(&self, gates: Vec<String>) -> PyResult<Vec<Judged>> {
        let judged = self.0.judge(&self::gates(&gates)?).map_err(errors::of_run)?;
        Ok(judged.into_iter().map(judged_of).collect())
    }

    fn to_json(&self) -> PyResult<String> {
        self.0.to_json_in(WORDING).map_err(errors::of_run)
    }
}

type Stretch = (f64, f64, f64);
type Judged = (String, f64, bool, f64, Option<Stretch>, String);

fn judged_of(judged: Judgement) -> Judged {
    let Judgement { gate, verdict, end, sentence, .. } = judged;
    let worst = verdict.worst.zip(end).map(|(worst, end)| (worst.start, end, worst.mean));
    (gate, verdict.value, verdict.held, verdict.margin, worst, sentence)
}

/// Joins the results of one run.
fn joined(results: &[Bound<'_, EncodeResult>]) -> PyResult<Run> {
    let results = results.iter().map(|result| result.get().0.clone()).collect();
    let run = Run::new(results, &[], &[]).map_err(errors::of_run)?;
    Ok(run.with_wording(WORDING))
}

/// Returns the table of results.
#[pyfunction]
pub(crate) fn table(results: Vec<Bound<'_, EncodeResult>>) -> PyResult<String> {
    Ok(joined(&results)?.table(None, false).join("\n"))
}

/// Writes results to the file at `path`, in the format of its extension.
#[pyfunction]
pub(crate) fn save(
    py: Python<'_>,
    results: Vec<Bound<'_, EncodeResult>>,
    path: &str,
) -> PyResult<()> {
    let run = joined(&results)?;
    let call = run.encodes().iter().find_map(vmaf::EncodeResult::request).map(call::text);
    let handle = RunHandle::default().with_wording(WORDING);
    attend(py, &handle, None, || run.write_with(path, call.as_deref(), &handle))
}
