//! The page of a ladder: the curves of all heights, their convex hull, and the rungs. It is one file,
//! without a script: the chart is drawn here.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{LadderPoint, LadderResult, Rung};
use crate::output::html::{Html, PAGE_STYLE};
use crate::output::text::clock;

/// The size of the chart, and the space around the plotted area: left, right, top, bottom.
const SIZE: (f64, f64) = (1080.0, 520.0);
const MARGINS: (f64, f64, f64, f64) = (56.0, 24.0, 16.0, 48.0);

/// The lowest rate of the chart in kilobits per second: a rate of 0 has no logarithm.
const MIN_RATE: f64 = 1e-3;

/// The number of colours for heights.
const COLORS: usize = 8;

/// The style of the chart, after that of all pages.
const CHART_STYLE: &str = include_str!("page.css");

/// Writes the page.
pub(super) fn write(result: &LadderResult, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("Ladder of {}", result.source.path);
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{style}{CHART_STYLE}\n</style>\n</head>\n<body>\n\
         <header><div><p class=\"kind\">Encoding ladder</p><h1>{title}</h1></div></header>\n<main>\n\
         {rungs}{chart}{probes}</main>\n<footer><p>vmaf {version}</p></footer>\n</body>\n</html>\n",
        title = Html(&title),
        style = PAGE_STYLE.join("\n"),
        rungs = rungs(result),
        chart = chart(result),
        probes = probes(result),
        version = vmaf_core::VERSION,
    )
}

/// Returns the table of rungs.
fn rungs(result: &LadderResult) -> String {
    let LadderResult { source, encoder, setting, score, .. } = result;
    let basis = if result.rungs.iter().any(|rung| rung.output.is_some()) {
        "Each was made, and all of its frames scored".to_owned()
    } else if source.share < 1.0 {
        format!(
            "Estimated from {} clips with {:.0} % of the frames",
            source.clips,
            source.share * 100.0
        )
    } else {
        "Every frame was encoded and scored".to_owned()
    };
    let mut rows = String::new();
    for Rung { target, encode, command, .. } in &result.rungs {
        let _ = match encode {
            Some(LadderPoint { height, quality, score, kilobits }) => writeln!(
                rows,
                "<tr><td>{target}</td><td class=\"number\" data-label=\"height\">{height}</td>\
                 <td class=\"number\" data-label=\"{setting}\">{quality}</td>\
                 <td class=\"number\" data-label=\"score\">{score:.2}</td>\
                 <td class=\"number\" data-label=\"kb/s\">{kilobits:.0}</td>\
                 <td class=\"wide\" data-label=\"command\"><code>{}</code></td></tr>",
                Html(command)
            ),
            None => writeln!(
                rows,
                "<tr><td>{target}</td><td class=\"wide\" colspan=\"5\">not reached by any height</td></tr>"
            ),
        };
    }
    format!(
        "<section aria-labelledby=\"rungs\">\n<h2 id=\"rungs\">Rungs</h2>\n\
         <p class=\"help\">The smallest encode by {encoder} that reaches each score, {}, scaled up \
         to the source. {basis}: {} frames, {}, {}.</p>\n\
         <table class=\"cards\"><thead><tr><th>score from</th><th class=\"number\">height</th>\
         <th class=\"number\">{setting}</th><th class=\"number\">score</th>\
         <th class=\"number\">kb/s</th><th>command</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n\
         </section>\n",
        Html(score),
        source.frames,
        clock(source.seconds),
        source.scenes_text(),
        encoder = Html(encoder),
    )
}

/// The place of rates and scores in the chart.
struct Axes {
    /// The logarithms of the lowest and the highest rate.
    rates: (f64, f64),
    scores: (f64, f64),
}

impl Axes {
    fn new(result: &LadderResult) -> Self {
        let points = || result.heights.iter().flat_map(|height| &height.curve);
        let range = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let (low, high) = range(&mut points().map(|point| point.kilobits.max(MIN_RATE).ln()));
        let (worst, best) = range(&mut points().map(|point| point.score));
        // Some room, and no empty range.
        Self {
            rates: (low - 0.1, high.max(low) + 0.1),
            scores: (
                (worst / 10.0 + 1e-6).floor() * 10.0,
                ((best / 10.0).ceil() * 10.0).max(worst + 1.0),
            ),
        }
    }

    /// Returns the place of a rate and a score.
    fn place(&self, kilobits: f64, score: f64) -> (f64, f64) {
        let (left, right, top, bottom) = MARGINS;
        let part = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        let x = left + part(kilobits.max(MIN_RATE).ln(), self.rates) * (SIZE.0 - left - right);
        let y = SIZE.1 - bottom - part(score, self.scores) * (SIZE.1 - top - bottom);
        (x, y)
    }

