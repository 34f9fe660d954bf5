//! Encodes with different bit depths and options in one job: each has the same values as alone.

use std::sync::Arc;

use super::{bits, everything, frame, large, with};
use crate::score::Part;
use crate::{Chroma, Format, Frame, FrameGroup, Job, Model, ScoreTable, Scorer, feature};

/// Pushes `frames` of an 8-bit reference and of encodes given by bit depth and strength. The first
/// encode drops out at frame `end`.
fn push(scorer: &mut Scorer, encodes: &[(u8, u32)], frames: std::ops::Range<u64>, end: u64) {
    let promoted = |frame: Arc<Frame>, looked_at: Format| {
        if frame.format().bit_depth < looked_at.bit_depth {
            Arc::new(frame.promoted(looked_at.bit_depth))
        } else {
            frame
        }
    };
    for index in frames {
        let reference = promoted(frame(large(8), index, 0), scorer.required_format());
        let encode = |(place, &(depth, strength)): (usize, &(u8, u32))| {
            let shown = frame(large(depth), index, strength);
            (place > 0 || index < end).then(|| promoted(shown, scorer.required_format_of(place)))
        };
        let distorted = encodes.iter().enumerate().map(encode).collect();
        scorer.push(FrameGroup { reference, distorted }).expect("scored");
    }
}

/// A job with every model and feature, on encodes of these bit depths.
fn mixed(encodes: &[(u8, u32)]) -> Job {
    let deepest = encodes.iter().map(|(depth, _)| *depth).max().expect("an encode");
    let job = everything(large(deepest), encodes.len());
    encodes.iter().enumerate().fold(job, |job, (encode, (depth, _))| {
        job.encode_bit_depth(encode, *depth).expect("a bit depth")
    })
}

fn alone(encode: (u8, u32), frames: u64) -> ScoreTable {
    let mut scorer = everything(large(encode.0), 1).start().expect("a valid job");
    push(&mut scorer, &[encode], 0..frames, frames);
    scorer.finish().expect("scored").remove(0)
}

#[test]
fn encodes_of_other_bit_depths_score_the_same_alone_and_together() {
    let encodes = [(8, 4), (10, 9), (8, 20), (12, 4)];
    for threads in [1, 2] {
        let mut scorer = mixed(&encodes).threads(threads).start().expect("a valid job");
        assert_eq!(scorer.required_format().bit_depth, 8);
        assert_eq!(scorer.required_format_of(1).bit_depth, 10);
        // The first encode drops out.
        push(&mut scorer, &encodes, 0..5, 3);
        let found = scorer.finish().expect("scored");
        for (encode, (found, frames)) in encodes.iter().zip(found.iter().zip([3, 5, 5, 5])) {
            assert_eq!(bits(found), bits(&alone(*encode, frames)), "{encode:?}, {threads} threads");
        }
    }
}

#[test]
fn joined_parts_of_encodes_of_other_bit_depths_equal_the_whole_video() {
    let encodes = [(10, 4), (8, 9)];
    let part = |part: std::ops::Range<u64>| {
        let mut scorer = mixed(&encodes).part(part).start().expect("a valid job");
        let wanted = scorer.frames_to_push();
        push(&mut scorer, &encodes, wanted.start..wanted.end.min(6), 6);
        scorer.part().expect("measured").to_bytes()
    };
    let mut scorer = mixed(&encodes).start().expect("a valid job");
    for bytes in [part(0..2), part(2..u64::MAX)] {
        scorer.add(Part::from_bytes(&bytes).expect("a part")).expect("the next part");
    }
    for (found, encode) in scorer.finish().expect("scored").iter().zip(encodes) {
        assert_eq!(bits(found), bits(&alone(encode, 6)), "{encode:?}");
    }
    // A part that was measured for other encodes is rejected.
    let mut other = mixed(&[(8, 4), (10, 9)]).start().expect("a valid job");
    let error = other.add(Part::from_bytes(&part(0..2)).expect("a part")).expect_err("another job");
    assert!(error.to_string().contains("of another job"), "{error}");
}

const LADDER: [&[(&str, &str)]; 4] = [
    &[("enc_width", "220"), ("enc_height", "166"), ("enc_bitdepth", "8")],
    &[("encw", "280"), ("ench", "212")],
    &[],
    &[("enc_width", "280"), ("enc_height", "212"), ("enc_bitdepth", "8")],
];

