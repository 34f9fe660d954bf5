//! Searches for encoder settings, as JSON in both directions.

use pyo3::prelude::*;
use vmaf::RunHandle;
use vmaf::search::{Ladder, LadderResult, Search};

use crate::attend::attend;
use crate::errors::{self, VmafError};
use crate::wording::WORDING;

/// Searches the setting of the search in JSON, and returns the result as JSON.
#[pyfunction]
#[pyo3(signature = (search, progress = None))]
pub(crate) fn search(
    py: Python<'_>,
    search: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let search: Search = read(search)?;
    let handle = RunHandle::default().with_wording(WORDING);
    let result = attend(py, &handle, progress.as_ref(), || search.run_with(&handle, &|_| {}))?;
    text(&result)
}

/// Searches the rungs of the ladder in JSON, and returns the result as JSON.
#[pyfunction]
#[pyo3(signature = (ladder, progress = None))]
pub(crate) fn ladder(
    py: Python<'_>,
    ladder: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let ladder: Ladder = read(ladder)?;
    let handle = RunHandle::default().with_wording(WORDING);
    let result = attend(py, &handle, progress.as_ref(), || ladder.run_with(&handle, &|_, _| {}))?;
    text(&result)
}

/// Writes the result of a ladder, as JSON, to the file at `path`: a page if its extension is html.
#[pyfunction]
pub(crate) fn save_ladder(result: &str, path: &str) -> PyResult<()> {
    let result: LadderResult = read(result)?;
    result.write(path).map_err(errors::of_run)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| VmafError::new_err(error.to_string()))
}

fn text(result: &impl serde::Serialize) -> PyResult<String> {
    let text = serde_json::to_string(result);
    text.map_err(|error| VmafError::new_err(error.to_string()))
}