    /// Returns the rates to mark: 1, 2 and 5 times powers of ten.
    fn marked_rates(&self) -> Vec<f64> {
        let steps = (0..8).flat_map(|power| [1.0, 2.0, 5.0].map(|of| of * 10_f64.powi(power)));
        steps.filter(|rate| (self.rates.0..=self.rates.1).contains(&rate.ln())).collect()
    }

    /// Returns the scores to mark.
    fn marked_scores(&self) -> Vec<f64> {
        let step = if self.scores.1 - self.scores.0 > 50.0 { 10.0 } else { 5.0 };
        let count = ((self.scores.1 - self.scores.0) / step).floor() as u32;
        (0..=count).map(|index| self.scores.0 + step * f64::from(index)).collect()
    }
}

/// Returns the chart.
fn chart(result: &LadderResult) -> String {
    let axes = Axes::new(result);
    let mut svg = String::new();
    let (width, height) = SIZE;
    let (left, right, top, bottom) = MARGINS;
    for score in axes.marked_scores() {
        let (_, y) = axes.place(1.0, score);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{left}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{score}</text>",
            width - right,
            left - 8.0,
            y + 5.0
        );
    }
    for rate in axes.marked_rates() {
        let (x, _) = axes.place(rate, axes.scores.0);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{}\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{rate}</text>",
            height - bottom,
            height - bottom + 20.0
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">kb/s</text>",
        width - right,
        height - 6.0
    );
    let mut keys = String::new();
    for (index, of_height) in result.heights.iter().enumerate() {
        let series = format!("series-{}", index % COLORS + 1);
        let line = line(&axes, &of_height.curve);
        let _ = write!(svg, "<path class=\"curve {series}\" d=\"{line}\"/>");
        let _ = write!(keys, "<li><i class=\"{series}\"></i>{}p</li>", of_height.height);
        for probe in &of_height.probes {
            let Some(score) = probe.targets.first().map(|target| target.value) else { continue };
            let kilobits = result.source.kilobits(probe.bytes);
            let (x, y) = axes.place(kilobits, score);
            let _ = write!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" class=\"probe {series}\"><title>{}p, {} \
                 {}: {score:.2} at {kilobits:.0} kb/s</title></circle>",
                of_height.height,
                Html(&result.setting),
                probe.quality
            );
        }
    }
    let _ = write!(svg, "<path class=\"hull\" d=\"{}\"/>", line(&axes, &result.hull));
    for Rung { target, encode, .. } in &result.rungs {
        let Some(LadderPoint { height, quality, score, kilobits }) = encode else { continue };
        let (x, y) = axes.place(*kilobits, *score);
        let _ = write!(
            svg,
            "<circle class=\"rung\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"7\"><title>from {target}: \
             {height}p, {} {quality}, {score:.2} at {kilobits:.0} kb/s</title></circle>\
             <text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{height}p</text>",
            Html(&result.setting),
            x + 12.0,
            y + 16.0
        );
    }
    format!(
        "<section aria-labelledby=\"curves\">\n<h2 id=\"curves\">Score by bit rate</h2>\n\
         <svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Score by bit rate for each \
         height, the convex hull and the rungs\">{svg}</svg>\n<ul class=\"keys\">{keys}\
         <li><i class=\"line\"></i>convex hull</li><li><i class=\"ring\"></i>rungs</li></ul>\n\
         <p class=\"help\">Dots are probes. The scale of rates is logarithmic.</p>\n</section>\n"
    )
}

/// Returns the path through points.
fn line(axes: &Axes, points: &[LadderPoint]) -> String {
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let (x, y) = axes.place(point.kilobits, point.score);
        let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
    }
    path
}

/// Returns the table of probes.
fn probes(result: &LadderResult) -> String {
    let mut rows = String::new();
    for height in &result.heights {
        for probe in &height.probes {
            let Some(target) = probe.targets.first() else { continue };
            let kilobits = result.source.kilobits(probe.bytes);
            let _ = writeln!(
                rows,
                "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{:.2}</td>\
                 <td class=\"number\">&plusmn;{:.2}</td><td class=\"number\">{kilobits:.0}</td></tr>",
                height.height, probe.quality, target.value, target.deviation
            );
        }
    }
    format!(
        "<section aria-labelledby=\"probes\">\n<h2 id=\"probes\">Probes</h2>\n<div class=\"scroll\">\
         <table><thead><tr><th>height</th><th class=\"number\">{}</th><th class=\"number\">score</th>\
         <th class=\"number\">95 %</th><th class=\"number\">kb/s</th></tr></thead>\n<tbody>\n{rows}\
         </tbody></table></div>\n</section>\n",
        Html(&result.setting)
    )
}