/// A picture with a slope in its left sixth, in steps of `step` sample values.
fn slope(format: Format, index: u64, step: u16) -> Arc<Frame> {
    let mut slope = Frame::clone(&frame(format, index, 3));
    let (width, height) = format.plane_size(0);
    for y in 0..height {
        let row = &mut slope.plane_mut::<u16>(0).row_mut(y)[..width / 6];
        for (x, sample) in row.iter_mut().enumerate() {
            *sample = (300 + (x + y + 2 * index as usize) as u16 / 5) / step * step;
        }
    }
    Arc::new(slope)
}

/// Scores three frames of a slope and encodes of it with coarser steps.
fn scored(job: Job, format: Format) -> Vec<ScoreTable> {
    let encodes = job.encodes.len();
    let mut scorer = job.start().expect("a valid job");
    for index in 0..3 {
        let distorted = vec![Some(slope(format, index, 4)); encodes];
        scorer.push(FrameGroup { reference: slope(format, index, 1), distorted }).expect("scored");
    }
    scorer.finish().expect("scored")
}

#[test]
fn encodes_can_have_options_of_their_own() {
    let format = Format::new(360, 270, Chroma::Yuv420, 10).expect("a valid format");
    let models = ["vmaf_v1.0.16_3d0h", "vmaf_v1.0.16_5d0h", "vmaf_v0.6.1"];
    let models = || models.map(|name| Model::builtin(name).expect("built in"));
    let cambi = feature::find("cambi").expect("a feature");
    let metrics = |job| {
        let job = with(job, "cambi", "");
        with(with(job, "cambi", "full_ref=true:ws=63"), "psnr", "")
    };
    let job = || {
        let job = models().into_iter().fold(Job::new(format, LADDER.len()), Job::model);
        let own = LADDER.iter().enumerate();
        let own = own.flat_map(|(encode, own)| own.iter().map(move |own| (encode, own)));
        metrics(own.fold(job, |job, (encode, (name, value))| {
            job.encode_option(encode, cambi, name, value).expect("an option")
        }))
    };
    let ladder = scored(job().threads(2), format);
    let names = |scored: &ScoreTable| {
        scored.columns().iter().map(|column| column.name.clone()).collect::<Vec<_>>()
    };
    for (encode, own) in LADDER.into_iter().enumerate() {
        let told = |model: Model| {
            own.iter().fold(model, |model, (name, value)| {
                model.with_option("cambi", name, value).expect("an option")
            })
        };
        let alone = models().into_iter().map(told).fold(Job::new(format, 1), Job::model);
        let alone = scored(metrics(alone), format);
        assert_eq!(names(&ladder[encode]), names(&ladder[2]));
        // The order of the columns is the same, but the names may differ.
        let values = |scored| bits(scored).into_iter().map(|(_, bits)| bits).collect::<Vec<_>>();
        assert_eq!(values(&ladder[encode]), values(&alone[0]), "encode {encode}");
        let own_names: Vec<String> = (job().features_of(encode).expect("valid").iter())
            .filter(|(feature, _)| feature.name == "cambi")
            .map(|(feature, options)| feature.column(&feature.outputs[0], options))
            .collect();
        assert_eq!(own_names.len(), 3);
        assert!(own_names.iter().all(|name| alone[0].column(name).is_some()), "{own_names:?}");
    }
    // The options take effect: the encodes differ in nothing else.
    let banding = |encode: usize| {
        let columns = ladder[encode].columns().iter();
        let mut columns = columns.filter(|column| column.name.starts_with("cambi_hrs_1080"));
        columns.next().expect("the models' cambi").values[1]
    };
    let bandings = [0, 1, 2, 3].map(banding);
    assert!(bandings[2] > 0.0 && bandings[1] > 0.0 && bandings[3] > 0.0, "{bandings:?}");
    assert!(bandings[1] != bandings[2] && bandings[1] != bandings[3], "{bandings:?}");
    assert_eq!(ladder[1].column("cambi"), ladder[2].column("cambi"));
}

#[test]
fn bad_settings_of_one_encode_are_refused() {
    let cambi = feature::find("cambi").expect("a feature");
    let job = || Job::new(large(8), 2);
    let error = |job: crate::Result<Job>| job.expect_err("refused").to_string();
    let missing = error(job().encode_bit_depth(2, 10));
    assert!(missing.contains("no encode 2 in a job of 2"), "{missing}");
    assert!(error(job().encode_bit_depth(1, 17)).contains("17 bits"));
    assert!(error(job().encode_option(1, cambi, "enc_widht", "300")).contains("enc_width"));
    assert!(error(job().encode_option(1, cambi, "enc_width", "3")).contains("from 180 to 7680"));
    assert!(error(job().encode_option(0, cambi, "full_ref", "true")).contains("which columns"));
}
