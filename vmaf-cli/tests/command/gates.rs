//! Gates: their verdicts, and the status that pipelines act on.

use crate::common::{CLIP, Place, Ran};
use serde_json::Value;

/// A place with an encode that is good for a while, and ruined for a stretch.
fn place() -> Place {
    let place = Place::new();
    place.file("ref.y4m", CLIP.frames(50).y4m());
    place.file("good.y4m", CLIP.frames(50).noisy(2).y4m());
    // Frames 25 to 29 are worse than the rest.
    let frame = |noise, range: std::ops::Range<usize>| {
        let clip = CLIP.frames(50).noisy(noise).y4m();
        let header = clip.iter().position(|byte| *byte == b'\n').expect("a header") + 1;
        let size = (clip.len() - header) / 50;
        clip[header + range.start * size..header + range.end * size].to_vec()
    };
    let mut ruined = CLIP.frames(0).y4m();
    ruined.extend(frame(2, 0..25));
    ruined.extend(frame(39, 25..30));
    ruined.extend(frame(2, 30..50));
    place.file("ruined.y4m", ruined);
    place
}

fn mean(ran: &Ran, encode: usize) -> f64 {
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    document["distorted"][encode]["scores"]["vmaf_v0.6.1"]["mean"].as_f64().expect("a score")
}

#[test]
fn the_exit_status_distinguishes_passed_failed_and_not_measured() {
    let place = place();
    let measured = mean(&place.vmaf("score ref.y4m good.y4m -o -"), 0);
    let status = |line: &str| place.vmaf(line).status;
    let (below, above) = (measured - 0.001, measured + 0.001);
    assert_eq!(status(&format!("score ref.y4m good.y4m --gate vmaf>={below}")), 0);
    assert_eq!(status(&format!("score ref.y4m good.y4m --fail-under {below}")), 0);
    assert_eq!(status(&format!("score ref.y4m good.y4m --gate mean>={measured}")), 0);
    assert_eq!(status(&format!("score ref.y4m good.y4m --gate mean>{measured}")), 1);
    assert_eq!(status(&format!("score ref.y4m good.y4m --gate mean>={above}")), 1);
    assert_eq!(status(&format!("score ref.y4m good.y4m --fail-under {above}")), 1);
    // One gate of several, of one encode of several.
    assert_eq!(status("score ref.y4m good.y4m --gate mean>=0 --gate max<=0"), 1);
    let window = format!("--gate window(0.2s)>={}", measured - 3.0);
    assert_eq!(status(&format!("score ref.y4m good.y4m {window}")), 0);
    assert_eq!(status(&format!("score ref.y4m good.y4m ruined.y4m {window}")), 1);
    // Not measured outranks failed, and never counts as a score.
    assert_eq!(status("score ref.y4m good.y4m missing.y4m --gate mean>=100"), 2);
    assert_eq!(status("score missing.y4m good.y4m --gate mean<=100"), 2);
    assert_eq!(status("score ref.y4m good.y4m --metric psnr --gate psnr_y:mean>=38"), 0);
}

/// A place whose encode begins with frames that equal the reference's, as a black lead-in does.
fn with_lead_in() -> Place {
    let place = Place::new();
    let (reference, noisy) = (CLIP.frames(40).y4m(), CLIP.frames(40).noisy(9).y4m());
    let header = reference.iter().position(|byte| *byte == b'\n').expect("a header") + 1;
    let lead_in = header + (reference.len() - header) / 4;
    place.file("enc.y4m", [&reference[..lead_in], &noisy[lead_in..]].concat());
    place.file("ref.y4m", reference);
    place
}

