//! The report of `vmaf score`: one page that opens from disk and needs nothing else.
//!
//! `template.html` is the page's frame. What is text is written into it here ([`sections`]), so that it
//! is there without the script; what moves is drawn by the script from the values of every frame
//! ([`data`]). Style, script and the chart library (`uplot/`) are files of their own, put into the page
//! as they are. A policy in the page forbids it the network.
//!
//! File names and whatever else comes from outside are escaped for where they go ([`escape`]).

mod data;
mod escape;
mod parts;
mod sections;

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use self::data::PageData;
use self::escape::{Html, ScriptJson};
use super::report::Report;
use crate::pictures;
use crate::thumbnails::Thumbnails;

const TEMPLATE: &str = include_str!("template.html");
const STYLE: [&str; 4] = [
    include_str!("style/colors.css"),
    include_str!("style/page.css"),
    include_str!("style/charts.css"),
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

/// The number of steps in the legend's scale of heat.
const HEAT_STEPS: usize = 10;

/// The delimiters of a placeholder in the template.
const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// The extensions of pages.
const EXTENSIONS: [&str; 2] = ["html", "htm"];

/// Returns whether the file at `path` is a page by its name.
pub(crate) fn is_page(path: &str) -> bool {
    let extension = Path::new(path).extension().unwrap_or_default();
    EXTENSIONS.iter().any(|page| extension.eq_ignore_ascii_case(page))
}

/// Writes the page, with the pictures of `thumbnails`. `reproduction` is the text that gives the same
/// results again.
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

/// Writes what belongs to the place called `name`.
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
        "verdict" => sections::verdict(report, out),
        "notices" => sections::notices(report, out),
        "scores" => sections::scores(report, out),
        "metrics" => sections::metrics(report, out),
        "videos" => sections::videos(report, out),
        "measured" => sections::method(report, out),
        "command" => sections::reproduction(reproduction, out),
        "version" => write!(out, "{}", Html(vmaf_core::VERSION)),
        "data" => {
            let data = PageData::of(report, thumbnails, &report.timeline());
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

/// The colours of heat maps, from nothing lost to everything, for the legend.
fn heat_scale() -> String {
    let colors = (0..=HEAT_STEPS).map(|step| {
        let [r, g, b] = pictures::color(step as f32 / HEAT_STEPS as f32).map(|part| part * 255.0);
        format!("rgb({r:.0} {g:.0} {b:.0})")
    });
    let colors: Vec<String> = colors.collect();
    format!(".heat {{ background: linear-gradient(90deg, {}); }}", colors.join(", "))
}

fn title(report: &Report) -> String {
    let file = report.reference.path.rsplit('/').next().unwrap_or_default();
    let count = report.encodes.len();
    format!("{file}: {count} {}", if count == 1 { "encode" } else { "encodes" })
}
