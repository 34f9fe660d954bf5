//! The sections of the page that are text: they are complete without the script.

use std::io::{self, Write};

use vmaf_core::Model;
use vmaf_media::StreamInfo;

use super::escape::Html;
use super::parts::{Cell, Table};
use crate::output::report::{Encode, GateResult, Report};
use crate::output::{table, text, verdicts};
use crate::request::Metric;

/// Writes the verdict of the run in a line, and whether all gates passed.
pub(super) fn verdict(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let unmeasured = report.encodes.iter().filter(|encode| encode.result.is_err()).count();
    let judged: Vec<GateResult<'_>> =
        report.encodes.iter().flat_map(|e| report.gate_results(e)).collect();
    let is_held =
        |judged: &&GateResult<'_>| matches!(judged.verdict, Ok((verdict, _)) if verdict.held);
    let is_open = |judged: &&GateResult<'_>| judged.verdict.is_err();
    let (held, open) =
        (judged.iter().filter(is_held).count(), judged.iter().filter(is_open).count());
    let all = judged.len();
    let (kind, mut line) = match all - held - open {
        _ if all == 0 => ("plain", scored(report)),
        0 if open == 0 => ("held", format!("Gates held: {held} of {all}")),
        0 => ("open", format!("Gates that could not be judged: {open} of {all}")),
        failed => ("failed", format!("Gates failed: {failed} of {all}")),
    };
    if unmeasured > 0 {
        let encodes = report.encodes.len();
        line.push_str(&format!("; encodes that could not be measured: {unmeasured} of {encodes}"));
    }
    let kind = if unmeasured > 0 && kind != "failed" { "open" } else { kind };
    writeln!(out, r#"<p class="verdict {kind}">{}</p>"#, Html(line))
}

/// Describes the scores of a run without gates.
fn scored(report: &Report) -> String {
    let count = report.encodes.iter().filter(|encode| encode.result.is_ok()).count();
    format!("{count} {} scored", if count == 1 { "encode" } else { "encodes" })
}

/// Writes failures and warnings, before the scores.
pub(super) fn notices(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let failures = report.encodes.iter().filter_map(|encode| encode.result.as_ref().err());
    let notices: Vec<(&str, String)> = failures
        .map(|failure| ("Not measured", failure.message().worded(&report.wording)))
        .chain(report.warnings().map(|warning| ("Warning", warning)))
        .collect();
    if notices.is_empty() {
        return Ok(());
    }
    writeln!(out, r#"<ul class="notices">"#)?;
    for (kind, notice) in notices {
        writeln!(out, "<li><strong>{kind}:</strong> {}</li>", Html(notice))?;
    }
    writeln!(out, "</ul>")
}

/// Writes the tables of verdicts and scores.
pub(super) fn scores(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if !report.gates.is_empty() {
        let (columns, rows) = verdicts::rows(report, false);
        let mut table = Table::from_rows(columns, rows);
        let judged = report.encodes.iter().flat_map(|encode| report.gate_results(encode));
        for (row, GateResult { verdict, .. }) in table.rows.iter_mut().zip(judged) {
            let Ok((verdict, values)) = verdict else { continue };
            row[4].class = if verdict.held { "held" } else { "failed" };
            if let (Some(cell), Some(worst)) = (row.last_mut(), verdict.worst) {
                cell.frame = values.scored.frames().get(worst.first).copied();
            }
        }
        table.write("Gates", out)?;
    }
    if !report.models.is_empty() {
        let (columns, rows) = table::scores(report);
        let mut table = Table::from_rows(columns, rows);
        let worst = report.encodes.iter().flat_map(|encode| worst_frames(report, encode));
        for (row, frames) in table.rows.iter_mut().zip(worst) {
            if row.len() > 2 {
                row[2].class = "score";
            }
            for (cell, frame) in row.iter_mut().rev().zip(frames.into_iter().rev()) {
                cell.frame = frame;
            }
        }
        table.write("Scores", out)?;
    }
    Ok(())
}

/// Writes the requested metrics, in a separate section.
pub(super) fn metrics(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.metrics.is_empty() {
        return Ok(());
    }
    writeln!(out, r#"<section id="metrics" aria-labelledby="metrics-title">"#)?;
    writeln!(out, r#"<h2 id="metrics-title">Metrics</h2>"#)?;
    let (columns, rows) = table::metrics(report);
    Table::from_rows(columns, rows).write("", out)?;
    writeln!(out, "</section>")
}

/// Returns the first frames of the worst second and, if there are cuts, of the worst scene of each
/// model's score, for the last cells of a row; a row without frames for an encode without scores.
fn worst_frames(report: &Report, encode: &Encode) -> Vec<Vec<Option<u64>>> {
    let Ok(values) = &encode.result else { return vec![Vec::new()] };
    let frames = |model: &Model| {
        let Some(column) = values.column(model.label()) else { return Vec::new() };
        let frame = |row: usize| values.scored.frames().get(row).copied();
        let second = values.worst_second(column).and_then(|worst| frame(worst.first));
        let scene = values.worst_scene(column).and_then(|worst| frame(worst.rows.start));
        std::iter::once(second).chain(report.has_cuts().then_some(scene)).collect()
    };
    report.models.iter().map(frames).collect()
}

/// Writes the properties and conversions of each file.
pub(super) fn videos(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let header = [
        "file",
        "role",
        "size",
        "picture",
        "frames/s",
        "range",
        "colour",
        "codec",
        "made comparable",
    ];
    let mut rows = vec![video("reference", &report.reference, &report.reference_steps)];
    for encode in &report.encodes {
        rows.push(match &encode.info {
            Some(info) => video("distorted", info, &encode.steps),
            None => vec![Cell::from(&encode.path[..]), Cell::from("distorted")],
        });
    }
    let header = header.map(str::to_owned).to_vec();
    Table::new(header, rows).write("", out)?;
    writeln!(out, "<p>Scored as {}.</p>", Html(report.format))?;
    let pairing_line: Vec<String> = report.encodes.iter().filter_map(table::pairing_line).collect();
    if pairing_line.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>How frames were paired</h3><ul>")?;
    for line in pairing_line {
        writeln!(out, "<li>{}</li>", Html(line))?;
    }
    writeln!(out, "</ul>")
}

fn video(role: &str, info: &StreamInfo, steps: &[String]) -> Vec<Cell> {
    let unknown = || "not stated".to_owned();
    let size = std::fs::metadata(&info.path).ok().filter(std::fs::Metadata::is_file);
    let mut color: Vec<&str> = [&info.color.primaries, &info.color.transfer, &info.color.matrix]
        .into_iter()
        .filter_map(Option::as_deref)
        .collect();
    color.dedup();
    let color = if color.is_empty() { unknown() } else { color.join(" / ") };
    let steps = if steps.is_empty() { "scored as it is".to_owned() } else { steps.join(", ") };
    let interlaced = if info.interlaced { ", interlaced" } else { "" };
    let cells = [
        info.path.clone(),
        role.to_owned(),
        size.map_or_else(|| "-".to_owned(), |file| bytes(file.len())),
        format!("{}{interlaced}", info.format),
        info.frame_rate.map_or_else(unknown, |rate| text::rate(rate.as_f64())),
        info.range.map_or_else(unknown, |range| range.to_string()),
        color,
        info.codec.clone(),
        steps,
    ];
    let mut row: Vec<Cell> = cells.iter().map(|cell| Cell::from(&cell[..])).collect();
    row[0].class = "path";
    row
}

/// Formats a size with a fitting unit.
fn bytes(count: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut size = count as f64;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < units.len() {
        size /= 1000.0;
        unit += 1;
    }
    let digits = if unit == 0 || size >= 99.95 { 0 } else { 1 };
    format!("{size:.digits$} {}", units[unit])
}

/// Writes the method of measurement.
pub(super) fn method(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dl>")?;
    let mut fact = |name: &str, value: &str| {
        writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", Html(name), Html(value))
    };
    for model in &report.models {
        let mut parts = vec![model.name().to_owned()];
        parts.extend(report.chosen_for(model).map(|why| format!("chosen for {why}")));
        parts.push(match report.bit_depths(model) {
            [least, most] if least < most => {
                format!("measured at {least} to {most} bits a sample, as each encode is")
            }
            [_, most] => format!("measured at {most} bits a sample"),
        });
        parts.push(format!("SHA-256 {}", model.digest()));
        fact(&format!("Model {}", model.label()), &parts.join(", "))?;
    }
    let described = |(feature, options): &Metric| {
        let set = options.iter().map(|(name, value)| format!("{name}={value}"));
        std::iter::once(feature.name.to_owned()).chain(set).collect::<Vec<_>>().join(":")
    };
    let features: Vec<String> =
        report.measured.iter().map(|it| described(report.common_options(it))).collect();
    fact("Features", &features.join(", "))?;
    for encode in report.scored() {
        // The metrics with options that not all encodes share.
        let own = report.measured.iter().zip(&encode.measured);
        let own = own.filter(|(run, own)| own.1 != report.common_options(run).1);
        let own: Vec<String> = own.map(|(_, own)| described(own)).collect();
        if !own.is_empty() {
            fact(&format!("Features of {}", encode.path), &own.join(", "))?;
        }
    }
    let range = &report.frames;
    let end = if range.end == u64::MAX { "the end".to_owned() } else { range.end.to_string() };
    let mut frames = match (range.start, range.end) {
        (0, u64::MAX) => "all".to_owned(),
        (start, _) => format!("{start} to {end}, not included"),
    };
    if report.every > 1 {
        frames.push_str(&format!(", one of {}", report.every));
    }
    if let Some(sample) = report.sample {
        frames.push_str(&format!(", {} of {} drawn at random", sample.count, sample.of));
    }
    if report.shortest {
        frames.push_str(", up to the end of the shorter video");
    }
    fact("Frames", &frames)?;
    let seconds = report.elapsed.as_secs_f64();
    let rate = report.frames_per_second().map(|rate| format!(", {rate:.1} frames/s"));
    let run = format!(
        "{} frames in {seconds:.1} s{}; {} threads, {}",
        report.count,
        rate.unwrap_or_default(),
        report.threads,
        report.level.name()
    );
    fact("Run", &run)?;
    fact("Program", &format!("vmaf {}", vmaf_core::VERSION))?;
    writeln!(out, "</dl>")
}

/// Returns the text that reproduces the results; `None` for frames from memory.
pub(super) fn reproduction(text: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let Some(text) = text else {
        return writeln!(out, "<p>The frames came from a program's memory, not from files.</p>");
    };
    writeln!(
        out,
        r#"<div class="command"><pre id="command" tabindex="0">{}</pre><button type="button" class="copy" data-copy="command">Copy</button></div>"#,
        Html(text)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_fitting_unit() {
        let sizes = [0, 999, 1000, 99_949, 99_950, 999_499, 999_500, 1_500_000_000];
        let described = sizes.map(bytes);
        let expected =
            ["0 B", "999 B", "1.0 kB", "99.9 kB", "100 kB", "999 kB", "1.0 MB", "1.5 GB"];
        assert_eq!(described, expected);
    }
}
