//! The native module of the Python package `vmaf_py`.
//!
//! The crate `vmaf` runs the measurements; this crate converts arguments and results:
//!
//! - `errors`: errors as exceptions;
//! - `attend`: work without the interpreter's lock that Ctrl-C can stop;
//! - `call`: a request as a Python call;
//! - `wording`: settings in messages as keyword arguments;
//! - `planes`: arrays as frames;
//! - `options`: keyword arguments as options of a run;
//! - `result`: the result of an encode;
//! - `run`: runs of files, runs of pushed frames, and the command itself;
//! - `search`: searches for encoder settings;
//! - `cluster`: a batch for part of a list, a part of a run, and the results file;
//! - `merged`: the merged result of a run in parts;
//! - `features`: single metrics and maps, and lists of the built-in metrics and models.
//!
//! Everything that can be written in Python (argument handling, tables, plots) is in
//! `python/vmaf_py/`.

mod attend;
mod call;
mod cluster;
mod errors;
mod features;
mod merged;
mod options;
mod planes;
mod result;
mod run;
mod search;
mod wording;

use pyo3::prelude::*;

/// The extension module.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::cluster::{
        AddedLine, ResultsFile, batch_entries, check_batch, error_line, measure_part,
        most_together, part_identity, run_batch, video_digest,
    };
    #[pymodule_export]
    use super::errors::{VideoError, VmafError};
    #[pymodule_export]
    use super::features::{features, maps, measure, models};
    #[pymodule_export]
    use super::merged::{MergedRun, save_failed_junit};
    #[pymodule_export]
    use super::options::Options;
    #[pymodule_export]
    use super::result::{EncodeResult, save, table};
    #[pymodule_export]
    use super::run::{FrameRun, main, score};
    #[pymodule_export]
    use super::search::{ladder, save_ladder, search};
    #[pymodule_export]
    use super::wording::worded_settings;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", vmaf_core::VERSION)
    }
}
