//! The drop-in form against logs that libvmaf 3.2.0's own tool wrote of the same clips: byte for
//! byte, but for the version and the speed.

use crate::common::{CLIP, Clip, Place, data};

/// A log with the version and the speed left out.
fn comparable(log: &str) -> String {
    let marks =
        [("version=\"", '"'), ("\"version\": \"", '"'), ("fps=\"", '"'), ("\"fps\": ", ',')];
    marks.iter().fold(log.to_owned(), |log, (before, end)| match log.split_once(before) {
        Some((start, rest)) => {
            let rest = &rest[rest.find(*end).expect("the value's end")..];
            format!("{start}{before}{rest}")
        }
        None => log,
    })
}

fn check(place: &Place, arguments: &str, recorded: &str) {
    let ran = place.vmaf(&format!("-r ref.y4m -d enc.y4m -q -o log {arguments}"));
    assert_eq!((ran.status, &ran.stderr[..]), (0, ""));
    assert_eq!(comparable(&place.read("log")), comparable(&data(recorded)), "{arguments}");
}

#[test]
fn logs_equal_those_of_libvmaf() {
    let place = Place::with_pair();
    check(&place, "", "default.xml");
    check(&place, "--json", "default.json");
    check(&place, "--csv --threads 3", "default.csv");
    check(&place, "--sub --cpumask 0xffff", "default.sub");
}

#[test]
fn columns_of_several_models_are_in_libvmafs_order() {
    let arguments = "-m version=vmaf_b_v0.6.3:name=b -m version=vmaf_v0.6.1neg:name=neg:disable_clip \
                     --feature vif=debug=true \
                     --feature motion=debug=true:motion_five_frame_window=true \
                     --subsample 2 --csv";
    check(&Place::with_pair(), arguments, "several.csv");
}

#[test]
fn features_without_a_model_are_measured_after_skipped_frames() {
    let arguments = "-n --feature vif=vif_enhn_gain_limit=1.0 --frame_skip_ref 1 \
                     --frame_skip_dist 2 --frame_cnt 3 --json";
    check(&Place::with_pair(), arguments, "features.json");
}

#[test]
fn raw_video_and_y4m_have_equal_scores() {
    let place = Place::with_pair();
    place.file("ref.yuv", CLIP.raw());
    place.file("enc.yuv", CLIP.noisy(25).raw());
    let ran = place.vmaf("-r ref.yuv -d enc.yuv -w96 -h 0x40 -p 420 -b 8 --csv -o raw.csv");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(place.read("raw.csv"), data("default.csv"));
}

#[test]
fn test_conditions_promote_the_video_of_lower_bit_depth() {
    let place = Place::new();
    let eight = Clip { width: 240, height: 180, frames: 2, ..CLIP };
    let ten = Clip { depth: 10, ..eight };
    place.file("ref8.y4m", eight.y4m());
    place.file("ref10.y4m", ten.y4m());
    place.file("enc10.y4m", ten.noisy(25).y4m());
    let run = |reference: &str, version: &str| {
        place.vmaf(&format!("-r {reference} -d enc10.y4m --aom_ctc {version} --json -o log"))
    };
    assert!(run("ref8.y4m", "v5.0").error().contains("10-bit, the reference"));
    for version in ["v6.0", "v7.0"] {
        assert_eq!(run("ref10.y4m", version).status, 0);
        let expected = comparable(&place.read("log"));
        assert!(expected.contains("apsnr_cb"));
        assert_eq!(run("ref8.y4m", version).status, 0);
        assert_eq!(comparable(&place.read("log")), expected, "{version}");
    }
}

#[test]
fn videos_of_different_lengths_are_scored_to_the_shorter_end_with_a_warning() {
    let place = Place::with_pair();
    place.file("short.y4m", CLIP.noisy(25).frames(4).y4m());
    let shorter = place.vmaf("-r ref.y4m -d short.y4m --csv -o short.csv");
    assert_eq!(shorter.status, 0);
    assert!(shorter.stderr.contains("warning: \"short.y4m\" ended before \"ref.y4m\""));
    let longer = place.vmaf("-r short.y4m -d ref.y4m --csv -o long.csv");
    assert!(longer.stderr.contains("\"short.y4m\" ended before \"ref.y4m\""));
    assert_eq!(place.read("short.csv").lines().count(), 5);
    let counted = place.vmaf("-r ref.y4m -d short.y4m --frame_cnt 4 --csv -o counted.csv");
    assert_eq!((counted.status, &counted.stderr[..]), (0, ""));
    assert_eq!(place.read("counted.csv"), place.read("short.csv"));
}

