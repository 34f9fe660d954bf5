//! The report of `vmaf score`: one self-contained page that opens from disk.
//!
//! `template.html` is the frame of the page. Text is written into it here ([`sections`]), so that
//! it is there without the script; the script draws the charts from the values of every frame
//! ([`data`]). Style, script and the chart library (`uplot/`) are separate source files, embedded
//! as they are. A policy in the page forbids access to the network.
//!
//! File names and all other external text are escaped for their context ([`escape`]).

mod data;
mod escape;
mod parts;
mod sections;

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use self::data::PageData;
pub(crate) use self::escape::Html;
use self::escape::ScriptJson;
use super::report::Report;
use crate::pictures;
use crate::thumbnails::Thumbnails;

const TEMPLATE: &str = include_str!("template.html");
const STYLE: [&str; 4] =
    [PAGE_STYLE[0], PAGE_STYLE[1], include_str!("style/charts.css"), PAGE_STYLE[2]];

/// The style that all pages share.
pub(crate) const PAGE_STYLE: [&str; 3] = [
    include_str!("style/colors.css"),
    include_str!("style/page.css"),
    include_str!("style/narrow.css"),
];
const SCRIPT: [&str; 7] = [
    include_str!("script/data.js"),
    include_str!("script/page.js"),
    include_str!("script/chart.js"),
    include_str!("script/distribution.js"),
    include_str!("script/frame.js"),
    include_str!("script/moments.js"),
    include_str!("script/main.js"),
];
const CHARTS: &str = include_str!("uplot/uPlot.iife.min.js");
const CHARTS_STYLE: &str = include_str!("uplot/uPlot.min.css");
const CHARTS_LICENCE: &str = include_str!("uplot/LICENSE");

/// The number of steps in the heat scale of the legend.
const HEAT_STEPS: usize = 10;

/// The delimiters of a placeholder in the template.
const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// The file extensions of the report.
const EXTENSIONS: [&str; 2] = ["html", "htm"];

/// Returns true if the file name at `path` is that of a report.
pub(crate) fn is_page(path: &str) -> bool {
    let extension = Path::new(path).extension().unwrap_or_default();
    EXTENSIONS.iter().any(|page| extension.eq_ignore_ascii_case(page))
}

/// Writes the page, with the pictures of `thumbnails`. `reproduction` is text that reproduces the
/// results.
pub(crate) fn write(
    report: &Report,
    thumbnails: &Thumbnails,
    reproduction: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut rest = TEMPLATE;
    while let Some((before, place)) = rest.split_once(OPEN) {
        let (name, after) = place.split_once(CLOSE).unwrap_or((place, ""));
        out.write_all(before.as_bytes())?;
        fill(name, report, thumbnails, reproduction, out)?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// Writes the contents of the placeholder called `name`.
fn fill(
    name: &str,
    report: &Report,
    thumbnails: &Thumbnails,
    reproduction: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match name {
        "title" => write!(out, "{}", Html(title(report))),
        "reference" => write!(out, "{}", Html(&report.reference.path)),
        "style" => write!(out, "{CHARTS_STYLE}\n{}\n{}", STYLE.concat(), heat_scale()),
        "heat" => write!(out, "{}", Html(report.heat_metric().0.name)),
        "verdict" => sections::verdict(report, out),
        "notices" => sections::notices(report, out),
        "scores" => sections::scores(report, out),
        "metrics" => sections::metrics(report, out),
        "videos" => sections::videos(report, out),
        "measured" => sections::method(report, out),
        "command" => sections::reproduction(reproduction, out),
        "version" => write!(out, "{}", Html(vmaf_core::VERSION)),
        "data" => {
            let data = PageData::new(report, thumbnails, &report.timeline());
            let mut serializer = serde_json::Serializer::with_formatter(out, ScriptJson);
            data.serialize(&mut serializer).map_err(io::Error::from)
        }
        "charts" => write!(out, "/*!\n{CHARTS_LICENCE}\n*/\n{CHARTS}"),
        "script" => SCRIPT.iter().try_for_each(|part| writeln!(out, "{part}")),
        unknown => {
            Err(io::Error::other(format!("the template's placeholder {unknown} is unknown")))
        }
    }
}

/// Returns the colours of heat maps, from no loss to total loss, for the legend.
fn heat_scale() -> String {
    let colors = (0..=HEAT_STEPS).map(|step| {
        let [r, g, b] = pictures::color(step as f32 / HEAT_STEPS as f32).map(|part| part * 255.0);
        format!("rgb({r:.0} {g:.0} {b:.0})")
    });
    let colors: Vec<String> = colors.collect();
    format!(".heat {{ background: linear-gradient(90deg, {}); }}", colors.join(", "))
}

fn title(report: &Report) -> String {
    let file = report.reference.path.rsplit(std::path::is_separator).next().unwrap_or_default();
    let count = report.encodes.len();
    format!("{file}: {count} {}", if count == 1 { "encode" } else { "encodes" })
}
