//! What came of gates, for people: a line for each encode and gate.

use vmaf_core::Gate;
use vmaf_core::gate::Verdict;

use super::report::{Judged, Report, Values};
use super::text::{Align, clock};

/// The most decimals of a value; as many are shown as tell it from its bound.
const MOST_DIGITS: usize = 9;

/// The rows of the table of verdicts, the header first. Where `colored`, failures stand out.
pub(crate) fn rows(report: &Report, colored: bool) -> (Vec<Align>, Vec<Vec<String>>) {
    let header = ["encode", "gate", "value", "margin", "verdict", "worst stretch"];
    let mut columns = [Align::Left; 6];
    columns[2..4].fill(Align::Right);
    let mut rows = vec![header.map(String::from).to_vec()];
    for Judged { encode, gate, verdict } in report.encodes.iter().flat_map(|e| report.judged(e)) {
        let mut row = vec![encode.path.clone(), gate.to_string()];
        if let Ok((verdict, values)) = verdict {
            let digits = digits(report, gate, verdict);
            row.push(format!("{:.digits$}", verdict.value));
            row.push(format!("{:+.digits$}", verdict.margin));
            row.push(word(verdict.held, colored));
            row.push(worst(&verdict, values));
        } else {
            row.extend(["-", "-", "not measured"].map(String::from));
        }
        rows.push(row);
    }
    (columns.to_vec(), rows)
}

/// A failure in one sentence.
pub(crate) fn sentence(report: &Report, gate: &Gate, verdict: Verdict, values: &Values) -> String {
    let digits = digits(report, gate, verdict);
    let side = if gate.comparison.wants_more() { "below" } else { "above" };
    let worst = worst(&verdict, values);
    let (value, off) = (verdict.value, verdict.margin.abs());
    let mut text = format!("{value:.digits$} is {off:.digits$} {side} {}", gate.bound);
    if !worst.is_empty() {
        text.push_str("; worst ");
        text.push_str(&worst);
    }
    text
}

/// As many decimals as show on which side of the bound a value is; two for models, six for metrics.
fn digits(report: &Report, gate: &Gate, verdict: Verdict) -> usize {
    let name = gate.column.as_deref().unwrap_or_default();
    let least = if report.models.iter().any(|model| model.label() == name) { 2 } else { 6 };
    let shows = |digits: &usize| {
        verdict.margin == 0.0 || verdict.margin.abs() >= 0.5 * 10.0_f64.powi(-(*digits as i32))
    };
    (least..MOST_DIGITS).find(shows).unwrap_or(MOST_DIGITS)
}

fn word(held: bool, colored: bool) -> String {
    let word = if held { "held" } else { "FAILED" };
    if !colored {
        return word.to_owned();
    }
    let style = console::style(word).force_styling(true);
    if held { style.green() } else { style.red().bold() }.to_string()
}

/// A verdict's worst stretch, as `88.10 at 00:12.040-00:13.040`.
fn worst(verdict: &Verdict, values: &Values) -> String {
    verdict.worst.map_or_else(String::new, |worst| {
        let end = values.end(&worst);
        format!("{:.2} at {}-{}", worst.mean, clock(worst.start), clock(end))
    })
}
