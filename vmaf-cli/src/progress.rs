//! Progress of a run on a terminal's standard error: frames, rate and, if the number of frames is
//! known, the time left. Nothing is shown elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar, hidden on request or if standard error is not a terminal.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Creates a bar for `frames` frames, or a spinner if the number is unknown, after a label.
    pub(crate) fn labelled(label: &str, frames: Option<u64>, quiet: bool) -> Self {
        // indicatif draws to terminals only.
        let target =
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(frames, target);
        let template = match frames {
            Some(_) => "{prefix}[{bar:40}] {pos}/{len} frames, {per_sec}, {eta} left",
            None => "{prefix}{spinner} {pos} frames, {per_sec}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let rate = |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                // The rate is undefined at the very beginning.
                let rate = Some(state.per_sec()).filter(|rate| rate.is_finite());
                let _ = write!(out, "{:.1} frames/s", rate.unwrap_or_default());
            };
            bar.set_style(style.progress_chars("=> ").with_key("per_sec", rate));
        }
        if !label.is_empty() {
            bar.set_prefix(format!("{label} "));
        }
        // The steady tick uses a thread: start it only if the bar is visible.
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// Shows that `frames` frames are done.
    pub(crate) fn at(&self, frames: u64) {
        self.0.set_position(frames);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
