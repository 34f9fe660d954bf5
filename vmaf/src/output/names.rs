//! The names of columns in outputs.

use vmaf_core::feature::Output;

use crate::request::Metric;

/// Returns the name of `column` in outputs other than libvmaf's logs. If one set of options of
/// cambi was measured, its columns have no suffix.
pub(crate) fn plain_name<'a>(measured: &[Metric], column: &'a str) -> &'a str {
    only_cambi(measured, column).map_or(column, |output| output.column)
}

/// Returns the metric that gave `column`, by its place among all, and which of its outputs it is.
pub(super) fn find(measured: &[Metric], column: &str) -> Option<(usize, &'static Output)> {
    let mut outputs = measured.iter().enumerate().flat_map(|(place, (feature, options))| {
        feature.outputs.iter().map(move |output| (place, output, feature.column(output, options)))
    });
    outputs.find_map(|(place, output, name)| (name == column).then_some((place, output)))
}

/// Returns the output of cambi that `column` holds, if only one set of its options is measured.
pub(super) fn only_cambi(measured: &[Metric], column: &str) -> Option<&'static Output> {
    let mut all = measured.iter().filter(|(feature, _)| feature.name == "cambi");
    let (Some((feature, options)), None) = (all.next(), all.next()) else { return None };
    feature.outputs.iter().find(|output| feature.column(output, options) == column)
}
