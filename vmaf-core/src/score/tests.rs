//! Whole jobs: bit-identical results for any number of threads, instruction set, set of features
//! and cut into parts.

mod encodes;
mod scenes;

use std::sync::Arc;

use proptest::prelude::*;

use super::Part;
use crate::feature::testing::noise;
use crate::frame::Pixels;
use crate::{
    Chroma, Error, Format, Frame, FrameGroup, Job, Level, Model, Plane, Rational, ScoreTable,
    Scorer, feature,
};

/// A moving picture with a scene cut; `strength` is the distortion, 0 for the reference.
fn frame(format: Format, index: u64, strength: u32) -> Arc<Frame> {
    let scene = index / 5 * 40;
    let max = (1_u32 << format.bit_depth) - 1;
    let plane = |plane: usize| -> Plane<u16> {
        let (width, height) = format.plane_size(plane);
        let samples = (0..width * height).map(|i| {
            let (x, y) = (i % width + 50 * plane, i / width);
            let shifted = x + 2 * index as usize + scene as usize;
            let texture = noise(scene, shifted / 3, y / 2) % (max / 3);
            let slope = max / 4 + max / 3 * (y as u32) / format.height;
            let wrong = noise(index + 1, x, y) % (1 + strength * max / 100);
            (slope + texture + wrong).min(max) as u16
        });
        Plane::from_vec(samples.collect(), width, height).expect("a valid plane")
    };
    let planes: Vec<Plane<u16>> = (0..format.chroma.planes()).map(plane).collect();
    let pixels = if format.bit_depth == 8 {
        let narrow = |plane: &Plane<u16>| {
            let samples = plane.rows().flatten().map(|&sample| sample as u8).collect();
            Plane::from_vec(samples, plane.width(), plane.height()).expect("a valid plane")
        };
        Pixels::U8(planes.iter().map(narrow).collect())
    } else {
        Pixels::U16(planes)
    };
    let mut frame = Frame::new(format, pixels).expect("a valid frame");
    frame.time = Some(index as f64 / 25.0);
    frame.frame_rate = Rational::rate(25, 1);
    Arc::new(frame)
}

/// The format of small frames, for models that use only luma.
fn format(depth: u8) -> Format {
    Format::new(75, 53, Chroma::Mono, depth).expect("a valid format")
}

/// The format of frames of odd size, large enough for every feature.
fn large(depth: u8) -> Format {
    Format::new(221, 177, Chroma::Yuv444, depth).expect("a valid format")
}

/// A job with the first-generation models that use integer features, and with options that need
/// more distant neighbours or those of the encodes.
fn job(format: Format, encodes: usize) -> Job {
    let names = ["vmaf_v0.6.1", "vmaf_v0.6.1neg", "vmaf_4k_v0.6.1", "vmaf_b_v0.6.3"];
    let models = names.iter().map(|name| Model::builtin(name).expect("built in"));
    let job = models.fold(Job::new(format, encodes), Job::model);
    let job = with(job, "motion", "mffw=true:mma=true:mmxv=18:mbf=0.7");
    // With upscaling, the frames are large enough for it.
    let job = with(job, "speed_temporal", "ps=4:psm=bilinear");
    with(job, "speed_temporal", "ps=4:psm=bilinear:urd=true")
}

/// Adds a feature with options to `job`.
fn with(job: Job, feature: &str, set: &str) -> Job {
    let feature = feature::find(feature).expect("a feature");
    let mut options = feature.options();
    for (name, value) in set.split(':').filter_map(|option| option.split_once('=')) {
        options.set(name, value).expect("an option");
    }
    job.feature(feature, options)
}

/// A job with every model and every feature.
fn everything(format: Format, encodes: usize) -> Job {
    let models = crate::model::BUILTINS.iter().map(|builtin| Model::builtin(builtin.name));
    let job = models.fold(Job::new(format, encodes), |job, model| job.model(model.expect("valid")));
    feature::FEATURES.iter().fold(job, |job, feature| job.feature(feature, feature.options()))
}

/// Scores a video of `frames` frames with one encode per strength.
fn run(job: Job, format: Format, frames: u64, strengths: &[u32]) -> Vec<ScoreTable> {
    let mut scorer = job.start().expect("a valid job");
    let wanted = scorer.frames_to_push();
    push(&mut scorer, format, wanted.start..wanted.end.min(frames), strengths);
    scorer.finish().expect("scored")
}

