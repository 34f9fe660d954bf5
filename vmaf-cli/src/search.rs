//! `vmaf search` and `vmaf ladder`: progress, a table of probes as they finish, and the answer.

use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vmaf::output::text::clock;
use vmaf::search::{
    LadderPoint, LadderResult, Prediction, SceneEncode, SearchEvent, SearchOutcome, SearchResult,
    SearchSource, TargetValue,
};
use vmaf::{Outcome, RunHandle};

use crate::args::{LadderArgs, SearchArgs};
use crate::failure::{self, Result};
use crate::signals::ReceivedSignal;
use crate::terminal;

/// The least width of columns.
const WIDTH: usize = 9;

/// Runs `vmaf search`.
pub(crate) fn run(arguments: &SearchArgs) -> Result<Outcome> {
    let search = arguments.search()?;
    let results = &arguments.results;
    let steps = Steps::new(results.is_table());
    let handle = steps.handle(results.quiet);
    let received = ReceivedSignal::stop(&handle, true);
    let result = search.run_with(&handle, &|event| steps.show(None, event));
    let result = received.outcome(result)?;
    if let Some(path) = &results.json {
        result.write(path)?;
    }
    if result.outcome == SearchOutcome::Unreachable {
        failure::note(format!("failed: {}", unreachable(&result)));
        return Ok(Outcome::Failed);
    }
    if results.is_table() {
        terminal::print(&conclusion(&result))?;
    }
    Ok(Outcome::Passed)
}

/// Runs `vmaf ladder`.
pub(crate) fn run_ladder(arguments: &LadderArgs) -> Result<Outcome> {
    let ladder = arguments.ladder()?;
    let results = &arguments.results;
    let steps = Steps::new(results.is_table());
    let handle = steps.handle(results.quiet);
    let received = ReceivedSignal::stop(&handle, true);
    let result = ladder.run_with(&handle, &|height, event| steps.show(Some(height), event));
    let result = received.outcome(result)?;
    for path in results.json.iter().chain(&arguments.report) {
        result.write(path)?;
    }
    if results.is_table() {
        terminal::print(&rungs(&result))?;
    }
    let missing = result.rungs.iter().filter(|rung| rung.encode.is_none());
    let missing: Vec<String> = missing.map(|rung| rung.target.to_string()).collect();
    if missing.is_empty() {
        return Ok(Outcome::Passed);
    }
    failure::note(format!("failed: no height reaches a score of {}", missing.join(" or ")));
    Ok(Outcome::Failed)
}

/// The steps of a search, as they are shown.
struct Steps {
    is_table: bool,
    label: Arc<Mutex<String>>,
    table: Mutex<Option<Table>>,
}

impl Steps {
    fn new(is_table: bool) -> Self {
        Self { is_table, label: Arc::default(), table: Mutex::new(None) }
    }

    /// Returns a handle that shows the progress of each step, after its label.
    fn handle(&self, quiet: bool) -> RunHandle {
        terminal::labelled_handle(quiet, Arc::clone(&self.label)).0
    }

