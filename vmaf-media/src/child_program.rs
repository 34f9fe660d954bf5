//! Programs that this process runs, and that end with it.
//!
//! A program that outlives this process works for nobody: an encoder would go on for hours. No code
//! runs in a process that SIGKILL ends, so a guard watches it from outside: a shell that reads from
//! a pipe, which the system closes when this process ends, and that then kills its process group.
//! The program and all that it starts are in that group. Ctrl-C, which a terminal sends to the group
//! of this process, does not reach them: this process decides what becomes of them.
//!
//! On systems other than Unix, a program ends only if its [`ChildProgram`] is dropped or killed.

use std::io::{self, Read};
use std::process::{
    Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio,
};
use std::thread::{self, JoinHandle};

/// A running program. Dropping it kills the program.
#[derive(Debug)]
pub struct ChildProgram {
    child: Child,
    /// `None` once the program has ended, and where there is no shell.
    guard: Option<Guard>,
}

impl ChildProgram {
    /// Starts `command`.
    ///
    /// # Errors
    /// Fails if the program can't be run.
    pub fn spawn(mut command: Command) -> io::Result<Self> {
        let guard = Guard::spawn();
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            // A group of its own, if there is no guard.
            command.process_group(guard.as_ref().map_or(0, Guard::group));
        }
        Ok(Self { child: command.spawn()?, guard })
    }

    /// Runs `command` to its end, without input, and returns what it writes.
    ///
    /// # Errors
    /// Fails if the program can't be run, or its output can't be read.
    pub fn output(mut command: Command) -> io::Result<Output> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = Self::spawn(command)?;
        let start = |pipe| thread::Builder::new().spawn(move || read_all(pipe));
        let stderr = program.take_stderr().map(start).transpose()?;
        let stdout = program.take_stdout().map(read_all).unwrap_or_default();
        let stderr = stderr.map(JoinHandle::join).and_then(Result::ok).unwrap_or_default();
        Ok(Output { status: program.wait()?, stdout, stderr })
    }

    /// Takes the pipe to the program's standard input, if there is one.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Takes the pipe from the program's standard output, if there is one.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Takes the pipe from the program's standard error, if there is one.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Returns the program's status if it has ended.
    ///
    /// # Errors
    /// Fails if the system can't tell.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.guard = None;
        }
        Ok(status)
    }

    /// Waits for the program to end.
    ///
    /// # Errors
    /// Fails if the system can't tell.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait()?;
        self.guard = None;
        Ok(status)
    }

    /// Kills the program, unless it has ended, and the programs that it started. Returns its
    /// status.
    ///
    /// # Errors
    /// Fails if the system can't tell the status.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.try_wait()? {
            return Ok(status);
        }
        if let Some(guard) = self.guard.take() {
            guard.kill_group();
        }
        // It may have ended by itself meanwhile, which is fine.
        let _ = self.child.kill();
        self.child.wait()
    }
}

impl Drop for ChildProgram {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Reads what a program writes; an error counts as the end.
fn read_all(mut pipe: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = pipe.read_to_end(&mut bytes);
    bytes
}

/// The shell that kills its process group once this process has ended. Dropping it ends it alone.
#[derive(Debug)]
struct Guard(Child);

impl Guard {
    #[cfg(unix)]
    fn spawn() -> Option<Self> {
        use std::os::unix::process::CommandExt;

        // Batch systems send signals to all processes of a job: the guard outlives this one.
        const SCRIPT: &str = "trap '' HUP INT TERM; read -r _; kill -KILL 0";
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT]).process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.spawn().ok().map(Self)
    }

    #[cfg(not(unix))]
    fn spawn() -> Option<Self> {
        None
    }

    /// Returns the number of the process group.
    #[cfg(unix)]
    fn group(&self) -> i32 {
        self.0.id().cast_signed()
    }

    /// Has the guard kill its group.
    fn kill_group(mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Killed, it can't kill others. The group keeps its number until the guard was waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;

    fn shell(line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]).stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    #[test]
    fn a_program_is_killed_with_those_it_started() {
        let mut program = ChildProgram::spawn(shell("sleep 600 & echo started; wait")).expect("sh");
        let mut output = BufReader::new(program.take_stdout().expect("a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        assert_eq!(line, "started\n");
        assert!(program.try_wait().expect("a status").is_none());
        assert_eq!(program.kill().expect("a status").code(), None);
        // The pipe ends once the last program that holds it has ended.
        assert_eq!(output.read_line(&mut line).expect("the end"), 0);
    }

    #[test]
    fn a_program_that_ends_has_its_status_and_output() {
        let output = ChildProgram::output(shell("echo out; echo err >&2; exit 3")).expect("sh");
        assert_eq!(output.status.code(), Some(3));
        assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
        // Programs that it leaves behind go on.
        let mut program = ChildProgram::spawn(shell("(sleep 0.2; echo later) &")).expect("sh");
        assert!(program.wait().expect("a status").success());
        assert_eq!(read_all(program.take_stdout().expect("a pipe")), b"later\n");
        let missing = ChildProgram::spawn(Command::new("no-such-program"));
        assert_eq!(missing.expect_err("missing").kind(), io::ErrorKind::NotFound);
    }
}
