//! Time and peak memory of a command.
//!
//! The system reports the peak over all *finished children* of a process, so each measured command
//! is run by its own process: this program, started with `--measure`.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;

/// The time and memory that a command used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResourceUsage {
    /// Wall-clock time.
    pub(crate) seconds: f64,
    /// Processor time of all threads.
    pub(crate) cpu_seconds: f64,
    /// The peak memory in millions of bytes.
    pub(crate) peak_mb: f64,
}

impl ResourceUsage {
    /// The total of commands that run one after another.
    pub(crate) fn in_sequence(all: &[Self]) -> Self {
        Self {
            seconds: all.iter().map(|one| one.seconds).sum(),
            cpu_seconds: all.iter().map(|one| one.cpu_seconds).sum(),
            peak_mb: all.iter().map(|one| one.peak_mb).fold(0.0, f64::max),
        }
    }

    /// The median of each figure.
    pub(crate) fn median(all: &[Self]) -> Self {
        let median = |figure: fn(&Self) -> f64| {
            let mut values: Vec<f64> = all.iter().map(figure).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
        };
        Self {
            seconds: median(|one| one.seconds),
            cpu_seconds: median(|one| one.cpu_seconds),
            peak_mb: median(|one| one.peak_mb),
        }
    }
}

/// Measures `command`, which must succeed.
pub(crate) fn measure(command: &Command) -> Result<ResourceUsage> {
    let mut measuring = Command::new(std::env::current_exe()?);
    measuring.arg("--measure").arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        measuring.current_dir(folder);
    }
    let output = measuring.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?} failed:\n{}", error.trim()).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let figures: Vec<f64> =
        text.split_whitespace().map(str::parse).collect::<std::result::Result<_, _>>()?;
    match figures[..] {
        [seconds, cpu_seconds, peak_mb] => Ok(ResourceUsage { seconds, cpu_seconds, peak_mb }),
        _ => Err(format!("figures from --measure: {text:?}").into()),
    }
}

/// Runs a command and prints its figures: the process that `measure` starts.
pub(crate) fn run_and_print(command: &[String]) -> Result<()> {
    let (program, arguments) = command.split_first().ok_or("nothing to measure")?;
    let start = Instant::now();
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
    let seconds = start.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("{program}: {status}").into());
    }
    let (cpu_seconds, peak_mb) = usage_of_children()?;
    println!("{seconds} {cpu_seconds} {peak_mb}");
    Ok(())
}

/// Returns the processor time and the peak memory of the finished children of this process.
#[cfg(unix)]
fn usage_of_children() -> Result<(f64, f64)> {
    use nix::sys::resource::{UsageWho, getrusage};

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time() + usage.system_time();
    let cpu_seconds = cpu.tv_sec() as f64 + cpu.tv_usec() as f64 / 1e6;
    // On Linux the value is in KiB, on macOS in bytes.
    let unit = if cfg!(target_os = "macos") { 1.0 } else { 1024.0 };
    Ok((cpu_seconds, usage.max_rss() as f64 * unit / 1e6))
}

#[cfg(not(unix))]
fn usage_of_children() -> Result<(f64, f64)> {
    Err("processor time and memory are measured on Unix systems only".into())
}
