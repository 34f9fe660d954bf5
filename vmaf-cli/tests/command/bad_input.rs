//! Bad input: one clear line, status 2, nothing written.

use crate::common::{CLIP, Clip, Place};

/// Runs `vmaf score` on a bad thing, which must leave one line that holds all of `words` and no
/// file; and the drop-in form if the thing is an encode's path.
fn bad(place: &Place, arguments: &str, words: &[&str]) {
    let before = place.names();
    let ran = place.vmaf(&format!("score {arguments} -o out.json -o out.csv"));
    let error = ran.error();
    for word in words {
        assert!(error.contains(word), "'{word}' is not in: {error}");
    }
    assert_eq!(ran.stdout, "");
    assert_eq!(place.names(), before);
}

fn bad_encode(place: &Place, name: &str, words: &[&str]) {
    bad(place, &format!("ref.y4m {name}"), words);
    bad_log(place, name, words);
}

/// Scoring the encode `name` in libvmaf's form must fail, saying all `words`.
fn bad_log(place: &Place, name: &str, words: &[&str]) {
    let before = place.names();
    let ran = place.vmaf(&format!("-r ref.y4m -d {name} -o log.xml"));
    let error = ran.error();
    for word in words {
        assert!(error.contains(word), "'{word}' is not in: {error}");
    }
    assert_eq!(place.names(), before);
}

#[test]
fn files_without_video_are_refused() {
    let place = Place::with_pair();
    place.file("empty.y4m", "");
    place.file("text.mp4", "This is no video at all, but a text of some length.\n".repeat(20));
    bad_encode(&place, "missing.y4m", &["missing.y4m", "No such file"]);
    bad_encode(&place, "empty.y4m", &["empty.y4m", "empty"]);
    bad_encode(&place, "text.mp4", &["text.mp4"]);
    bad_encode(&place, ".", &["directory"]);
    bad(&place, "missing.y4m enc.y4m", &["missing.y4m", "No such file"]);
    place.file("none.y4m", CLIP.frames(0).y4m());
    bad_encode(&place, "none.y4m", &["none.y4m"]);
    bad(&place, "none.y4m none.y4m", &["none.y4m has no frames"]);
}

#[test]
fn truncated_video_is_refused() {
    let place = Place::with_pair();
    let mut cut = CLIP.noisy(25).y4m();
    cut.truncate(cut.len() * 2 / 3);
    place.file("cut.y4m", &cut);
    bad_encode(&place, "cut.y4m", &["cut.y4m", "frame 3"]);
    bad(&place, "cut.y4m enc.y4m", &["cut.y4m", "frame 3"]);
    // A header that promises larger frames than there are.
    let text = String::from_utf8_lossy(&CLIP.y4m()[..60]).replace("W96 H64", "W960 H640");
    let header = text.lines().next().expect("a header").to_owned();
    let mut lying = header.into_bytes();
    lying.extend_from_slice(b"\nFRAME\n");
    lying.extend(CLIP.raw());
    place.file("lying.y4m", lying);
    bad(&place, "lying.y4m lying.y4m", &["lying.y4m", "frame 0"]);
}

#[test]
fn nonsensical_sizes_are_refused() {
    let place = Place::with_pair();
    for (width, height) in [(0, 64), (96, 0), (99_999_999, 64)] {
        place.file("absurd.y4m", format!("YUV4MPEG2 W{width} H{height} F25:1 C420\nFRAME\n"));
        bad_encode(&place, "absurd.y4m", &["absurd.y4m"]);
    }
    let tiny = Clip { width: 8, height: 8, ..CLIP };
    place.file("tiny.y4m", tiny.y4m());
    bad(&place, "tiny.y4m tiny.y4m", &["at least", "8x8"]);
    bad(&place, "ref.y4m enc.y4m --size 0x64", &["--size"]);
    place.file("ref.yuv", CLIP.raw());
    bad(&place, "ref.yuv ref.yuv", &["ref.yuv", "--size"]);
    bad(&place, "ref.yuv ref.yuv --size 960x640", &["ref.yuv"]);
}

