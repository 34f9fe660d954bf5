//! A disk without room, and one that is read-only: every command says so in one line, ends with
//! status 2, and leaves nothing but what was there.
//!
//! The disk is a small file system in memory, in a namespace of its own where mounting needs one.

use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::common::{CLIP, Clip, Place};

/// The size of the disk.
const DISK: usize = 64 << 10;

/// The program before a script that may mount; `None` where there is no right to.
fn mounting_shell() -> Option<&'static [&'static str]> {
    static SHELL: OnceLock<Option<&'static [&'static str]>> = OnceLock::new();
    *SHELL.get_or_init(|| {
        let shells: [&[&str]; 2] =
            [&["unshare", "-m", "sh", "-c"], &["unshare", "-rm", "sh", "-c"]];
        shells.into_iter().find(|shell| {
            let script = "mount -t tmpfs -o size=64k none /mnt";
            let tried = Command::new(shell[0]).args(&shell[1..]).arg(script).output();
            tried.is_ok_and(|tried| tried.status.success())
        })
    })
}

/// Runs `vmaf` with `full/` on a disk of which `room` bytes are free. The script prints the files
/// that are there afterwards, and ends with the command's status.
fn run(place: &Place, room: usize, arguments: &str) -> Option<Output> {
    let fill = DISK - room;
    let mount =
        format!("mount -t tmpfs -o size=64k none full && head -c {fill} /dev/zero >full/fill");
    run_after(place, &mount, arguments)
}

/// Runs `vmaf` as [`run`] does, after the script `mount`.
fn run_after(place: &Place, mount: &str, arguments: &str) -> Option<Output> {
    let [program, flags @ ..] = mounting_shell()? else { return None };
    let vmaf = env!("CARGO_BIN_EXE_vmaf");
    let script = format!(
        "{{ {mount}; }} || exit 99\n'{vmaf}' {arguments}; status=$?\n\
         find full -type f | sort; exit $status"
    );
    let mut command = Command::new(program);
    command.args(flags).arg(script).current_dir(place.path(""));
    Some(command.output().expect("a shell"))
}

/// Asserts that a command failed with one error, which names the file and has `reason`.
fn assert_one_error(output: &Output, arguments: &str, reason: &str) {
    let [out, error] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert_eq!(output.status.code(), Some(2), "{arguments}: {out}{error}");
    let errors: Vec<&str> = error.lines().filter(|line| line.starts_with("error: ")).collect();
    let is_clear = |line: &&str| line.contains("can't write full/") && line.contains(reason);
    assert!(matches!(&errors[..], [one] if is_clear(one)), "{arguments}: {error}");
}

#[test]
fn a_full_disk_is_one_error_and_leaves_no_file() {
    let place = Place::new();
    let clip = Clip { width: 96, height: 64, frames: 120, ..CLIP };
    place.file("ref.y4m", clip.y4m());
    place.file("enc.y4m", clip.noisy(9).y4m());
    place.file("list.csv", "reference,distorted\nref.y4m,enc.y4m\n");
    std::fs::create_dir(place.path("full")).expect("a folder");
    for arguments in [
        "score ref.y4m enc.y4m -o full/out.json",
        "score ref.y4m enc.y4m -o full/out.csv",
        "score ref.y4m enc.y4m -o full/out.xml",
        "score ref.y4m enc.y4m --report full/page.html",
        "score ref.y4m enc.y4m --shard 1/2 -o full/part",
        "-r ref.y4m -d enc.y4m --json -o full/log.json",
        "batch list.csv -o full/out.jsonl --checkpoint 0",
        "maps ref.y4m enc.y4m --frame 3 -o full/maps",
    ] {
        let Some(output) = run(&place, 4096, arguments) else {
            eprintln!("skipped: there is no right to mount a disk");
            return;
        };
        assert_one_error(&output, arguments, "No space");
        let out = String::from_utf8_lossy(&output.stdout);
        // The batch keeps its results, to which others are appended, and what was measured; maps
        // are many files.
        let is_kept = arguments.starts_with("batch") || arguments.starts_with("maps");
        let files: Vec<&str> = out.lines().filter(|line| line.starts_with("full/")).collect();
        assert!(is_kept || files == ["full/fill"], "{arguments}: {files:?}");
    }
}

