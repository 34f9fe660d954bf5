//! The examples do what they say.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A y4m video of a moving ramp, whose samples are multiples of `step`.
fn video(step: usize) -> Vec<u8> {
    const SIZE: (usize, usize) = (320, 180);
    let mut bytes = format!("YUV4MPEG2 W{} H{} F25:1 C420jpeg\n", SIZE.0, SIZE.1).into_bytes();
    for index in 0..30 {
        bytes.extend_from_slice(b"FRAME\n");
        let luma = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x + y) ^ (x * y / 64)));
        bytes.extend(luma.map(|value| ((value + 3 * index) / step * step % 256) as u8));
        bytes.extend(std::iter::repeat_n(128, SIZE.0 * SIZE.1 / 2));
    }
    bytes
}

/// A folder with a reference and two encodes.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a folder");
    for (name, step) in [("source.y4m", 1), ("good.y4m", 4), ("bad.y4m", 32)] {
        std::fs::write(place.path().join(name), video(step)).expect("a file");
    }
    place
}

/// Runs an example in a folder.
fn example(name: &str, folder: &Path, arguments: &[&str]) -> Output {
    // Cargo builds examples beside the folder of tests.
    let mut path: PathBuf = std::env::current_exe().expect("this program");
    path.pop();
    path.pop();
    let path = path.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    let output = Command::new(path).args(arguments).current_dir(folder).output();
    output.expect("the example runs")
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn score_of(line: &str) -> f64 {
    line.trim().parse().expect(line)
}

#[test]
fn the_example_score_runs() {
    let place = place();
    let score = |encode: &str| {
        score_of(&text(&example("score_files", place.path(), &["source.y4m", encode])))
    };
    assert!(score("good.y4m") > score("bad.y4m") + 1.0);
    let missing = example("score_files", place.path(), &["source.y4m", "missing.y4m"]);
    let error = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(!missing.status.success() && error.contains("missing.y4m"), "{error}");
}

#[test]
fn the_example_ladder_reports_a_missing_file() {
    let place = place();
    let files = ["source.y4m", "good.y4m", "missing.y4m", "bad.y4m"];
    let printed = text(&example("ladder", place.path(), &files));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 5, "{printed}");
    assert!(lines[0].starts_with("good.y4m: vmaf_v0.6.1 "), "{printed}");
    assert!(lines[1].starts_with("good.y4m: vmaf_v0.6.1neg "), "{printed}");
    assert!(lines[2].starts_with("missing.y4m: "), "{printed}");
    let written = std::fs::read_to_string(place.path().join("ladder.json")).expect("a file");
    assert!(written.contains("\"psnr_y\""), "{written}");
}

#[test]
fn the_example_gate_decides_the_exit_status() {
    let place = place();
    let gated = |gate: &str| example("gate", place.path(), &["source.y4m", "bad.y4m", gate]);
    assert!(text(&gated("mean>=0")).starts_with("vmaf_v0.6.1:mean>=0: held, "));
    let failed = gated("mean>=100.5");
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(String::from_utf8_lossy(&failed.stdout).contains("failed"), "{failed:?}");
}

#[test]
fn the_example_for_frames_in_memory_runs() {
    let place = place();
    let score = score_of(&text(&example("frames_in_memory", place.path(), &[])));
    assert!((0.0..100.0).contains(&score), "{score}");
}
