//! `vmaf completions` and `vmaf man`: files for packages, generated from the definition of the
//! command line.

use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use vmaf::output::target::Target;

use crate::args::Cli;
use crate::args::dropin::DropInArgs;
use crate::failure::Result;
use crate::terminal;

/// The page of libvmaf's flags.
const LIBVMAF_PAGE: &str = "vmaf-libvmaf";

/// Prints the completion script of `shell`.
pub(crate) fn completions(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "vmaf", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))
}

/// Prints the page of the command, or writes the pages of all commands to `folder`.
pub(crate) fn man(folder: Option<&Path>) -> Result<()> {
    let command = built();
    let Some(folder) = folder else {
        return terminal::print(&page(&command));
    };
    std::fs::create_dir_all(folder)
        .map_err(|source| vmaf::Error::Output { path: folder.display().to_string(), source })?;
    let libvmaf = DropInArgs::command().name(LIBVMAF_PAGE).bin_name("vmaf");
    for command in [&command, &libvmaf].into_iter().chain(command.get_subcommands()) {
        let path = folder.join(format!("{}.1", name(command)));
        Target::open(&path.to_string_lossy())?
            .write(|out| out.write_all(page(command).as_bytes()))?;
    }
    Ok(())
}

/// Returns the definition of the command, with the full names of its subcommands.
fn built() -> Command {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    command
}

/// Returns the name of the page of `command`, such as `vmaf-score`.
fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

/// Returns the page of `command` as roff.
fn page(command: &Command) -> String {
    let mut text = Vec::new();
    // A `Vec` takes all that is written.
    let _ = render(command, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn render(command: &Command, out: &mut dyn Write) -> io::Result<()> {
    let is_main = command.has_subcommands();
    let source = concat!("vmaf ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).title(name(command)).source(source);
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if is_main {
        man.render_subcommands_section(out)?;
    }
    let mut rest = Roff::new();
    if let Some(help) = command.get_after_help() {
        // Its lines are laid out already.
        rest.control("SH", ["NOTES"]).control("nf", []);
        for line in help.to_string().lines() {
            rest.text([roman(line)]);
        }
        rest.control("fi", []);
    }
    rest.control("SH", ["SEE ALSO"]);
    let see = if is_main { LIBVMAF_PAGE } else { "vmaf" };
    rest.text([bold(see), roman("(1)")]);
    rest.to_writer(out)
}
