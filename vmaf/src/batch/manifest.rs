//! The manifest of a batch: CSV with a header, or one JSON object per line.
//!
//! Paths are relative to the manifest's folder, so that it can be moved with its videos. A pattern
//! (`*`, `?`, `[…]`) in `distorted` stands for each file that it matches, except the reference
//! itself.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

/// The columns of a CSV manifest, and the members of a JSON line.
const COLUMNS: [&str; 6] = ["reference", "distorted", "name", "model", "metric", "gate"];

/// The separator of several values in a cell of CSV.
const SEPARATOR: char = ';';

/// The characters that make a name a pattern.
const PATTERN: [char; 3] = ['*', '?', '['];

/// An encode to score.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The manifest's line, from 1.
    pub(crate) line: u64,
    pub(crate) reference: Video,
    pub(crate) distorted: Video,
    pub(crate) name: Option<String>,
    pub(crate) models: Vec<String>,
    pub(crate) metrics: Vec<String>,
    pub(crate) gates: Vec<String>,
}

/// A video's path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Video {
    /// The path as in the manifest, or as a pattern in it expanded.
    pub(crate) listed_name: String,
    /// The path to open.
    pub(crate) path: String,
}

/// A row of a manifest.
#[derive(Debug, Default, PartialEq)]
struct Row {
    line: u64,
    reference: String,
    distorted: Vec<String>,
    name: Option<String>,
    model: Vec<String>,
    metric: Vec<String>,
    gate: Vec<String>,
}

/// A value of a line of JSON, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum JsonValues {
    None,
    One(String),
    Several(Vec<String>),
}

impl JsonValues {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::One(value) => vec![value],
            Self::Several(values) => values,
        }
    }
}

