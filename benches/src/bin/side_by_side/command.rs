//! Command lines: the flags that both tools accept, and `vmaf score`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The CPU mask, for both tools, that disables AVX-512.
const NO_AVX512: &str = "48";

/// The measurement to make on an encode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Measure {
    Models(&'static [&'static str]),
    Feature(&'static str),
    /// The AOM common test conditions of a version.
    AomCtc(&'static str),
}

impl Measure {
    pub(crate) fn models(self) -> &'static [&'static str] {
        if let Self::Models(models) = self { models } else { &[] }
    }
}

/// A measurement with its settings.
#[derive(Debug, Clone)]
pub(crate) struct Measurement {
    pub(crate) measure: Measure,
    pub(crate) reference: PathBuf,
    /// The number of frames, if not all.
    pub(crate) frames: Option<u32>,
    /// True if AVX-512 is disabled.
    pub(crate) is_masked: bool,
    pub(crate) threads: u32,
}

/// The command with the flags that the drop-in form and libvmaf's tool share.
pub(crate) fn drop_in(
    program: &Path,
    measurement: &Measurement,
    encode: &Path,
    log: &Path,
) -> Command {
    let mut command = Command::new(program);
    command.arg("-r").arg(&measurement.reference).arg("-d").arg(encode).arg("-o").arg(log);
    command.args(["--json", "-q", "--threads", &measurement.threads.to_string()]);
    if let Some(frames) = measurement.frames {
        command.args(["--frame_cnt", &frames.to_string()]);
    }
    if measurement.is_masked {
        command.args(["--cpumask", NO_AVX512]);
    }
    match measurement.measure {
        Measure::Models(names) => {
            for name in names {
                // Two models need different labels; each uses its own name.
                command.args(["-m", &format!("version={name}:name={name}")]);
            }
        }
        Measure::Feature(name) => {
            command.args(["-n", "--feature", name]);
        }
        Measure::AomCtc(version) => {
            command.args(["--aom_ctc", version]);
        }
    }
    command
}

/// `vmaf score` with one model for all `encodes` in one pass, on one thread per processor if `threads`
/// is `None`.
pub(crate) fn score(
    program: &Path,
    model: &str,
    reference: &Path,
    encodes: &[PathBuf],
    to: &Path,
    threads: Option<u32>,
) -> Command {
    let mut command = Command::new(program);
    command.arg("score").arg(reference).args(encodes);
    command.args(["--model", model, "--quiet", "-o"]).arg(to);
    if let Some(threads) = threads {
        command.args(["--threads", &threads.to_string()]);
    }
    command
}
