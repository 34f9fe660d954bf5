//! The file of a part of a run.
//!
//! A part file is self-contained: neither the videos nor the model files are needed to make a
//! result from it. Its first line is a [`Header`] in JSON, which includes the text of models from
//! files. A record follows for each checkpoint: a line of JSON, a [`RecordHeader`], and then as
//! many bytes as that states, those of a [`Part`].

use std::io::{self, BufRead, Read, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vmaf_core::Level;
use vmaf_core::score::Part;

use crate::digest;
use crate::inputs::StreamEnds;
use crate::request::values::Shard;
use crate::run::plan::{RunPlan, RunStats};

/// The version of the file format.
const FORMAT_VERSION: u32 = 3;

/// The greatest length of a header; models are some megabytes.
const MAX_HEADER: u64 = 1 << 30;

/// Facts about the run that a part belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The version of the file format.
    vmaf_part: u32,
    /// The version of vmaf that wrote it.
    pub(crate) version: String,
    /// The shard of the run, if it is one.
    pub(crate) shard: Option<Shard>,
    /// The keys of the encodes, if a batch stored the part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<String>,
    /// Digests of the contents of the reference and of each encode.
    pub(crate) reference: String,
    pub(crate) distorted: Vec<String>,
    pub(crate) plan: RunPlan,
}

/// The head of a record, before its bytes.
#[derive(Debug, Serialize, Deserialize)]
struct RecordHeader {
    /// The number of bytes that follow, and their digest.
    bytes: u64,
    sha256: String,
    /// The ends of the videos at this point.
    ends: StreamEnds,
    /// Statistics of the measurement.
    threads: usize,
    frames: u64,
    seconds: f64,
}

/// A part, and statistics of its measurement.
#[derive(Debug, Clone)]
pub(crate) struct MeasuredPart {
    pub(crate) part: Part,
    pub(crate) ends: StreamEnds,
    pub(crate) threads: usize,
    pub(crate) frames: u64,
    pub(crate) elapsed: Duration,
}

/// The contents of a file.
pub(crate) struct Contents {
    pub(crate) header: Header,
    /// The stored measurements, in order.
    pub(crate) kept: Vec<MeasuredPart>,
    /// The number of bytes of complete records; anything after them is incomplete.
    pub(crate) valid_bytes: u64,
    pub(crate) is_truncated: bool,
}

impl Header {
    /// Returns the header of a shard, with the digests of the reference and the encodes.
    pub(crate) fn for_shard(shard: Shard, digests: (String, Vec<String>), plan: RunPlan) -> Self {
        Self { shard: Some(shard), ..Self::for_batch(digests, Vec::new(), plan) }
    }

    /// Returns the header of a part that a batch stores, of encodes with these keys.
    pub(crate) fn for_batch(
        (reference, distorted): (String, Vec<String>),
        keys: Vec<String>,
        plan: RunPlan,
    ) -> Self {
        let version = vmaf_core::VERSION.to_owned();
        Self { vmaf_part: FORMAT_VERSION, version, shard: None, keys, reference, distorted, plan }
    }

    /// Returns true if `other` is the header of a part of the same run.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.reference == other.reference
            && self.distorted == other.distorted
            && self.plan.is_same(&other.plan)
    }

    /// Writes the header as the first line of a file.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }
}

impl MeasuredPart {
    /// Returns the statistics of the run that consists of these parts.
    pub(crate) fn stats<'a>(all: impl IntoIterator<Item = &'a Self>) -> RunStats {
        let mut stats = RunStats::start(1, Level::best());
        for kept in all {
            stats.threads = stats.threads.max(kept.threads);
            stats.add_earlier(kept.frames, kept.elapsed);
        }
        stats
    }

    /// Writes the part as a record.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let bytes = self.part.to_bytes();
        let record = RecordHeader {
            bytes: bytes.len() as u64,
            sha256: digest::of_bytes(&bytes),
            ends: self.ends.clone(),
            threads: self.threads,
            frames: self.frames,
            seconds: self.elapsed.as_secs_f64(),
        };
        serde_json::to_writer(&mut *out, &record)?;
        writeln!(out)?;
        out.write_all(&bytes)
    }
}

/// Reads a file's header.
pub(crate) fn header(mut from: impl BufRead) -> Result<Header, String> {
    header_line(&mut from).map(|(header, _)| header)
}

/// Reads a file's header, and returns the number of its bytes as well.
fn header_line(from: &mut impl BufRead) -> Result<(Header, u64), String> {
    let no_part = || "it is not a part of a run".to_owned();
    let mut line = Vec::new();
    // The first line of a video may be very long: the header's length is limited.
    let mut start = from.by_ref().take(MAX_HEADER);
    start.read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
    let value: serde_json::Value = serde_json::from_slice(&line).map_err(|_| no_part())?;
    let form = value.get("vmaf_part").ok_or_else(no_part)?;
    let version = value.get("version").and_then(|version| version.as_str()).unwrap_or("another");
    if *form != FORMAT_VERSION || version != vmaf_core::VERSION {
        return Err(format!(
            "it was written by version {version} of vmaf, this is {}: measure the part again, or use \
             that version",
            vmaf_core::VERSION
        ));
    }
    let header = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok((header, line.len() as u64))
}

/// Reads a file.
///
/// # Errors
/// Fails if it is not a part file, or can't be read. An incomplete end is not an error.
pub(crate) fn read(mut from: impl BufRead) -> Result<Contents, String> {
    let (header, valid_bytes) = header_line(&mut from)?;
    let mut line = Vec::new();
    let mut contents = Contents { header, kept: Vec::new(), valid_bytes, is_truncated: false };
    loop {
        line.clear();
        from.read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
        if line.is_empty() {
            return Ok(contents);
        }
        let Some((kept, size)) = record(&line, &mut from).map_err(|error| error.to_string())?
        else {
            contents.is_truncated = true;
            return Ok(contents);
        };
        contents.valid_bytes += line.len() as u64 + size;
        contents.kept.push(kept);
    }
}

/// Parses the record header `line`, and returns the number of bytes that follow it; `None` if it is
/// incomplete.
fn record(line: &[u8], from: &mut impl BufRead) -> io::Result<Option<(MeasuredPart, u64)>> {
    if line.last() != Some(&b'\n') {
        return Ok(None);
    }
    let Ok(record) = serde_json::from_slice::<RecordHeader>(line) else { return Ok(None) };
    let mut bytes = Vec::new();
    from.take(record.bytes).read_to_end(&mut bytes)?;
    if digest::of_bytes(&bytes) != record.sha256 {
        return Ok(None);
    }
    let Ok(part) = Part::from_bytes(&bytes) else { return Ok(None) };
    let elapsed = Duration::try_from_secs_f64(record.seconds).unwrap_or_default();
    let RecordHeader { ends, threads, frames, .. } = record;
    Ok(Some((MeasuredPart { part, ends, threads, frames, elapsed }, record.bytes)))
}
