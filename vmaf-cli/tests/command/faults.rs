//! Faults of the system around the command: inputs that stall, signals, read-only folders, renames
//! that fail, clocks that are set back, hostile names.

use std::fs::File;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{CLIP, Clip, Place};

/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits until `is_so`.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn shell(place: &Place, line: &str) {
    let status = Command::new("sh").args(["-c", line]).current_dir(place.path("")).status();
    assert!(status.expect("a shell").success(), "{line}");
}

fn start(place: &Place, arguments: &str) -> Child {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let mut command = place.command(&words);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the command runs")
}

fn send(child: &Child, signal: &str) {
    let line = format!("kill -s {signal} {}", child.id());
    assert!(Command::new("sh").args(["-c", &line]).status().expect("a shell").success());
}

/// Writes `frames` frames into a named pipe and leaves it open. Returns once its reader has read
/// most of them.
fn write_some(pipe: PathBuf, frames: usize) -> File {
    let clip = CLIP.frames(frames).y4m();
    // It holds less than that.
    assert!(clip.len() > 2 * 65536);
    let mut pipe = File::options().write(true).open(pipe).expect("a reader");
    pipe.write_all(&clip).expect("read");
    pipe
}

#[test]
fn a_stalled_input_does_not_keep_a_stopped_run() {
    let place = Place::new();
    shell(&place, "mkfifo pipe silent");
    place.file("enc.y4m", CLIP.frames(100).noisy(9).y4m());
    place.file("ref.y4m", CLIP.frames(100).y4m());
    for arguments in [
        "score pipe enc.y4m -o out.json --gate mean>=1 --junit out.xml",
        "score ref.y4m pipe --shard 1/2 -o out.part",
        "-r pipe -d enc.y4m -o out.json",
    ] {
        let child = start(&place, arguments);
        let pipe = write_some(place.path("pipe"), 30);
        send(&child, "TERM");
        let output = child.wait_with_output().expect("a child");
        assert_eq!(output.status.code(), Some(143), "{arguments}: {output:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("error"), "{output:?}");
        drop(pipe);
        // The verdicts of a run that was stopped are not those of an earlier one.
        assert!(place.names().iter().all(|name| !name.starts_with("out.") || name == "out.xml"));
    }
    // Nobody writes to a pipe, so that it can't be opened. The command may not listen yet.
    let child = start(&place, "score silent enc.y4m -o out.json");
    std::thread::sleep(Duration::from_millis(100));
    send(&child, "TERM");
    let status = child.wait_with_output().expect("a child").status;
    assert!(status.code() == Some(143) || status.signal() == Some(15), "{status:?}");
}

#[test]
fn an_encoder_ends_with_the_search() {
    let place = Place::new();
    place.file("ref.y4m", CLIP.frames(30).y4m());
    // The encoder is a shell that waits for another program.
    place.file("encode.sh", "echo $$ >>pids; sleep 1000 & echo $! >>pids; wait");
    for (signal, status) in [("TERM", Some(143)), ("INT", Some(130)), ("KILL", None)] {
        let _ = std::fs::remove_file(place.path("pids"));
        let words =
            ["search", "ref.y4m", "--command", "sh encode.sh {input} {output} {quality} && true"];
        let mut command = place.command(&words);
        command.args([
            "--quality",
            "10..40",
            "--target",
            "90",
            "--cache",
            "cache",
            "-o",
            "enc.mkv",
        ]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the command runs");
        let pids = || std::fs::read_to_string(place.path("pids")).unwrap_or_default();
        wait_until("the encoder did not start", || {
            assert!(child.try_wait().expect("a child").is_none(), "it ended early");
            pids().lines().count() >= 2
        });
        let is_running = |pid: &str| {
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let state = state.rsplit(')').next().and_then(|rest| rest.trim().chars().next());
            // One that has ended may still wait for its parent.
            !matches!(state, None | Some('Z'))
        };
        assert!(pids().lines().all(is_running), "SIG{signal}: {}", pids());
        send(&child, signal);
        let output = child.wait_with_output().expect("a child");
        assert_eq!(output.status.code(), status, "SIG{signal}: {output:?}");
        wait_until("the encoder goes on", || !pids().lines().any(is_running));
    }
}

#[test]
fn a_target_that_becomes_a_folder_is_one_error() {
    let place = Place::new();
    shell(&place, "mkfifo pipe");
    place.file("ref.y4m", CLIP.frames(30).y4m());
    for (arguments, name) in [
        ("score ref.y4m pipe -o out.json", "out.json"),
        ("score ref.y4m pipe --gate mean>=1 --junit out.xml", "out.xml"),
        ("score ref.y4m pipe --shard 1/1 -o part", "part"),
    ] {
        let child = start(&place, arguments);
        let pipe = write_some(place.path("pipe"), 30);
        std::fs::create_dir(place.path(name)).expect("a folder");
        drop(pipe);
        let output = child.wait_with_output().expect("a child");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {error}");
        let errors: Vec<&str> = error.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{error}");
        assert!(errors[0].contains(&format!("can't write {name}: Is a directory")), "{error}");
        std::fs::remove_dir(place.path(name)).expect("it is empty");
    }
    assert_eq!(place.names(), ["pipe", "ref.y4m"]);
}

#[test]
fn hostile_names_are_labels() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("inner/clips")).expect("folders");
    // Large enough for maps of banding.
    let clip = Clip { width: 240, height: 160, ..CLIP };
    place.file("inner/ref.y4m", clip.y4m());
    let hostile = "<script>alert(1)<!--\"'&amp;.y4m";
    for name in ["...y4m", hostile, "b.y4m"] {
        place.file(&format!("inner/clips/{name}"), clip.noisy(9).y4m());
    }
    let entry = |distorted: &str, name: &str, metric: &str| {
        let row = serde_json::json!({
            "reference": "ref.y4m", "distorted": distorted, "name": name, "metric": metric,
        });
        format!("{row}\n")
    };
    let list = [
        entry("clips/...y4m", "../../escaped", "cambi=heatmaps_path=../maps"),
        entry(&format!("clips/{hostile}"), "/tmp/escaped", "psnr"),
        entry("clips/../clips/b.y4m", "a\nb\"}", "psnr"),
    ];
    place.file("inner/list.jsonl", list.concat());
    shell(&place, "mkdir inner/out");
    let vmaf = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        let output = command.current_dir(place.path("inner")).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    vmaf(&["batch", "list.jsonl", "-o", "out/results.jsonl"]);
    let results = place.read("inner/out/results.jsonl");
    let names: Vec<String> = results
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|line| line["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(names, ["../../escaped", "/tmp/escaped", "a\nb\"}"]);
    let encodes = ["clips/...y4m".to_owned(), format!("clips/{hostile}")];
    let [first, second] = &encodes;
    let score = ["score", "ref.y4m", first, second, "--metric", "cambi", "--heatmaps", "out/maps"];
    let outputs = ["--report", "out/page.html", "--gate", "mean>=1", "--junit", "out/gates.xml"];
    vmaf(&[&score[..], &outputs].concat());
    let page = place.read("inner/out/page.html");
    assert!(!page.contains("<script>alert") && !page.contains("<!--\""), "not escaped");
    let gates = place.read("inner/out/gates.xml");
    assert!(!gates.contains("<script>"), "{gates}");
    // Everything written is where it was asked for.
    let inner = Place::names_in(&place.path("inner"));
    assert_eq!(inner, ["clips", "list.jsonl", "out", "ref.y4m"]);
    assert_eq!(place.names(), ["inner"]);
    let out = Place::names_in(&place.path("inner/out"));
    assert_eq!(out, ["gates.xml", "maps", "page.html", "results.jsonl"]);
    assert_eq!(Place::names_in(&place.path("inner/out/maps")).len(), 2);
}