#[test]
fn videos_that_do_not_match_are_refused() {
    let place = Place::with_pair();
    place.file("small.y4m", Clip { width: 64, height: 48, ..CLIP }.y4m());
    place.file("deep.y4m", Clip { depth: 10, ..CLIP }.y4m());
    place.file("444.y4m", Clip { chroma: "444", ..CLIP }.y4m());
    place.file("short.y4m", CLIP.frames(4).y4m());
    bad_encode(&place, "small.y4m", &["small.y4m is 64x48", "the reference 96x64"]);
    // What `vmaf score` makes comparable, libvmaf's form does not.
    bad_log(&place, "deep.y4m", &["deep.y4m is 10-bit, the reference 8-bit"]);
    bad_log(&place, "444.y4m", &["444.y4m is 4:4:4, the reference 4:2:0"]);
    bad(&place, "ref.y4m short.y4m", &["short.y4m ends after 4 frames", "--shortest"]);
    bad(&place, "short.y4m ref.y4m", &["ref.y4m is longer than the 4 frames", "--shortest"]);
}

#[test]
fn unknown_names_are_refused() {
    let place = Place::with_pair();
    let pair = "ref.y4m enc.y4m";
    bad(&place, &format!("{pair} --model vmaf_v0.6.2"), &["model", "did you mean 'vmaf_v0.6.1'?"]);
    bad(&place, &format!("{pair} --metric viff"), &["did you mean 'vif'?"]);
    bad(
        &place,
        &format!("{pair} --metric vif=vif_enhn_gain_limt=1"),
        &["did you mean 'vif_enhn_gain_limit'?"],
    );
    bad(&place, &format!("{pair} --metric vif=vif_enhn_gain_limit=x"), &["number", "'x'"]);
    bad(&place, &format!("{pair} --pool harmonic"), &["did you mean 'harmonic_mean'?"]);
    bad(&place, &format!("{pair} --framse 1..2"), &["'--frames'"]);
    bad(&place, &format!("{pair} --frames 4..2"), &["--frames"]);
    bad(&place, &format!("{pair} --frames 2..20"), &["6 frames", "2..20"]);
    bad(&place, &format!("{pair} --frames 20.."), &["6 frames", "20.."]);
    bad(&place, &format!("{pair} --every 0"), &["--every"]);
    bad(&place, "- -", &["standard input"]);
    assert!(place.vmaf("scoer a b").error().contains("'score'"));
    assert!(place.vmaf("metrics viff").error().contains("'vif'"));
}

#[test]
fn invalid_model_files_are_refused() {
    let place = Place::with_pair();
    let wrong = [
        ("text.json", "not JSON".to_owned()),
        ("empty.json", String::new()),
        ("other.json", "{\"a\": 1}".to_owned()),
        ("nan.json", model().replace("\"rho\": 1.0", "\"rho\": NaN")),
        ("infinite.json", model().replace("\"rho\": 1.0", "\"rho\": 1e999")),
    ];
    place.file("good.json", model());
    assert_eq!(place.vmaf("score ref.y4m enc.y4m --model good.json").status, 0);
    for (name, text) in wrong {
        place.file(name, text);
        bad(&place, &format!("ref.y4m enc.y4m --model {name}"), &["model", name]);
        let ran = place.vmaf(&format!("-r ref.y4m -d enc.y4m -m path={name} -o log.xml"));
        assert!(ran.error().contains(name));
    }
    bad(&place, "ref.y4m enc.y4m --model missing.json", &["missing.json", "No such file"]);
}

/// A model file with one support vector.
fn model() -> String {
    r#"{
        "format": "vmaf-model 1", "name": "one", "provenance": "a test",
        "features": [{"output": "VMAF_integer_feature_adm2_score"}],
        "clip": [0.0, 100.0], "transform": null,
        "predictors": [{
            "gamma": 0.5, "rho": 1.0, "score_scaling": null, "feature_scaling": null,
            "support_vectors": [[10.0, 1.0]]
        }]
    }"#
    .to_owned()
}

#[test]
fn unwritable_outputs_are_refused() {
    let place = Place::with_pair();
    std::fs::create_dir(place.path("folder.json")).expect("a directory");
    let error = |arguments: &str| place.vmaf(arguments).error().to_owned();
    let missing = error("score ref.y4m enc.y4m -o missing/out.json");
    assert!(missing.contains("can't write missing/out.json"), "{missing}");
    assert!(error("score ref.y4m enc.y4m -o folder.json").contains("folder.json"));
    assert!(error("score ref.y4m enc.y4m -o out.txt").contains("extension"));
    assert!(error("score ref.y4m enc.y4m -o out.html").contains("--report out.html"));
    assert!(error("score ref.y4m enc.y4m ref.y4m -o out.xml").contains("XML"));
    // Found before anything is read: the encode is not there.
    let early = error("score ref.y4m missing.y4m -o missing/out.json");
    assert!(early.contains("can't write"), "{early}");
}
