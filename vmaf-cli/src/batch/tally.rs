//! What came of a batch's encodes, for people: how far it is while it runs, each problem as it is
//! met, and a summary.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use vmaf_core::pool::Pool;

use super::locked;
use super::results::{Labels, Outcome};
use crate::failure::{self, Failure, Result};
use crate::gates;
use crate::output;
use crate::output::report::{Encode, Judged, Report};
use crate::output::text::clock;
use crate::output::verdicts;

/// How many units of progress an encode is.
const ENCODE: u64 = 1000;

/// The counts, and the bar that shows them.
pub(super) struct Tally {
    bar: ProgressBar,
    quiet: bool,
    begun: Instant,
    counts: Mutex<Counts>,
    frames: Arc<AtomicU64>,
    settled: Arc<AtomicU64>,
}

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    unmeasured: usize,
    /// How many were there already.
    known: usize,
}

/// How far a group of encodes is.
pub(super) struct GroupProgress<'a> {
    tally: &'a Tally,
    encodes: u64,
    shown: u64,
    frames: u64,
}

impl Tally {
    /// Of a batch of `encodes` encodes.
    pub(super) fn new(encodes: usize, quiet: bool) -> Self {
        // indicatif draws to terminals only.
        let target =
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(encodes as u64 * ENCODE), target);
        let (frames, settled) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let begun = Instant::now();
        let template = "[{bar:30}] {encodes} encodes, {rate}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            let counted = Arc::clone(&settled);
            let encodes = move |_: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{}/{encodes}", counted.load(Ordering::Relaxed));
            };
            let counted = Arc::clone(&frames);
            let rate = move |_: &ProgressState, out: &mut dyn Write| {
                let frames = counted.load(Ordering::Relaxed) as f64;
                let _ = write!(out, "{:.1} frames/s", frames / begun.elapsed().as_secs_f64());
            };
            let style = style.progress_chars("=> ");
            bar.set_style(style.with_key("encodes", encodes).with_key("rate", rate));
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, quiet, begun, counts: Mutex::default(), frames, settled }
    }

    /// Progress of a group of `encodes` encodes.
    pub(super) fn of(&self, encodes: usize) -> GroupProgress<'_> {
        GroupProgress { tally: self, encodes: encodes as u64, shown: 0, frames: 0 }
    }

    /// Counts an encode whose result was there already. It says nothing of how long others take.
    pub(super) fn known(&self) {
        self.bar.dec_length(ENCODE);
        locked(&self.counts).known += 1;
    }

    /// Counts an encode that has a line, and tells what was wrong with it.
    pub(super) fn done(&self, labels: &Labels, outcome: Outcome, problems: &[String]) {
        self.count(outcome);
        self.bar.suspend(|| tell(labels, outcome, problems));
    }

    fn count(&self, outcome: Outcome) {
        let mut counts = locked(&self.counts);
        match outcome {
            Outcome::Passed => counts.passed += 1,
            Outcome::Failed => counts.failed += 1,
            Outcome::Unmeasured => counts.unmeasured += 1,
        }
        self.settled.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts an encode that can't be measured.
    pub(super) fn unmeasured(&self, labels: &Labels, error: &str) {
        self.count(Outcome::Unmeasured);
        // Most errors name the file, which may be all that people call the encode by.
        let told = match &labels.name {
            Some(name) => format!("{name}: {error}"),
            None if error.contains(&labels.distorted) => error.to_owned(),
            None => format!("{}: {error}", labels.distorted),
        };
        self.bar.suspend(|| failure::error(told));
    }

    /// Counts the one encode of `report`, and tells what came of it.
    pub(super) fn measured(&self, labels: &Labels, report: &Report) {
        let encode = &report.encodes[0];
        let mut outcome = Outcome::Passed;
        let mut problems = Vec::new();
        for Judged { gate, verdict, .. } in report.judged(encode) {
            let (of_gate, why) = match verdict {
                Ok((verdict, _)) if verdict.held => continue,
                Ok((verdict, values)) => {
                    (Outcome::Failed, verdicts::sentence(report, gate, verdict, values))
                }
                Err(reason) => (Outcome::Unmeasured, reason.to_owned()),
            };
            outcome = outcome.max(of_gate);
            problems.push(format!("gate '{gate}': {why}"));
        }
        self.count(outcome);
        self.bar.println(scores(labels, report, encode));
        self.bar.suspend(|| tell(labels, outcome, &problems));
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Tells what came of all encodes, whose results are in the file `output`.
    pub(super) fn conclude(&self, output: &str) -> Result<gates::Outcome> {
        self.clear();
        let counts = locked(&self.counts);
        let Counts { passed, failed, unmeasured, known, .. } = *counts;
        let all = passed + failed + unmeasured;
        if !self.quiet {
            let encodes = if all == 1 { "encode" } else { "encodes" };
            let mut text = format!(
                "{all} {encodes}: {passed} passed, {failed} failed, {unmeasured} not measured\n"
            );
            if known > 0 {
                let _ = write!(text, "{known} of them were measured before; ");
            }
            let frames = self.frames.load(Ordering::Relaxed);
            let elapsed = self.begun.elapsed().as_secs_f64();
            let _ = writeln!(text, "{frames} frames in {}, results in {output}", clock(elapsed));
            output::print(&text)?;
        }
        match (failed, unmeasured) {
            (_, 1..) => Err(Failure::Told),
            (1.., _) => Ok(gates::Outcome::Failed),
            _ => Ok(gates::Outcome::Held),
        }
    }
}

impl GroupProgress<'_> {
    /// Shows that `measured` frames are done beside the `kept` ones of an earlier batch, of as many
    /// as there are if that is known.
    pub(super) fn at(&mut self, kept: u64, measured: u64, total: Option<u64>) {
        self.tally.frames.fetch_add(measured.saturating_sub(self.frames), Ordering::Relaxed);
        self.frames = measured;
        let all = self.encodes * ENCODE;
        let Some(total) = total.filter(|total| *total > 0) else { return };
        self.show((all * (kept + measured) / total).min(all));
    }

    fn show(&mut self, shown: u64) {
        self.tally.bar.inc(shown.saturating_sub(self.shown));
        self.shown = self.shown.max(shown);
    }
}

impl Drop for GroupProgress<'_> {
    fn drop(&mut self) {
        self.show(self.encodes * ENCODE);
    }
}

/// Tells what is wrong with an encode's gates.
fn tell(labels: &Labels, outcome: Outcome, problems: &[String]) {
    for problem in problems {
        let told = format!("{}: {problem}", name(labels));
        if outcome == Outcome::Unmeasured {
            failure::error(told);
        } else {
            failure::note(format!("failed: {told}"));
        }
    }
}

/// An encode's mean scores, in a line.
fn scores(labels: &Labels, report: &Report, encode: &Encode) -> String {
    let Ok(values) = &encode.result else { return String::new() };
    let means = report.models.iter().filter_map(|model| {
        let mean = values.pool(values.column(model.label())?, Pool::Mean)?;
        Some(format!("{} {mean:.2}", model.label()))
    });
    let means: Vec<String> = means.collect();
    format!("{}: {}", name(labels), means.join(", "))
}

/// What people call an encode by.
fn name(labels: &Labels) -> &str {
    labels.name.as_deref().unwrap_or(&labels.distorted)
}