/// Pushes the frames `range` of a video with one encode per strength.
fn push(scorer: &mut Scorer, format: Format, range: std::ops::Range<u64>, strengths: &[u32]) {
    for index in range {
        let distorted = strengths.iter().map(|&strength| Some(frame(format, index, strength)));
        let reference = frame(format, index, 0);
        scorer.push(FrameGroup { reference, distorted: distorted.collect() }).expect("scored");
    }
}

/// Measures separately the parts of a job between `cuts`, and joins them after serialization.
fn parted(
    job: impl Fn() -> Job,
    format: Format,
    frames: u64,
    strengths: &[u32],
    cuts: &[u64],
) -> Vec<ScoreTable> {
    let ends = cuts.iter().copied().chain([u64::MAX]);
    let parts = std::iter::once(0).chain(cuts.iter().copied()).zip(ends);
    let parts: Vec<Vec<u8>> = parts
        .map(|(start, end)| {
            let mut scorer = job().part(start..end).start().expect("a valid job");
            let wanted = scorer.frames_to_push();
            push(&mut scorer, format, wanted.start..wanted.end.min(frames), strengths);
            scorer.part().expect("measured").to_bytes()
        })
        .collect();
    let mut scorer = job().start().expect("a valid job");
    for part in parts {
        let part = Part::from_bytes(&part).expect("a part");
        if !part.frames().is_empty() {
            scorer.add(part).expect("the next part");
        }
    }
    scorer.finish().expect("scored")
}

/// The bits of a table, so that comparisons distinguish 0 from -0 and treat NaN as equal to itself.
fn bits(scored: &ScoreTable) -> Vec<(String, Vec<u64>)> {
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect();
    scored.columns().iter().map(|column| (column.name.clone(), bits(&column.values))).collect()
}

#[test]
fn values_are_the_same_for_all_threads_and_levels() {
    for (depth, frames) in [(8, 7), (10, 4), (16, 3)] {
        let format = large(depth);
        let job = || everything(format, 1);
        let expected = run(job().level(Level::baseline()), format, frames, &[8]);
        for level in Level::available() {
            let with_threads = |threads| job().level(level).threads(threads);
            let jobs = [
                ("the caller's thread", with_threads(1)),
                ("one thread", with_threads(1).background()),
                ("three threads", with_threads(3)),
            ];
            for (threads, job) in jobs {
                let found = run(job, format, frames, &[8]);
                let what = format!("{depth}-bit, {threads}, {}", level.name());
                assert_eq!(bits(&found[0]), bits(&expected[0]), "{what}");
            }
        }
    }
}

#[test]
fn a_ladder_scores_like_its_encodes_alone() {
    let format = large(8);
    let ladder = run(everything(format, 3), format, 6, &[0, 5, 30]);
    for (scored, strength) in ladder.iter().zip([0, 5, 30]) {
        let alone = run(everything(format, 1), format, 6, &[strength]);
        assert_eq!(bits(scored), bits(&alone[0]), "strength {strength}");
    }
    let score = |scored: &ScoreTable| scored.column("vmaf_v0.6.1").expect("a score")[3];
    let scores: Vec<f64> = ladder.iter().map(score).collect();
    assert!(scores[0] >= scores[1] && scores[1] > scores[2], "{scores:?}");
}

#[test]
fn earlier_frames_are_those_of_the_same_encode() {
    let format = format(8);
    let ladder = run(job(format, 3), format, 3, &[0, 5, 30]);
    let change = |scored: &ScoreTable| {
        scored.column("speed_temporal_ps_4_psm_bilinear").expect("a column")[..2].to_vec()
    };
    let changes: Vec<_> = ladder.iter().map(change).collect();
    assert!(changes.iter().all(|change| change[0] == 0.0), "{changes:?}");
    assert!(changes[0][1] == 0.0 && changes[2][1] > changes[1][1] && changes[1][1] > 0.0);
}

#[test]
fn models_score_the_same_alone_and_together() {
    let format = large(8);
    let together = run(everything(format, 1), format, 4, &[9]);
    for builtin in crate::model::BUILTINS {
        let model = Model::builtin(builtin.name).expect("built in");
        let alone = run(Job::new(format, 1).model(model), format, 4, &[9]);
        for column in alone[0].columns() {
            let found = together[0].column(&column.name).expect("the same column");
            assert_eq!(found, column.values, "{}", column.name);
        }
    }
}

