//! libvmaf's logs: XML, JSON, CSV and subtitles, of one encode.
//!
//! The structure, the order, the digits and even the trailing commas are those of libvmaf's own
//! tool, because scripts parse them. A value that is undefined, or not finite, is `null` in JSON.

use std::io::{self, Write};

use crate::column::Column;

/// The contents of a log.
#[derive(Debug, Clone)]
pub struct Log<'a> {
    /// The version that the log states.
    pub version: &'a str,
    /// The numbers of the frames.
    pub frames: &'a [u64],
    /// The columns, in the order of the log.
    pub columns: Vec<LogColumn<'a>>,
    /// Values for the whole video, by name.
    pub aggregates: &'a [(String, f64)],
    /// Width and height of the frames in pixels.
    pub size: (u32, u32),
    /// The speed of the measurement.
    pub frames_per_second: f64,
}

/// A column of a log, with one value for each frame.
#[derive(Debug, Clone)]
pub struct LogColumn<'a> {
    /// The column's name.
    pub name: &'a str,
    /// The values: `NaN` if undefined, `None` if the frame was not measured.
    pub values: Vec<Option<f64>>,
}

impl<'a> From<&'a Column> for LogColumn<'a> {
    fn from(Column { name, values }: &'a Column) -> Self {
        Self { name, values: values.iter().copied().map(Some).collect() }
    }
}

