//! The table of `vmaf score`: each encode's score by model, its worst parts, and the speed of the
//! run.

use vmaf_core::Model;
use vmaf_core::feature::When;
use vmaf_core::pool::{Interval, Pool, SceneMean};
use vmaf_core::score::Column;
use vmaf_media::align::UnpairedFrames;

use crate::pairing::Alignment;
use crate::request::Pairing;
use crate::request::values::NamedPool;

use super::report::{Encode, POOLS, Report};
use super::text::{self, Align, clock, shorten, table};
use super::values::Values;
use super::verdicts;

/// The least width that an encode's path is shortened to.
const MIN_PATH_WIDTH: usize = 16;

/// The number of changes without a counterpart that are listed one by one.
const MAX_LISTED_CHANGES: usize = 6;

/// Returns the lines of the table, at most this wide if possible. Headers are highlighted if it is
/// `styled`.
pub(crate) fn lines(report: &Report, width: Option<usize>, styled: bool) -> Vec<String> {
    let mut lines = vec![reference(report)];
    lines.extend(report.models.iter().filter_map(|model| model_line(report, model)));
    lines.extend(conversion_lines(report));
    lines.extend(sample_line(report));
    lines.extend(report.encodes.iter().filter_map(pairing_line));
    lines.push(String::new());
    let mut add = |columns: &[Align], rows: &[Vec<String>]| {
        let mut rows = table(columns, &fit_width(columns, rows, width));
        if styled && let Some(header) = rows.first_mut() {
            *header = console::style(&header).bold().force_styling(true).to_string();
        }
        lines.append(&mut rows);
        lines.push(String::new());
    };
    if !report.models.is_empty() {
        let (columns, rows) = scores(report);
        add(&columns, &rows);
    }
    if !report.metrics.is_empty() {
        let (columns, rows) = metrics(report);
        add(&columns, &rows);
    }
    if !report.gates.is_empty() {
        let (columns, rows) = verdicts::rows(report, styled);
        add(&columns, &rows);
    }
    lines.push(speed(report));
    lines
}

/// Describes a model beyond its label.
fn model_line(report: &Report, model: &Model) -> Option<String> {
    let mut parts = Vec::new();
    if model.label() != model.name() {
        parts.push(format!("the model {}", model.name()));
    }
    parts.extend(report.chosen_for(model).map(|why| format!("chosen for {why}")));
    match report.bit_depths(model) {
        [least, most] if least < most => {
            parts.push(format!("measured at {least} to {most} bits, as each encode is"));
        }
        [_, most] if report.scored().any(|encode| encode.bit_depth != most) => {
            parts.push(format!("measured at {most} bits"));
        }
        _ => {}
    }
    (!parts.is_empty()).then(|| format!("{} is {}", model.label(), parts.join(", ")))
}

fn reference(report: &Report) -> String {
    let info = &report.reference;
    let rate = info.frame_rate.map(|rate| format!(", {} frames/s", text::rate(rate.as_f64())));
    format!("reference {}: {}{}", info.path, info.format, rate.unwrap_or_default())
}

/// Returns a line for each video that was converted before scoring.
fn conversion_lines(report: &Report) -> impl Iterator<Item = String> {
    let encodes = report.encodes.iter().map(|encode| (&encode.path, &encode.steps));
    let all = std::iter::once((&report.reference.path, &report.reference_steps)).chain(encodes);
    all.filter(|(_, steps)| !steps.is_empty())
        .map(|(path, steps)| format!("{path}: {}", steps.join(", ")))
}

/// Explains the numbers in parentheses, if a sample was scored.
fn sample_line(report: &Report) -> Option<String> {
    let sample = report.sample?;
    let scored = report.encodes.iter().filter_map(|encode| encode.result.as_ref().ok());
    let count = scored.map(|values| values.scored.frames().len()).max()?;
    Some(format!(
        "a random sample of {}, {} of every {}; in parentheses, 95% intervals for all frames",
        frames(count as u64),
        sample.count,
        sample.of
    ))
}