#[test]
fn frames_have_their_final_values_while_the_job_is_running() {
    let format = format(8);
    for every in [1, 3] {
        let job = job(format, 2).every(every);
        let expected = run(job.clone(), format, 9, &[2, 5]);
        let mut scorer = job.start().expect("a job");
        let (mut complete, mut early) = (0, 0);
        for index in 0..9 {
            push(&mut scorer, format, index..index + 1, &[2, 5]);
            for earlier in 0..=index {
                let Some(tables) = scorer.frame_tables(earlier).expect("measured") else {
                    continue;
                };
                for (table, whole) in tables.iter().zip(&expected) {
                    let row = whole.frames().iter().position(|frame| *frame == earlier);
                    let row = row.expect("only scored frames");
                    assert_eq!(table.frames(), [earlier]);
                    for one in table.columns() {
                        let all = whole.column(&one.name).expect("a column of the whole table");
                        assert_eq!(one.values[0].to_bits(), all[row].to_bits(), "{}", one.name);
                    }
                    let missing = whole.columns().len() - table.columns().len();
                    if missing == 0 {
                        complete += 1;
                    } else {
                        early += 1;
                        assert!(table.column("integer_vif_scale0").is_some());
                        assert!(table.column("integer_motion2").is_none());
                        assert!(table.column("vmaf_v0.6.1").is_none());
                    }
                }
            }
        }
        assert!(complete > 3 && early > 3, "{complete}, {early} at every {every}");
        assert!(scorer.frame_tables(9).expect("no error").is_none(), "not pushed");
    }
}

#[test]
fn identical_pictures_lose_nothing() {
    let format = format(8);
    let scored = run(job(format, 1), format, 4, &[0]);
    // The numerator and denominator of adm round differently in fixed point, by a few millionths.
    let all_are = |name: &str, expected: f64| {
        let values = scored[0].column(name).expect(name);
        assert!(values.iter().all(|value| (value - expected).abs() < 1e-5), "{name} {values:?}");
    };
    for name in ["integer_adm2", "integer_adm3", "integer_vif_scale0", "integer_vif_scale3"] {
        all_are(name, 1.0);
    }
    all_are("integer_aim", 0.0);
}