#[test]
fn a_clock_that_is_set_back_loses_nothing() {
    let place = Place::with_pair();
    place.file("list.csv", "reference,distorted\nref.y4m,enc.y4m\n");
    assert_eq!(place.vmaf("batch list.csv -o out.jsonl").status, 0);
    let before = place.read("out.jsonl");
    let future = std::time::SystemTime::now() + Duration::from_secs(100 * 365 * 86400);
    for name in place.names() {
        let file = File::options().append(true).open(place.path(&name)).expect("a file");
        file.set_modified(future).expect("set");
    }
    let ran = place.vmaf("batch list.csv -o out.jsonl");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("1 of them were measured before"), "{ran:?}");
    assert_eq!(place.read("out.jsonl"), before);
    assert_eq!(place.vmaf("score ref.y4m enc.y4m -o scores.json").status, 0);
}

#[test]
fn an_encode_for_which_there_is_no_memory_costs_a_batch_its_own_line() {
    let place = Place::with_pair();
    place.file("other.y4m", CLIP.noisy(9).y4m());
    // A frame of 100 MB takes up no space on the disk.
    place.file("large.y4m", "YUV4MPEG2 W8192 H8192 F25:1 C420\nFRAME\n");
    let large = File::options().append(true).open(place.path("large.y4m")).expect("a file");
    let header = large.metadata().expect("a file").len();
    large.set_len(header + 8192 * 8192 * 3 / 2).expect("a sparse file");
    let small = "reference,distorted\nref.y4m,enc.y4m\nref.y4m,other.y4m\n";
    place.file("small.csv", small);
    place.file("list.csv", format!("{small}large.y4m,large.y4m\nother.y4m,enc.y4m\n"));
    let batch = |list: &str, megabytes: u32| {
        let line = format!(
            "ulimit -v {} && exec {} batch {list}.csv -o {list}{megabytes}.jsonl --jobs 2 \
             --threads 1",
            megabytes * 1024,
            crate::common::vmaf().display()
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(place.path("")).output().expect("a shell")
    };
    // The memory that small pictures take, and that libraries and threads reserve.
    let least = (1..40).map(|step| step * 128).find(|at| batch("small", *at).status.success());
    let mut limit = least.expect("the small encodes are measured") + 128;
    let mut refusals = 0;
    // Memory is refused to a header at first, then to pictures, then to workspaces.
    loop {
        let ran = batch("list", limit);
        let results = place.read(&format!("list{limit}.jsonl"));
        let lines: Vec<serde_json::Value> =
            results.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.len(), 4, "{limit} MB: {ran:?}");
        let (large, small): (Vec<_>, Vec<_>) =
            lines.iter().partition(|line| line["reference"] == "large.y4m");
        assert!(small.iter().all(|line| line["error"].is_null()), "{limit} MB: {small:?}");
        let Some(error) = large[0]["error"].as_str() else {
            assert!(ran.status.success(), "{limit} MB: {ran:?}");
            break;
        };
        assert_eq!(ran.status.code(), Some(2), "{limit} MB: {ran:?}");
        assert!(error.contains("memory"), "{limit} MB: {error}");
        refusals += u32::from(error.contains("not enough memory"));
        limit += 128;
    }
    assert!(refusals > 0, "{limit} MB");
}
