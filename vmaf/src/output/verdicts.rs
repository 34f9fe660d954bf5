//! Verdicts of gates as text: a line for each encode and gate.

use vmaf_core::Gate;
use vmaf_core::gate::Verdict;

use super::report::{GateResult, Report};
use super::text::{Align, clock};
use super::values::Values;

/// The most decimals of a value; enough to distinguish it from its bound are shown.
const MAX_DIGITS: usize = 9;

/// The least decimals of a score.
pub(crate) const MODEL_DIGITS: usize = 2;

/// Returns the rows of the table of verdicts, the header first. If `colored`, failures are
/// highlighted.
pub(crate) fn rows(report: &Report, colored: bool) -> (Vec<Align>, Vec<Vec<String>>) {
    let header = ["encode", "gate", "value", "margin", "verdict", "worst stretch"];
    let mut columns = [Align::Left; 6];
    columns[2..4].fill(Align::Right);
    let mut rows = vec![header.map(String::from).to_vec()];
    for GateResult { encode, gate, verdict } in
        report.encodes.iter().flat_map(|e| report.gate_results(e))
    {
        let mut row = vec![encode.path.clone(), gate.to_string()];
        if let Ok((verdict, values)) = verdict {
            let digits = digits(verdict.margin, least_digits(report, gate));
            row.push(format!("{:.digits$}", verdict.value));
            row.push(format!("{:+.digits$}", verdict.margin));
            row.push(verdict_word(verdict.held, colored));
            row.push(worst_stretch(&verdict, values));
        } else {
            row.extend(["-", "-", "not measured"].map(String::from));
        }
        rows.push(row);
    }
    (columns.to_vec(), rows)
}

/// Describes a failure in one sentence.
pub(crate) fn sentence(report: &Report, gate: &Gate, verdict: Verdict, values: &Values) -> String {
    let mut text =
        distance_from_bound(gate, verdict.value, verdict.margin, least_digits(report, gate));
    let worst_stretch = worst_stretch(&verdict, values);
    if !worst_stretch.is_empty() {
        text.push_str("; worst ");
        text.push_str(&worst_stretch);
    }
    text
}

/// Describes the distance of a value from a gate's bound, with at least `least` decimals, and more
/// if needed to show it.
pub(crate) fn distance_from_bound(gate: &Gate, value: f64, margin: f64, least: usize) -> String {
    let digits = digits(margin, least);
    let side = if gate.comparison.wants_more() { "below" } else { "above" };
    if value.is_infinite() {
        return format!("the value is infinite, {side} {}", gate.bound);
    }
    format!("{value:.digits$} is {:.digits$} {side} {}", margin.abs(), gate.bound)
}

/// Returns the number of decimals that shows on which side of the bound a value is, at least
/// `least`.
fn digits(margin: f64, least: usize) -> usize {
    let shows =
        |digits: &usize| margin == 0.0 || margin.abs() >= 0.5 * 10.0_f64.powi(-(*digits as i32));
    (least..MAX_DIGITS).find(shows).unwrap_or(MAX_DIGITS)
}

/// Returns the least number of decimals: two for models, six for metrics.
fn least_digits(report: &Report, gate: &Gate) -> usize {
    let name = gate.column.as_deref().unwrap_or_default();
    if report.models.iter().any(|model| model.label() == name) { MODEL_DIGITS } else { 6 }
}

fn verdict_word(held: bool, colored: bool) -> String {
    let verdict_word = if held { "held" } else { "FAILED" };
    if !colored {
        return verdict_word.to_owned();
    }
    let style = console::style(verdict_word).force_styling(true);
    if held { style.green() } else { style.red().bold() }.to_string()
}

/// Formats a verdict's worst stretch, as `88.10 at 00:12.040-00:13.040`.
fn worst_stretch(verdict: &Verdict, values: &Values) -> String {
    verdict.worst.map_or_else(String::new, |worst_stretch| {
        let end = values.end(&worst_stretch);
        format!("{:.2} at {}-{}", worst_stretch.mean, clock(worst_stretch.start), clock(end))
    })
}
