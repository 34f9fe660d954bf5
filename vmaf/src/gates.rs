//! Gates of a run: the columns that they judge, and their verdicts.
//!
//! The columns of gates are checked before the first frame is read. A gate that can't be judged
//! fails the run like an encode that can't be scored; only a gate that was judged and failed gives
//! the exit status for insufficient quality.

use vmaf_core::feature::{FEATURES, Need, Output, When};
use vmaf_core::gate::Verdict;
use vmaf_core::pool::{self, Interval, Pool, Presentation};
use vmaf_core::{Chroma, Gate, Model};
use vmaf_media::{Message, Setting};

use crate::error::{Error, Result};
use crate::output::names::plain_name;
use crate::output::values::Values;
use crate::request::Metric;

/// A gate on one column, or on one value for the whole video.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnGate {
    /// The scorer's name of the column or value that it judges.
    column: String,
    /// True if the gate judges a value for the whole video.
    is_of_video: bool,
    /// The gate, with the column's name in outputs.
    pub(crate) gate: Gate,
}

/// Returns the gates by column: those without one apply to the scores of each of the `models`.
pub(crate) fn resolve(
    gates: &[Gate],
    models: &[Model],
    measured: &[Metric],
    chroma: Chroma,
) -> Result<Vec<ColumnGate>> {
    let outputs_of = |is_kind: fn(&When) -> bool| {
        measured.iter().flat_map(move |(feature, options)| {
            let outputs = feature.outputs_under(options, chroma);
            let outputs = outputs.filter(move |output| is_kind(&output.when));
            outputs.map(move |output| feature.column(output, options))
        })
    };
    let of_metrics = outputs_of(|when| matches!(when, When::Frame | When::End));
    let of_video: Vec<String> = outputs_of(|when| *when == When::Video).collect();
    let columns = models.iter().flat_map(Model::columns).chain(of_metrics);
    // The names in outputs, and the scorer's names.
    let mut names: Vec<(String, String)> = columns
        .chain(of_video.iter().cloned())
        .map(|column| (plain_name(measured, &column).to_owned(), column))
        .collect();
    let in_full = models.iter().map(|model| (model.name().to_owned(), model.label().to_owned()));
    names.extend(in_full);
    let mut column_gates = Vec::new();
    for gate in gates {
        let mut add = |column: &str| {
            let name = plain_name(measured, column).to_owned();
            let gate = Gate { column: Some(name), ..gate.clone() };
            let is_of_video = of_video.iter().any(|of| of == column);
            column_gates.push(ColumnGate { column: column.to_owned(), is_of_video, gate });
        };
        match &gate.column {
            Some(name) => {
                match names.iter().find(|(known, column)| known == name || column == name) {
                    Some((_, column)) if of_video.contains(column) && gate.pool != Pool::Mean => {
                        return Err(Error::input(format!(
                            "gate '{gate}': {name} is a single value for the whole video; write \
                             {name}:mean{}{}",
                            gate.comparison.sign(),
                            gate.bound
                        )));
                    }
                    Some((_, column)) => add(column),
                    None => return Err(unmeasured_column(gate, name, &names, chroma)),
                }
            }
            None if models.is_empty() => {
                return Err(Error::input(format!(
                    "gate '{gate}': no model's score is measured; name a column, as in \
                     COLUMN:{gate}"
                )));
            }
            None => models.iter().for_each(|model| add(model.label())),
        }
    }
    Ok(column_gates)
}

/// Returns the failure of a gate whose column is not measured.
fn unmeasured_column(gate: &Gate, name: &str, names: &[(String, String)], chroma: Chroma) -> Error {
    let is_it = |output: &&Output| output.column == name && output.when != When::Hidden;
    let mut outputs = FEATURES.iter().filter_map(|of| Some((of, of.outputs.iter().find(is_it)?)));
    let reason: Message = match outputs.next() {
        Some((_, output)) if output.needs.contains(&Need::Chroma) && chroma == Chroma::Mono => {
            format!("{name} is not measured: the scored video has no chroma").into()
        }
        Some((metric, output)) => {
            let defaults = metric.options();
            let mut usual = metric.outputs_under(&defaults, chroma);
            let is_usual = usual.any(|usual| usual.name == output.name);
            let options = output.needs.iter().filter_map(|need| match need {
                Need::Flag(flag) if !is_usual => Some(((*flag).to_owned(), "true".to_owned())),
                _ => None,
            });
            let options = options.collect();
            Message::from(format!("{name} is not measured; add "))
                .remedy(Setting::Metric { name: metric.name.to_owned(), options })
        }
        None => {
            let names = names.iter().map(|(known, _)| &known[..]);
            vmaf_core::Error::unknown("column", name, names).to_string().into()
        }
    };
    Error::input(Message::from(format!("gate '{gate}': ")).then(reason))
}

impl ColumnGate {
    /// The gate's verdict; `None` if a value of its column is undefined, or a window needs times
    /// that are not known.
    pub(crate) fn verdict(&self, values: &Values) -> Option<Verdict> {
        if self.is_of_video {
            return self.gate.verdict(&[values.aggregate(&self.column)?], Presentation::default());
        }
        let column = values.column(&self.column)?;
        self.gate.verdict(&column.values, values.presentation())
    }

    /// Returns true if the gate judges a value for the whole video, not the frames of a column.
    pub(crate) fn is_of_video(&self) -> bool {
        self.is_of_video
    }

    /// The 95 % interval of the pooled value of all frames, of which a `share` was scored; `None`
    /// if a sample gives none.
    pub(crate) fn interval(&self, values: &Values, share: f64) -> Option<Interval> {
        let column = values.column(&self.column)?;
        pool::interval(self.gate.pool, &column.values, share)
    }
}