#[test]
fn infinite_values_exceed_any_bound() {
    let place = with_lead_in();
    let run = |gates: &str| {
        place.vmaf(&format!("score ref.y4m enc.y4m --metric xpsnr --metric psnr_hvs {gates}"))
    };
    let ran = run("--gate xpsnr_y:mean>=38 --gate psnr_hvs:mean>=38 --gate xpsnr_y:p5>=10 -o -");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let encode = &document["distorted"][0];
    assert_eq!(encode["frames"]["xpsnr_y"][0], Value::Null);
    // The mean is infinite, and what lies below the lead-in is not.
    let pools = &encode["metrics"]["xpsnr_y"];
    assert_eq!((&pools["mean"], &pools["max"]), (&Value::Null, &Value::Null));
    let (least, p5) = (pools["min"].as_f64(), pools["p5"].as_f64());
    assert!(least <= p5 && (10.0..50.0).contains(&p5.expect("finite")), "{pools}");
    let gate = |at: usize| (&encode["gates"][at]["held"], &encode["gates"][at]["value"]);
    assert_eq!(gate(0), (&Value::Bool(true), &Value::Null));
    assert_eq!(gate(2).1, &pools["p5"]);
    // The worst second is where values are finite.
    assert!(encode["gates"][0]["worst"]["mean"].is_number(), "{}", encode["gates"][0]);
    let ran = run("--gate xpsnr_y:max<=50 --junit junit.xml");
    assert_eq!(ran.status, 1);
    assert!(place.read("junit.xml").contains("the value is infinite, above 50"));
    let verdict = ran.stdout.lines().find(|line| line.contains("FAILED")).expect("a verdict");
    assert!(verdict.contains("inf") && verdict.contains("-inf"), "{verdict}");
    // Of equal videos every pool is infinite.
    let ran = place.vmaf("score ref.y4m ref.y4m --metric xpsnr --gate xpsnr_y:p5>=38");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
}

