//! The results of a run, and everything that can be written of them.

use std::io::Write;

use vmaf_core::Gate;
use vmaf_media::{Message, Wording};

use crate::encode_result::{self, EncodeResult};
use crate::error::Result;
use crate::handle::RunHandle;
use crate::inputs::{FrameLocations, OpenInputs, OpenSettings};
use crate::output::format::OutputFormat;
use crate::output::report::{GateResult, Report};
use crate::output::target::Target;
use crate::output::{html, junit, table, text, verdicts};
use crate::request::values::NamedPool;
use crate::request::{Request, StreamChoice};
use crate::thumbnails::Thumbnails;

/// The results of a run, one for each encode.
pub struct Run {
    results: Vec<EncodeResult>,
    report: Report,
    /// The places of the frames in their files, for pictures.
    frame_locations: Option<FrameLocations>,
}

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All encodes were measured, and all gates held.
    Passed,
    /// All encodes were measured and judged, and a gate did not hold.
    Failed,
    /// An encode could not be measured, or a gate could not be judged.
    Unmeasured,
}

impl Run {
    /// Joins results that belong together: encodes of one reference, measured with the same
    /// settings. They are judged by `gates`, and outputs have `pools` in addition to those that
    /// every column has.
    ///
    /// # Errors
    /// Fails if they don't belong together, or a gate is of a column that is not measured.
    pub fn new(results: Vec<EncodeResult>, gates: &[Gate], pools: &[NamedPool]) -> Result<Self> {
        let report = encode_result::report(&results, gates, pools)?;
        Ok(Self { results, report, frame_locations: None })
    }

    /// Returns the run with failures and warnings in the words of a front end, wherever outputs
    /// have them.
    #[must_use]
    pub fn with_wording(mut self, wording: Wording) -> Self {
        self.report.wording = wording;
        self
    }

    /// Stores the places of the frames in their files.
    pub(crate) fn set_frame_locations(&mut self, frame_locations: FrameLocations) {
        self.frame_locations = Some(frame_locations);
    }

    /// Returns the results of the encodes, in the order of the request.
    #[must_use]
    pub fn encodes(&self) -> &[EncodeResult] {
        &self.results
    }

    /// Returns the results of the encodes.
    #[must_use]
    pub fn into_encodes(self) -> Vec<EncodeResult> {
        self.results
    }

