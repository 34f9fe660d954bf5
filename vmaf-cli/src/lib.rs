//! The `vmaf` command as a library: [`main`] runs it.
//!
//! The command has two forms: `vmaf score` and the other subcommands, and a drop-in form that
//! accepts libvmaf's flags. The first argument selects the form: a subcommand's name, or a flag.
//! Measuring and writing are done by the crate [`vmaf`].
//!
//! - `args` parses the command line and builds requests from it;
//! - `score`, `search`, `batch`, `maps`, `listing`, `packaging` and `dropin` run the commands;
//! - `writers` opens and writes the outputs;
//! - `terminal` and `progress` report to the user during a run;
//! - `signals` ends a run on SIGTERM, Ctrl-C and hang-up;
//! - `failure` reports the failure of a command: one line, and status 2;
//! - `wording` converts the settings in messages to options.

mod args;
mod batch;
mod dropin;
mod failure;
mod listing;
mod maps;
mod packaging;
mod progress;
mod score;
mod search;
mod signals;
mod terminal;
mod wording;
mod writers;

use std::ffi::OsString;
use std::path::Path;

use clap::Parser;
use clap::error::ErrorKind;

use args::{Cli, Command};
use failure::{Failure, Result};
use vmaf::Outcome;
use vmaf_core::memory;

/// The exit status if a gate failed.
const GATE_FAILED: u8 = 1;

/// The exit status if something could not be measured, whatever the gates gave.
const NOT_MEASURED: u8 = 2;

/// Runs the command with `arguments`, the first of which is the command's name. Returns the exit
/// status: 0 if everything was measured and every gate held, 1 if a gate failed, 2 if something
/// could not be measured, 128 and the number of a signal that ended it.
#[must_use]
pub fn main(arguments: &[OsString]) -> u8 {
    let outcome = memory::catch(|| run(arguments));
    match outcome.unwrap_or_else(|refused| Err(vmaf_core::Error::from(refused).into())) {
        Ok(Outcome::Passed) => 0,
        Ok(Outcome::Failed) => GATE_FAILED,
        Ok(Outcome::Unmeasured) => NOT_MEASURED,
        Err(failure) => {
            failure.report();
            failure.status()
        }
    }
}

fn run(arguments: &[OsString]) -> Result<Outcome> {
    let first = arguments.get(1).and_then(|first| first.to_str()).unwrap_or_default();
    let is_h = arguments.len() == 2 && first == "-h";
    let asks_for_help = is_h || ["--help", "--version", "-V"].contains(&first);
    if first.starts_with('-') && first != "-" && !asks_for_help {
        return dropin::run(arguments).map(|()| Outcome::Passed);
    }
    if arguments.len() == 2 && first == "--version" {
        return args::print_version().map(|()| Outcome::Passed);
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error)
            if error.kind() == ErrorKind::InvalidSubcommand && Path::new(first).is_file() =>
        {
            return Err(Failure::usage(format!(
                "'{first}' is not a command; to score it: vmaf score {first} ENCODE"
            )));
        }
        Err(error) => return args::usage(&error).map(|()| Outcome::Passed),
    };
    let words = || -> Vec<String> {
        let words = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned());
        std::iter::once("vmaf".to_owned()).chain(words).collect()
    };
    match cli.command {
        Command::Score(mut arguments) => {
            arguments.results.command = words();
            score::run(&arguments)
        }
        Command::Search(arguments) => search::run(&arguments),
        Command::Ladder(arguments) => search::run_ladder(&arguments),
        Command::Maps(arguments) => maps::run(&arguments).map(|()| Outcome::Passed),
        Command::Batch(arguments) => batch::run(&arguments),
        Command::Merge(mut arguments) => {
            arguments.results.command = words();
            score::merge(&arguments)
        }
        Command::Models => listing::models().map(|()| Outcome::Passed),
        Command::Metrics { name } => listing::metrics(name.as_deref()).map(|()| Outcome::Passed),
        Command::Completions { shell } => packaging::completions(shell).map(|()| Outcome::Passed),
        Command::Man { out } => packaging::man(out.as_deref()).map(|()| Outcome::Passed),
    }
}