#[test]
fn reused_infinite_values_in_a_batch_are_judged_again() {
    let place = with_lead_in();
    place.file("list.jsonl", r#"{"reference": "ref.y4m", "distorted": "enc.y4m"}"#);
    let run = |gate: &str| {
        let metric = "--metric xpsnr --gate";
        place.vmaf(&format!("batch list.jsonl -o results.jsonl {metric} {gate}")).status
    };
    assert_eq!((run("xpsnr_y:mean>=38"), run("xpsnr_y:mean>=38")), (0, 0));
    assert_eq!((run("xpsnr_y:mean>=90"), run("xpsnr_y:mean<=90"), run("xpsnr_y:p5<=5")), (0, 1, 1));
    assert_eq!((run("axpsnr_y:mean>=5"), run("axpsnr_y:mean>=90")), (0, 1));
}

#[test]
fn values_for_the_whole_video_can_have_gates() {
    let place = with_lead_in();
    let run = |line: &str| place.vmaf(&format!("score ref.y4m enc.y4m {line}"));
    let ran = run("--metric xpsnr --gate axpsnr_y:mean>=10 -o -");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let encode = &document["distorted"][0];
    assert_eq!(encode["gates"][0]["value"], encode["aggregates"]["axpsnr_y"]);
    assert_eq!(run("--metric xpsnr --gate axpsnr_y:mean>=90").status, 1);
    // Equal videos exceed any bound.
    let equal = "score ref.y4m ref.y4m --metric xpsnr --gate axpsnr_y:mean>=90";
    assert_eq!(place.vmaf(equal).status, 0);
    let told = |line: &str, part: &str| {
        let ran = run(line);
        assert!(ran.status == 2 && ran.stderr.contains(part), "{line}: {ran:?}");
    };
    told("--metric xpsnr --gate axpsnr_y:p5>=30", "write axpsnr_y:mean>=30");
    told("--gate axpsnr_y:mean>=30", "add --metric xpsnr");
    told("--metric psnr --gate apsnr_y:mean>=30", "add --metric psnr=enable_apsnr=true");
}

#[test]
fn gates_apply_to_every_model_or_the_named_one() {
    let place = place();
    let models = "--model vmaf_v0.6.1 --model v0-neg";
    let ran = place.vmaf(&format!("score ref.y4m good.y4m {models} --gate mean>=0 -o -"));
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let gates = document["distorted"][0]["gates"].as_array().expect("gates").clone();
    let names: Vec<&str> = gates.iter().filter_map(|gate| gate["gate"].as_str()).collect();
    assert_eq!(names, ["vmaf_v0.6.1:mean>=0", "v0-neg:mean>=0"]);
    // As it was asked for, and in full.
    for name in ["vmaf_v0.6.1neg", "v0-neg"] {
        let gate = format!("--gate {name}:mean>=100.5");
        let ran = place.vmaf(&format!("score ref.y4m good.y4m {models} {gate}"));
        assert_eq!(ran.status, 1);
        assert!(ran.stdout.contains("v0-neg:mean>=100.5"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("vmaf_v0.6.1:mean>=100.5"), "{}", ran.stdout);
    }
}

#[test]
fn verdicts_point_at_the_worst_stretch() {
    let place = place();
    let ran = place.vmaf("score ref.y4m ruined.y4m --gate window(0.2s)>=99 -o out.json");
    assert_eq!(ran.status, 1);
    let line = ran.stdout.lines().find(|line| line.contains("FAILED")).expect("a verdict");
    assert!(line.contains("at 00:01.000-00:01.200"), "{line}");
    let document = place.json("out.json");
    let gate = &document["distorted"][0]["gates"][0];
    assert_eq!((&gate["held"], &gate["worst"]["frame"]), (&Value::Bool(false), &25.into()));
    let number = |name: &str| gate[name].as_f64().expect("a number");
    assert_eq!(number("value") - 99.0, number("margin"));
    // Where results go to standard output, verdicts are told beside them.
    let ran = place.vmaf("score ref.y4m ruined.y4m --gate window(0.2s)>=99 -o -");
    assert!(ran.stderr.contains("FAILED") && ran.status == 1, "{}", ran.stderr);
}

#[test]
fn junit_reports_are_written_for_build_servers() {
    let place = place();
    let gates = "--gate mean>=0 --gate min>=101 --junit junit.xml";
    let ran = place.vmaf(&format!("score ref.y4m good.y4m missing.y4m {gates}"));
    assert_eq!(ran.status, 2);
    let report = place.read("junit.xml");
    for part in [
        r#"<testsuites name="vmaf" tests="4" failures="1" errors="2""#,
        r#"<testsuite name="good.y4m" tests="2""#,
        r#"name="vmaf_v0.6.1:min&gt;=101""#,
        "below 101; worst",
        "missing.y4m",
    ] {
        assert!(report.contains(part), "{part} in {report}");
    }
    // Nothing could be measured: an old report must not stand.
    let ran = place.vmaf(&format!("score missing.y4m good.y4m {gates}"));
    assert_eq!(ran.status, 2);
    let report = place.read("junit.xml");
    assert!(report.contains(r#"tests="2" failures="0" errors="2""#), "{report}");
}

#[test]
fn gates_that_can_never_be_judged_are_refused_before_measuring() {
    let place = place();
    let error = |line: &str| {
        let ran = place.vmaf(&format!("score ref.y4m good.y4m {line}"));
        assert_eq!((ran.status, &ran.stdout[..]), (2, ""), "{line}");
        ran.stderr
    };
    assert!(error("--gate psnr_y:mean>=38").contains("add --metric psnr"));
    assert!(error("--gate vmaf_v0.6.2:mean>=38").contains("did you mean 'vmaf_v0.6.1'"));
    assert!(error("--gate mean=38").contains("none of >=, >, <= and <"));
    assert!(error("--no-model --metric psnr --gate mean>=38").contains("COLUMN:mean>=38"));
    assert!(error("--junit out.xml").contains("there are no gates"));
    assert!(error("--fail-under high").contains("a bound is a number"));
}
