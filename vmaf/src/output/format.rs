//! The formats for programs, and their file extensions.

use std::io;
use std::path::Path;

use vmaf_core::log::{Log, LogColumn};

use super::report::Report;
use super::target::STDOUT;
use super::{csv, json};
use crate::error::{Error, Result};

/// A format for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputFormat {
    /// One document with everything.
    Json,
    /// A line of JSON for each encode.
    Jsonl,
    /// libvmaf's XML log, of one encode.
    Xml,
    /// A line for each frame of each encode.
    Csv,
}

impl OutputFormat {
    /// Returns the format of the file at `path` by its extension, or else the one `given`. Standard
    /// output, `-`, has JSON.
    ///
    /// # Errors
    /// Fails if neither states a format.
    pub fn from_path(path: &str, given: Option<Self>) -> Result<Self> {
        let extension = Path::new(path).extension().unwrap_or_default().to_ascii_lowercase();
        let named = match extension.to_str() {
            Some("json") => Some(Self::Json),
            Some("jsonl" | "ndjson") => Some(Self::Jsonl),
            Some("xml") => Some(Self::Xml),
            Some("csv") => Some(Self::Csv),
            _ => None,
        };
        let unnamed = (path == STDOUT).then_some(Self::Json);
        named.or(given).or(unnamed).ok_or_else(|| {
            Error::input(format!("{path}: its extension should be html, json, jsonl, xml or csv"))
        })
    }

    /// Checks that the format can hold this many encodes.
    ///
    /// # Errors
    /// Fails if it can't, with `path` in the message.
    pub fn check_count(self, path: &str, encodes: usize) -> Result<()> {
        if self == Self::Xml && encodes > 1 {
            return Err(Error::input(format!(
                "{path}: an XML log holds one encode; write json, jsonl or csv for several"
            )));
        }
        Ok(())
    }

    /// Writes the report.
    pub(crate) fn write(self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::Json => json::document(report, out),
            Self::Jsonl => json::lines(report, out),
            Self::Csv => csv::write(report, out),
            Self::Xml => log(report, out),
        }
    }
}

/// Writes the log of the only encode that an XML log can hold.
fn log(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(encode) = report.encodes.first() else { return Ok(()) };
    let Ok(values) = &encode.result else { return Ok(()) };
    let columns = values.scored.columns();
    let full_names = columns.iter().map(|column| report.full_name(encode, &column.name));
    let full_names: Vec<Option<String>> = full_names.collect();
    let columns = columns.iter().zip(&full_names).map(|(column, full_name)| {
        let column = LogColumn::from(column);
        LogColumn { name: full_name.as_deref().unwrap_or(column.name), ..column }
    });
    let log = Log {
        version: vmaf_core::VERSION,
        frames: values.scored.frames(),
        columns: columns.collect(),
        aggregates: values.scored.aggregates(),
        size: report.format.size(),
        frames_per_second: report.frames_per_second().unwrap_or_default(),
    };
    log.xml(out)
}
