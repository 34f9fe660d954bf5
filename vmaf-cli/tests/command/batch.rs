//! Batches: what they score, what they leave alone, and what is left of them when they are killed.

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::common::{CLIP, Clip, Place, Ran};
use serde_json::Value;

/// A place with two references, three encodes, and a list of them.
fn place() -> Place {
    let place = Place::with_pair();
    place.file("other.y4m", CLIP.frames(4).y4m());
    place.file("b.y4m", CLIP.noisy(5).y4m());
    place.file("c.y4m", CLIP.frames(4).noisy(9).y4m());
    place.file(
        "list.csv",
        "reference,distorted,name\nref.y4m,enc.y4m,\nref.y4m,b.y4m,good\nother.y4m,c.y4m,\n",
    );
    place
}

fn batch(place: &Place, more: &str) -> Ran {
    place.vmaf(&format!("batch list.csv -o out.jsonl {more}"))
}

/// The lines of the results, without how their runs went.
fn lines(place: &Place) -> Vec<Value> {
    let text = place.read("out.jsonl");
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    let line = |line: &str| {
        let mut line: Value = serde_json::from_str(line).expect("JSON");
        line.as_object_mut().expect("an object").remove("run");
        line
    };
    text.lines().map(line).collect()
}

/// The lines by what they are of, of which there may be one each.
fn by_encode(place: &Place) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for line in lines(place) {
        let name = format!("{} {} {}", line["reference"], line["distorted"], line["name"]);
        let earlier = found.insert(name.clone(), line);
        assert!(earlier.is_none(), "{name} is there twice");
    }
    found
}

#[test]
fn each_line_of_a_batch_equals_a_separate_run() {
    let place = place();
    let ran = batch(&place, "");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.starts_with("3 encodes: 3 passed, 0 failed, 0 not measured\n"), "{ran:?}");
    let found = lines(&place);
    let names = found.iter().map(|line| line["name"].clone());
    assert_eq!(names.collect::<Vec<_>>(), [Value::Null, Value::from("good"), Value::Null]);
    for line in found {
        let (reference, distorted) = (&line["reference"], &line["distorted"]);
        let [reference, distorted] =
            [reference, distorted].map(|path| path.as_str().expect("text"));
        let ran = place.vmaf(&format!("score {reference} {distorted} --format jsonl -o -"));
        let mut alone: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        alone.as_object_mut().expect("an object").remove("run");
        let mut line = line;
        let key = line.as_object_mut().expect("an object").remove("key").expect("a key");
        assert!(key.as_str().expect("text").starts_with("k2-"), "{key}");
        line.as_object_mut().expect("an object").remove("name");
        assert_eq!(line, alone);
    }
    assert!(!place.names().iter().any(|name| name.ends_with(".parts")), "{:?}", place.names());
}

#[test]
fn measured_encodes_are_not_measured_again() {
    let place = place();
    assert_eq!(batch(&place, "").status, 0);
    let before = place.read("out.jsonl");
    let ran = batch(&place, "--threads 1 --jobs 2");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("3 of them were measured before"), "{ran:?}");
    assert_eq!(place.read("out.jsonl"), before);

    // What is in a file counts, not its name: a file that moved is written again under its new
    // name, with the values that it had.
    std::fs::rename(place.path("b.y4m"), place.path("moved.y4m")).expect("moved");
    place.file("list.csv", "reference,distorted,name\nref.y4m,moved.y4m,better\n");
    let ran = batch(&place, "");
    assert!(ran.stdout.contains("1 of them were measured before"), "{ran:?}");
    let found = lines(&place);
    assert_eq!(found.len(), 4);
    let (old, new) = (&found[1], &found[3]);
    assert_eq!((&new["distorted"], &new["name"]), (&"moved.y4m".into(), &"better".into()));
    assert_eq!(new["distorted_video"]["path"], "moved.y4m");
    for member in ["key", "scores", "metrics", "frame_count", "models", "options"] {
        assert_eq!(new[member], old[member], "{member}");
    }
    batch(&place, "");
    assert_eq!(lines(&place).len(), 4);

    // What is in it changed: measured anew.
    place.file("moved.y4m", CLIP.noisy(6).y4m());
    let ran = batch(&place, "");
    assert!(!ran.stdout.contains("before"), "{ran:?}");
    let found = lines(&place);
    assert_eq!(found.len(), 5);
    assert_ne!(found[4]["scores"], found[3]["scores"]);
    // So is it by other models and options, and each only once.
    for (more, count) in [("--model vmaf_v0.6.1neg", 6), ("--every 2", 7), ("--pool median", 8)] {
        for again in [false, true] {
            let ran = batch(&place, more);
            assert_eq!(ran.stdout.contains("1 of them were measured before"), again, "{ran:?}");
            assert_eq!(lines(&place).len(), count, "{more}");
        }
    }
}