/// Reads the manifest at `path`. The paths in it are relative to `folder`, or else to its own.
pub(crate) fn read(path: &str, folder: Option<&Path>) -> Result<Vec<Entry>> {
    let fail = |reason: String| Error::input(format!("{path}: {reason}"));
    let text = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|_| fail("it is not UTF-8 text".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let extension = Path::new(path).extension().unwrap_or_default().to_ascii_lowercase();
    let is_json = match extension.to_str() {
        Some("jsonl" | "ndjson" | "json") => true,
        Some("csv") => false,
        _ => text.trim_start().starts_with('{'),
    };
    let folder = folder.unwrap_or_else(|| folder_of(path));
    let rows =
        if is_json { parse_json_lines(text) } else { parse_csv(text, folder) }.map_err(fail)?;
    let mut entries = Vec::new();
    for row in rows {
        let line = row.line;
        let fail = |reason| fail(format!("line {line}: {reason}"));
        entries.extend(row.entries(folder).map_err(fail)?);
    }
    if entries.is_empty() {
        return Err(fail("it lists no encodes".to_owned()));
    }
    Ok(entries)
}

/// Reads the entries of the manifest at `path` from lines as [`Entry::to_json`] writes them, each
/// with its line number.
pub(crate) fn read_entries(
    path: &str,
    lines: &[(u64, String)],
    folder: Option<&Path>,
) -> Result<Vec<Entry>> {
    let folder = folder.unwrap_or_else(|| folder_of(path));
    let entry = |(line, text): &(u64, String)| {
        let fail = |reason| Error::input(format!("{path}: line {line}: {reason}"));
        let row = parse_json_line(text, *line).map_err(fail)?;
        let [distorted] = &row.distorted[..] else {
            return Err(fail("an entry must have exactly one distorted video".to_owned()));
        };
        let distorted = Video::new(distorted, folder);
        Ok(Entry {
            line: *line,
            reference: Video::new(&row.reference, folder),
            distorted,
            name: row.name,
            models: row.model,
            metrics: row.metric,
            gates: row.gate,
        })
    };
    lines.iter().map(entry).collect()
}

/// The folder of the manifest at `path`.
fn folder_of(path: &str) -> &Path {
    Path::new(path).parent().unwrap_or(Path::new(""))
}

fn parse_csv(text: &str, folder: &Path) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    for column in &header {
        check_column("column", column).map_err(|reason| format!("line 1: {reason}"))?;
    }
    for column in &COLUMNS[..2] {
        if !header.iter().any(|known| known == *column) {
            return Err(format!(
                "line 1: column '{column}' is missing: the first line names the columns, which are \
                 {}; the last four are optional",
                COLUMNS.join(", ")
            ));
        }
    }
    let mut rows = Vec::new();
    // The line number at a byte, and that byte.
    let (mut line, mut counted) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(|error| record_error(&error))?;
        // The end of the previous record; empty lines may follow.
        let place = record.position().and_then(|at| usize::try_from(at.byte()).ok());
        let place = place.unwrap_or(counted);
        let empty = text[place..].len() - text[place..].trim_start_matches(['\r', '\n']).len();
        line += text[counted..place + empty].matches('\n').count() as u64;
        counted = place + empty;
        let quoted_cells = quoted_cells(&text[counted..], record.len());
        let mut row = Row { line, ..Row::default() };
        for ((column, cell), is_quoted) in header.iter().zip(&record).zip(quoted_cells) {
            let several = || values(cell);
            match column {
                "reference" => row.reference = cell.to_owned(),
                "distorted" => row.distorted = file_names(cell, is_quoted, folder),
                "name" => row.name = (!cell.is_empty()).then(|| cell.to_owned()),
                "model" => row.model = several(),
                "metric" => row.metric = several(),
                _ => row.gate = several(),
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Describes an error in a record that can't be read.
fn record_error(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos: Some(place), expected_len, len } => format!(
            "line {} has {len} cells, the first line {expected_len}: quote cells that contain a comma",
            place.line()
        ),
        _ => error.to_string(),
    }
}

/// The values of a cell.
fn values(cell: &str) -> Vec<String> {
    let values = cell.split(SEPARATOR).map(str::trim);
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// Splits the names in a cell. A name that contains the separator is one name if there is such a
/// file, and in quotes also unless all of its parts are files or patterns: some programs quote
/// every cell.
fn file_names(cell: &str, is_quoted: bool, folder: &Path) -> Vec<String> {
    let values = values(cell);
    let exists = |name: &str| folder.join(&*vmaf_media::local_path(name)).exists();
    let is_known = |name: &String| name.contains(PATTERN) || exists(name);
    if values.len() > 1 && (exists(cell) || (is_quoted && !values.iter().all(is_known))) {
        return vec![cell.to_owned()];
    }
    values
}

/// Returns, for each of the first `count` cells of a record at the start of `text`, true if it is
/// in quotes.
fn quoted_cells(text: &str, count: usize) -> Vec<bool> {
    let mut bytes = text.bytes();
    let is_quoted = |_| {
        let Some(first) = bytes.next() else { return false };
        let is_quoted = first == b'"';
        let (mut byte, mut is_inside) = (Some(first), is_quoted);
        if is_quoted {
            byte = bytes.next();
        }
        // A doubled quote stands for a quote within quotes.
        while let Some(b) = byte.filter(|byte| is_inside || !matches!(byte, b',' | b'\r' | b'\n')) {
            is_inside ^= is_quoted && b == b'"';
            byte = bytes.next();
        }
        is_quoted
    };
    (0..count).map(is_quoted).collect()
}

fn parse_json_lines(text: &str) -> Result<Vec<Row>, String> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines
        .map(|(text, line)| parse_json_line(text, line).map_err(|e| format!("line {line}: {e}")))
        .collect()
}

fn parse_json_line(text: &str, line: u64) -> Result<Row, String> {
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|_| "it is not a JSON object".to_owned())?;
    let mut row = Row { line, ..Row::default() };
    for (member, value) in members {
        check_column("member", &member)?;
        let values = serde_json::from_value(value).map(JsonValues::into_vec);
        let mut values =
            values.map_err(|_| format!("'{member}' should be a string or a list of strings"))?;
        match &member[..] {
            "distorted" => row.distorted = values,
            "model" => row.model = values,
            "metric" => row.metric = values,
            "gate" => row.gate = values,
            _ if values.len() > 1 => return Err(format!("only one {member} is allowed")),
            "reference" => row.reference = values.pop().unwrap_or_default(),
            _ => row.name = values.pop(),
        }
    }
    Ok(row)
}