    /// Shows a step, of the encodes of a height if it is of a ladder.
    fn show(&self, height: Option<u32>, event: SearchEvent<'_>) {
        if let Some(text) = text_of(event) {
            *locked(&self.label) = text;
        }
        let mut table = locked(&self.table);
        if let SearchEvent::Planned { source, setting, targets } = event {
            let is_first = table.is_none();
            if is_first && self.is_table {
                let _ = terminal::print(&planned(source));
            }
            // The targets of a ladder are bounds on one value.
            let targets = if height.is_some() { &targets[..1] } else { targets };
            let mut new = Table::new(setting, targets, source);
            if height.is_some() {
                new.targets = vec!["score".to_owned()];
                new.has_header = !is_first;
            }
            *table = Some(new);
        }
        if let (true, Some(table)) = (self.is_table, &mut *table) {
            table.height = height;
            // A closed pipe stops nothing: the encode is what was asked for.
            let _ = terminal::print(&table.lines(event));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the label of the step that begins with an event.
fn text_of(event: SearchEvent<'_>) -> Option<String> {
    let list = |qualities: &[f64]| {
        qualities.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    Some(match event {
        SearchEvent::Analysing => "analysing".to_owned(),
        SearchEvent::Cutting => "cutting clips".to_owned(),
        SearchEvent::Encoding { qualities, .. } => format!("encoding {}", list(qualities)),
        SearchEvent::Scoring { qualities } => format!("scoring {}", list(qualities)),
        _ => return None,
    })
}

/// The table of probes and encodes, of which lines are printed as they are known.
struct Table {
    setting: String,
    targets: Vec<String>,
    seconds: f64,
    frames: u64,
    /// True if probes encode the whole source: their values are no estimates.
    is_whole: bool,
    /// The height of a ladder's encodes.
    height: Option<u32>,
    /// True once the header is printed.
    has_header: bool,
}

impl Table {
    fn new(setting: &str, targets: &[String], source: &SearchSource) -> Self {
        // A single model's name is the same in all columns.
        let models: Vec<&str> =
            targets.iter().filter_map(|target| Some(target.split_once(':')?.0)).collect();
        let is_one = models.windows(2).all(|pair| pair[0] == pair[1]);
        let name = |target: &String| match target.split_once(':') {
            Some((_, gate)) if is_one => gate.to_owned(),
            _ => target.clone(),
        };
        let targets = targets.iter().map(name).collect();
        Self {
            setting: setting.to_owned(),
            targets,
            seconds: source.seconds,
            frames: source.frames,
            is_whole: source.share >= 1.0,
            height: None,
            has_header: false,
        }
    }

    /// Returns the lines of an event.
    fn lines(&mut self, event: SearchEvent<'_>) -> String {
        match event {
            SearchEvent::Probed(probe) => {
                let note = if probe.encoded_frames == 0 { "stored" } else { "" };
                self.line(probe.quality, &probe.targets, probe.bytes, note)
            }
            SearchEvent::Predicted { quality, prediction: Prediction { targets, bytes, .. } }
                if !self.is_whole =>
            {
                self.line(quality, targets, *bytes, "predicted")
            }
            SearchEvent::Scene(scene) => {
                let SceneEncode { first, frames, quality, targets, bytes, .. } = scene;
                let seconds = self.seconds * *frames as f64 / self.frames as f64;
                let note = format!("frames {first} to {}", first + frames - 1);
                self.line_of(*quality, targets, (*bytes, seconds), &note)
            }
            SearchEvent::Verified(encode) => {
                let note = if encode.is_met() { "encoded: meets" } else { "encoded: misses" };
                self.line(encode.quality, &encode.targets, encode.bytes, note)
            }
            _ => String::new(),
        }
    }

    /// Returns a line for an encode at a setting, after the header if it is the first.
    fn line(&mut self, quality: f64, values: &[TargetValue], bytes: u64, note: &str) -> String {
        self.line_of(quality, values, (bytes, self.seconds), note)
    }

    /// Returns the same for a part of the source, of a size in bytes and a duration in seconds.
    fn line_of(
        &mut self,
        quality: f64,
        values: &[TargetValue],
        (bytes, seconds): (u64, f64),
        note: &str,
    ) -> String {
        let mut text = String::new();
        let widths = self.targets.iter().map(|target| target.len().max(WIDTH + 6));
        if !self.has_header {
            self.has_header = true;
            text.push('\n');
            if self.height.is_some() {
                let _ = write!(text, "{:>WIDTH$}", "height");
            }
            let _ = write!(text, "{:>WIDTH$}", self.setting);
            for (target, width) in self.targets.iter().zip(widths.clone()) {
                let _ = write!(text, "  {target:>width$}");
            }
            let _ = writeln!(text, "  {:>WIDTH$}  {:>WIDTH$}", "video", "kb/s");
        }
        if let Some(height) = self.height {
            let _ = write!(text, "{height:>WIDTH$}");
        }
        let _ = write!(text, "{quality:>WIDTH$}");
        for (value, width) in values.iter().zip(widths) {
            let _ = write!(text, "  {:>width$}", estimate(value));
        }
        let rate = bytes as f64 * 8.0 / 1000.0 / seconds;
        let line = format!("{text}  {:>WIDTH$}  {rate:>WIDTH$.0}  {note}", size(bytes));
        format!("{}\n", line.trim_end())
    }
}

/// Returns the line about the source.
fn planned(source: &SearchSource) -> String {
    let SearchSource { path, frames, seconds, clips, share, crop, .. } = source;
    let scenes = source.scenes_text();
    let crop = crop.as_ref().map_or_else(String::new, |crop| format!(", cropped to {crop}"));
    let probed = if *share < 1.0 {
        format!("{clips} clips with {:.0} % of its frames are probed", share * 100.0)
    } else {
        "probed as a whole".to_owned()
    };
    format!("{path}: {frames} frames, {}, {scenes}{crop}; {probed}\n", clock(*seconds))
}

/// Formats a value, with the half of its interval if it is an estimate.
fn estimate(value: &TargetValue) -> String {
    if value.deviation > 0.0 {
        format!("{:.2} ±{:.2}", value.value, value.deviation)
    } else {
        format!("{:.2}", value.value)
    }
}

/// Formats a size.
fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        _ if bytes >= 1e9 => format!("{:.2} GB", bytes / 1e9),
        _ if bytes >= 1e6 => format!("{:.2} MB", bytes / 1e6),
        _ => format!("{:.1} kB", bytes / 1e3),
    }
}

/// Returns the sentence about targets that no setting meets.
fn unreachable(result: &SearchResult) -> String {
    let SearchResult { setting, quality, prediction, targets, .. } = result;
    let missed = prediction.targets.iter().filter(|value| value.margin < 0.0);
    let missed: Vec<String> =
        missed.map(|value| format!("{} is {:.2}", value.target, value.value)).collect();
    format!(
        "no {setting} meets {}; the best available is {setting} {quality}, where {}",
        targets.join(" and "),
        missed.join(" and ")
    )
}

/// Returns the lines after the table.
fn conclusion(result: &SearchResult) -> String {
    let SearchResult { setting, quality, command, encoded_frames, elapsed, .. } = result;
    let answer = match &result.output {
        Some(path) if !result.scenes.is_empty() => {
            format!("{path}: {} scenes, {setting} {quality} on average", result.scenes.len())
        }
        Some(path) => format!("{path}: {setting} {quality}"),
        None => format!("{setting} {quality}, estimated; to encode it:\n  {command}"),
    };
    format!("\n{answer}\n{encoded_frames} frames encoded in {}\n", clock(*elapsed))
}

/// Returns the table of a ladder's rungs.
fn rungs(result: &LadderResult) -> String {
    let mut text = format!(
        "\nrungs: the smallest encodes by {} with {}\n\n{:>WIDTH$}{:>WIDTH$}{:>WIDTH$}{:>WIDTH$}{:>WIDTH$}\n",
        result.encoder, result.score, "from", "height", result.setting, "score", "kb/s"
    );
    for rung in &result.rungs {
        let _ = write!(text, "{:>WIDTH$}", rung.target);
        let _ = match rung.encode {
            Some(LadderPoint { height, quality, score, kilobits, .. }) => write!(
                text,
                "{height:>WIDTH$}{quality:>WIDTH$}{score:>WIDTH$.2}{kilobits:>WIDTH$.0}"
            ),
            None => write!(text, "  not reached"),
        };
        let _ = match &rung.output {
            Some(output) => writeln!(text, "  {output}"),
            None => writeln!(text),
        };
    }
    let LadderResult { encoded_frames, elapsed, .. } = result;
    let _ = writeln!(text, "\n{encoded_frames} frames encoded in {}", clock(*elapsed));
    text
}
