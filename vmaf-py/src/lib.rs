//! The native half of the Python package `vmaf_py`: arrays in, columns out.
//!
//! What can be said in Python (defaults, checks of shape, the result's class) is said there, in
//! `python/vmaf_py/__init__.py`. Here the frames of two arrays are pushed through a
//! [`vmaf_core::Scorer`], without the interpreter's lock.

use pyo3::prelude::*;

pyo3::create_exception!(
    vmaf_py,
    VmafError,
    pyo3::exceptions::PyValueError,
    "What was given can't be scored; the message says why."
);

/// The extension module.
#[pymodule]
mod _native {
    use std::sync::Arc;

    use numpy::ndarray::{ArrayView2, ArrayView3, Axis};
    use numpy::{Element, IntoPyArray, PyReadonlyArray3};
    use pyo3::prelude::*;
    use pyo3::types::PyDict;
    use vmaf_core::{Chroma, Format, Frame, FrameGroup, Job, Model, Sample, pool};

    #[pymodule_export]
    use super::VmafError;

    /// Scores 8-bit luma: the pooled score and a dict of columns.
    #[pyfunction]
    fn score_u8<'py>(
        py: Python<'py>,
        reference: PyReadonlyArray3<'py, u8>,
        distorted: PyReadonlyArray3<'py, u8>,
        model: &str,
    ) -> PyResult<(f64, Bound<'py, PyDict>)> {
        score(py, &reference, &distorted, 8, model)
    }

    /// Scores luma of 9 to 16 bits.
    #[pyfunction]
    fn score_u16<'py>(
        py: Python<'py>,
        reference: PyReadonlyArray3<'py, u16>,
        distorted: PyReadonlyArray3<'py, u16>,
        bit_depth: u8,
        model: &str,
    ) -> PyResult<(f64, Bound<'py, PyDict>)> {
        score(py, &reference, &distorted, bit_depth, model)
    }

    fn score<'py, T: Sample + Element>(
        py: Python<'py>,
        reference: &PyReadonlyArray3<'py, T>,
        distorted: &PyReadonlyArray3<'py, T>,
        bit_depth: u8,
        model: &str,
    ) -> PyResult<(f64, Bound<'py, PyDict>)> {
        let (reference, distorted) = (reference.as_array(), distorted.as_array());
        let (_, height, width) = reference.dim();
        // A side too long for `u32` is too long for a format, which says so.
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        let format =
            Format::new(side(width), side(height), Chroma::Mono, bit_depth).map_err(err)?;
        let model = Model::builtin(model).map_err(err)?;
        let label = model.label().to_owned();
        let mut scorer = Job::new(format, 1).model(model).threads(0).start().map_err(err)?;
        let frame = |video: &ArrayView3<'_, T>, index| {
            frame(format, video.index_axis(Axis(0), index)).map(Arc::new)
        };
        for index in 0..reference.len_of(Axis(0)) {
            py.detach(|| {
                let pair = FrameGroup::pair(frame(&reference, index)?, frame(&distorted, index)?);
                scorer.push(pair)
            })
            .map_err(err)?;
            py.check_signals()?;
        }
        let scored = py.detach(|| scorer.finish()).map_err(err)?;
        let scored = &scored[0];
        let value = scored.column(&label).and_then(pool::mean);
        let value = value.ok_or_else(|| VmafError::new_err(format!("{label} gave no score")))?;
        let columns = PyDict::new(py);
        for column in scored.columns() {
            columns.set_item(&column.name, column.values.clone().into_pyarray(py))?;
        }
        Ok((value, columns))
    }

    /// One frame of an array, whatever its strides.
    fn frame<T: Sample>(format: Format, luma: ArrayView2<'_, T>) -> vmaf_core::Result<Frame> {
        match luma.as_slice() {
            Some(samples) => Frame::from_luma(format, samples),
            None => Frame::from_luma(format, &luma.iter().copied().collect::<Vec<_>>()),
        }
    }

    fn err(error: vmaf_core::Error) -> PyErr {
        VmafError::new_err(error.to_string())
    }
}
