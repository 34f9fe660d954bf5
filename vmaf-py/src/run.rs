//! Runs of files and of pushed frames, and the command itself.

use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use vmaf::{Request, RunHandle};
use vmaf_core::{Format, Frame};

use crate::attend::attend;
use crate::errors::{self, VmafError};
use crate::options::Options;
use crate::planes::{self, Layout, Plane, Planes};
use crate::result::{self, EncodeResult};

/// Scores files in one pass. Returns the result of each encode, in order.
#[pyfunction]
#[pyo3(signature = (options, reference, distorted, progress = None))]
pub(crate) fn score(
    py: Python<'_>,
    options: &Options,
    reference: &str,
    distorted: Vec<String>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<EncodeResult>> {
    let handle = RunHandle::default();
    let request = Request::new(reference).encodes(distorted).options(options.0.clone());
    let work = || request.run_with(&handle).map(vmaf::Run::into_encodes);
    attend(py, &handle, progress.as_ref(), work).map(result::all)
}

/// Runs the command `vmaf` and returns its exit status. The first of `words` is the command's name.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, words: Vec<String>) -> u8 {
    let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    py.detach(|| vmaf_cli::main(&words))
}

/// A run over pushed frames.
#[pyclass(frozen, module = "vmaf_py._native")]
pub(crate) struct FrameRun {
    format: Format,
    /// True for the reference and each encode whose frames are RGB.
    are_rgb: Vec<bool>,
    /// `None` after the run is finished.
    run: Mutex<Option<vmaf::FrameRun>>,
}

#[pymethods]
impl FrameRun {
    /// Begins a run; results and messages use the given names of the videos. `matrices` has the
    /// matrix that converts each video from RGB, the reference first; `None` for YUV.
    #[new]
    fn new(
        options: &Options,
        layout: Layout,
        matrices: Vec<Option<String>>,
        reference: &str,
        distorted: Vec<String>,
    ) -> PyResult<Self> {
        let format = planes::format(&layout)?;
        let request = Request::new(reference).encodes(distorted).options(options.0.clone());
        let matrices: Vec<_> =
            matrices.iter().map(|name| planes::matrix(name.as_deref())).collect();
        let run = vmaf::FrameRun::start_converting(&request, format, &matrices);
        let are_rgb = matrices.iter().map(Option::is_some).collect();
        Ok(Self { format, are_rgb, run: Mutex::new(Some(run.map_err(errors::of_run)?)) })
    }

    /// Pushes the planes of the next frame of the reference and of each encode.
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
            let frame = |planes: &Planes<'_>, video: usize, which: &str| -> PyResult<Frame> {
                let is_rgb = self.are_rgb.get(video) == Some(&true);
                let mut frame = if is_rgb { run.rgb_frame() } else { run.frame() };
                planes.write(&self.format, &mut frame).map_err(|reason| {
                    VmafError::new_err(format!("frame {} of {which}: {reason}", run.count()))
                })?;
                Ok(frame)
            };
            let pushed = frame(&reference, 0, "the reference")?;
            let several = distorted.len() > 1;
            let distorted = distorted.iter().enumerate().map(|(index, planes)| {
                let which =
                    if several { format!("encode {index}") } else { "the encode".to_owned() };
                frame(planes, index + 1, &which)
            });
            let distorted = distorted.collect::<PyResult<_>>()?;
            run.push(pushed, distorted).map_err(errors::of_run)
        })?;
        py.check_signals()
    }

    /// Ends the run and returns the result of each encode.
    fn finish(&self, py: Python<'_>) -> PyResult<Vec<EncodeResult>> {
        py.detach(|| {
            let run = self.run.lock().unwrap_or_else(PoisonError::into_inner).take();
            let run = run.ok_or_else(finished)?;
            run.finish().map(result::all).map_err(errors::of_run)
        })
    }
}

fn finished() -> PyErr {
    VmafError::new_err("this scorer is finished; its results were already returned")
}