/// Describes the pairing of an encode's frames, if there is something to report.
pub(super) fn pairing_line(encode: &Encode) -> Option<String> {
    let Alignment { pairing, offset, votes, changes } = &encode.alignment;
    let values = encode.result.as_ref().ok()?;
    let mut parts = Vec::new();
    if *offset != 0 {
        let whose = if *offset > 0 { "its" } else { "the reference's" };
        parts.push(format!("{whose} first {} skipped", frames(offset.unsigned_abs().into())));
    }
    let place = |change: &UnpairedFrames, time: &Option<f64>| {
        time.map_or_else(|| format!("frame {}", change.at[0]), clock)
    };
    let counted = |lacking: u64, added: u64| {
        let counts = [(lacking, "lacks"), (added, "adds or repeats")];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts = counts.map(|(count, what)| format!("{what} {}", frames(count)));
        counts.collect::<Vec<_>>().join(" and ")
    };
    if let Some((first, time)) = changes.first().filter(|_| changes.len() > MAX_LISTED_CHANGES) {
        let sum =
            |of: fn(&UnpairedFrames) -> u64| changes.iter().map(|(change, _)| of(change)).sum();
        let counts = counted(sum(|change| change.lacking), sum(|change| change.added));
        let place = place(first, time);
        parts.push(format!("{counts} at {} places, the first at {place}", changes.len()));
    } else {
        for (change, time) in changes {
            let place = place(change, time);
            parts.push(format!("{} at {place}", counted(change.lacking, change.added)));
        }
    }
    match pairing {
        Pairing::Unchecked => parts.push("paired in order, unchecked".to_owned()),
        Pairing::Content if changes.is_empty() => parts.push("all frames match".to_owned()),
        // A single frame can't be mispaired.
        Pairing::Time | Pairing::Frames
            if votes.telling == 0 && values.scored.frames().len() > 1 =>
        {
            parts.push("too little motion to prove that its frames match".to_owned());
        }
        _ => {}
    }
    (!parts.is_empty()).then(|| format!("{}: {}", encode.path, parts.join(", ")))
}

/// A number of frames.
fn frames(count: u64) -> String {
    format!("{count} frame{}", if count == 1 { "" } else { "s" })
}

fn speed(report: &Report) -> String {
    let count = report.count;
    let seconds = report.elapsed.as_secs_f64();
    let rate = report.frames_per_second().map(|rate| format!(", {rate:.1} frames/s"));
    format!("{} in {seconds:.1} s{}", frames(count), rate.unwrap_or_default())
}

/// Returns the requested pools beyond the usual ones.
fn more_pools(report: &Report) -> impl Iterator<Item = &NamedPool> {
    report.pools.iter().skip(POOLS.len())
}

/// The rows of the table of models' scores, the header first.
pub(super) fn scores(report: &Report) -> (Vec<Align>, Vec<Vec<String>>) {
    let any_bootstrap = report.models.iter().any(Model::is_bootstrap);
    let mut header = ["encode", "model", "score"].map(String::from).to_vec();
    header.extend(any_bootstrap.then(|| "95% interval".to_owned()));
    header.extend(["harmonic", "p1", "p5"].map(String::from));
    header.extend(more_pools(report).map(|more| more.name.clone()));
    header.push("worst second".to_owned());
    header.extend(report.has_cuts().then(|| "worst scene".to_owned()));
    let mut columns = vec![Align::Right; header.len()];
    columns[..2].fill(Align::Left);
    let mut rows = vec![header];
    for encode in &report.encodes {
        let Ok(values) = &encode.result else {
            rows.push(failed_row(encode));
            continue;
        };
        rows.extend(report.models.iter().map(|model| {
            let mut row = vec![encode.path.clone(), model.label().to_owned()];
            let Some(column) = values.column(model.label()) else { return row };
            let pool = |pool| pooled(report, values, column, pool, 2);
            row.push(pool(Pool::Mean));
            row.extend(any_bootstrap.then(|| interval(values, model)));
            row.extend(
                [Pool::HarmonicMean, Pool::Percentile(1.0), Pool::Percentile(5.0)].map(pool),
            );
            row.extend(more_pools(report).map(|more| pool(more.pool)));
            row.push(values.worst_second(column).map_or_else(
                || "-".to_owned(),
                |worst| format!("{:.2} at {}", worst.mean, clock(worst.start)),
            ));
            row.extend(report.has_cuts().then(|| worst_scene(values, column)));
            row
        }));
    }
    (columns, rows)
}

