//! What programs need that have the command within them, as the Python package has.
//!
//! A run is that of `vmaf score`: it takes the same options, reads, pairs and measures by the same
//! code, and fails with the same words. What differs is that nothing is printed, that what was
//! [`Measured`] is given, and that a [`Monitor`] shows how far it is and can stop it. Frames come
//! from files ([`score`]), from memory ([`Pushed`]), or are those of parts that were measured
//! elsewhere ([`merge`]).

mod command;
mod measured;
mod memory;

use clap::Parser;
use vmaf_core::Scorer;

use self::command::Command;
pub use self::measured::{Judgement, Measured, save, table};
pub use self::memory::Pushed;
use crate::args::{self, Cli, ScoreArgs};
use crate::batch::manifest;
pub use crate::failure::{Failure, Result};
use crate::inputs::Opening;
pub use crate::monitor::Monitor;
use crate::parts::merge::Parts;
use crate::score::asked::Asked;
use crate::score::{self, Begun};

/// Scores files as `vmaf score` does under these `options`, several encodes in one pass. Gives what
/// was measured of each encode, in order, or why nothing was.
///
/// # Errors
/// Where an option is wrong, the reference can't be read, or `monitor` stopped the run.
pub fn score(
    options: &[String],
    reference: &str,
    distorted: &[String],
    monitor: &Monitor,
) -> Result<Vec<Measured>> {
    let command = Command::of(options, reference, distorted);
    let arguments = parsed(&command)?;
    let asked = Asked::of(&arguments.measure)?;
    let opening = score::opening(&arguments.measure)?;
    let opening = Opening { monitor: monitor.clone(), ..opening };
    let inputs = score::open(reference, distorted, &opening)?;
    let begun = Begun::of_inputs(asked, inputs, &arguments.measure)?;
    let (begun, scorer) = begun.start()?;
    measured(begun, scorer, monitor, Some(&command))
}

/// What was measured of a run of which all parts are in the files at `paths`, an encode each.
///
/// # Errors
/// Where the files are not all parts of one run.
pub fn merge(paths: &[String]) -> Result<Vec<Measured>> {
    if paths.is_empty() {
        return Err(Failure::input("no parts were given"));
    }
    let parts = Parts::read(paths)?;
    let known = parts.known().clone();
    let planned = known.plan()?;
    let (known, found, went) = parts.joined(known, &planned)?;
    Measured::all(&known, &planned, found, went, None)
}

/// The encodes that the manifest of a batch names: its line, from 1, and a line of JSON of each, with
/// patterns replaced by the files that they match. These are a manifest themselves, of the same
/// folder.
///
/// # Errors
/// Where the manifest can't be read, or a line is wrong.
pub fn batch_entries(manifest: &str) -> Result<Vec<(u64, String)>> {
    let entries = manifest::read(manifest, None)?;
    Ok(entries.iter().map(|entry| (entry.line, entry.to_json())).collect())
}

/// Fails where `options` of `vmaf score` are wrong, or what they ask for is not there.
///
/// # Errors
/// What is wrong.
pub fn check(options: &[String]) -> Result<()> {
    let arguments = parsed(&Command::of(options, "reference", &["distorted".to_owned()]))?;
    Asked::of(&arguments.measure).map(drop)
}

/// What `command` asks for.
fn parsed(command: &Command) -> Result<ScoreArgs> {
    let cli = Cli::try_parse_from(command.words()).map_err(|error| args::problem(&error))?;
    match cli.command {
        args::Command::Score(arguments) => Ok(*arguments),
        _ => Err(Failure::input("this is no run of 'vmaf score'")),
    }
}

/// Reads a run that has started to its end.
fn measured(
    mut begun: Begun,
    mut scorer: Scorer,
    monitor: &Monitor,
    command: Option<&Command>,
) -> Result<Vec<Measured>> {
    monitor.expect(begun.expected(&scorer));
    let (ends, went) = begun.read_with(&mut scorer, |_, scorer| {
        monitor.at(scorer.measured());
        Ok(())
    })?;
    let found = begun.known.conclude(&ends, scorer)?;
    // The last frames were still at work when they were read.
    monitor.at(went.count);
    Measured::all(&begun.known, &begun.planned, found, went, command)
}
