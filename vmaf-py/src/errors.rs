//! Errors as Python exceptions, with remedies as keyword arguments.

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vmaf::Error;

use crate::wording::WORDING;

create_exception!(
    vmaf_py,
    VmafError,
    PyValueError,
    "Base of all errors. The message says what is wrong, with remedies as keyword arguments."
);

create_exception!(
    vmaf_py,
    VideoError,
    VmafError,
    "Error for a video that can't be read, is truncated, or can't be compared with its reference."
);

/// Converts an error of a run to an exception.
pub(crate) fn of_run(error: Error) -> PyErr {
    let message = error.message().worded(&WORDING);
    match error {
        Error::Media(_) | Error::Encode(_) => VideoError::new_err(message),
        _ => VmafError::new_err(message),
    }
}

/// Converts an error of the scorer to an exception.
pub(crate) fn of_core(error: impl Into<vmaf_core::Error>) -> PyErr {
    VmafError::new_err(error.into().to_string())
}
