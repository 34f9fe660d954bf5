//! The terminal: its width and colours, the progress of a run, and what a run reports.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use vmaf::output::target;
use vmaf::{Event, RunHandle};

use crate::failure::{self, Result};
use crate::progress::Progress;
use crate::wording::WORDING;

/// The width of text where no terminal tells one.
const WIDTH: usize = 100;

/// Returns the width of text for people on standard output.
pub(crate) fn width() -> usize {
    terminal_width().unwrap_or(WIDTH)
}

/// Returns the width of the terminal that standard output is, if it is one.
pub(crate) fn terminal_width() -> Option<usize> {
    let terminal = console::Term::stdout();
    let size = terminal.size_checked().filter(|_| terminal.is_term());
    size.map(|(_, columns)| columns.into())
}

/// Returns whether text on standard output may have colours.
pub(crate) fn is_styled() -> bool {
    console::Term::stdout().is_term() && console::colors_enabled()
}

/// Prints `text`, for people who may stop reading.
pub(crate) fn print(text: &str) -> Result<()> {
    match target::write_stdout(|out| out.write_all(text.as_bytes())) {
        Err(vmaf::Error::Output { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => {
            Ok(())
        }
        result => Ok(result?),
    }
}

/// The failures of encodes that were reported, by the encodes' places.
#[derive(Clone, Default)]
pub(crate) struct Reported(Arc<Mutex<HashSet<usize>>>);

impl Reported {
    /// Returns whether the failure of the encode at this place was reported.
    pub(crate) fn has(&self, encode: usize) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&encode)
    }

    fn add(&self, encode: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(encode);
    }
}

/// Returns a handle of a run that reports to the terminal, with progress unless it is `quiet`, and
/// the failures that it reports.
pub(crate) fn handle(quiet: bool) -> (RunHandle, Reported) {
    let reported = Reported::default();
    let failures = reported.clone();
    let progress: Mutex<Option<Progress>> = Mutex::new(None);
    let handle = RunHandle::observed(move |event| {
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Reading { frames } => *progress = Some(Progress::new(frames, quiet)),
            Event::Frames(frames) => {
                if let Some(progress) = &*progress {
                    progress.at(frames);
                }
            }
            Event::Done => *progress = None,
            Event::Warning(warning) => failure::warning(warning.worded(&WORDING)),
            Event::Note(note) if !quiet => failure::note(note),
            Event::Failed { encode, error } => {
                failures.add(encode);
                failure::error(error.message().worded(&WORDING));
            }
            _ => {}
        }
    });
    (handle.with_wording(WORDING), reported)
}
