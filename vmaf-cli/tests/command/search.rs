//! Searches with real encoders: what they find, what they write, and what is left of them when they
//! are killed or an encoder fails.
//!
//! The encoders are those of the FFmpeg program that `VMAF_FFMPEG` names, or the one on the path.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use crate::common::{Place, Ran};
use crate::real_files::{LOSSLESS, make, mean, moving};

/// Four scenes a second apart in content, of different difficulty, that repeat with other contents:
/// 240x136, ten frames a second.
fn scenes(frames: u32) -> String {
    format!(
        "mandelbrot=s=960x540:start_scale=0.4:end_scale=0.4:rate=10,trim=end_frame=1,\
         loop=loop=-1:size=1,setpts=N/10/TB,\
         crop=240:136:x='mod(floor(n/40)*211,500)+100+40*sin(n/9)':\
         y='mod(floor(n/40)*97,300)+50+30*cos(n/7)',\
         gblur=sigma=3:enable='between(mod(n,120),40,79)',\
         noise=alls=12:allf=t:all_seed=7:enable='between(mod(n,160),0,39)',trim=end_frame={frames}"
    )
}

/// Runs `vmaf search` with its cache in the place.
fn search(place: &Place, arguments: &str) -> Ran {
    place.vmaf(&format!("search --cache cache --json found.json {arguments}"))
}

/// Runs a search that finds a setting, and returns its JSON.
fn found(place: &Place, arguments: &str) -> Value {
    let ran = search(place, arguments);
    assert_eq!(ran.status, 0, "{arguments}: {}{}", ran.stdout, ran.stderr);
    place.json("found.json")
}

/// A short clip, which is encoded whole.
fn short() -> &'static Place {
    static SHORT: OnceLock<Place> = OnceLock::new();
    SHORT.get_or_init(|| {
        let place = Place::new();
        let sound = "-f lavfi -i sine=duration=2 -c:a aac -shortest";
        make(&place, &format!("-f lavfi -i \"{}\" {sound} {LOSSLESS} ref.mkv", moving("25", 50)));
        place
    })
}

