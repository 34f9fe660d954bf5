//! The `vmaf` command, as a library: [`main`] is all of it.
//!
//! One command in two forms: `vmaf score` and its companions, and a drop-in form that takes
//! libvmaf's own flags. The first argument tells which is meant: a subcommand's name, or a flag. All
//! that is measured and written is in the crate [`vmaf`].
//!
//! - `args` reads the command line, and makes requests of it;
//! - `score`, `batch`, `maps`, `listing` and `dropin` run the commands;
//! - `writers` has the places that results go to;
//! - `terminal` and `progress` report to people while a run works;
//! - `failure` is the reason why a command has no result: one line, and status 2;
//! - `wording` has the options that messages name.

mod args;
mod batch;
mod dropin;
mod failure;
mod listing;
mod maps;
mod progress;
mod score;
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

/// The status of a run that measured, and found a gate failed.
const FOUND_WANTING: u8 = 1;

/// The status of a run that could not measure, whatever else it found.
const COULD_NOT_MEASURE: u8 = 2;

/// Runs the command with `arguments`, the first of which is its own name. Gives its exit status: 0
/// where all was measured and every gate held, 1 where a gate failed, 2 where something could not be
/// measured.
#[must_use]
pub fn main(arguments: &[OsString]) -> u8 {
    match run(arguments) {
        Ok(Outcome::Passed) => 0,
        Ok(Outcome::Failed) => FOUND_WANTING,
        Ok(Outcome::Unmeasured) => COULD_NOT_MEASURE,
        Err(failure) => {
            failure.report();
            COULD_NOT_MEASURE
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
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error)
            if error.kind() == ErrorKind::InvalidSubcommand && Path::new(first).is_file() =>
        {
            return Err(Failure::usage(format!(
                "'{first}' is no command; to score it: vmaf score {first} ENCODE"
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
        Command::Maps(arguments) => maps::run(&arguments).map(|()| Outcome::Passed),
        Command::Batch(arguments) => batch::run(&arguments),
        Command::Merge(mut arguments) => {
            arguments.results.command = words();
            score::merge(&arguments)
        }
        Command::Models => listing::models().map(|()| Outcome::Passed),
        Command::Metrics { name } => listing::metrics(name.as_deref()).map(|()| Outcome::Passed),
    }
}