fn check_column(kind: &str, name: &str) -> Result<(), String> {
    if COLUMNS.contains(&name) {
        return Ok(());
    }
    let unknown = vmaf_core::Error::unknown(kind, name, COLUMNS);
    Err(format!("{unknown} (known are {})", COLUMNS.join(", ")))
}

impl Row {
    /// The encodes that the row names.
    fn entries(self, folder: &Path) -> Result<Vec<Entry>, String> {
        if self.reference.is_empty() {
            return Err("the reference is missing".to_owned());
        }
        let reference = Video::new(&self.reference, folder);
        let mut encodes = Vec::new();
        for listed_name in &self.distorted {
            encodes.extend(expand_pattern(listed_name, folder, &reference)?);
        }
        if encodes.is_empty() {
            return Err("the distorted video is missing".to_owned());
        }
        for video in encodes.iter().chain([&reference]) {
            if video.listed_name == "-" {
                return Err("standard input can't be read twice: pass a file".to_owned());
            }
        }
        let entry = |distorted| Entry {
            line: self.line,
            reference: reference.clone(),
            distorted,
            name: self.name.clone(),
            models: self.model.clone(),
            metrics: self.metric.clone(),
            gates: self.gate.clone(),
        };
        Ok(encodes.into_iter().map(entry).collect())
    }
}

impl Entry {
    /// The entry as a line of JSON of a manifest.
    pub(crate) fn to_json(&self) -> String {
        let Self { reference, distorted, name, models, metrics, gates, .. } = self;
        let mut line = serde_json::Map::new();
        line.insert("reference".to_owned(), reference.listed_name.as_str().into());
        line.insert("distorted".to_owned(), distorted.listed_name.as_str().into());
        if let Some(name) = name {
            line.insert("name".to_owned(), name.as_str().into());
        }
        for (member, values) in [("model", models), ("metric", metrics), ("gate", gates)] {
            if !values.is_empty() {
                line.insert(member.to_owned(), values.clone().into());
            }
        }
        serde_json::Value::from(line).to_string()
    }
}

impl Video {
    fn new(listed_name: &str, folder: &Path) -> Self {
        let path = match vmaf_media::local_path(listed_name) {
            url if vmaf_media::is_remote(&url) => url.into_owned(),
            path => folder.join(&*path).to_string_lossy().into_owned(),
        };
        Self { listed_name: listed_name.to_owned(), path }
    }
}

