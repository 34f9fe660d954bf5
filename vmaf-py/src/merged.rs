//! The merged result of a run in parts, judged by gates, and its outputs.

use pyo3::prelude::*;
use vmaf::output::target::Target;
use vmaf::{EncodeResult, OutputFormat, Request, RunHandle, parts, write_failed_junit};

use crate::attend::attend;
use crate::cluster::{outcome, pools};
use crate::errors::{self, VmafError};
use crate::options::gates;
use crate::result;
use crate::wording::WORDING;

/// The results of a run whose parts were all measured.
#[pyclass(frozen, module = "vmaf_py._native")]
pub(crate) struct MergedRun(vmaf::Run);

#[pymethods]
impl MergedRun {
    /// Merges the parts in the files at `paths`, in any order.
    #[new]
    fn new(
        py: Python<'_>,
        paths: Vec<String>,
        gates: Vec<String>,
        pools: Vec<String>,
    ) -> PyResult<Self> {
        let (gates, pools) = (self::gates(&gates)?, self::pools(&pools)?);
        let run = py.detach(|| parts::merge_with(&paths, &gates, &pools));
        run.map(|run| Self(run.with_wording(WORDING))).map_err(errors::of_run)
    }

    /// Returns the result of each encode, in order.
    fn results(&self) -> Vec<result::EncodeResult> {
        result::all(self.0.encodes().to_vec())
    }

    /// "passed", "failed" or "unmeasured".
    #[getter]
    fn outcome(&self) -> &'static str {
        outcome(self.0.outcome())
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings().iter().map(|warning| warning.worded(&WORDING)).collect()
    }

    /// A sentence for each encode that couldn't be measured, and each gate that couldn't be
    /// evaluated.
    #[getter]
    fn problems(&self) -> Vec<String> {
        let failures = self.0.encodes().iter().filter_map(EncodeResult::failure);
        let failures = failures.map(|failure| failure.message().worded(&WORDING));
        failures.chain(self.0.unjudged()).collect()
    }

    /// Returns the table of results, at most `width` columns wide if possible.
    #[pyo3(signature = (width = None))]
    fn table(&self, width: Option<usize>) -> String {
        self.0.table(width, false).join("\n")
    }

    /// Returns the table of verdicts, empty without gates.
    fn verdicts(&self) -> String {
        if self.0.has_gates() { self.0.verdict_table().join("\n") } else { String::new() }
    }

    /// Writes the results, if there are any, to the file at `path`, in the format of its extension
    /// or else `format`.
    #[pyo3(signature = (path, format = None))]
    fn write(&self, py: Python<'_>, path: &str, format: Option<&str>) -> PyResult<()> {
        let format = format.map(format_of).transpose()?;
        let write = || -> vmaf::Result<()> {
            let format = OutputFormat::from_path(path, format)?;
            format.check_count(path, self.0.encodes().len())?;
            let target = Target::open(path)?;
            if !self.0.has_results() {
                return Ok(());
            }
            target.write(|out| self.0.write_as(format, out))
        };
        py.detach(write).map_err(errors::of_run)
    }

    /// Writes the report, which shows `reproduction`, the command that gives the same results.
    fn write_report(&self, py: Python<'_>, path: &str, reproduction: &str) -> PyResult<()> {
        let handle = RunHandle::default().with_wording(WORDING);
        attend(py, &handle, None, || {
            let target = Target::open(path)?;
            if !self.0.has_results() {
                return Ok(());
            }
            let page = self.0.page(Some(reproduction), &handle);
            target.write(|out| page.write(out))
        })
    }

    /// Writes the gates' verdicts as a JUnit report.
    fn write_junit(&self, path: &str) -> PyResult<()> {
        let written =
            Target::open(path).and_then(|target| target.write(|out| self.0.write_junit(out)));
        written.map_err(errors::of_run)
    }
}

/// Writes a JUnit report of encodes without results, for a `reason`.
#[pyfunction]
pub(crate) fn save_failed_junit(
    distorted: Vec<String>,
    gates: Vec<String>,
    reason: &str,
    path: &str,
) -> PyResult<()> {
    let mut request = Request::new("").encodes(distorted);
    request.gates = self::gates(&gates)?;
    let written = Target::open(path)
        .and_then(|target| target.write(|out| write_failed_junit(&request, reason, out)));
    written.map_err(errors::of_run)
}

fn format_of(name: &str) -> PyResult<OutputFormat> {
    match name {
        "json" => Ok(OutputFormat::Json),
        "jsonl" => Ok(OutputFormat::Jsonl),
        "xml" => Ok(OutputFormat::Xml),
        "csv" => Ok(OutputFormat::Csv),
        _ => {
            Err(VmafError::new_err(format!("format must be json, jsonl, xml or csv, not '{name}'")))
        }
    }
}