fn worst_scene(values: &Values, column: &Column) -> String {
    let Some(SceneMean { rows, mean, .. }) = values.worst_scene(column) else {
        return "-".to_owned();
    };
    let start = values.span(&rows).map_or_else(
        || format!("frame {}", values.scored.frames()[rows.start]),
        |[start, _]| clock(start),
    );
    format!("{mean:.2} at {start}")
}

fn interval(values: &Values, model: &Model) -> String {
    let ends = values.interval(model);
    let of = |name: &str| {
        let found = ends.iter().find(|(found, _)| *found == name);
        number(found.and_then(|(_, value)| *value), 2)
    };
    if model.is_bootstrap() {
        format!("{}-{}", of("ci_p95_lo"), of("ci_p95_hi"))
    } else {
        "-".into()
    }
}

/// The rows of the table of metrics, the header first.
pub(super) fn metrics(report: &Report) -> (Vec<Align>, Vec<Vec<String>>) {
    let shown = |pool: &&NamedPool| pool.pool != Pool::HarmonicMean;
    let pools: Vec<&NamedPool> = report.pools.iter().filter(shown).collect();
    let mut header = ["encode", "metric"].map(String::from).to_vec();
    header.extend(pools.iter().map(|pool| pool.name.clone()));
    let mut columns = vec![Align::Right; header.len()];
    columns[..2].fill(Align::Left);
    let mut rows = vec![header];
    for encode in &report.encodes {
        let Ok(values) = &encode.result else {
            rows.push(failed_row(encode));
            continue;
        };
        for name in report.metric_columns() {
            let Some(column) = values.column(&name) else { continue };
            let mut row = vec![encode.path.clone(), report.name(&name).to_owned()];
            row.extend(pools.iter().map(|pool| pooled(report, values, column, pool.pool, 6)));
            rows.push(row);
        }
        // Values of the whole video stand in place of the mean, as in gates.
        for name in video_values(report) {
            let Some(value) = values.aggregate(&name) else { continue };
            let mut row = vec![encode.path.clone(), name, number(Some(value), 6)];
            row.resize(columns.len(), "-".to_owned());
            rows.push(row);
        }
    }
    (columns, rows)
}

/// Returns the names of the requested metrics' values of the whole video.
fn video_values(report: &Report) -> impl Iterator<Item = String> {
    report.metrics.iter().flat_map(|(feature, options)| {
        let outputs = feature.outputs_under(options, report.format.chroma());
        let outputs = outputs.filter(|output| output.when == When::Video);
        outputs.map(|output| feature.column(output, options))
    })
}

fn failed_row(encode: &Encode) -> Vec<String> {
    vec![encode.path.clone(), "failed".to_owned()]
}

/// Formats a pool of a column and, for a sample, its interval.
fn pooled(report: &Report, values: &Values, column: &Column, pool: Pool, digits: usize) -> String {
    let mut text = number(values.pool(column, pool), digits);
    if let Some(Interval { low, high, .. }) = report.interval(column, pool) {
        text.push_str(&match (low, high) {
            (Some(low), Some(high)) => format!(" ({low:.digits$} to {high:.digits$})"),
            (Some(low), None) => format!(" (from {low:.digits$})"),
            (None, Some(high)) => format!(" (up to {high:.digits$})"),
            (None, None) => String::new(),
        });
    }
    text
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

/// Returns the rows with their first cells shortened so that lines are at most this wide.
fn fit_width(columns: &[Align], rows: &[Vec<String>], width: Option<usize>) -> Vec<Vec<String>> {
    let Some(width) = width else { return rows.to_vec() };
    let longest = table(columns, rows).iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let paths = rows.iter().filter_map(|row| row.first()).map(|cell| cell.chars().count()).max();
    let excess = longest.saturating_sub(width);
    if excess == 0 {
        return rows.to_vec();
    }
    let room = paths.unwrap_or(0).saturating_sub(excess).max(MIN_PATH_WIDTH);
    let mut rows = rows.to_vec();
    for path in rows.iter_mut().filter_map(|row| row.first_mut()) {
        *path = shorten(path, room);
    }
    rows
}
