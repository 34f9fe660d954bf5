//! `vmaf models` and `vmaf metrics`: lists of the built-in models and metrics.

use vmaf::find_feature;
use vmaf::output::text::{wrap, wrapped_table};
use vmaf_core::Chroma;
use vmaf_core::feature::{FEATURES, Feature, Need, Output, When};
use vmaf_core::model::BUILTINS;

use crate::failure::Result;
use crate::terminal::{self, width};

/// Prints the built-in models.
pub(crate) fn models() -> Result<()> {
    let header = ["model", "in short", "display", "distance", "range", "use for"];
    let mut rows = vec![header.map(String::from).to_vec()];
    rows.extend(BUILTINS.iter().map(|model| {
        let (least, greatest) = model.range;
        vec![
            model.name.to_owned(),
            model.short.to_owned(),
            model.display.to_owned(),
            model.viewing_distance.to_owned(),
            format!("{least}-{greatest}"),
            model.use_for.to_owned(),
        ]
    }));
    let mut text = wrapped_table(&rows, width()).join("\n");
    text.push('\n');
    text.push_str(
        "\nThe first is the default. Select one with --model NAME, in full or in short, or a model file\n\
         with --model PATH. --model auto selects v1 up to 1440 lines and v1-4k above, and the -hfr form\n\
         from 47 frames/s. Distances are in heights of the display.\n\
         Settings follow after colons: --model v0:enable_transform:name=phone\n\
         The v1 models are measured at 10 bits, even for 8-bit video; they need chroma.\n",
    );
    terminal::print(&text)
}

/// Prints all metrics, or the details of one.
pub(crate) fn metrics(name: Option<&str>) -> Result<()> {
    let text = match name {
        Some(name) => full_description(find_feature(name)?),
        None => {
            let mut text: String =
                FEATURES.iter().map(|feature| short_description(feature)).collect();
            text.push_str(
                "Give one with --metric NAME, or --metric NAME=OPTION=VALUE:OPTION=VALUE.\n\
                 'vmaf metrics NAME' describes its options. Ranges are the usual ones: vif and adm\n\
                 exceed 1 slightly if the encode has more contrast than the reference.\n",
            );
            text
        }
    };
    terminal::print(&text)
}

fn short_description(feature: &'static Feature) -> String {
    let mut text = format!("{}\n  {}\n\n", feature.name, feature.summary);
    text.push_str(&columns(feature));
    let options: Vec<String> = feature
        .options
        .iter()
        .map(|option| format!("{}={}", option.name, option.default_text()))
        .collect();
    if !options.is_empty() {
        let row = vec!["options:".to_owned(), options.join(" ")];
        for line in wrapped_table(&[row], width().saturating_sub(2)) {
            text.push_str(&format!("  {line}\n"));
        }
        text.push('\n');
    }
    text
}

fn full_description(feature: &'static Feature) -> String {
    let (least_width, least_height) = feature.least_size;
    let mut text = format!("{}: {}\n", feature.name, feature.summary);
    text.push_str(&indented(&format!("from {}", feature.paper), 2));
    if (least_width, least_height) > (1, 1) {
        text.push_str(&indented(
            &format!("for frames of at least {least_width}x{least_height} pixels"),
            2,
        ));
    }
    text.push('\n');
    text.push_str(&columns(feature));
    let flags = feature.options.iter().filter(|option| option.default_text() == "false");
    for name in flags.map(|option| option.name) {
        let needs =
            |output: &&Output| output.needs.contains(&Need::Flag(name)) && is_listed(output);
        let with: Vec<&str> = feature.outputs.iter().filter(needs).map(column).collect();
        if with.is_empty() {
            continue;
        }
        text.push_str(&format!("  With {name}=true also:\n"));
        text.push_str(&indented(&with.join(", "), 4));
        text.push('\n');
    }
    if feature.options.is_empty() {
        return text;
    }
    text.push_str("  Options, each with its default:\n");
    for option in feature.options {
        let alias =
            if option.alias.is_empty() { String::new() } else { format!(" ({})", option.alias) };
        text.push_str(&format!("    {}={}{alias}\n", option.name, option.default_text()));
        text.push_str(&indented(&format!("{}; {}", option.help, option.expected()), 8));
    }
    text.push_str(
        "\n  An option in a column's name adds its short name, in parentheses above, and its value.\n",
    );
    text
}

/// Wraps `text` into lines that begin with `indent` spaces.
fn indented(text: &str, indent: usize) -> String {
    let lines = wrap(text, width().saturating_sub(indent));
    lines.iter().map(|line| format!("{:indent$}{line}\n", "")).collect()
}

/// The default columns, each with its range and summary.
fn columns(feature: &'static Feature) -> String {
    let options = feature.options();
    let outputs = feature.outputs_under(&options, Chroma::Yuv420);
    let shown: Vec<&Output> = outputs.filter(|output| is_listed(output)).collect();
    let rows: Vec<Vec<String>> = shown
        .iter()
        .map(|output| {
            let (least, greatest) = output.range;
            vec![
                output.column.to_owned(),
                if greatest == f64::INFINITY {
                    format!("{least} and more")
                } else {
                    format!("{least} to {greatest}")
                },
                output.summary.to_owned(),
            ]
        })
        .collect();
    let lines = wrapped_table(&rows, width().saturating_sub(2));
    let mut text: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    text.push('\n');
    text
}

fn column(output: &Output) -> &'static str {
    output.column
}

fn is_listed(output: &Output) -> bool {
    output.when != When::Hidden
}
