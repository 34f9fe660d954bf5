//! ColorVideoVDP against recorded figures of its authors' program.
//!
//! `testdata/README.md` says where the figures come from.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::common::Place;
use crate::support::clips;

/// The quality of a clip, and of its first frame.
#[derive(Deserialize)]
struct Quality {
    still: f64,
    video: f64,
}

/// Differences from the recorded figures, in JOD. The program computes in single precision.
const BOUND: f64 = 4e-4;

#[test]
fn every_recorded_clip_has_its_recorded_quality() {
    let text = include_str!("../../../testdata/cvvdp.json");
    let recorded: IndexMap<String, IndexMap<String, Quality>> =
        serde_json::from_str(text).expect("valid");
    let place = Place::new();
    let clips = || clips::CLIPS.iter().filter(|clip| !clip.name.starts_with("uhd"));
    assert!(clips().map(|clip| clip.name).eq(recorded.keys()));
    for clip in clips() {
        let raw = clip.write_raw(&place.path("")).expect("written");
        for (options, Quality { still, video }) in &recorded[clip.name] {
            for (frames, expected) in [("0..1", still), ("0..", video)] {
                let metric = format!("--no-model --metric cvvdp={options} --align unchecked");
                let document =
                    place.score(&format!("r.yuv d.yuv {raw} {metric} --frames {frames}"));
                let found = document["distorted"][0]["aggregates"].as_object().expect("values");
                let found = found.values().next().and_then(|value| value.as_f64());
                let found = found.expect("a quality");
                assert!(
                    (found - expected).abs() < BOUND,
                    "{} {options} {frames}: {found}, not {expected}",
                    clip.name
                );
            }
        }
    }
}

#[test]
fn the_display_is_reported_and_gates_judge_the_video() {
    let place = Place::new();
    let raw = clips::CLIPS[0].write_raw(&place.path("")).expect("written");
    let arguments = format!("score r.yuv d.yuv {raw} --no-model --metric");
    let ran = place.vmaf(&format!("{arguments} cvvdp -o scores.json"));
    assert_eq!(ran.status, 0, "{ran:?}");
    let document = place.json("scores.json").to_string();
    assert!(document.contains("shown by cvvdp on standard_fhd"), "{document}");
    let hlg = place.vmaf(&format!("{arguments} cvvdp=transfer=hlg -o scores.json"));
    assert_eq!(hlg.status, 0, "{hlg:?}");
    let document = place.json("scores.json").to_string();
    assert!(document.contains("shown by cvvdp on standard_hdr_hlg"), "{document}");
    let ran = place.vmaf(&format!("{arguments} cvvdp --display iphone_14_pro -o scores.json"));
    assert_eq!(ran.status, 0, "{ran:?}");
    let document = place.json("scores.json").to_string();
    assert!(document.contains("shown by cvvdp on iphone_14_pro"), "{document}");
    assert!(document.contains("cvvdp_frame_display_iphone_14_pro"), "{document}");
    let ran = place.vmaf(&format!("{arguments} cvvdp --display iphone_14_pr"));
    let error = ran.error();
    assert!(error.contains("iphone_14_pro"), "{error}");
    let ran = place.vmaf(&format!("{arguments} psnr --display standard_4k"));
    let error = ran.error();
    assert!(error.contains("add --metric cvvdp"), "{error}");
    let gate = |gate: &str| place.vmaf(&format!("{arguments} cvvdp --gate {gate}")).status;
    assert_eq!((gate("cvvdp:mean>=9"), gate("cvvdp:mean>=9.9")), (0, 1));
}

#[test]
fn the_table_shows_the_quality_of_the_video() {
    let place = Place::new();
    let raw = clips::CLIPS[0].write_raw(&place.path("")).expect("written");
    let ran = place.vmaf(&format!("score r.yuv d.yuv {raw} --no-model --metric cvvdp -o s.json"));
    let document = place.json("s.json");
    let video = document["distorted"][0]["aggregates"]["cvvdp"].as_f64().expect("a quality");
    let row = |name: &str| {
        let is_row = |line: &&str| line.split_whitespace().take(2).eq(["d.yuv", name]);
        ran.stdout.lines().find(is_row).map(str::to_owned)
    };
    let shown = row("cvvdp").expect("a row of the video");
    assert!(shown.contains(&format!("{video:.6}")), "{}", ran.stdout);
    assert!(row("cvvdp_frame").is_some(), "{}", ran.stdout);
}
