//! The terminal: its width and colours, the progress of a run, and the run's reports.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use vmaf::output::target;
use vmaf::{Event, RunHandle};

use crate::failure::{self, Result};
use crate::progress::Progress;
use crate::wording::WORDING;

/// The width of text if standard output is not a terminal.
const WIDTH: usize = 100;

/// Returns the width of text on standard output.
pub(crate) fn width() -> usize {
    terminal_width().unwrap_or(WIDTH)
}

/// Returns the width of the terminal if standard output is one.
pub(crate) fn terminal_width() -> Option<usize> {
    let terminal = console::Term::stdout();
    let size = terminal.size_checked().filter(|_| terminal.is_term());
    size.map(|(_, columns)| columns.into())
}

/// Returns true if text on standard output may be coloured.
pub(crate) fn is_styled() -> bool {
    console::Term::stdout().is_term() && console::colors_enabled()
}

/// Prints `text`; a closed pipe is not an error.
pub(crate) fn print(text: &str) -> Result<()> {
    match target::write_stdout(|out| out.write_all(text.as_bytes())) {
        Err(vmaf::Error::Output { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => {
            Ok(())
        }
        result => Ok(result?),
    }
}

/// The indices of encodes whose failures have been reported.
#[derive(Clone, Default)]
pub(crate) struct ReportedFailures(Arc<Mutex<HashSet<usize>>>);

impl ReportedFailures {
    /// Returns true if the failure of the encode with this index has been reported.
    pub(crate) fn has(&self, encode: usize) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&encode)
    }

    fn add(&self, encode: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(encode);
    }
}

/// Returns a handle for a run that reports to the terminal, with progress unless `quiet` is set,
/// and the failures that it reports.
pub(crate) fn handle(quiet: bool) -> (RunHandle, ReportedFailures) {
    labelled_handle(quiet, Arc::default())
}

/// Returns the same, with the current `label` before each progress bar.
pub(crate) fn labelled_handle(
    quiet: bool,
    label: Arc<Mutex<String>>,
) -> (RunHandle, ReportedFailures) {
    let reported = ReportedFailures::default();
    let failures = reported.clone();
    let progress: Mutex<Option<Progress>> = Mutex::new(None);
    let handle = RunHandle::with_observer(move |event| {
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Reading { frames } => {
                let label = label.lock().unwrap_or_else(PoisonError::into_inner);
                *progress = Some(Progress::labelled(&label, frames, quiet));
            }
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
