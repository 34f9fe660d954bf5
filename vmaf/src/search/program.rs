//! Programs that a search runs: encoders, and FFmpeg for cutting and listing.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use vmaf_media::{ChildProgram, ffmpeg_program};

use crate::handle::RunHandle;

/// The interval at which a running program is looked at.
const INTERVAL: Duration = Duration::from_millis(20);

/// The most of a program's messages that is kept, in bytes.
const MAX_MESSAGES: u64 = 1 << 16;

/// Returns a command that runs FFmpeg quietly and replaces its output.
pub(super) fn ffmpeg() -> Command {
    let mut command = Command::new(ffmpeg_program());
    command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]).stdin(Stdio::null());
    command
}

/// Returns a command that runs FFmpeg and writes its progress, for [`run`].
pub(super) fn ffmpeg_with_progress() -> Command {
    let mut command = ffmpeg();
    command.args(["-nostats", "-progress", "pipe:1"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs `command`, whose standard error is piped. If its standard output is piped, it is FFmpeg's
/// progress, of which the number of frames so far is passed to `show`. Stopping the run kills the
/// program.
///
/// # Errors
/// Returns the reason if the program can't be run, or fails.
pub(super) fn run(command: Command, handle: &RunHandle, show: &dyn Fn(u64)) -> Result<(), String> {
    let name = command.get_program().to_owned();
    let mut child = ChildProgram::spawn(command).map_err(|error| reason_not_run(&name, &error))?;
    let read_messages = |output| thread::Builder::new().spawn(move || messages(output));
    let messages = child.take_stderr().map(read_messages).transpose();
    let frames = Arc::new(AtomicU64::new(0));
    let progress = child.take_stdout().map(|output| {
        let frames = Arc::clone(&frames);
        thread::Builder::new().spawn(move || follow(output, &frames))
    });
    let progress = progress.transpose();
    let (messages, progress) = messages
        .and_then(|messages| Ok((messages, progress?)))
        .map_err(|error| reason_not_run(&name, &error))?;
    let status = wait(&mut child, handle, || show(frames.load(Ordering::Relaxed)));
    let messages = messages.and_then(|reader| reader.join().ok()).unwrap_or_default();
    let _ = progress.map(JoinHandle::join);
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(reason(&messages, status)),
        Err(error) => Err(error.to_string()),
    }
}

/// Runs `command` to its end and returns what it prints.
///
/// # Errors
/// Fails as [`run`] does.
pub(super) fn output(command: Command) -> Result<Vec<u8>, String> {
    let name = command.get_program().to_owned();
    let output = ChildProgram::output(command).map_err(|error| reason_not_run(&name, &error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(reason(&String::from_utf8_lossy(&output.stderr), output.status))
}

fn reason_not_run(name: &OsStr, error: &io::Error) -> String {
    let program = name.display();
    if error.kind() == io::ErrorKind::NotFound && name == ffmpeg_program() {
        return format!(
            "there is no program '{program}': install ffmpeg, or set VMAF_FFMPEG to the path of one"
        );
    }
    if error.kind() == io::ErrorKind::NotFound {
        return format!("there is no program '{program}'");
    }
    format!("can't run '{program}': {error}")
}

/// Waits until the program ends, and calls `look` in between. Kills it once the run is stopped.
fn wait(child: &mut ChildProgram, handle: &RunHandle, look: impl Fn()) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if handle.is_stopped() {
            return child.kill();
        }
        look();
        thread::sleep(INTERVAL);
    }
}

/// Reads the beginning of a program's messages, and skips the rest.
fn messages(mut output: impl Read) -> String {
    let mut kept = Vec::new();
    let _ = output.by_ref().take(MAX_MESSAGES).read_to_end(&mut kept);
    let _ = io::copy(&mut output, &mut io::sink());
    String::from_utf8_lossy(&kept).into_owned()
}

/// Reads FFmpeg's progress, lines such as "frame=240".
fn follow(output: impl Read, frames: &AtomicU64) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if let Some(Ok(count)) = line.strip_prefix("frame=").map(|count| count.trim().parse()) {
            frames.store(count, Ordering::Relaxed);
        }
    }
}

/// Returns the reason that a program's messages give for its failure: the first error, since those
/// after it are consequences.
fn reason(messages: &str, status: ExitStatus) -> String {
    let is_error = |line: &&str| {
        let is_remark = ["[info]", "[warning]", "[warn]", "[debug]"];
        !line.is_empty() && !is_remark.iter().any(|remark| line.contains(remark))
    };
    let mut lines = messages.lines().map(without_context).filter(is_error);
    let first = lines.next().map(str::to_owned);
    first.unwrap_or_else(|| format!("it ended with {status} and no message"))
}

/// Returns one of FFmpeg's messages without the part that speaks: "[libx264 @ 0x55d0] ".
fn without_context(line: &str) -> &str {
    let mut line = line.trim();
    while let Some((context, rest)) = line.strip_prefix('[').and_then(|line| line.split_once("] "))
        && context.contains(" @ ")
    {
        line = rest.trim();
    }
    line
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]).stdin(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn failure(line: &str) -> String {
        run(shell(line), &RunHandle::default(), &|_| {}).expect_err(line)
    }

    #[test]
    fn a_failure_has_its_first_error_as_reason() {
        let messages = "x265 [info]: build 1\n[vost#0:0 @ 0x1] [enc @ 0x2] Unknown encoder 'y'\n\
                        Error opening output files: Encoder not found\n";
        assert_eq!(failure(&format!("printf \"{messages}\" >&2; exit 1")), "Unknown encoder 'y'");
        assert_eq!(failure("exit 3"), "it ended with exit status: 3 and no message");
        let missing = run(Command::new("no-such-program"), &RunHandle::default(), &|_| {});
        assert_eq!(missing.expect_err("missing"), "there is no program 'no-such-program'");
    }

    #[test]
    fn many_messages_do_not_block_a_program() {
        assert_eq!(failure("yes error | head -c 1000000 >&2; exit 1"), "error");
    }

    #[test]
    fn progress_is_shown_and_a_stop_kills() {
        let mut command = shell("echo frame=7; echo frame=12; exec sleep 60");
        command.stdout(Stdio::piped());
        let handle = RunHandle::default();
        let started = Instant::now();
        let stopper = handle.clone();
        let stop = move |frames| {
            if frames == 12 {
                stopper.stop();
            }
        };
        run(command, &handle, &stop).expect_err("killed");
        assert!(started.elapsed() < Duration::from_secs(50));
    }
}