#[test]
fn changed_gates_are_judged_without_measuring_again() {
    let place = place();
    assert_eq!(batch(&place, "--gate mean>=1 --gate window(0.1s)>=1").status, 0);
    let measured = |ran: &Ran| !ran.stdout.contains("3 of them were measured before");
    for (more, status, is_measured) in [
        ("--gate mean>=100", 1, false),
        ("--gate mean>=0 --gate vmaf_v0.6.1:p5>=0", 0, false),
        // A pool that no line has.
        ("--gate p20>=0", 0, true),
        ("--gate p20>=100", 1, false),
        ("", 0, false),
    ] {
        let ran = batch(&place, more);
        assert_eq!((ran.status, measured(&ran)), (status, is_measured), "{more}: {ran:?}");
        let count = lines(&place).len();
        let ran = batch(&place, more);
        assert_eq!((ran.status, measured(&ran)), (status, false), "{more}: {ran:?}");
        assert_eq!(lines(&place).len(), count, "{more}");
        // As if they had been measured so.
        let other = self::place();
        batch(&other, more);
        let gates = |place: &Place, line: usize| {
            let gates = lines(place)[line]["gates"].clone();
            let each = gates.as_array().cloned().unwrap_or_default().into_iter();
            let told =
                |gate: Value| (gate["gate"].clone(), gate["value"].clone(), gate["margin"].clone());
            each.map(told).collect::<Vec<_>>()
        };
        for line in 0..3 {
            assert_eq!(gates(&place, count - 3 + line), gates(&other, line), "{more}");
        }
    }
}

#[test]
fn a_failed_encode_has_an_error_line_and_is_tried_again() {
    let place = place();
    place.file(
        "list.csv",
        "reference,distorted\nref.y4m,enc.y4m\nref.y4m,missing.y4m\nref.y4m,c.y4m\n\
         gone.y4m,enc.y4m\nref.y4m,b.y4m\n",
    );
    place.file("text.y4m", "no video");
    let ran = batch(&place, "");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stdout.starts_with("5 encodes: 2 passed, 0 failed, 3 not measured\n"), "{ran:?}");
    let errors = ran.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!((errors, ran.stderr.lines().count()), (3, 3), "{ran:?}");
    let found = by_encode(&place);
    assert_eq!(found.len(), 5);
    let error = |of: &str| found[of]["error"].as_str().expect("an error").to_owned();
    assert!(error("\"ref.y4m\" \"missing.y4m\" null").contains("No such file"));
    assert!(error("\"ref.y4m\" \"c.y4m\" null").contains("ends after 4 frames"));
    assert!(error("\"gone.y4m\" \"enc.y4m\" null").contains("gone.y4m"));
    // The same errors are nothing new.
    assert_eq!(batch(&place, "").status, 2);
    assert_eq!(lines(&place).len(), 5);
    // What was mended is measured; its new line counts.
    place.file("missing.y4m", CLIP.noisy(2).y4m());
    place.file("gone.y4m", CLIP.y4m());
    place.file("c.y4m", CLIP.noisy(12).y4m());
    let ran = batch(&place, "");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.starts_with("5 encodes: 5 passed"), "{ran:?}");
    assert_eq!(lines(&place).len(), 8);
}