/// A clip that is long enough for a sample.
fn long(place: &Place) {
    make(place, &format!("-f lavfi -i \"{}\" {LOSSLESS} ref.mkv", scenes(400)));
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The mean score of an encode, measured by itself.
fn score(place: &Place, encode: &str) -> f64 {
    mean(&place.score(&format!("ref.mkv {encode}")))
}

#[test]
fn a_short_source_has_the_smallest_encode_that_passes() {
    let place = short();
    let result = found(place, "ref.mkv --encoder x264 --preset veryfast --target 88 -o enc.mkv");
    assert_eq!(result["outcome"], "found");
    let value = score(place, "enc.mkv");
    let encode = &result["encodes"][0];
    let quality = number(&result["quality"]);
    let next_fails = result["probes"].as_array().expect("a list").iter().any(|probe| {
        let distance = number(&probe["quality"]) - quality;
        (0.05..0.15).contains(&distance) && number(&probe["targets"][0]["margin"]) < 0.0
    });
    assert!(value >= 88.0 && (value <= 88.5 || next_fails), "{result}");
    assert_eq!(number(&encode["targets"][0]["value"]), value);
    assert_eq!(encode["quality"], result["quality"]);
    assert_eq!(result["source"]["share"], 1.0);
    let probes = result["probes"].as_array().expect("a list");
    assert!(probes.len() <= 5, "{result}");
    // Nothing else is left beside the output, which has the sound too.
    let names = place.names();
    let hidden = names.iter().find(|name| name.starts_with('.'));
    assert_eq!(hidden, None, "{names:?}");
    make(place, "-i enc.mkv -map 0:a -f null -");

    // The command line that is given encodes the same.
    let line = result["command"].as_str().expect("text");
    let again = line.replace("ffmpeg -i", "-i").replace("enc.mkv", "again.mkv");
    let again = again.replace('\'', "\"");
    make(place, &again);
    assert_eq!(score(place, "again.mkv"), value);
}

#[test]
fn targets_may_be_other_metrics_and_worst_scenes() {
    let place = Place::new();
    make(&place, &format!("-f lavfi -i \"{}\" {LOSSLESS} ref.mkv", scenes(120)));
    let x264 = "ref.mkv --encoder x264 --preset ultrafast -o enc.mkv";
    for (metric, target) in [
        ("--no-model --metric butteraugli", "butteraugli_3norm:mean<=1.5"),
        ("--no-model --metric ssimulacra2", "ssimulacra2:scene(min)>=70"),
        ("--model v0", "scene(min)>=85"),
    ] {
        let result = found(&place, &format!("{x264} {metric} --target {target}"));
        assert_eq!(result["outcome"], "found", "{target}");
        // What the search says of the whole encode is what a run of its own measures.
        let encodes = result["encodes"].as_array().expect("a list");
        let last = encodes.iter().find(|encode| encode["quality"] == result["quality"]);
        let value = &last.expect("the answer")["targets"][0]["value"];
        let ran = place.vmaf(&format!("score ref.mkv enc.mkv {metric} --gate {target} -o -"));
        assert_eq!(ran.status, 0, "{target}: {ran:?}");
        let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let gate = number(&document["distorted"][0]["gates"][0]["value"]);
        assert!((gate - number(value)).abs() < 1e-9, "{target}: {gate} and {value}");
    }
}

#[test]
fn another_target_is_answered_from_stored_probes() {
    let place = Place::new();
    long(&place);
    let x265 = "ref.mkv --encoder x265 --preset ultrafast -n";
    let first = found(&place, &format!("{x265} --target 90"));
    assert!(number(&first["encoded_frames"]) > 0.0);
    let again = found(&place, &format!("{x265} --target 90"));
    assert_eq!(number(&again["encoded_frames"]), 0.0);
    assert_eq!(again["quality"], first["quality"]);
    assert_eq!(again["prediction"], first["prediction"]);
    // Other settings are others' probes.
    let other = found(&place, "ref.mkv --encoder x265 --preset superfast -n --target 90");
    assert!(number(&other["encoded_frames"]) > 0.0);
    // The clips are large, and gone.
    let cache = place.path("cache/search-1");
    let source = std::fs::read_dir(cache).expect("a folder").next().expect("one").expect("one");
    let files = std::fs::read_dir(source.path()).expect("a folder");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("text"));
    let names: Vec<String> = names.collect();
    assert!(
        names.iter().all(|name| !name.starts_with("clips") && !name.starts_with("run")),
        "{names:?}"
    );
    assert!(names.iter().any(|name| name.ends_with(".probe")), "{names:?}");
}

#[test]
fn a_sample_finds_an_encode_that_meets_all_targets() {
    let place = Place::new();
    long(&place);
    let result = found(
        &place,
        "ref.mkv --encoder x265 --preset ultrafast --target 90 --target p5>=80 -o enc.mkv",
    );
    let share = number(&result["source"]["share"]);
    assert!((0.4..0.7).contains(&share), "{share}");
    assert_eq!(number(&result["source"]["scenes"]), 10.0);
    // Of several encodes the one that was delivered, which need not be the last.
    let encodes = result["encodes"].as_array().expect("a list");
    let delivered = encodes.iter().find(|encode| encode["quality"] == result["quality"]);
    for target in delivered.expect("the answer")["targets"].as_array().expect("a list") {
        assert!(number(&target["margin"]) >= 0.0, "{result}");
        assert_eq!(target["deviation"], 0.0);
    }
    assert!(result["encodes"].as_array().expect("a list").len() <= 3, "{result}");
    assert!(score(&place, "enc.mkv") >= 90.0);
    // The estimate is as good as it says, or nearly.
    let (prediction, encode) = (&result["prediction"], &result["encodes"][0]);
    let [predicted, real] = [prediction, encode].map(|of| number(&of["targets"][0]["value"]));
    let deviation = number(&prediction["targets"][0]["deviation"]);
    assert!((predicted - real).abs() <= 2.0 * deviation + 0.5, "{predicted} {real} {deviation}");
}

