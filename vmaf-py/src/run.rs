//! Runs: of files, of frames that are pushed, of parts, and of the command itself.

use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use vmaf_cli::embed::{self, Monitor, Pushed};
use vmaf_core::{Format, Frame};

use crate::attend::attend;
use crate::errors::{self, VmafError};
use crate::measured::{self, Measured};
use crate::planes::{self, Layout, Plane, Planes};

/// Scores files; `options` are those of `vmaf score`. What was measured of each encode, in order.
#[pyfunction]
#[pyo3(signature = (options, reference, distorted, progress = None))]
pub(crate) fn score(
    py: Python<'_>,
    options: Vec<String>,
    reference: &str,
    distorted: Vec<String>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<Measured>> {
    let monitor = Monitor::default();
    let work = || embed::score(&options, reference, &distorted, &monitor);
    attend(py, &monitor, progress.as_ref(), work).map(measured::all)
}

/// Fails where `options`, which are those of `vmaf score`, are wrong, or what they ask for is not
/// there.
#[pyfunction]
pub(crate) fn check(options: Vec<String>) -> PyResult<()> {
    embed::check(&options).map_err(errors::of_run)
}

/// What was measured of each encode of a run of which all parts are in these files.
#[pyfunction]
pub(crate) fn merge(py: Python<'_>, paths: Vec<String>) -> PyResult<Vec<Measured>> {
    let merged = py.detach(|| embed::merge(&paths));
    merged.map(measured::all).map_err(errors::of_run)
}

/// The encodes that a batch's manifest names: the manifest's line, and a line of JSON of each.
#[pyfunction]
pub(crate) fn batch_entries(manifest: &str) -> PyResult<Vec<(u64, String)>> {
    embed::batch_entries(manifest).map_err(errors::of_run)
}

/// Runs the command `vmaf`, whose first word is its name. Gives its exit status.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, words: Vec<String>) -> u8 {
    let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    py.detach(|| vmaf_cli::main(&words))
}

/// A run whose frames are pushed.
#[pyclass(frozen, module = "vmaf_py._native")]
pub(crate) struct Pusher {
    format: Format,
    /// Nothing once it is finished.
    run: Mutex<Option<Pushed>>,
}

#[pymethods]
impl Pusher {
    /// Begins a run under `options`, which are those of `vmaf score`; the videos go by the names
    /// given.
    #[new]
    fn new(
        options: Vec<String>,
        layout: Layout,
        reference: &str,
        distorted: Vec<String>,
    ) -> PyResult<Self> {
        let format = planes::format(&layout)?;
        let run = Pushed::begin(&options, format, reference, &distorted).map_err(errors::of_run)?;
        Ok(Self { format, run: Mutex::new(Some(run)) })
    }

    /// Pushes the planes of the reference's next frame, and of each encode's.
    fn push(
        &self,
        py: Python<'_>,
        reference: Vec<Plane<'_>>,
        distorted: Vec<Vec<Plane<'_>>>,
    ) -> PyResult<()> {
        let reference = Planes::of(&reference)?;
        let distorted = distorted.iter().map(|planes| Planes::of(planes));
        let distorted = distorted.collect::<PyResult<Vec<_>>>()?;
        py.detach(|| {
            let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
            let run = run.as_mut().ok_or_else(finished)?;
            let frame = |planes: &Planes<'_>, which: &str| -> PyResult<Frame> {
                let mut frame = run.frame();
                planes.write(&self.format, &mut frame).map_err(|reason| {
                    VmafError::new_err(format!("frame {} of {which}: {reason}", run.count()))
                })?;
                Ok(frame)
            };
            let pushed = frame(&reference, "the reference")?;
            let several = distorted.len() > 1;
            let distorted = distorted.iter().enumerate().map(|(index, planes)| {
                let which =
                    if several { format!("encode {index}") } else { "the encode".to_owned() };
                frame(planes, &which)
            });
            let distorted = distorted.collect::<PyResult<_>>()?;
            run.push(pushed, distorted).map_err(errors::of_run)
        })?;
        py.check_signals()
    }

    /// Ends the run, and gives what was measured of each encode.
    fn finish(&self, py: Python<'_>) -> PyResult<Vec<Measured>> {
        py.detach(|| {
            let run = self.run.lock().unwrap_or_else(PoisonError::into_inner).take();
            let run = run.ok_or_else(finished)?;
            run.finish().map(measured::all).map_err(errors::of_run)
        })
    }
}

fn finished() -> PyErr {
    VmafError::new_err("this scorer is finished: its results were given")
}
