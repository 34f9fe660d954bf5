//! Parts of a run, measured by themselves and merged: the result of the whole, whatever the cuts.

use crate::common::{CLIP, Clip, Place, Ran};
use serde_json::Value;
use vmaf_core::Model;
use vmaf_core::feature::FEATURES;
use vmaf_core::model::BUILTINS;

/// Large enough for every metric.
const LARGE: Clip = Clip { width: 221, height: 177, frames: 8, chroma: "444", ..CLIP };

/// Scores the shards of `line` into `part-I`, and gives the names of the files.
fn shards(place: &Place, line: &str, count: usize) -> Vec<String> {
    let shard = |index: usize| {
        let part = format!("part-{index}");
        let ran = place.vmaf(&format!("score {line} --shard {index}/{count} -o {part}"));
        assert_eq!(ran.status, 0, "{ran:?}");
        part
    };
    (1..=count).map(shard).collect()
}

/// The result of a run or of its parts, without the member `run`.
fn result(ran: &Ran) -> Value {
    let mut document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    document.as_object_mut().expect("an object").remove("run").expect("how it went");
    document
}

/// Fails unless the parts of `line` make the whole.
fn compare(place: &Place, line: &str, counts: &[usize]) {
    let whole = place.vmaf(&format!("score {line} -o -"));
    for &count in counts {
        // In any order.
        let mut parts = shards(place, line, count);
        parts.rotate_left(count / 2);
        let merged = place.vmaf(&format!("merge {} -o -", parts.join(" ")));
        assert_eq!(merged.status, whole.status, "{line}: {merged:?}");
        assert_eq!(merged.stderr, whole.stderr, "{line}");
        assert!(result(&merged) == result(&whole), "{line}: {count} parts differ from the whole");
    }
}

#[test]
fn merged_parts_equal_the_whole_run() {
    let place = Place::new();
    place.file("ref.y4m", LARGE.y4m());
    place.file("a.y4m", LARGE.noisy(3).y4m());
    place.file("b.y4m", LARGE.noisy(30).y4m());
    // The models of the two generations are measured at different bit depths.
    let looks_for_banding =
        |name: &str| Model::builtin(name).expect("built in").recommended_bit_depth().is_some();
    let (new, old): (Vec<&str>, Vec<&str>) =
        BUILTINS.iter().map(|builtin| builtin.name).partition(|name| looks_for_banding(name));
    assert_eq!((new.len(), old.len()), (8, 9));
    let models = |names: &[&str]| -> String {
        names.iter().map(|name| format!(" --model {name}")).collect()
    };
    compare(&place, &format!("ref.y4m a.y4m b.y4m{}", models(&new)), &[2, 3, 7]);
    // Each metric, those with values of the whole video included.
    let metrics = FEATURES.iter().map(|feature| match feature.name {
        "psnr" => " --metric psnr=enable_apsnr=true".to_owned(),
        name => format!(" --metric {name}"),
    });
    let metrics: String = metrics.collect();
    compare(&place, &format!("ref.y4m a.y4m b.y4m{}{metrics}", models(&old)), &[2, 3, 7]);
}

#[test]
fn merged_excerpts_lengths_and_failures_equal_the_whole_run() {
    let place = Place::with_pair();
    place.file("short.y4m", CLIP.frames(4).noisy(9).y4m());
    place.file("long.y4m", CLIP.frames(9).noisy(9).y4m());
    let mut torn = CLIP.noisy(9).y4m();
    torn.truncate(torn.len() * 2 / 3);
    place.file("torn.y4m", torn);
    for line in [
        "ref.y4m enc.y4m --frames 2..5",
        "ref.y4m enc.y4m --every 2 --metric psnr=enable_apsnr=true",
        "ref.y4m enc.y4m short.y4m long.y4m --shortest",
        "ref.y4m enc.y4m short.y4m long.y4m torn.y4m missing.y4m",
    ] {
        let whole = place.vmaf(&format!("score {line} -o -"));
        for count in [1, 2, 5, 9] {
            let mut parts = String::new();
            for index in 1..=count {
                // A shard measures what can be measured; the merge tells of the rest.
                let ran = place.vmaf(&format!("score {line} --shard {index}/{count} -o p{index}"));
                assert_eq!(ran.status, 0, "{ran:?}");
                parts.push_str(&format!(" p{index}"));
            }
            let merged = place.vmaf(&format!("merge{parts} -o -"));
            assert_eq!(merged.status, whole.status, "{line}: {merged:?}");
            assert!(result(&merged) == result(&whole), "{line}: {count} parts");
        }
    }
}