#[test]
fn an_encode_that_drops_out_does_not_affect_the_others() {
    let format = format(8);
    let mut scorer = job(format, 2).threads(2).start().expect("a valid job");
    for index in 0..6 {
        let first = (index < 3).then(|| frame(format, index, 3));
        let distorted = vec![first, Some(frame(format, index, 9))];
        scorer.push(FrameGroup { reference: frame(format, index, 0), distorted }).expect("pushed");
    }
    let scored = scorer.finish().expect("scored");
    let whole = run(job(format, 1), format, 6, &[9]);
    assert_eq!(bits(&scored[1]), bits(&whole[0]));
    let short = run(job(format, 1), format, 3, &[3]);
    assert_eq!(bits(&scored[0]), bits(&short[0]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn an_excerpt_has_the_values_of_the_whole_video(
        start in 0_u64..14,
        len in 1_u64..14,
        every in 1_u64..5,
    ) {
        let format = Format::new(47, 45, Chroma::Mono, 8).expect("a valid format");
        let frames = 14;
        let end = (start + len).min(frames);
        prop_assume!((start..end).any(|index| index % every == 0));
        let whole = run(job(format, 1), format, frames, &[6]);
        let part = run(job(format, 1).frames(start..end).every(every), format, frames, &[6]);
        let kept: Vec<u64> = (start..end).filter(|index| index % every == 0).collect();
        prop_assert_eq!(part[0].frames(), &kept[..]);
        for (column, (name, found)) in whole[0].columns().iter().zip(bits(&part[0])) {
            let expected: Vec<u64> =
                kept.iter().map(|&index| column.values[index as usize].to_bits()).collect();
            prop_assert_eq!(found, expected, "{}", name);
        }
    }
}

#[test]
fn joined_parts_equal_the_whole_video() {
    let format = large(8);
    let (frames, strengths) = (9, [3, 20]);
    let job = || everything(format, 2);
    let whole = run(job(), format, frames, &strengths);
    for parts in [2, 3, 7] {
        let cuts: Vec<u64> = (1..parts).map(|part| frames * part / parts).collect();
        let joined = parted(job, format, frames, &strengths, &cuts);
        for (joined, whole) in joined.iter().zip(&whole) {
            assert_eq!(bits(joined), bits(whole), "{parts} parts");
            assert_eq!(joined.times(), whole.times());
            let aggregates = |scored: &ScoreTable| -> Vec<(String, u64)> {
                let each = scored.aggregates().iter();
                each.map(|(name, value)| (name.clone(), value.to_bits())).collect()
            };
            assert!(!whole.aggregates().is_empty());
            assert_eq!(aggregates(joined), aggregates(whole), "{parts} parts");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn values_do_not_depend_on_the_cuts_between_parts(
        mut cuts in proptest::collection::vec(0_u64..16, 1..5),
        start in 0_u64..9,
        every in 1_u64..4,
    ) {
        cuts.sort_unstable();
        let format = Format::new(47, 45, Chroma::Mono, 8).expect("a valid format");
        // Every `every`-th of the frames from `start` to 11.
        let job = || with(job(format, 1), "psnr", "enable_apsnr=true").frames(start..12).every(every);
        let whole = run(job(), format, 13, &[6]);
        let joined = parted(job, format, 13, &[6], &cuts);
        prop_assert_eq!(bits(&joined[0]), bits(&whole[0]));
        prop_assert_eq!(joined[0].frames(), whole[0].frames());
        prop_assert_eq!(joined[0].aggregates(), whole[0].aggregates());
    }
}

#[test]
fn a_job_resumes_after_the_parts_of_another() {
    let format = format(8);
    let whole = run(job(format, 1), format, 9, &[6]);
    // Two parts are taken during the run; the job is lost after the second one.
    let mut scorer = job(format, 1).threads(2).start().expect("a valid job");
    push(&mut scorer, format, 0..4, &[6]);
    let first = scorer.part().expect("measured");
    push(&mut scorer, format, 4..5, &[6]);
    let second = scorer.part().expect("measured");
    assert_eq!((first.frames(), second.frames()), (0..4, 4..5));
    push(&mut scorer, format, 5..9, &[6]);
    assert_eq!(bits(&scorer.finish().expect("scored")[0]), bits(&whole[0]), "what went on");

    let mut scorer = job(format, 1).start().expect("a valid job");
    scorer.add(first).expect("the first part");
    scorer.add(second).expect("the second part");
    // The two preceding frames are needed again.
    assert_eq!(scorer.frames_to_push(), 3..u64::MAX);
    push(&mut scorer, format, 3..9, &[6]);
    assert_eq!(scorer.part().expect("measured").frames(), 5..9);
    assert_eq!(scorer.part().expect("nothing").frames(), 9..9);
    assert_eq!(bits(&scorer.finish().expect("scored")[0]), bits(&whole[0]), "what was resumed");
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let format = format(8);
    let part = |job: Job, frames| {
        let mut scorer = job.part(frames).start().expect("a valid job");
        let wanted = scorer.frames_to_push();
        push(&mut scorer, format, wanted.start..wanted.end.min(6), &[6]);
        scorer.part().expect("measured")
    };
    let add = |parts: &[&Part]| {
        let mut scorer = job(format, 1).start().expect("a valid job");
        parts.iter().try_for_each(|part| scorer.add((*part).clone())).map_err(|e| e.to_string())
    };
    let (first, second) = (part(job(format, 1), 0..3), part(job(format, 1), 3..u64::MAX));
    assert_eq!(add(&[&first, &second]), Ok(()));
    let error = add(&[&second]).expect_err("the first is missing");
    assert_eq!(error, "a part begins at frame 3; the ones before it end at frame 0");
    add(&[&first, &first]).expect_err("one is there twice");
    for other in [
        job(format, 1).every(2),
        job(format, 1).frames(0..5),
        with(job(format, 1), "psnr", ""),
        with(job(format, 1), "motion", "mbf=0.50000001"),
        job(format, 1).model(Model::builtin("vmaf_v0.6.1").expect("built in").with_label("b")),
    ] {
        let error = add(&[&part(other, 0..3)]).expect_err("another job");
        assert!(error.contains("of another job"), "{error}");
    }
    let mut late = job(format, 1).start().expect("a valid job");
    push(&mut late, format, 0..1, &[6]);
    assert!(late.add(first.clone()).expect_err("too late").to_string().contains("too late"));

    let bytes = first.to_bytes();
    assert_eq!(Part::from_bytes(&bytes).expect("a part").to_bytes(), bytes);
    for cut in 0..bytes.len() {
        Part::from_bytes(&bytes[..cut]).expect_err("cut short");
    }
    let wrong = |at: usize, value: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = value;
        Part::from_bytes(&bytes).map(drop)
    };
    wrong(0, b'V').expect_err("no part");
    wrong(8, bytes[8] - 1).expect_err("another form");
    wrong(16 + 32 + 8 + 7, 0xff).expect_err("more encodes than there can be");
    wrong(16 + 32 + 32, 3).expect_err("no such role");
}

#[test]
fn models_of_different_bit_depths_score_together() {
    // Options of its own, so that no other model has the same columns.
    let own = [("adm", "dlmw", "0.75"), ("vif", "egl", "50"), ("motion", "mmxv", "9")];
    let model = || {
        let model = Model::builtin("vmaf_v0.6.1").expect("built in").with_label("ten");
        let set = |model: Model, (feature, option, value)| {
            model.with_option(feature, option, value).expect("an option")
        };
        own.into_iter().fold(model, set)
    };
    let eight = format(8);
    let mixed = job(eight, 2).model(model().at_bit_depth(10)).threads(2);
    let mixed = run(mixed, eight, 6, &[4, 9]);
    let native = run(job(eight, 2), eight, 6, &[4, 9]);

    let ten = format(10);
    let mut scorer = Job::new(ten, 2).model(model()).start().expect("a valid job");
    for index in 0..6 {
        let distorted = [4, 9].map(|strength| Some(frame(eight, index, strength)));
        let group = FrameGroup { reference: frame(eight, index, 0), distorted: distorted.into() };
        scorer.push(group.promoted(10)).expect("scored");
    }
    let promoted = scorer.finish().expect("scored");
    for (mixed, others) in mixed.iter().zip(native.iter().zip(&promoted)) {
        let columns = others.0.columns().iter().chain(others.1.columns());
        for column in columns {
            let found = mixed.column(&column.name).expect("the same column");
            assert_eq!(found, column.values, "{}", column.name);
        }
    }
}

#[test]
fn frames_may_lack_chroma_and_bits_that_no_feature_reads() {
    let eight = Format::new(75, 53, Chroma::Yuv420, 8).expect("a valid format");
    let model = || Model::builtin("vmaf_v0.6.1").expect("built in").at_bit_depth(10);
    let job = || with(Job::new(eight, 1).model(model()), "motion", "mmxv=9");
    let mut scorer = Job::new(eight, 1).model(model()).start().expect("a valid job");
    let looked_at = scorer.required_format();
    assert_eq!(looked_at, Format { chroma: Chroma::Mono, bit_depth: 10, ..eight });
    for index in 0..4 {
        let shown = |strength| {
            let mut frame = frame(eight, index, strength).promoted(10);
            frame.keep_luma();
            Arc::new(frame)
        };
        scorer.push(FrameGroup::pair(shown(0), shown(7))).expect("scored");
    }
    let part = scorer.finish().expect("scored");
    let whole = run(Job::new(eight, 1).model(model()), eight, 4, &[7]);
    assert_eq!(bits(&part[0]), bits(&whole[0]));
    // Pictures measured at two bit depths are needed unpromoted, and features that read chroma need
    // all planes.
    assert_eq!(job().start().expect("valid").required_format().bit_depth, 8);
    let scorer = with(job(), "psnr", "").start().expect("a valid job");
    assert_eq!(scorer.required_format(), eight);
}

#[test]
fn contradictory_jobs_are_refused_with_the_reason() {
    let model = || Model::builtin("vmaf_v0.6.1").expect("built in");
    let error = |job: Job| job.start().expect_err("refused").to_string();
    assert!(error(Job::new(format(8), 1)).contains("no model and no feature"));
    assert!(error(Job::new(format(8), 0).model(model())).contains("needs an encode"));
    let twice = error(Job::new(format(8), 1).model(model()).model(model()));
    assert!(twice.contains("two models are called 'vmaf_v0.6.1'"), "{twice}");
    let depths = model().with_label("ten").at_bit_depth(10);
    let depths = error(Job::new(format(8), 1).model(model()).model(depths));
    assert!(depths.contains("one at 8 bits and one at 10"), "{depths}");
    let twice = with(with(Job::new(format(8), 1), "float_ssim", ""), "float_ssim", "scale=1");
    assert!(error(twice).contains("float_ssim is asked for twice"));
    let small = Format::new(64, 16, Chroma::Mono, 8).expect("a valid format");
    let small = error(Job::new(small, 1).model(model()));
    assert_eq!(small, "adm needs frames of at least 17x17 pixels; these are 64x16");
}

#[test]
fn frames_of_another_format_are_refused() {
    let format8 = format(8);
    let mut scorer = job(format8, 1).start().expect("a valid job");
    let other = frame(Format { width: 60, ..format8 }, 0, 0);
    let group = FrameGroup::pair(frame(format8, 0, 0), other);
    let error = scorer.push(group).expect_err("another size");
    assert!(error.to_string().contains("frame 0 of the distorted video is 60x53"), "{error}");
    let group = FrameGroup { reference: frame(format8, 0, 0), distorted: vec![None; 2] };
    assert!(matches!(scorer.push(group), Err(Error::Job(_))));
    assert!(matches!(scorer.finish(), Err(Error::Job(_))));
}