#[test]
fn an_encode_that_failed_before_is_appended_once_it_succeeds() {
    let place = place();
    assert_eq!(batch(&place, "").status, 0);
    let bytes = std::fs::read(place.path("b.y4m")).expect("read");
    place.file("b.y4m", "no video");
    assert_eq!(batch(&place, "").status, 2);
    assert!(lines(&place).last().expect("a line")["error"].is_string());
    place.file("b.y4m", bytes);
    for _ in 0..2 {
        assert_eq!(batch(&place, "").status, 0);
        let found = lines(&place);
        assert_eq!(found.len(), 5);
        assert_eq!(found[4], found[1]);
    }
}

#[test]
fn gates_decide_the_exit_status_of_new_and_reused_results() {
    let place = place();
    place.file(
        "list.jsonl",
        "{\"reference\": \"ref.y4m\", \"distorted\": \"enc.y4m\", \"gate\": \"mean>=100\"}\n\
         {\"reference\": \"ref.y4m\", \"distorted\": \"b.y4m\", \"gate\": [\"mean>=1\", \"p5>=1\"]}\n\
         {\"reference\": \"other.y4m\", \"distorted\": \"c.y4m\"}\n",
    );
    let run = || place.vmaf("batch list.jsonl -o out.jsonl --gate min>=0");
    let first = run();
    assert_eq!(first.status, 1, "{first:?}");
    assert!(first.stdout.starts_with("3 encodes: 2 passed, 1 failed, 0 not"), "{first:?}");
    let told = "failed: enc.y4m: gate 'vmaf_v0.6.1:mean>=100': ";
    assert!(first.stderr.starts_with(told), "{first:?}");
    let gates = |line: usize| -> Vec<String> {
        let gates = lines(&place)[line]["gates"].clone();
        let each = gates.as_array().expect("gates").iter();
        each.map(|gate| gate["gate"].as_str().expect("text").to_owned()).collect()
    };
    // Both encodes of one reference in one pass, each with its own.
    assert_eq!(gates(0), ["vmaf_v0.6.1:mean>=100"]);
    assert_eq!(gates(1), ["vmaf_v0.6.1:mean>=1", "vmaf_v0.6.1:p5>=1"]);
    assert_eq!(gates(2), ["vmaf_v0.6.1:min>=0"]);
    let again = run();
    assert_eq!(again.status, 1, "{again:?}");
    assert!(again.stdout.starts_with("3 encodes: 2 passed, 1 failed, 0 not"), "{again:?}");
    assert!(again.stderr.starts_with(told), "{again:?}");
    assert_eq!(lines(&place).len(), 3);
    // What could not be measured outranks what failed.
    std::fs::remove_file(place.path("c.y4m")).expect("removed");
    assert_eq!(run().status, 2);
}

#[test]
fn manifests_accept_patterns_models_and_metrics() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("set/low")).expect("a folder");
    place.file("set/ref.y4m", CLIP.y4m());
    place.file("set/a.y4m", CLIP.noisy(4).y4m());
    place.file("set/b.y4m", CLIP.noisy(8).y4m());
    place.file("set/low/a.y4m", CLIP.noisy(30).y4m());
    place.file(
        "set/list.csv",
        "reference,distorted,model,metric\nref.y4m,*.y4m,vmaf_v0.6.1;vmaf_v0.6.1neg,\n\
         ref.y4m,low/?.y4m,,psnr;vif=debug=true\nref.y4m,none-*.y4m,,\n",
    );
    let ran = place.vmaf("batch set/list.csv -o out.jsonl");
    assert_eq!(ran.status, 2, "{ran:?}");
    let found = by_encode(&place);
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    // Not the reference beside itself.
    assert_eq!(
        names,
        [
            "\"ref.y4m\" \"a.y4m\" null",
            "\"ref.y4m\" \"b.y4m\" null",
            "\"ref.y4m\" \"low/a.y4m\" null",
            "\"ref.y4m\" \"none-*.y4m\" null",
        ]
    );
    let scores = |of: &str| -> Vec<&String> {
        found[of]["scores"].as_object().expect("scores").keys().collect()
    };
    assert_eq!(scores(names[0]), ["vmaf_v0.6.1", "vmaf_v0.6.1neg"]);
    assert_eq!(scores(names[2]), ["vmaf_v0.6.1"]);
    assert!(found[names[2]]["metrics"]["psnr_y"]["mean"].is_number());
    assert!(found[names[2]]["metrics"]["integer_vif"]["mean"].is_number());
}