/// Returns the files that `listed_name` stands for, a pattern or a path. A path that matches
/// nothing stands for itself, and fails later like any missing file.
fn expand_pattern(
    listed_name: &str,
    folder: &Path,
    reference: &Video,
) -> Result<Vec<Video>, String> {
    let video = Video::new(listed_name, folder);
    let is_pattern = listed_name.contains(PATTERN) && !vmaf_media::is_remote(listed_name);
    if !is_pattern || Path::new(&video.path).exists() {
        return Ok(vec![video]);
    }
    // Special characters in the folder's own name are not patterns.
    let folder = folder.to_string_lossy();
    let pattern = Path::new(&glob::Pattern::escape(&folder)).join(listed_name);
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
    let found = glob::glob_with(&pattern.to_string_lossy(), options)
        .map_err(|error| format!("the pattern '{listed_name}' is invalid: {}", error.msg))?;
    let mut videos = Vec::new();
    for path in found {
        let path = path.map_err(|error| error.to_string())?;
        if !path.is_file() {
            continue;
        }
        let path = path.to_string_lossy().into_owned();
        let relative = Path::new(&path).strip_prefix(&*folder);
        let listed_name =
            relative.map_or(path.clone(), |relative| relative.to_string_lossy().into_owned());
        if path != reference.path {
            videos.push(Video { listed_name, path });
        }
    }
    Ok(if videos.is_empty() { vec![video] } else { videos })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_and_json_lines_give_equal_entries() {
        let csv = "reference, distorted, gate, name\n\
                   a.mp4, b.mp4, mean>=90; p5>=80, low\n\n\
                   a.mp4,c.mp4;d.mp4,,\n";
        let json = "{\"reference\": \"a.mp4\", \"distorted\": \"b.mp4\", \"name\": \"low\", \
                    \"gate\": [\"mean>=90\", \"p5>=80\"]}\n\n\
                    {\"reference\": \"a.mp4\", \"distorted\": [\"c.mp4\", \"d.mp4\"]}\n";
        let mut csv = parse_csv(csv, Path::new("")).expect("rows");
        // The header is one line more.
        csv.iter_mut().for_each(|row| row.line -= 1);
        assert_eq!(csv, parse_json_lines(json).expect("rows"));
        assert_eq!(csv[0].gate, ["mean>=90", "p5>=80"]);
        let entries = csv.remove(1).entries(Path::new("lists")).expect("entries");
        let listed_name: Vec<_> =
            entries.iter().map(|entry| &entry.distorted.listed_name[..]).collect();
        assert_eq!(listed_name, ["c.mp4", "d.mp4"]);
        assert_eq!(entries[0].reference.path, "lists/a.mp4");
    }

    #[test]
    fn quoted_names_can_contain_the_separator() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["x;y.mp4", "a.mp4", "b.mp4"] {
            std::fs::write(folder.path().join(name), "").expect("written");
        }
        let csv = "reference,distorted,gate\n\
                   \"r.mp4\",\"x;y.mp4\",\"mean>=90;p5>=80\"\r\n\
                   r.mp4,x;y.mp4,\n\n\
                   \"r\"\"1,\n.mp4\",\"a.mp4;b.mp4\",\n\
                   r.mp4,\"p;q.mp4\",\n\
                   r.mp4,p;q.mp4,\n\
                   r.mp4,\"a*.mp4;b.mp4\",\n";
        let rows = parse_csv(csv, folder.path()).expect("rows");
        let listed_name: Vec<_> = rows.iter().map(|row| row.distorted.join(" ")).collect();
        let expected = ["x;y.mp4", "x;y.mp4", "a.mp4 b.mp4", "p;q.mp4", "p q.mp4", "a*.mp4 b.mp4"];
        assert_eq!(listed_name, expected);
        assert_eq!(rows[0].gate, ["mean>=90", "p5>=80"]);
        assert_eq!(rows[2].reference, "r\"1,\n.mp4");
    }

    #[test]
    fn urls_are_not_relative_to_a_folder() {
        let video = |listed_name| Video::new(listed_name, Path::new("lists")).path;
        assert_eq!(video("file:a.mp4"), "lists/a.mp4");
        assert_eq!(video("file:///b/a.mp4"), "/b/a.mp4");
        assert_eq!(video("http://b/a.mp4?c"), "http://b/a.mp4?c");
    }

    #[test]
    fn errors_of_a_manifest_are_reported() {
        let csv = |text| parse_csv(text, Path::new("")).expect_err("refused");
        let unknown = csv("reference,distroted\na,b\n");
        assert!(unknown.contains("did you mean 'distorted'?"), "{unknown}");
        assert!(csv("reference\na\n").contains("column 'distorted' is missing"));
        let record_error = csv("reference,distorted\na,b\na,b,c\n");
        assert!(record_error.starts_with("line 3 has 3 cells, the first line 2"), "{record_error}");
        let json = |text| parse_json_lines(text).expect_err("refused");
        assert!(json("\nnonsense").contains("line 2: it is not a JSON object"));
        assert!(json("{\"reference\": 3}").contains("'reference' should be a string"));
        assert!(json("{\"reference\": [\"a\", \"b\"]}").contains("only one reference is allowed"));
        let entries = |row: Row| row.entries(Path::new("")).expect_err("refused");
        assert!(entries(Row::default()).contains("the reference is missing"));
        let row = Row { reference: "a".to_owned(), ..Row::default() };
        assert!(entries(row).contains("the distorted video is missing"));
    }
}
