//! The places that a run of `vmaf score` writes to, each with its format, and the table.

use std::io;
use std::path::Path;

use vmaf_core::score::Column;

use crate::args::{Format, ResultArgs};
use crate::failure::{self, Failure, Result};
use crate::output;
use crate::output::log::Log;
use crate::output::report::Report;
use crate::output::target::{STDOUT, Target};
use crate::output::verdicts;

/// Places that can be written.
pub(crate) struct Writers {
    /// In the order given.
    outputs: Vec<(Target, Format)>,
    /// Where the page for people goes.
    page: Option<Target>,
    /// The command line, which it shows.
    command: Vec<String>,
}

impl Writers {
    /// Opens all outputs of a run with `encodes` encodes, so that what can't be written is known
    /// before anything is scored.
    pub(crate) fn open(arguments: &ResultArgs, encodes: usize) -> Result<Self> {
        let outputs = arguments.output.iter().map(|path| {
            let format = format(path, arguments.format)?;
            check_count(path, format, encodes)?;
            Ok((Target::open(path)?, format))
        });
        let outputs = outputs.collect::<Result<Vec<_>>>()?;
        let page = arguments.report.as_deref().map(|path| {
            check_page(path)?;
            Target::open(path)
        });
        let page = page.transpose()?;
        let writers = Self { outputs, page, command: arguments.command.clone() };
        if writers.targets().filter(|target| target.is_stdout()).count() > 1 {
            return Err(Failure::input("standard output can take one result"));
        }
        Ok(writers)
    }

    /// Whether a page is written, which shows pictures.
    pub(crate) fn want_pictures(&self) -> bool {
        self.page.is_some()
    }

    fn targets(&self) -> impl Iterator<Item = &Target> {
        self.outputs.iter().map(|(target, _)| target).chain(&self.page)
    }

    /// Writes the report everywhere, and the table where people look.
    pub(crate) fn write(self, report: &Report, quiet: bool) -> Result<()> {
        let to_stdout = self.targets().any(Target::is_stdout);
        let to_files = self.targets().next().is_some();
        for (target, format) in self.outputs {
            target.write(|out| write(report, format, out))?;
        }
        if let Some(target) = self.page {
            target.write(|out| output::html::write(report, &self.command, out))?;
        }
        if to_stdout || (quiet && to_files) {
            // Verdicts are seen all the same, where results don't go.
            if !report.gates.is_empty() {
                let (columns, rows) = verdicts::rows(report, false);
                output::text::table(&columns, &rows).iter().for_each(failure::note);
            }
            return Ok(());
        }
        let bold = console::Term::stdout().is_term() && console::colors_enabled();
        let mut text = output::table::lines(report, bold).join("\n");
        text.push('\n');
        output::print(&text)
    }
}

/// Fails where the name of `path` says that it holds something else than a page.
fn check_page(path: &str) -> Result<()> {
    let extension = Path::new(path).extension().unwrap_or_default().to_ascii_lowercase();
    if extension.is_empty() || extension == "html" || extension == "htm" {
        return Ok(());
    }
    Err(Failure::input(format!(
        "{path}: the report is a page in HTML: name it .html (other formats are written with -o)"
    )))
}

/// Fails where the format of `path` does not hold as many encodes.
pub(crate) fn check_count(path: &str, format: Format, encodes: usize) -> Result<()> {
    if format == Format::Xml && encodes > 1 {
        return Err(Failure::input(format!(
            "{path}: an XML log holds one encode; write json, jsonl or csv for several"
        )));
    }
    Ok(())
}

/// Writes the report in one of the formats for programs.
pub(crate) fn write(report: &Report, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Json => output::json::document(report, out),
        Format::Jsonl => output::json::lines(report, out),
        Format::Csv => output::csv::write(report, out),
        Format::Xml => log(report, out),
    }
}

/// Writes the log of the one encode that an XML log holds.
fn log(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(encode) = report.encodes.first() else { return Ok(()) };
    let Ok(values) = &encode.result else { return Ok(()) };
    let columns = values.scored.columns();
    let renamed = columns.iter().map(|column| {
        let name = report.full_name(encode, &column.name)?;
        Some(Column { name, values: column.values.clone() })
    });
    let renamed: Vec<Option<Column>> = renamed.collect();
    let columns = columns.iter().zip(&renamed);
    let log = Log {
        frames: values.scored.frames(),
        columns: columns.map(|(column, renamed)| renamed.as_ref().unwrap_or(column)).collect(),
        aggregates: values.scored.aggregates(),
        format: report.format,
        frames_per_second: report.frames_per_second().unwrap_or_default(),
    };
    log.xml(out)
}

/// The format that `path` is written in.
pub(crate) fn format(path: &str, given: Option<Format>) -> Result<Format> {
    let extension = Path::new(path).extension().unwrap_or_default().to_ascii_lowercase();
    let named = match extension.to_str() {
        Some("json") => Some(Format::Json),
        Some("jsonl" | "ndjson") => Some(Format::Jsonl),
        Some("xml") => Some(Format::Xml),
        Some("csv") => Some(Format::Csv),
        _ => None,
    };
    let unnamed = if path == STDOUT { Some(Format::Json) } else { None };
    named.or(given).or(unnamed).ok_or_else(|| {
        Failure::input(format!(
            "{path}: its extension should be json, jsonl, xml or csv, or --format say which it is"
        ))
    })
}