#[test]
fn relative_to_sets_the_folder_of_relative_paths() {
    let place = place();
    assert_eq!(batch(&place, "").status, 0);
    let expected = lines(&place);
    std::fs::create_dir(place.path("lists")).expect("a folder");
    place.file("lists/list.csv", place.read("list.csv"));
    let elsewhere = |more: &str| place.vmaf(&format!("batch lists/list.csv {more}"));
    let ran = elsewhere("-o lost.jsonl");
    assert_eq!(ran.status, 2, "{ran:?}");
    // What is found there is known by what it holds: nothing is measured again, nothing added.
    let ran = elsewhere("-o out.jsonl --relative-to .");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("3 of them were measured before"), "{ran:?}");
    assert_eq!(lines(&place), expected);
}

#[test]
fn scores_do_not_depend_on_the_other_encodes_of_a_batch() {
    let place = Place::with_pair();
    // Encodes of other sizes and depths, which are made comparable.
    place.file("ten.y4m", Clip { depth: 10, ..CLIP.noisy(5) }.y4m());
    place.file("twelve.y4m", Clip { depth: 12, ..CLIP.noisy(5) }.y4m());
    place.file("list.csv", "reference,distorted\nref.y4m,ten.y4m;enc.y4m;twelve.y4m\n");
    let ran = batch(&place, "--metric psnr");
    assert_eq!(ran.status, 0, "{ran:?}");
    for (of, line) in by_encode(&place) {
        let path = line["distorted"].as_str().expect("a path");
        let alone = place.score(&format!("ref.y4m {path} --metric psnr"));
        for member in ["scores", "metrics"] {
            assert_eq!(line[member], alone["distorted"][0][member], "{of}");
        }
    }
}

#[test]
fn only_files_named_as_raw_are_read_as_raw() {
    let place = Place::with_pair();
    place.file("enc.yuv", CLIP.noisy(25).raw());
    place.file("list.csv", "reference,distorted\nref.y4m,enc.y4m\nref.y4m,enc.yuv\n");
    let ran = batch(&place, "--size 96x64");
    assert_eq!(ran.status, 0, "{ran:?}");
    let found = lines(&place);
    assert_eq!(found[0]["scores"], found[1]["scores"]);
}

#[test]
fn a_truncated_last_line_is_removed() {
    let place = place();
    batch(&place, "");
    let whole = lines(&place);
    let text = place.read("out.jsonl");
    for cut in [1, 10, 500] {
        place.file("out.jsonl", &text[..text.len() - cut]);
        let ran = batch(&place, "");
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(ran.stdout.contains("2 of them were measured before"), "{ran:?}");
        assert_eq!(lines(&place), whole);
    }
    // What no batch wrote is left as it is.
    for foreign in ["notes", "notes\n", "{\"a\": 1}\n", "{\"reference\": \"a\"}\n", "\u{0}\n"] {
        place.file("out.jsonl", foreign);
        let ran = batch(&place, "");
        assert!(ran.error().contains("line 1 is not a batch result"), "{ran:?}");
        assert_eq!(place.read("out.jsonl"), foreign);
    }
    // Neither are results of a version whose keys had another form.
    let older = text.replace("\"key\":\"k2-", "\"key\":\"");
    place.file("out.jsonl", &older);
    let ran = batch(&place, "");
    assert_eq!(ran.status, 2);
    assert!(ran.error().contains("line 1 is a result of an earlier version"), "{ran:?}");
    assert_eq!(place.read("out.jsonl"), older);
}