#[test]
fn scores_are_printed_if_no_log_is_written() {
    let place = Place::with_pair();
    let ran = place.vmaf("-r ref.y4m -d enc.y4m -m version=vmaf_b_v0.6.3:name=x");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("vmaf_b_v0.6.3: "));
    assert!(lines[1].contains(", ci.p95: [") && lines[1].contains("], stddev: "));
}

#[test]
fn logs_can_be_written_to_standard_output() {
    let place = Place::with_pair();
    for output in ["-", "/dev/stdout"] {
        let ran = place.vmaf(&format!("-r ref.y4m -d enc.y4m --csv -o {output}"));
        assert_eq!(ran.stdout, data("default.csv"));
    }
}

#[test]
fn arguments_that_libvmaf_ignores_are_refused() {
    let place = Place::with_pair();
    let mut cut = CLIP.noisy(25).y4m();
    cut.truncate(cut.len() - 100);
    place.file("cut.y4m", cut);
    let before = place.names();
    let error = |arguments: &str| place.vmaf(arguments).error().to_owned();
    assert!(error("-r ref.y4m -d cut.y4m -o log").contains("cut.y4m: frame 5"));
    assert!(error("-r ref.y4m -d enc.y4m -w 96 -o log").contains("--height"));
    assert!(
        error("-r ref.y4m -d enc.y4m -m version=vmaf_v0.6.1 -m version=vmaf_v0.6.1neg")
            .contains("two models are called 'vmaf'")
    );
    let small = error("-r ref.y4m -d enc.y4m --aom_ctc v6.0 -o log");
    assert!(small.contains("at least 216 pixels"), "{small}");
    assert!(
        error("-r ref.y4m -d enc.y4m --frame_skip_ref 9 --frame_skip_dist 9 -o log")
            .contains("no frame in common")
    );
    assert!(error("-r ref.y4m -d enc.y4m -n -o log").contains("no model and no feature"));
    assert!(error("-r ref.y4m -d enc.y4m -o missing/log").contains("can't write missing/log"));
    assert_eq!(place.names(), before);
}

#[test]
fn the_pooled_float_adm_key_has_no_options() {
    let place = Place::with_pair();
    let header = |features: &str| {
        let ran = place.vmaf(&format!("-r ref.y4m -d enc.y4m -n -q --csv -o log {features}"));
        assert_eq!(ran.status, 0, "{ran:?}");
        place.read("log").lines().next().expect("a header").to_owned()
    };
    let one = header("--feature float_adm=debug=true:adm_enhn_gain_limit=1.2");
    assert!(one.contains(",adm_scale3_egl_1.2,adm,adm_num_egl_1.2,"), "{one}");
    // libvmaf stops where two sets of options want the name; here the first has it.
    let two = "--feature float_adm=debug=true:adm_enhn_gain_limit=1.2 \
               --feature float_adm=debug=true:adm_enhn_gain_limit=1.1";
    let two = header(two);
    assert_eq!(two.split(',').filter(|name| *name == "adm").count(), 1, "{two}");
    let with_plain = "--feature float_adm=debug=true \
                      --feature float_adm=debug=true:adm_enhn_gain_limit=1.1";
    let with_plain = header(with_plain);
    assert!(with_plain.contains(",adm,") && with_plain.contains(",adm_egl_1.1,"), "{with_plain}");
}

#[test]
fn option_values_overridden_by_an_alias_are_not_checked() {
    let place = Place::new();
    let clip = Clip { width: 240, height: 180, frames: 2, ..CLIP };
    place.file("ref.y4m", clip.y4m());
    place.file("enc.y4m", clip.noisy(3).y4m());
    let log = |feature: &str| {
        let ran = place.vmaf(&format!("-r ref.y4m -d enc.y4m -n -q --csv -o log {feature}"));
        (ran.status, ran.stderr, place.read("log"))
    };
    let (status, told, overridden) = log("--feature cambi=eotf=xxx:cambi_eotf=pq");
    assert_eq!(status, 0, "{told}");
    let (_, _, plain) = log("--feature cambi=cambi_eotf=pq");
    assert!(overridden.starts_with("Frame,cambi_ceot_pq_eotf_xxx,"), "{overridden}");
    assert!(overridden.lines().skip(1).eq(plain.lines().skip(1)), "{overridden}{plain}");
    let ran = place.vmaf("-r ref.y4m -d enc.y4m -n --feature cambi=eotf=xxx -o log");
    assert!(ran.error().contains("one of bt1886, pq, not 'xxx'"), "{ran:?}");
}