    /// Returns the mean score of the first encode by the first model, 0 to 100.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.results.first().and_then(EncodeResult::score)
    }

    /// Returns notes about the results.
    #[must_use]
    pub fn warnings(&self) -> &[Message] {
        &self.report.warnings
    }

    /// Returns true if any encode was measured.
    #[must_use]
    pub fn has_results(&self) -> bool {
        self.report.has_results()
    }

    /// Returns true if the run has gates.
    #[must_use]
    pub fn has_gates(&self) -> bool {
        !self.report.gates.is_empty()
    }

    /// Returns the outcome.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if !self.report.is_complete() || !self.unjudged().is_empty() {
            return Outcome::Unmeasured;
        }
        let mut judged =
            self.report.encodes.iter().flat_map(|encode| self.report.gate_results(encode));
        let held =
            |judged: GateResult<'_>| matches!(judged.verdict, Ok((verdict, _)) if verdict.held);
        if judged.all(held) { Outcome::Passed } else { Outcome::Failed }
    }

    /// Returns a sentence for each gate that can't be judged although its encode was measured.
    #[must_use]
    pub fn unjudged(&self) -> Vec<String> {
        let judged = self.report.scored().flat_map(|encode| self.report.gate_results(encode));
        let sentence = |GateResult { encode, gate, verdict }: GateResult<'_>| {
            Some(format!("{}: gate '{gate}': {}", encode.path, verdict.err()?))
        };
        judged.filter_map(sentence).collect()
    }

    /// Writes the results to the file at `path`, in the format of its extension: json, jsonl, xml,
    /// csv, or html for the report. A file is replaced completely or not at all.
    ///
    /// # Errors
    /// Fails if the extension is unknown, the format can't hold this many encodes, or the file
    /// can't be written.
    pub fn write(&self, path: &str) -> Result<()> {
        self.write_with(path, None, &RunHandle::default())
    }

    /// Writes the results as [`write`](Self::write) does. A report shows `reproduction`, text that
    /// reproduces the results, and `handle` can stop the reading of its pictures.
    ///
    /// # Errors
    /// Fails as [`write`](Self::write) does, and if nothing was measured.
    pub fn write_with(
        &self,
        path: &str,
        reproduction: Option<&str>,
        handle: &RunHandle,
    ) -> Result<()> {
        if let Some(failure) = self.results.iter().find_map(EncodeResult::failure)
            && !self.has_results()
        {
            return Err(failure.clone().into());
        }
        if html::is_page(path) {
            return self.write_page(path, reproduction, handle);
        }
        let format = OutputFormat::from_path(path, None)?;
        format.check_count(path, self.results.len())?;
        Target::open(path)?.write(|out| self.write_as(format, out))
    }

    /// Writes the results in a format for programs.
    ///
    /// # Errors
    /// Fails if `out` can't be written.
    pub fn write_as(&self, format: OutputFormat, out: &mut dyn Write) -> std::io::Result<()> {
        format.write(&self.report, out)
    }

    /// Writes the verdicts of the gates as a JUnit report.
    ///
    /// # Errors
    /// Fails if `out` can't be written.
    pub fn write_junit(&self, out: &mut dyn Write) -> std::io::Result<()> {
        junit::write(&self.report, out)
    }

    /// Writes the report to the file at `path`: a self-contained page. Its pictures are taken from
    /// the videos, which are read once more.
    ///
    /// # Errors
    /// Fails if the file can't be written.
    pub fn write_report(&self, path: &str) -> Result<()> {
        self.write_page(path, None, &RunHandle::default())
    }

    /// Writes the report to the file at `path`, after checking that it can be written.
    fn write_page(&self, path: &str, reproduction: Option<&str>, handle: &RunHandle) -> Result<()> {
        let target = Target::open(path)?;
        let page = self.page(reproduction, handle);
        target.write(|out| page.write(out))
    }

    /// Returns the report, with its pictures. It shows `reproduction`, text that reproduces the
    /// results, or else the request as JSON.
    #[must_use]
    pub fn page(&self, reproduction: Option<&str>, handle: &RunHandle) -> Page<'_> {
        let request = self.results.iter().find_map(EncodeResult::request);
        let thumbnails = match request {
            Some(request) => self.thumbnails(request, handle),
            None => Thumbnails::without("the videos are not files of this run"),
        };
        let as_json = || serde_json::to_string_pretty(request?).ok();
        let reproduction = reproduction.map(str::to_owned).or_else(as_json);
        Page { report: &self.report, thumbnails, reproduction }
    }

    /// Takes the pictures of the report.
    fn thumbnails(&self, request: &Request, handle: &RunHandle) -> Thumbnails {
        let encodes = self.report.encodes.iter().map(|encode| encode.path.clone());
        let encodes: Vec<String> = encodes.collect();
        let again = || {
            // The streams of the request may belong to other encodes.
            let infos = self.report.encodes.iter().map(|encode| encode.info.as_ref());
            let streams = std::iter::once(Some(&self.report.reference)).chain(infos);
            let streams = streams.map(|info| info.and_then(|info| info.stream));
            let mut options = request.options.clone();
            options.streams = StreamChoice(streams.collect());
            let open_settings = OpenSettings::new(&options, handle);
            match &self.frame_locations {
                Some(frame_locations) => {
                    let inputs = OpenInputs::open(&request.reference, &encodes, &open_settings)?;
                    Ok(inputs.with_frame_locations(frame_locations.clone()))
                }
                None => OpenInputs::open_paired(&request.reference, &encodes, &open_settings),
            }
        };
        Thumbnails::of(&self.report, again, handle)
    }

    /// Returns the table of results as lines of text, not wider than the given number of columns if
    /// that is possible. If it is `styled`, escape sequences of terminals highlight headers and
    /// failures.
    #[must_use]
    pub fn table(&self, width: Option<usize>, styled: bool) -> Vec<String> {
        table::lines(&self.report, width, styled)
    }

    /// Returns the table of verdicts as lines of text.
    #[must_use]
    pub fn verdict_table(&self) -> Vec<String> {
        let (columns, rows) = verdicts::rows(&self.report, false);
        text::table(&columns, &rows)
    }
}

/// The report of a run, an HTML page.
pub struct Page<'a> {
    report: &'a Report,
    thumbnails: Thumbnails,
    reproduction: Option<String>,
}

impl Page<'_> {
    /// Writes the page.
    ///
    /// # Errors
    /// Fails if `out` can't be written.
    pub fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        html::write(self.report, &self.thumbnails, self.reproduction.as_deref(), out)
    }
}

/// Writes a JUnit report of encodes that could not be measured, for a `reason`.
///
/// # Errors
/// Fails if `out` can't be written.
pub fn write_failed_junit(
    request: &Request,
    reason: &str,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    junit::failed(&request.encodes, &request.gates, reason, out)
}