#[test]
fn av1_at_ten_bits_without_black_bars() {
    let place = Place::new();
    let bars = moving("25", 50).replace("crop=480:270", "crop=480:200");
    make(&place, &format!("-f lavfi -i \"{bars},pad=480:270:0:34\" {LOSSLESS} ref.mkv"));
    let result = found(
        &place,
        "ref.mkv -e svt-av1 --preset 10 --pix-fmt yuv420p10le --crop auto --model v1 \
         --target 80 -o enc.mp4",
    );
    assert_eq!(result["source"]["crop"], "480:200:0:34");
    let ran = place.vmaf("score ref.mkv enc.mp4 --crop auto --model v1 -o enc.json");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let document = place.json("enc.json");
    let encode = &document["distorted"][0];
    let value = number(&encode["scores"]["v1"]["mean"]);
    assert!(value >= 80.0, "{value}");
    assert_eq!(encode["height"], 200);
    assert_eq!(encode["bit_depth"], 10);
}

#[test]
fn variable_frame_rates_are_encoded_and_scored_frame_by_frame() {
    let place = Place::new();
    let retime = "setpts='(N+0.7*mod(N,3)+4*floor(N/50))/10/TB'";
    let source = format!("-f lavfi -i \"{},{retime}\" -fps_mode passthrough", scenes(400));
    make(&place, &format!("{source} {LOSSLESS} ref.mkv"));
    let result = found(&place, "ref.mkv -e x264 --preset ultrafast --target 85 -o enc.mkv");
    let value = score(&place, "enc.mkv");
    assert!(value >= 85.0, "{value}");
    assert!(number(&result["source"]["share"]) < 1.0);
}

#[test]
fn a_command_line_is_an_encoder_too() {
    let place = short();
    let ffmpeg = std::env::var("VMAF_FFMPEG").unwrap_or_else(|_| "ffmpeg".to_owned());
    let line = format!(
        "{ffmpeg} -v error -y -i {{input}} -an -c:v libx264 -preset ultrafast -crf {{quality}} {{output}}"
    );
    let run = |line: &str| {
        let words = [
            "search",
            "ref.mkv",
            "--command",
            line,
            "--quality",
            "20..45",
            "--target",
            "80",
            "-o",
            "own.mkv",
            "--cache",
            "cache",
            "--json",
            "own.json",
        ];
        Ran::from(place.command(&words).output().expect("the command runs"))
    };
    let ran = run(&line);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(score(place, "own.mkv") >= 80.0);
    let quality = number(&place.json("own.json")["quality"]);
    assert_eq!(quality.fract(), 0.0);

    let ran = run("echo no space for {output} of {input} at {quality} >&2; exit 7");
    assert_eq!(ran.error().matches("no space for").count(), 1);
    let ran = run("true {quality} {input} {output}");
    assert!(ran.error().contains("wrote nothing"), "{ran:?}");
    let ran = run("cp {input} {output}; true {quality}");
    assert_eq!(ran.status, 0, "the quality does nothing: {ran:?}");
}

#[test]
fn failures_are_one_line_and_cost_no_probe() {
    let place = short();
    let refused = |arguments: &str, parts: &[&str]| {
        let ran = place.vmaf(&format!("search --cache failing {arguments}"));
        let line = ran.error();
        for part in parts {
            assert!(line.contains(part), "{arguments}: '{part}' is not in: {line}");
        }
    };
    refused("ref.mkv -e x256 --target 90 -n", &["x256", "x265"]);
    refused("ref.mkv -e x264 --preset slwo --target 90 -n", &["x264", "slwo"]);
    refused("ref.mkv -e x264 --target vmaf_v1:mean>=90 -n", &["vmaf_v1"]);
    refused("ref.mkv -e x264 --target psnr_y:mean>=40 -n", &["psnr_y", "--metric psnr"]);
    refused("missing.mkv -e x264 --target 90 -n", &["missing.mkv"]);
    refused("ref.mkv -e x264 --target 90 -o ref.mkv", &["is the source"]);
    refused("ref.mkv -e x264 --target 90 -o no/such/enc.mkv", &["no/such/enc.mkv"]);
    refused("ref.mkv -e x264 --target 90 -o encode", &["no extension"]);
    // No message names an option that a search lacks.
    let frames = ["20 frames, fewer than the source", "filters and arguments"];
    refused("ref.mkv -e x264 --target 90 -n -- -frames:v 20", &frames);
    // An encoder that fails at the second setting: the first probe remains.
    let script = "case {quality} in 4*) echo broken >&2; exit 1;; esac; cp {input} {output}";
    let words = |more: &str| {
        let words = ["search", "ref.mkv", "--command", script, "--quality", "20..45:0.5", "-n"];
        let mut words: Vec<&str> = words.into();
        words.extend(["--target", "90", "--cache", "failing", "--json", "found.json"]);
        words.extend(["--jobs", "1"]);
        words.extend(more.split_whitespace());
        Ran::from(place.command(&words).output().expect("the command runs"))
    };
    assert!(words("").error().contains("broken"));
    let stored = std::fs::read_dir(place.path("failing/search-1")).expect("a folder");
    let stored = stored
        .flat_map(|source| std::fs::read_dir(source.expect("a folder").path()).expect("a folder"));
    let probes = stored.filter(|file| {
        let name = file.as_ref().expect("a file").file_name();
        name.to_string_lossy().ends_with(".probe")
    });
    assert_eq!(probes.count(), 1);
}

