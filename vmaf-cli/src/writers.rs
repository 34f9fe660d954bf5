//! The outputs of a run of `vmaf score`, each with its format, and the table.

use std::path::Path;

use vmaf::output::target::Target;
use vmaf::{OutputFormat, Run};

use crate::args::ResultArgs;
use crate::failure::{self, Failure, Result};
use crate::terminal;

/// Outputs that are open for writing.
pub(crate) struct Writers {
    /// The results, in the order given.
    outputs: Vec<(Target, OutputFormat)>,
    /// The report.
    page: Option<Target>,
    /// The command line, shown in the report.
    command: String,
}

impl Writers {
    /// Opens all outputs of a run with `encodes` encodes, so that an output that cannot be written
    /// fails before anything is scored.
    pub(crate) fn open(arguments: &ResultArgs, encodes: usize) -> Result<Self> {
        let outputs = arguments.output.iter().map(|path| {
            let given = arguments.format.map(Into::into);
            if given.is_none() && is_page(path) {
                return Err(Failure::usage(format!(
                    "{path}: write the report with --report {path}"
                )));
            }
            let format = OutputFormat::from_path(path, given).map_err(|_| {
                Failure::usage(format!(
                    "{path}: its extension should be json, jsonl, xml or csv; or pass --format"
                ))
            })?;
            format.check_count(path, encodes)?;
            Ok((Target::open(path)?, format))
        });
        let outputs = outputs.collect::<Result<Vec<_>>>()?;
        let page = arguments.report.as_deref().map(|path| {
            check_page(path)?;
            Ok::<_, Failure>(Target::open(path)?)
        });
        let page = page.transpose()?;
        let writers = Self { outputs, page, command: shell_line(&arguments.command) };
        if writers.targets().filter(|target| target.is_stdout()).count() > 1 {
            return Err(Failure::usage("only one result can go to standard output"));
        }
        Ok(writers)
    }

    fn targets(&self) -> impl Iterator<Item = &Target> {
        self.outputs.iter().map(|(target, _)| target).chain(&self.page)
    }

    /// Writes all outputs. Prints the table unless an output uses standard output, or there are
    /// outputs and `quiet` is set.
    pub(crate) fn write(self, run: &Run, quiet: bool) -> Result<()> {
        let to_stdout = self.targets().any(Target::is_stdout);
        let to_files = self.targets().next().is_some();
        for (target, format) in self.outputs {
            target.write(|out| run.write_as(format, out))?;
        }
        if let Some(target) = self.page {
            let (handle, _) = terminal::handle(quiet);
            let page = run.page(Some(&self.command), &handle);
            target.write(|out| page.write(out))?;
        }
        if to_stdout || (quiet && to_files) {
            // Report verdicts even if the table is not printed.
            if run.has_gates() {
                run.verdict_table().iter().for_each(failure::note);
            }
            return Ok(());
        }
        let mut text = run.table(terminal::terminal_width(), terminal::is_styled()).join("\n");
        text.push('\n');
        terminal::print(&text)
    }
}

/// Returns true if the extension of `path` is that of an HTML page.
fn is_page(path: &str) -> bool {
    let extension = Path::new(path).extension().unwrap_or_default();
    ["html", "htm"].iter().any(|page| extension.eq_ignore_ascii_case(page))
}

/// Fails if `path` has an extension that is not an HTML page's.
fn check_page(path: &str) -> Result<()> {
    if Path::new(path).extension().is_none() || is_page(path) {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{path}: the report is an HTML page: name it .html (write other formats with -o)"
    )))
}

/// Joins words to a line for a POSIX shell, quoting them if necessary.
fn shell_line(words: &[String]) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,+@%".contains(letter);
    let quoted = |word: &String| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_parses_quoted_words_back() {
        let words = ["vmaf", "a b.mp4", "it's", "$(ls)", "", "--gate", "mean>=90", "\n"];
        let words = words.map(str::to_owned);
        let line = shell_line(&words);
        assert!(
            line.starts_with(r"vmaf 'a b.mp4' 'it'\''s' '$(ls)' '' --gate 'mean>=90'"),
            "{line}"
        );
        let ran = std::process::Command::new("sh")
            .args(["-c", &format!(r"printf '%s\0' {line}")])
            .output()
            .expect("a shell");
        let back = String::from_utf8(ran.stdout).expect("text");
        assert_eq!(back.split_terminator('\0').collect::<Vec<_>>(), words);
    }
}
