//! `vmaf batch`: progress, problems as they occur, and a summary.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use vmaf::batch::{BatchEvent, EntryName};
use vmaf::output::text::clock;
use vmaf::{Outcome, RunHandle};

use crate::args::BatchArgs;
use crate::failure::{self, Failure, Result};
use crate::signals::ReceivedSignal;
use crate::terminal;
use crate::wording::WORDING;

/// The units of progress per encode.
const UNITS_PER_ENCODE: u64 = 1000;

/// Runs `vmaf batch`.
pub(crate) fn run(arguments: &BatchArgs) -> Result<Outcome> {
    let batch = arguments.batch()?;
    let progress = Mutex::new(None);
    let quiet = arguments.quiet;
    let handle = RunHandle::default().with_wording(WORDING);
    let received = ReceivedSignal::suspend(&handle);
    let done = batch.run_with(&handle, &|event| {
        let mut progress = locked(&progress);
        if let BatchEvent::Started { encodes } = event {
            *progress = Some(BatchProgress::new(encodes, quiet));
        } else if let Some(progress) = &mut *progress {
            progress.event(event);
        }
    });
    if let Some(progress) = &*locked(&progress) {
        progress.bar.finish_and_clear();
        if done.is_ok() && !quiet {
            progress.conclude(&arguments.output)?;
        }
    }
    match received.outcome(done)? {
        Outcome::Unmeasured => Err(Failure::Reported),
        outcome => Ok(outcome),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The counts, and the bar that shows them.
struct BatchProgress {
    bar: ProgressBar,
    started: Instant,
    counts: OutcomeCounts,
    frames: Arc<AtomicU64>,
    finished: Arc<AtomicU64>,
    passes: HashMap<u64, Pass>,
}

#[derive(Default)]
struct OutcomeCounts {
    passed: usize,
    failed: usize,
    unmeasured: usize,
    /// The number of encodes that already had results.
    measured_before: usize,
}

/// The progress of encodes that are measured in one pass.
#[derive(Default)]
struct Pass {
    /// All units of progress of the pass; `shown` holds those on the bar.
    all: u64,
    shown: u64,
    frames: u64,
}

impl BatchProgress {
    /// Creates a tally for a batch of `encodes` encodes.
    fn new(encodes: usize, quiet: bool) -> Self {
        // indicatif draws to terminals only.
        let target =
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(encodes as u64 * UNITS_PER_ENCODE), target);
        let (frames, finished) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let started = Instant::now();
        let template = "[{bar:30}] {encodes} encodes, {rate}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            let counted = Arc::clone(&finished);
            let encodes = move |_: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{}/{encodes}", counted.load(Ordering::Relaxed));
            };
            let counted = Arc::clone(&frames);
            let rate = move |_: &ProgressState, out: &mut dyn Write| {
                let frames = counted.load(Ordering::Relaxed) as f64;
                let _ = write!(out, "{:.1} frames/s", frames / started.elapsed().as_secs_f64());
            };
            let style = style.progress_chars("=> ");
            bar.set_style(style.with_key("encodes", encodes).with_key("rate", rate));
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        let (counts, passes) = (OutcomeCounts::default(), HashMap::new());
        Self { bar, started, counts, frames, finished, passes }
    }

    /// Displays an event.
    fn event(&mut self, event: BatchEvent<'_>) {
        match event {
            BatchEvent::Measured { entry, scores, outcome, problems, .. } => {
                self.count(outcome);
                let means: Vec<String> =
                    scores.iter().map(|(model, mean)| format!("{model} {mean:.2}")).collect();
                self.bar.println(format!("{entry}: {}", means.join(", ")));
                self.bar.suspend(|| report(entry, outcome, problems));
            }
            BatchEvent::Reused { entry, outcome, problems, was_known, .. } => {
                self.count(outcome);
                self.bar.suspend(|| report(entry, outcome, problems));
                if was_known {
                    // Encodes with existing results must not affect the estimate of the remaining
                    // time.
                    self.bar.dec_length(UNITS_PER_ENCODE);
                    self.counts.measured_before += 1;
                }
            }
            BatchEvent::Unmeasured { entry, error, .. } => {
                self.count(Outcome::Unmeasured);
                // Most errors name the file; do not repeat it if the encode has no other name.
                let message = match &entry.name {
                    Some(name) => format!("{name}: {error}"),
                    None if error.contains(&entry.distorted) => error.to_owned(),
                    None => format!("{}: {error}", entry.distorted),
                };
                self.bar.suspend(|| failure::error(message));
            }
            BatchEvent::Progress { pass, encodes, kept, measured, total } => {
                let pass = self.passes.entry(pass).or_default();
                pass.all = encodes as u64 * UNITS_PER_ENCODE;
                let new = measured.saturating_sub(pass.frames);
                self.frames.fetch_add(new, Ordering::Relaxed);
                pass.frames = measured;
                if let Some(total) = total.filter(|total| *total > 0) {
                    pass.show(&self.bar, (pass.all * (kept + measured) / total).min(pass.all));
                }
            }
            BatchEvent::PassDone { pass } => {
                if let Some(mut pass) = self.passes.remove(&pass) {
                    pass.show(&self.bar, pass.all);
                }
            }
            _ => {}
        }
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.counts.passed += 1,
            Outcome::Failed => self.counts.failed += 1,
            Outcome::Unmeasured => self.counts.unmeasured += 1,
        }
        self.finished.fetch_add(1, Ordering::Relaxed);
    }

    /// Prints a summary of all encodes, whose results are in the file `output`.
    fn conclude(&self, output: &str) -> Result<()> {
        let OutcomeCounts { passed, failed, unmeasured, measured_before } = self.counts;
        let all = passed + failed + unmeasured;
        let encodes = if all == 1 { "encode" } else { "encodes" };
        let mut text = format!(
            "{all} {encodes}: {passed} passed, {failed} failed, {unmeasured} not measured\n"
        );
        if measured_before > 0 {
            let _ = write!(text, "{measured_before} of them were measured before; ");
        }
        let frames = self.frames.load(Ordering::Relaxed);
        let elapsed = self.started.elapsed().as_secs_f64();
        let _ = writeln!(text, "{frames} frames in {}, results in {output}", clock(elapsed));
        terminal::print(&text)
    }
}

impl Pass {
    fn show(&mut self, bar: &ProgressBar, shown: u64) {
        bar.inc(shown.saturating_sub(self.shown));
        self.shown = self.shown.max(shown);
    }
}

/// Reports the problems of an encode's gates.
fn report(entry: &EntryName, outcome: Outcome, problems: &[String]) {
    for problem in problems {
        let message = format!("{entry}: {problem}");
        if outcome == Outcome::Unmeasured {
            failure::error(message);
        } else {
            failure::note(format!("failed: {message}"));
        }
    }
}