#[test]
fn unreachable_targets_name_the_best_setting() {
    let place = short();
    let ran = search(
        place,
        "ref.mkv -e x264 --preset ultrafast --quality 30..45 --target 99.5 -o never.mkv",
    );
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("the best available is crf 30"), "{}", ran.stderr);
    assert_eq!(place.json("found.json")["outcome"], "unreachable");
    let names = place.names();
    assert!(!names.iter().any(|name| name.contains("never")), "{names:?}");
}

/// The number of files in a folder and its subfolders; some may vanish meanwhile.
fn files_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let count = |path: PathBuf| if path.is_dir() { files_in(&path) } else { 1 };
    entries.map(|entry| count(entry.path())).sum()
}

#[test]
fn a_search_killed_at_any_time_resumes_to_the_same_encode() {
    let place = Place::new();
    long(&place);
    let arguments = "search ref.mkv -e x264 --preset ultrafast --target 90 -o enc.mkv --cache cache \
                     --threads 1 --json found.json";
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let whole =
        found(&place, "ref.mkv -e x264 --preset ultrafast --target 90 -o enc.mkv --threads 1");
    let forget = || {
        std::fs::remove_dir_all(place.path("cache")).expect("a folder");
        std::fs::remove_file(place.path("enc.mkv")).expect("a file");
    };
    forget();
    let (mut kills, mut most) = (0, 0);
    // Each start is killed a moment after it wrote a file more than all before, so that kills come
    // at every step.
    for start in 1.. {
        let mut child = place.command(&words).spawn().expect("the command runs");
        while child.try_wait().expect("a child").is_none() {
            std::thread::sleep(Duration::from_millis(2));
            let files = files_in(&place.path(""));
            if files > most {
                most = files;
                std::thread::sleep(Duration::from_millis(start * 7 % 30));
                break;
            }
        }
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(status.success());
            break;
        }
        child.kill().expect("killed");
        child.wait().expect("a child");
        kills += 1;
    }
    assert!(kills >= 3, "{kills}");
    let resumed = place.json("found.json");
    for field in ["quality", "targets", "outcome", "prediction", "encodes"] {
        assert_eq!(resumed[field], whole[field], "{field}");
    }
    // Nothing of the killed searches is left, but for their results.
    // A kill in the millisecond in which the JSON is written leaves that half-written.
    let names: Vec<String> =
        place.names().into_iter().filter(|name| !name.starts_with(".vmaf-")).collect();
    assert_eq!(names, ["cache", "enc.mkv", "found.json", "ref.mkv"]);
}