#[test]
fn merging_judges_gates_and_pools() {
    let place = Place::with_pair();
    let parts = shards(&place, "ref.y4m enc.y4m", 3).join(" ");
    let whole = place.vmaf("score ref.y4m enc.y4m --pool median --gate mean>=100 -o - -q");
    let merged = place.vmaf(&format!("merge {parts} --pool median --gate mean>=100 -o - -q"));
    assert_eq!((merged.status, whole.status), (1, 1));
    assert_eq!(result(&merged), result(&whole));
    assert_eq!(merged.stderr, whole.stderr);
    // Elsewhere, without the videos.
    let other = Place::new();
    for part in parts.split(' ') {
        other.file(part, std::fs::read(place.path(part)).expect("a part"));
    }
    let ran = other.vmaf(&format!("merge {parts} --gate mean>=0 --junit verdicts.xml"));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("enc.y4m") && ran.stdout.contains("held"), "{ran:?}");
    assert!(other.read("verdicts.xml").contains("enc.y4m"));
    // The same videos, in another place.
    other.file("ref.y4m", CLIP.y4m());
    other.file("moved.y4m", CLIP.noisy(25).y4m());
    let ran = other.vmaf("score ref.y4m moved.y4m --shard 2/3 -o part-2");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(other.vmaf(&format!("merge {parts} -o -")).status, 0);
}

#[test]
fn incomplete_or_different_parts_are_refused() {
    let place = Place::with_pair();
    let _ = shards(&place, "ref.y4m enc.y4m", 3);
    let error = |line: &str| place.vmaf(line).error().to_owned();
    assert_eq!(error("merge part-1 part-3"), "error: part 2/3 is missing");
    assert_eq!(error("merge part-2"), "error: parts 1/3, 3/3 are missing");
    place.file("copy", std::fs::read(place.path("part-2")).expect("a part"));
    let twice = error("merge part-1 part-2 part-3 copy");
    assert_eq!(twice, "error: part-2 and copy are both part 2/3");

    let replaced = |line: &str| {
        let ran = place.vmaf(&format!("score {line} -o other"));
        assert_eq!(ran.status, 0, "{ran:?}");
        error("merge part-1 other part-3")
    };
    let options = replaced("ref.y4m enc.y4m --metric psnr --shard 2/3");
    assert!(options.contains("their models, metrics or options differ"), "{options}");
    let count = replaced("ref.y4m enc.y4m --shard 2/4");
    assert!(count.contains("their numbers of parts differ"), "{count}");
    place.file("enc.y4m", CLIP.noisy(24).y4m());
    let videos = replaced("ref.y4m enc.y4m --shard 2/3");
    assert!(videos.contains("their videos differ"), "{videos}");

    let whole = std::fs::read(place.path("part-2")).expect("a part");
    place.file("part-2", &whole[..whole.len() - 5]);
    let cut = error("merge part-1 part-2 part-3");
    assert_eq!(cut, "error: part-2: it is damaged: measure shard 2/3 again");
    let mut flipped = whole.clone();
    let last = flipped.len() - 9;
    flipped[last] ^= 1;
    place.file("part-2", flipped);
    assert!(error("merge part-1 part-2 part-3").contains("part-2: it is damaged"));
    assert!(error("merge ref.y4m").contains("ref.y4m: it is not a part"));
    let newer = String::from_utf8_lossy(&whole).replacen(env!("CARGO_PKG_VERSION"), "99.0.0", 1);
    place.file("part-2", newer.as_bytes());
    assert!(error("merge part-1 part-2 part-3").contains("written by version 99.0.0 of vmaf"));

    // A shard that measured nothing leaves no part.
    let missing = error("score ref.y4m missing.y4m --shard 1/3 -o none");
    assert!(missing.contains("missing.y4m: No such file"), "{missing}");
    assert!(!place.names().contains(&"none".to_owned()));

    for (line, reason) in [
        ("score ref.y4m enc.y4m --shard 4/3 -o x", "the 3 parts are counted from 1"),
        ("score ref.y4m enc.y4m --shard 1/3", "--output"),
        ("score ref.y4m enc.y4m --shard 1/3 -o x -o y", "pass -o once"),
        ("score ref.y4m enc.y4m --shard 1/3 -o x --gate mean>=1", "--gate"),
    ] {
        let told = error(line);
        assert!(told.contains(reason), "{told}");
    }
}
