//! Compares the speed of the `vmaf` command with libvmaf's, on the same files in the same run, and
//! with its own: six encodes in one run and in six, two threads and one.
//!
//! Whole processes run in turns, so that other load on the machine affects both sides. Tables give
//! medians: milliseconds per frame, the ratios of wall-clock and of processor time, the peak
//! memory, and the number of values that differ between the two logs. Times depend on the machine
//! and its state; compare the ratios, of processor time if the machine is shared.
//!
//! `make bench` runs it. `LIBVMAF=path` specifies libvmaf's own tool. Without it, an FFmpeg with
//! the `libvmaf` filter is used for single models, from `VMAF_FFMPEG` or the `PATH`. `ONLY=word`
//! selects the rows whose names contain the word, including those of single features
//! (`ONLY=feature` selects all of those). Features that libvmaf lacks are compared with the default
//! model.

mod clips;
mod command;
mod log;
mod measure;
mod rival;
mod rows;

use std::path::{Path, PathBuf};

use clips::ClipMaker;
use log::Comparison;
use measure::ResourceUsage;
use rival::Rival;
use rows::{Bench, Row, Table};
use vmaf_core::Level;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("--measure", command)) = arguments.split_first().map(|(a, b)| (a.as_str(), b)) {
        return measure::run_and_print(command);
    }
    let [ours, folder, rest @ ..] = &arguments[..] else {
        return Err("usage: side_by_side VMAF FOLDER [RUNS [CLIP]]; ONLY=WORD picks rows".into());
    };
    let runs: usize = rest.first().map_or(Ok(5), |runs| runs.parse())?;
    let only = std::env::var("ONLY").ok().filter(|only| !only.is_empty());
    let folder = std::path::absolute(folder)?;
    std::fs::create_dir_all(&folder)?;
    let (ours, rival): (PathBuf, _) = (std::path::absolute(ours)?, Rival::find()?);
    let maker = ClipMaker::new(&folder, rival::ffmpeg(), rest.get(1).map(Path::new));
    let bench = Bench { ours: &ours, rival: &rival, folder: &folder, maker: &maker };
    let mut results = Vec::new();
    for row in bench.rows(only.as_deref())? {
        eprintln!("{} ...", row.name);
        let result = measure(&row, runs, &folder)?;
        eprintln!("    {}", result.line(&row));
        results.push((row, result));
    }
    println!("vmaf {} beside {}\n", vmaf_core::VERSION, rival.describe(&folder));
    let levels: Vec<&str> = Level::available().into_iter().map(Level::name).collect();
    println!("- {}; instruction sets: {}", processor(), levels.join(", "));
    println!("- {}", maker.origin());
    println!("- whole processes in turns, on one thread unless said; medians of {runs} runs");
    print(&results);
    Ok(())
}

/// The medians of a row.
struct Medians {
    sides: [ResourceUsage; 2],
    /// The comparison of the logs' values.
    comparison: Option<Comparison>,
}

impl Medians {
    /// The row's line in a table of times.
    fn line(&self, row: &Row) -> String {
        let [first, second] = &self.sides;
        let ms = |side: &ResourceUsage| 1000.0 * side.seconds / f64::from(row.frames);
        let target = row.target.map_or(String::new(), |target| format!("{target:.2}"));
        let mut line = format!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {target} |",
            row.name,
            ms(first),
            ms(second),
            first.seconds / second.seconds,
            first.cpu_seconds / second.cpu_seconds,
        );
        if row.table == Table::Libvmaf {
            let differ = self.comparison.map(|differ| differ.to_string()).unwrap_or_default();
            line += &format!(" {differ} |");
        }
        line
    }

    /// The row's line in the table of memory, if it has one.
    fn memory(&self, row: &Row) -> Option<String> {
        let target = row.memory?.map_or(String::new(), |target| format!("{target:.0}"));
        let [first, second] = self.sides.map(|side| side.peak_mb);
        Some(format!("| {} | {first:.0} | {second:.0} | {target} |", row.name))
    }
}

fn print(results: &[(Row, Medians)]) {
    let of = |table: Table| {
        let rows = results.iter().filter(move |(row, _)| row.table == table);
        rows.map(|(row, medians)| medians.line(row)).collect::<Vec<_>>()
    };
    let ratios = "ratio | ratio of processor time | target |";
    let print = |head: &str, lines: &[String]| {
        if !lines.is_empty() {
            let columns = head.matches('|').count() - 2;
            println!("\n{head}\n|---|{}\n{}", "--:|".repeat(columns), lines.join("\n"));
        }
    };
    let head = "libvmaf ms/frame | vmaf ms/frame";
    let head = format!("| beside libvmaf | {head} | {ratios} values that differ |");
    print(&head, &of(Table::Libvmaf));
    let head = format!("| beside itself | first ms/frame | second ms/frame | {ratios}");
    print(&head, &of(Table::Own));
    let memory: Vec<String> =
        results.iter().filter_map(|(row, medians)| medians.memory(row)).collect();
    print("| peak memory | libvmaf MB | vmaf MB | at most |", &memory);
}

/// Runs each side once to warm the page cache, then `runs` times in turns.
fn measure(row: &Row, runs: usize, folder: &Path) -> Result<Medians> {
    let mut all = [Vec::new(), Vec::new()];
    for run in 0..=runs {
        for (commands, all) in row.sides.iter().zip(&mut all) {
            let each = commands.iter().map(measure::measure).collect::<Result<Vec<_>>>()?;
            if run > 0 {
                all.push(ResourceUsage::in_sequence(&each));
            }
        }
    }
    let comparison = row.is_compared.then(|| log::compare(folder)).transpose()?;
    Ok(Medians { sides: all.map(|all| ResourceUsage::median(&all)), comparison })
}

/// The name of the processor.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or(std::env::consts::ARCH, |(_, name)| name).to_owned()
}