#[test]
fn a_ladder_has_the_smallest_encode_of_any_height_for_each_score() {
    let place = Place::new();
    long(&place);
    let arguments = "ladder ref.mkv -e x264 --preset ultrafast --heights 136,68 --cache cache \
                     --json found.json";
    let ran = place.vmaf(&format!("{arguments} --targets 92,75,50 --report ladder.html"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let result = place.json("found.json");
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let rungs = list(&result["rungs"]);
    let of = |field: &str| -> Vec<f64> {
        rungs.iter().map(|rung| number(&rung["encode"][field])).collect()
    };
    assert!(of("kilobits").windows(2).all(|pair| pair[0] > pair[1]), "{rungs:?}");
    for (score, target) in of("score").iter().zip([92.0, 75.0, 50.0]) {
        assert!(*score >= target && *score < target + 2.0, "{score} {target}");
    }
    // A good picture needs the source's height, a bad one does not.
    assert_eq!((of("height")[0], of("height")[2]), (136.0, 68.0), "{rungs:?}");
    // No other point of any curve reaches the score with less.
    for (rung, kilobits) in rungs.iter().zip(of("kilobits")) {
        let points = list(&result["heights"]).into_iter().flat_map(|of| list(&of["curve"]));
        let better = points.filter(|point| {
            number(&point["score"]) >= number(&rung["target"])
                && number(&point["kilobits"]) < kilobits
        });
        assert_eq!(better.count(), 0);
    }
    // The command line of a rung encodes what it promises.
    let line = rungs[1]["command"].as_str().expect("text").replace('\'', "\"");
    make(&place, &line.replacen("ffmpeg ", "", 1));
    let value = score(&place, "encode.mkv");
    assert!((value - of("score")[1]).abs() < 3.0, "{value} {rungs:?}");

    let page = place.read("ladder.html");
    for part in ["<svg", "convex hull", "136p", "68p", "-crf", "class=\"rung\""] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script") && !page.contains("NaN"), "{page}");

    // Encoded, each rung is measured to reach its score.
    let ran = place.vmaf(&format!("{arguments} --targets 75,50 -o rungs --container mp4"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    for rung in list(&place.json("found.json")["rungs"]) {
        let (target, encode) = (number(&rung["target"]), &rung["encode"]);
        let output = format!("rungs/ref-{}p-{target}.mp4", encode["height"]);
        assert_eq!(rung["output"], output);
        let value = score(&place, &output);
        assert!(value >= target && value == number(&encode["score"]), "{value} {rung}");
        assert!(ran.stdout.contains(&output), "{}", ran.stdout);
    }
    assert_eq!(std::fs::read_dir(place.path("rungs")).expect("a folder").count(), 2);

    let ran = place.vmaf(&format!("{arguments} --targets 99.9"));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("no height reaches a score of 99.9"), "{}", ran.stderr);
    let ran = place.vmaf("ladder ref.mkv -e x264 --heights 240 --targets 90");
    assert!(ran.error().contains("240 is no height"), "{ran:?}");
}

#[test]
fn every_scene_meets_the_target_with_its_own_setting() {
    let place = Place::new();
    // An easy scene and a hard one, and sound beside them.
    let sound = "-f lavfi -i sine=duration=9 -c:a aac";
    let source = format!("-f lavfi -i \"{}\" {sound}", scenes(90));
    make(&place, &format!("{source} -shortest {LOSSLESS} ref.mkv"));
    let search = "ref.mkv -e x264 --preset ultrafast --target 88 --per-scene -o enc.mkv";
    let result = found(&place, search);
    let scenes = result["scenes"].as_array().expect("a list").clone();
    assert!(scenes.len() >= 2, "{result}");
    let qualities: Vec<f64> = scenes.iter().map(|scene| number(&scene["quality"])).collect();
    assert!(qualities.iter().any(|quality| *quality != qualities[0]), "{qualities:?}");
    // What is stated holds of the file.
    let document = place.score("ref.mkv enc.mkv");
    let values = document["distorted"][0]["frames"]["vmaf_v0.6.1"].as_array().expect("a list");
    let mut next = 0;
    for scene in &scenes {
        let (first, count) = (number(&scene["first"]) as usize, number(&scene["frames"]) as usize);
        assert_eq!(first, next);
        next = first + count;
        let own = values[first..next].iter().map(number).sum::<f64>() / count as f64;
        assert!(own >= 88.0, "{scene}");
        assert!((own - number(&scene["targets"][0]["value"])).abs() < 1e-9, "{scene}");
    }
    assert_eq!(next, 90);
    make(&place, "-i enc.mkv -map 0:a -f null -");
    assert_eq!(place.names(), ["cache", "enc.mkv", "found.json", "ref.mkv"]);
}
