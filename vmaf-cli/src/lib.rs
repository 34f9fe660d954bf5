//! The `vmaf` command, as a library: [`main`] is all of it, [`embed`] what programs need that have it
//! within them, as the Python package has.
//!
//! One command in two forms: `vmaf score` and its companions, and a drop-in form that takes
//! libvmaf's own flags. The first argument tells which is meant: a subcommand's name, or a flag.
//!
//! - `args` reads the command line, `spec` the models and metrics in it;
//! - `inputs` opens the videos and reads them side by side, `pairing` proves that they match;
//! - `score` and `dropin` run the two forms;
//! - `output` holds what was found and writes it; `writers` knows where to;
//! - `maps` writes maps of where a frame's quality went, `pictures` shows them;
//! - `batch` runs many, so that they can be killed;
//! - `parts` keeps what a part of a run measured, and joins parts; `digest` tells videos apart;
//! - `heatmaps` writes maps of banding while frames are measured;
//! - `moments` chooses what to show of a video, and `album` takes the pictures;
//! - `gates` judges scores;
//! - `failure` is what ends a run without a result: one line, and status 2.

mod album;
mod args;
mod batch;
mod conform;
mod digest;
mod dropin;
pub mod embed;
mod failure;
mod gates;
mod geometry;
mod heatmaps;
mod inputs;
mod listing;
mod maps;
mod moments;
mod monitor;
mod output;
mod pairing;
mod parts;
mod pictures;
mod progress;
mod score;
mod spec;
mod warnings;
mod writers;

use std::ffi::OsString;
use std::path::Path;

use clap::Parser;
use clap::error::ErrorKind;

use args::{Cli, Command};
use failure::{Failure, Result};
use gates::Outcome;

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
        Ok(Outcome::Held) => 0,
        Ok(Outcome::Failed) => FOUND_WANTING,
        Err(failure) => {
            failure.tell();
            COULD_NOT_MEASURE
        }
    }
}

fn run(arguments: &[OsString]) -> Result<Outcome> {
    let first = arguments.get(1).and_then(|first| first.to_str()).unwrap_or_default();
    let is_h = arguments.len() == 2 && first == "-h";
    let asks_for_help = is_h || ["--help", "--version", "-V"].contains(&first);
    if first.starts_with('-') && first != "-" && !asks_for_help {
        return dropin::run(arguments).map(|()| Outcome::Held);
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error)
            if error.kind() == ErrorKind::InvalidSubcommand && Path::new(first).is_file() =>
        {
            return Err(Failure::input(format!(
                "'{first}' is no command; to score it: vmaf score {first} ENCODE"
            )));
        }
        Err(error) => return args::usage(&error).map(|()| Outcome::Held),
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
        Command::Maps(arguments) => maps::run(&arguments).map(|()| Outcome::Held),
        Command::Batch(arguments) => batch::run(&arguments),
        Command::Merge(mut arguments) => {
            arguments.results.command = words();
            parts::merge::run(&arguments)
        }
        Command::Models => listing::models().map(|()| Outcome::Held),
        Command::Metrics { name } => listing::metrics(name.as_deref()).map(|()| Outcome::Held),
    }
}