#[test]
fn errors_of_a_manifest_are_reported_before_measuring() {
    let place = place();
    let error = |list: &str, more: &str| {
        place.file("list.csv", list);
        let ran = batch(&place, more);
        assert!(!place.names().contains(&"out.jsonl".to_owned()));
        ran.error().to_owned()
    };
    let header = "reference,distorted,model,gate\n";
    let line = |line: &str| error(&format!("{header}ref.y4m,enc.y4m,,\n{line}\n"), "");
    assert!(line("ref.y4m,b.y4m,vmaf_v0.6.2,").contains("list.csv: line 3: unknown model"));
    assert!(line("ref.y4m,b.y4m,,mean=>9").contains("list.csv: line 3: "));
    assert!(line(",b.y4m,,").contains("line 3: the reference is missing"));
    assert!(error("reference,dist\na,b\n", "").contains("line 1: unknown column 'dist'"));
    assert!(error(header, "").contains("it lists no encodes"));
    assert!(error(&format!("{header}ref.y4m,b.y4m,,\n"), "--jobs 0").contains("--jobs"));
    let missing = place.vmaf("batch none.csv -o out.jsonl");
    assert!(missing.error().contains("none.csv: No such file"), "{missing:?}");
}

/// A place whose batch takes a while: a long clip, and several short ones.
fn long_place() -> Place {
    let place = Place::new();
    let long = Clip { width: 176, height: 144, frames: 250, ..CLIP };
    place.file("long.y4m", long.y4m());
    place.file("long-a.y4m", long.noisy(4).y4m());
    place.file("long-b.y4m", long.noisy(20).y4m());
    let mut list = "reference,distorted\nlong.y4m,long-*.y4m\nlong.y4m,missing.y4m\n".to_owned();
    for reference in 0..3 {
        let clip = Clip { width: 96 + 16 * reference, frames: 40, ..CLIP };
        place.file(&format!("ref-{reference}.y4m"), clip.y4m());
        for encode in 0..3 {
            let name = format!("enc-{reference}-{encode}.y4m");
            place.file(&name, clip.noisy(3 + 9 * encode).y4m());
            list.push_str(&format!("ref-{reference}.y4m,{name}\n"));
        }
    }
    place.file("list.csv", list);
    place
}

fn spawn(place: &Place, more: &str) -> Child {
    let line = format!("batch list.csv -o out.jsonl {more}");
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut command = place.command(&words);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command runs")
}

fn forget(place: &Place) {
    let _ = std::fs::remove_file(place.path("out.jsonl"));
    let _ = std::fs::remove_dir_all(place.path("out.jsonl.parts"));
}

#[test]
fn a_batch_killed_at_any_time_resumes_to_the_same_results() {
    const KILLS: usize = 20;
    const OPTIONS: &str = "--threads 1 --checkpoint 0.02 --metric psnr=enable_apsnr=true";
    let place = long_place();
    let begun = Instant::now();
    assert_eq!(batch(&place, OPTIONS).status, 2, "one encode is missing");
    let takes = begun.elapsed();
    let whole = by_encode(&place);
    assert_eq!(whole.len(), 12);
    forget(&place);

    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (mut kills, mut ends, mut mid_film, mut mid_list) = (0, 0, 0, 0);
    // Moments are drawn from what a whole batch took; on a machine that is busy now, and was not
    // then, most kills come before anything was measured.
    while kills < KILLS || (mid_film < 3 || mid_list < 3) && kills < 20 * KILLS {
        let mut child = spawn(&place, OPTIONS);
        std::thread::sleep(takes.mul_f64(random() / 3.0));
        let running = child.try_wait().expect("a child").is_none();
        child.kill().expect("killed");
        let status = child.wait().expect("a child");
        if running && status.code().is_none() {
            kills += 1;
            mid_film += usize::from(place.path("out.jsonl.parts").exists());
            mid_list += usize::from(place.path("out.jsonl").metadata().is_ok_and(|m| m.len() > 0));
            continue;
        }
        // It was done before: all of it, and once.
        ends += 1;
        assert_eq!(by_encode(&place), whole, "after {kills} kills");
        forget(&place);
    }
    let ran = batch(&place, OPTIONS);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert_eq!(by_encode(&place), whole, "after {kills} kills and {ends} whole batches");
    assert!(!place.path("out.jsonl.parts").exists());
    assert!(
        mid_film > 2 && mid_list > 2,
        "of {kills} kills: {mid_film} in a film, {mid_list} later"
    );
}

