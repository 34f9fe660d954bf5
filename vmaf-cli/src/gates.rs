//! Gates of `vmaf score`: which columns they are meant of, and what came of them.
//!
//! That a gate's column is measured is found out before the first frame is. A gate that can't be
//! judged ends the run like an encode that can't be scored; only one that was judged and did not
//! hold gives the status for "found wanting".

use vmaf_core::feature::{FEATURES, When};
use vmaf_core::gate::Verdict;
use vmaf_core::{Chroma, Gate, Model, unknown};

use crate::args::JudgeArgs;
use crate::failure::{Failure, Result};
use crate::output::report::{Values, plain_name};
use crate::spec::Metric;

/// A gate of one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnGate {
    /// The column that it judges, as the scorer calls it.
    column: String,
    /// The gate, with what outputs call that column.
    pub(crate) gate: Gate,
}

/// Whether all gates held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Held,
    Failed,
}

/// The gates asked for, in the command line's order.
pub(crate) fn asked(arguments: &JudgeArgs) -> Vec<Gate> {
    let short = arguments.fail_under.map(Gate::mean_at_least);
    arguments.gate.iter().cloned().chain(short).collect()
}

/// The gates by column: those without one are meant of each of the `models`' scores.
pub(crate) fn by_column(
    gates: &[Gate],
    models: &[Model],
    measured: &[Metric],
    chroma: Chroma,
) -> Result<Vec<ColumnGate>> {
    let of_metrics = measured.iter().flat_map(|(feature, options)| {
        let outputs = feature.outputs_under(options, chroma);
        let columns = outputs.filter(|output| matches!(output.when, When::Frame | When::End));
        columns.map(|output| feature.column(output, options))
    });
    let columns = models.iter().flat_map(Model::columns).chain(of_metrics);
    // What people may call them, and what the scorer does.
    let mut names: Vec<(String, String)> =
        columns.map(|column| (plain_name(measured, &column).to_owned(), column)).collect();
    let in_full = models.iter().map(|model| (model.name().to_owned(), model.label().to_owned()));
    names.extend(in_full);
    let mut found = Vec::new();
    for gate in gates {
        let mut add = |column: &str| {
            let name = plain_name(measured, column).to_owned();
            let gate = Gate { column: Some(name), ..gate.clone() };
            found.push(ColumnGate { column: column.to_owned(), gate });
        };
        match &gate.column {
            Some(name) => {
                match names.iter().find(|(known, column)| known == name || column == name) {
                    Some((_, column)) => add(column),
                    None => return Err(not_measured(gate, name, &names)),
                }
            }
            None if models.is_empty() => {
                return Err(Failure::input(format!(
                    "gate '{gate}': no model's score is measured; name a column, as in \
                     COLUMN:{gate}"
                )));
            }
            None => models.iter().for_each(|model| add(model.label())),
        }
    }
    Ok(found)
}

/// The failure of a gate whose column nothing gives.
fn not_measured(gate: &Gate, name: &str, names: &[(String, String)]) -> Failure {
    let metric =
        FEATURES.iter().find(|feature| feature.outputs.iter().any(|output| output.column == name));
    let reason = match metric {
        Some(metric) => format!("{name} is not measured; add --metric {}", metric.name),
        None => unknown("column", name, names.iter().map(|(known, _)| &known[..])).to_string(),
    };
    Failure::input(format!("gate '{gate}': {reason}"))
}

impl ColumnGate {
    /// What came of it: `None` if the pool of its column is not a number.
    pub(crate) fn verdict(&self, values: &Values) -> Option<Verdict> {
        let column = values.column(&self.column)?;
        self.gate.verdict(&column.values, values.times())
    }
}