#[test]
fn a_batch_resumes_once_there_is_room() {
    let place = Place::new();
    let clip = Clip { width: 96, height: 64, frames: 120, ..CLIP };
    place.file("ref.y4m", clip.y4m());
    place.file("list.csv", "reference,distorted\nref.y4m,enc-*.y4m\n");
    for noise in [3, 20] {
        place.file(&format!("enc-{noise}.y4m"), clip.noisy(noise).y4m());
    }
    std::fs::create_dir(place.path("full")).expect("a folder");
    let vmaf = env!("CARGO_BIN_EXE_vmaf");
    let again = format!(
        "batch list.csv -o full/out.jsonl --checkpoint 0; rm full/fill; '{vmaf}' batch list.csv -o \
         full/out.jsonl && cp full/out.jsonl out.jsonl"
    );
    let Some(output) = run(&place, 12 << 10, &again) else { return };
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space"), "{output:?}");
    let whole = place.vmaf("batch list.csv -o whole.jsonl");
    assert_eq!(whole.status, 0, "{whole:?}");
    let scores = |name: &str| -> Vec<serde_json::Value> {
        let text = place.read(name);
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        let mut lines: Vec<serde_json::Value> = lines.collect();
        lines.sort_by_key(|line| line["distorted"].to_string());
        lines.into_iter().map(|mut line| line["scores"].take()).collect()
    };
    assert_eq!(scores("out.jsonl"), scores("whole.jsonl"));
}

#[test]
fn a_read_only_folder_is_one_error() {
    let place = Place::new();
    place.file("ref.y4m", CLIP.y4m());
    place.file("enc.y4m", CLIP.noisy(9).y4m());
    place.file("list.csv", "reference,distorted\nref.y4m,enc.y4m\n");
    std::fs::create_dir(place.path("full")).expect("a folder");
    assert_eq!(place.vmaf("score ref.y4m enc.y4m --shard 1/1 -o part").status, 0);
    assert_eq!(place.vmaf("batch list.csv -o earlier.jsonl").status, 0);
    // Root may write to files that only their mode protects.
    let mount = "mount -t tmpfs none full && cp earlier.jsonl full && mount -o remount,ro full";
    let encoder = "--command 'cp {input} {output} # {quality}' --quality 1..9 --target 90";
    for arguments in [
        "score ref.y4m enc.y4m -o full/out.json",
        "score ref.y4m enc.y4m -o out.json -o full/out.csv",
        "score ref.y4m enc.y4m --report full/page.html",
        "score ref.y4m enc.y4m --gate 'mean>=1' --junit full/out.xml",
        "score ref.y4m enc.y4m --shard 1/2 -o full/part",
        "score ref.y4m enc.y4m --metric cambi --heatmaps full/maps",
        "merge part -o full/out.json",
        "-r ref.y4m -d enc.y4m --json -o full/log.json",
        "batch list.csv -o full/out.jsonl",
        "batch list.csv -o full/earlier.jsonl",
        "maps ref.y4m enc.y4m --frame 3 -o full/maps",
        &format!("search ref.y4m {encoder} --cache full/cache -o enc.y4m"),
        &format!("search ref.y4m {encoder} --cache cache -o full/enc.y4m"),
        "man --out full/man",
    ] {
        let Some(output) = run_after(&place, mount, arguments) else {
            eprintln!("skipped: there is no right to mount a disk");
            return;
        };
        assert_one_error(&output, arguments, "Read-only");
        assert!(!place.path("out.json").exists(), "{arguments}");
    }
}

#[test]
fn a_mounted_file_is_written_over() {
    let place = Place::with_pair();
    std::fs::create_dir(place.path("full")).expect("a folder");
    place.file("outside.json", "x".repeat(1 << 20));
    place.file("full/out.json", "");
    let Some(output) = run_after(
        &place,
        "mount --bind outside.json full/out.json",
        "score ref.y4m enc.y4m -o full/out.json",
    ) else {
        return;
    };
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(place.json("outside.json")["distorted"].is_array());
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches("full/").count(), 1);
}
