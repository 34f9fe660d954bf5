//! Times the `vmaf` command beside libvmaf, on the same files in the same run.
//!
//! Both are whole processes on one thread, in turns, so that what else the machine does falls on
//! both. The table gives medians: frames a second, the ratio by the clock and by processor time, the
//! peak memory, and how many values of the two logs differ. Seconds depend on the machine and its
//! mood; ratios are what to read, by processor time where others use the machine.
//!
//! `make bench` runs it. `LIBVMAF=path` names libvmaf's own tool; without it an FFmpeg with the
//! `libvmaf` filter serves, from `VMAF_FFMPEG` or the path, for whole models. `ONLY=word` picks the
//! rows whose names have it.

mod clips;
mod command;
mod log;
mod measure;

use std::path::{Path, PathBuf};

use clips::Clips;
use command::{Rival, What, Work};
use log::Comparison;
use measure::Measured;
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
    let folder = std::path::absolute(folder)?;
    std::fs::create_dir_all(&folder)?;
    let bench = Bench { ours: std::path::absolute(ours)?, rival: Rival::find()?, folder, runs };
    let clips = clips::prepare(&bench.folder, command::ffmpeg(), rest.get(1).map(Path::new))?;
    bench.run(&clips)
}

struct Bench {
    ours: PathBuf,
    rival: Rival,
    folder: PathBuf,
    runs: usize,
}

/// A work's medians.
struct Row {
    theirs: Measured,
    ours: Measured,
    /// How the values of the logs compare; none for a ladder.
    comparison: Option<Comparison>,
}

impl Bench {
    fn run(&self, clips: &Clips) -> Result<()> {
        let mut works = Work::all(clips);
        works.retain(|work| self.rival.can(work));
        if let Ok(only) = std::env::var("ONLY") {
            works.retain(|work| work.name.contains(&only));
        }
        let mut lines = Vec::new();
        for work in &works {
            eprintln!("{} ...", work.name);
            let row = self.measure(work)?;
            let frames = f64::from(work.frames) * work.encodes.len() as f64;
            let fps = |measured: &Measured| frames / measured.seconds;
            let differ =
                row.comparison.map(|comparison| comparison.to_string()).unwrap_or_default();
            lines.push(format!(
                "| {} | {:.1} | {:.1} | {:.2} | {:.2} | {:.0} | {:.0} | {differ} |",
                work.name,
                1000.0 / fps(&row.theirs),
                1000.0 / fps(&row.ours),
                row.theirs.seconds / row.ours.seconds,
                row.theirs.cpu_seconds / row.ours.cpu_seconds,
                row.theirs.peak_mib,
                row.ours.peak_mib,
            ));
        }
        let levels: Vec<&str> = Level::available().into_iter().map(Level::name).collect();
        println!("vmaf {} beside {}\n", vmaf_core::VERSION, self.rival.describe(&self.folder));
        println!("- {}; instruction sets: {}", processor(), levels.join(", "));
        println!("- {}; {} frames of 1920x1080 4:2:0", clips.origin, clips::FRAMES);
        println!("- one thread, whole processes in turns, medians of {} runs\n", self.runs);
        println!(
            "| work | libvmaf ms/frame | vmaf ms/frame | ratio | ratio of processor time | libvmaf \
             MiB | vmaf MiB | values that differ |"
        );
        println!("|---|--:|--:|--:|--:|--:|--:|--:|");
        println!("{}", lines.join("\n"));
        Ok(())
    }

    /// One run of each to warm the page cache, then `runs` in turns.
    fn measure(&self, work: &Work) -> Result<Row> {
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for run in 0..=self.runs {
            let rival = self.rival.commands(work, &self.folder);
            let rival: Vec<Measured> =
                rival.iter().map(|command| measure::measure(command)).collect::<Result<_>>()?;
            let own = measure::measure(&command::ours(&self.ours, work, &self.folder))?;
            if run > 0 {
                theirs.push(Measured::in_sequence(&rival));
                ours.push(own);
            }
        }
        let comparison = match work.what {
            What::Ladder => None,
            _ => Some(log::compare(&self.folder)?),
        };
        Ok(Row { theirs: Measured::median(&theirs), ours: Measured::median(&ours), comparison })
    }
}

/// What the processor calls itself.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or(std::env::consts::ARCH, |(_, name)| name).to_owned()
}