impl Log<'_> {
    /// Writes the log as XML.
    ///
    /// # Errors
    /// Errors of `out`.
    pub fn xml(&self, out: &mut dyn Write) -> io::Result<()> {
        let (width, height) = self.size;
        writeln!(out, "<VMAF version=\"{}\">", self.version)?;
        writeln!(out, "  <params qualityWidth=\"{width}\" qualityHeight=\"{height}\" />")?;
        writeln!(out, "  <fyi fps=\"{:.2}\" />", self.frames_per_second)?;
        writeln!(out, "  <frames>")?;
        for (row, frame) in self.frames.iter().enumerate() {
            write!(out, "    <frame frameNum=\"{frame}\" ")?;
            for (name, value) in self.row(row) {
                write!(out, "{}=\"{}\" ", escape(name), number(value))?;
            }
            writeln!(out, "/>")?;
        }
        writeln!(out, "  </frames>")?;
        writeln!(out, "  <pooled_metrics>")?;
        for column in &self.columns {
            write!(out, "    <metric name=\"{}\" ", escape(column.name))?;
            for (pool, value) in pools(&column.values).into_iter().flatten() {
                write!(out, "{pool}=\"{}\" ", number(value))?;
            }
            writeln!(out, "/>")?;
        }
        writeln!(out, "  </pooled_metrics>")?;
        write!(out, "  <aggregate_metrics ")?;
        for (name, value) in self.aggregates {
            write!(out, "{}=\"{}\" ", escape(name), number(*value))?;
        }
        writeln!(out, "/>")?;
        writeln!(out, "</VMAF>")
    }

    /// Writes the log as JSON.
    ///
    /// # Errors
    /// Errors of `out`.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        writeln!(out, "{{")?;
        writeln!(out, "  \"version\": \"{}\",", self.version)?;
        writeln!(out, "  \"fps\": {},", json_number(self.frames_per_second, 2))?;
        write!(out, "  \"frames\": [")?;
        for (row, frame) in self.frames.iter().enumerate() {
            writeln!(out, "{}", if row > 0 { "," } else { "" })?;
            writeln!(out, "    {{")?;
            writeln!(out, "      \"frameNum\": {frame},")?;
            writeln!(out, "      \"metrics\": {{")?;
            let mut values = self.row(row).peekable();
            while let Some((name, value)) = values.next() {
                let number = json_number(value, digits(value));
                write!(out, "        {}: {number}", quoted(name))?;
                write!(out, "{}", if values.peek().is_some() { "," } else { "" })?;
                // libvmaf ends a line after finite values only.
                write!(out, "{}", if value.is_finite() { "\n" } else { "" })?;
            }
            writeln!(out, "      }}")?;
            write!(out, "    }}")?;
        }
        writeln!(out, "\n  ],")?;
        write!(out, "  \"pooled_metrics\": {{")?;
        for (place, column) in self.columns.iter().enumerate() {
            writeln!(out, "{}", if place > 0 { "," } else { "" })?;
            write!(out, "    {}: {{", quoted(column.name))?;
            let mut separator = "\n";
            for (pool, value) in pools(&column.values).into_iter().flatten() {
                let value = json_number(value, digits(value));
                write!(out, "{separator}      \"{pool}\": {value}")?;
                separator = ",\n";
            }
            write!(out, "\n    }}")?;
        }
        writeln!(out, "\n  }},")?;
        write!(out, "  \"aggregate_metrics\": {{")?;
        for (place, (name, value)) in self.aggregates.iter().enumerate() {
            let separator = if place > 0 { "," } else { "" };
            let value = json_number(*value, digits(*value));
            write!(out, "{separator}\n    {}: {value}", quoted(name))?;
        }
        writeln!(out, "\n  }}")?;
        writeln!(out, "}}")
    }

    /// Writes the log as CSV, which ends every line with a comma.
    ///
    /// # Errors
    /// Errors of `out`.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "Frame,")?;
        for column in &self.columns {
            write!(out, "{},", column.name)?;
        }
        writeln!(out)?;
        for (row, frame) in self.frames.iter().enumerate() {
            write!(out, "{frame},")?;
            for (_, value) in self.row(row) {
                write!(out, "{},", number(value))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// Writes the log as MicroDVD subtitles, one for each frame.
    ///
    /// # Errors
    /// Errors of `out`.
    pub fn sub(&self, out: &mut dyn Write) -> io::Result<()> {
        for (row, frame) in self.frames.iter().enumerate() {
            write!(out, "{{{frame}}}{{{}}}frame: {frame}|", frame + 1)?;
            for (name, value) in self.row(row) {
                write!(out, "{name}: {}|", number(value))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// The measured values of one frame.
    fn row(&self, row: usize) -> impl Iterator<Item = (&str, f64)> {
        self.columns.iter().filter_map(move |column| Some((column.name, column.values[row]?)))
    }
}

/// The pools of a log, in order; `None` if a value is missing. One undefined value makes the means
/// undefined; the minimum and maximum ignore it, unless it comes first.
fn pools(values: &[Option<f64>]) -> Option<[(&'static str, f64); 4]> {
    let values = &values.iter().copied().collect::<Option<Vec<f64>>>()?[..];
    let first = values.first().copied().unwrap_or(f64::NAN);
    let least =
        values.iter().fold(first, |least, &value| if value < least { value } else { least });
    let greatest =
        values.iter().fold(first, |most, &value| if value > most { value } else { most });
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let harmonic = count / values.iter().map(|value| 1.0 / (value + 1.0)).sum::<f64>() - 1.0;
    Some([("min", least), ("max", greatest), ("mean", mean), ("harmonic_mean", harmonic)])
}

/// Formats six digits, or sixteen if the first six of the fraction would all be 0.
fn digits(value: f64) -> usize {
    let mut fraction = value.abs() - value.abs().trunc();
    let mut zeros = 0;
    // Computed by multiplying, as libvmaf does, whose rounding decides a fraction near a power of
    // ten. An infinite value has a fraction of NaN, and six digits.
    while fraction < 1.0 && fraction != 0.0 {
        fraction *= 10.0;
        zeros += 1;
    }
    if zeros <= 6 { 6 } else { 16 }
}

/// Formats a number as C does.
fn number(value: f64) -> String {
    if value.is_nan() { "nan".to_owned() } else { format!("{value:.*}", digits(value)) }
}

fn json_number(value: f64, digits: usize) -> String {
    if value.is_finite() { format!("{value:.digits$}") } else { "null".to_owned() }
}

/// Escapes text in an XML attribute. Only a model's name can need it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_formatted_as_libvmaf_does() {
        assert_eq!(number(51.871672), "51.871672");
        assert_eq!(number(1.0), "1.000000");
        assert_eq!(number(0.0), "0.000000");
        assert_eq!(number(0.000001234), "0.000001");
        assert_eq!(number(0.0000001234), "0.0000001234000000");
        assert_eq!(number(100.000_000_000_1), "100.0000000001000018");
        assert_eq!(number(-0.5), "-0.500000");
        assert_eq!(number(f64::INFINITY), "inf");
        assert_eq!(json_number(f64::INFINITY, 6), "null");
    }

    #[test]
    fn undefined_values_are_null() {
        let column =
            |name: &str, values: [f64; 2]| Column { name: name.into(), values: values.into() };
        let (a, b) = (column("a", [0.5, f64::NAN]), column("b", [1.0, 3.0]));
        let log = Log {
            version: "1",
            frames: &[0, 1],
            columns: vec![(&a).into(), (&b).into()],
            aggregates: &[("c".to_owned(), 2.5), ("d".to_owned(), f64::INFINITY)],
            size: (64, 48),
            frames_per_second: 10.0,
        };
        let mut text = Vec::new();
        log.sub(&mut text).expect("written");
        let text = String::from_utf8(text).expect("text");
        let expected = "{0}{1}frame: 0|a: 0.500000|b: 1.000000|\n\
                        {1}{2}frame: 1|a: nan|b: 3.000000|\n";
        assert_eq!(text, expected);
        let mut json = Vec::new();
        log.json(&mut json).expect("written");
        let text = String::from_utf8(json.clone()).expect("text");
        let line = "      \"metrics\": {\n        \"a\": null,        \"b\": 3.000000\n      }\n";
        assert!(text.contains(line), "{text}");
        let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        assert_eq!(json["frames"][1]["metrics"], serde_json::json!({"a": null, "b": 3.0}));
        let pooled =
            serde_json::json!({"min": 0.5, "max": 0.5, "mean": null, "harmonic_mean": null});
        assert_eq!(json["pooled_metrics"]["a"], pooled);
        assert_eq!(json["pooled_metrics"]["b"]["mean"], 2.0);
        assert_eq!(json["aggregate_metrics"], serde_json::json!({"c": 2.5, "d": null}));
        let mut xml = Vec::new();
        log.xml(&mut xml).expect("written");
        let xml = String::from_utf8(xml).expect("text");
        assert!(xml.contains("  <aggregate_metrics c=\"2.500000\" d=\"inf\" />\n"), "{xml}");
    }
    #[test]
    fn missing_values_are_left_out_and_have_no_pools() {
        let columns = vec![
            LogColumn { name: "a", values: vec![Some(1.0), Some(3.0)] },
            LogColumn { name: "b", values: vec![None, Some(2.0)] },
        ];
        let log = Log {
            version: "1",
            frames: &[0, 7],
            columns,
            aggregates: &[],
            size: (64, 48),
            frames_per_second: 10.0,
        };
        let mut text = Vec::new();
        log.json(&mut text).expect("written");
        let json: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(json["frames"][0]["metrics"], serde_json::json!({"a": 1.0}));
        assert_eq!(json["frames"][1]["metrics"], serde_json::json!({"a": 3.0, "b": 2.0}));
        assert_eq!(json["pooled_metrics"]["a"]["mean"], 2.0);
        assert_eq!(json["pooled_metrics"]["b"], serde_json::json!({}));
    }
}