#[test]
fn a_killed_batch_resumes_within_a_long_video() {
    let place = long_place();
    place.file("list.csv", "reference,distorted\nlong.y4m,long-*.y4m\n");
    let whole = batch(&place, "--threads 1");
    assert_eq!(whole.status, 0, "{whole:?}");
    let whole = by_encode(&place);
    forget(&place);
    let mut child = spawn(&place, "--threads 1 --checkpoint 0.01");
    let parts = || {
        let entries = std::fs::read_dir(place.path("out.jsonl.parts")).ok()?;
        let sizes = entries.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()));
        sizes.max()
    };
    let begun = Instant::now();
    while parts().is_none_or(|size| size < 20_000) {
        assert!(begun.elapsed() < Duration::from_secs(300), "nothing was kept");
        assert!(child.try_wait().expect("a child").is_none(), "it was done before: {:?}", parts());
        std::thread::sleep(Duration::from_millis(1));
    }
    // Nobody else may write there.
    assert!(batch(&place, "").error().contains("another batch is writing to out.jsonl"));
    child.kill().expect("killed");
    child.wait().expect("a child");
    assert!(lines(&place).is_empty(), "it was killed too late");

    assert_eq!(batch(&place, "--threads 2").status, 0);
    assert_eq!(by_encode(&place), whole);
    // A frame more was looked at than there are: the one before the cut, once more.
    let text = place.read("out.jsonl");
    let line: Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert_eq!(line["run"]["frames"], 251);
}

/// A spot machine gets SIGTERM before it vanishes; Ctrl-C is SIGINT.
#[cfg(unix)]
#[test]
fn a_signal_stores_what_was_measured() {
    let place = long_place();
    place.file("list.csv", "reference,distorted\nlong.y4m,long-*.y4m\n");
    assert_eq!(batch(&place, "--threads 1").status, 0);
    let whole = by_encode(&place);
    for (signal, status) in [("TERM", 143), ("INT", 130)] {
        forget(&place);
        // No checkpoint is due before the signal.
        let line = "batch list.csv -o out.jsonl --threads 1 --checkpoint 10000";
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = place.command(&words);
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let child = child.expect("the command runs");
        // It listens to signals before it opens its results.
        let begun = Instant::now();
        while !place.path("out.jsonl").exists() {
            assert!(begun.elapsed() < Duration::from_secs(300), "it did not begin");
            std::thread::sleep(Duration::from_millis(1));
        }
        if signal == "INT" {
            // While it measures, most likely.
            std::thread::sleep(Duration::from_millis(300));
        }
        // A shell has the command built in; the program may be missing.
        let line = format!("kill -s {signal} {}", child.id());
        let kill = std::process::Command::new("sh").args(["-c", &line]).status();
        assert!(kill.expect("a shell").success());
        let output = child.wait_with_output().expect("a child");
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("the same command resumes"));
        let has_parts = std::fs::read_dir(place.path("out.jsonl.parts")).is_ok();
        assert_eq!(batch(&place, "--threads 2").status, 0);
        assert_eq!(by_encode(&place), whole);
        let line: Value =
            serde_json::from_str(place.read("out.jsonl").lines().next().expect("a line"))
                .expect("JSON");
        // If it had begun, a resumed run reads one frame again.
        let frames = if has_parts { 251 } else { 250 };
        assert_eq!(line["run"]["frames"], frames, "SIG{signal}");
    }
}
