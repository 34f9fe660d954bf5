//! Criterion benches: each feature at each instruction set level, whole models, and a ladder.
//!
//! `cargo bench -p vmaf-benches` runs all; a word after it picks those whose names have it, as
//! `vif/8-bit` or `avx2`. Everything goes through the public [`Job`], on one thread.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use vmaf_benches::Clip;
use vmaf_core::{FrameGroup, Job, Level, Model, feature};

/// Enough for motion to have neighbours.
const FRAMES: u32 = 3;

fn groups(bit_depth: u8, encodes: u32) -> Vec<FrameGroup> {
    let clip = Clip { width: 1920, height: 1080, bit_depth };
    (0..FRAMES).map(|index| clip.group(index, encodes).expect("a valid clip")).collect()
}

fn job(groups: &[FrameGroup], level: Level) -> Job {
    let format = *groups[0].reference.format();
    Job::new(format, groups[0].distorted.len()).level(level)
}

fn bench(group: &mut BenchmarkGroup<'_, WallTime>, job: &Job, level: Level, frames: &[FrameGroup]) {
    group.bench_function(level.name(), |bencher| {
        bencher.iter(|| {
            let mut scorer = job.clone().start().expect("a valid job");
            for frame in frames {
                scorer.push(frame.clone()).expect("frames of the job's format");
            }
            scorer.finish().expect("scores")
        });
    });
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(500));
    group.measurement_time(Duration::from_secs(2)).throughput(Throughput::Elements(FRAMES.into()));
    group
}

fn features(criterion: &mut Criterion) {
    for bit_depth in [8, 10] {
        let frames = groups(bit_depth, 1);
        for feature in feature::FEATURES {
            let mut group = group(criterion, &format!("{}/{bit_depth}-bit", feature.name));
            for level in Level::available() {
                let job = job(&frames, level).feature(feature, feature.options());
                bench(&mut group, &job, level, &frames);
            }
        }
    }
}

fn models(criterion: &mut Criterion) {
    let model = Model::builtin("vmaf_v0.6.1").expect("a built-in model");
    let works = [("vmaf_v0.6.1", 8, 1), ("vmaf_v0.6.1", 10, 1), ("vmaf_v0.6.1 ladder of 4", 8, 4)];
    for (name, bit_depth, encodes) in works {
        let frames = groups(bit_depth, encodes);
        let mut group = group(criterion, &format!("{name}/{bit_depth}-bit"));
        for level in Level::available() {
            let job = job(&frames, level).model(model.clone());
            bench(&mut group, &job, level, &frames);
        }
    }
}

criterion_group!(benches, features, models);
criterion_main!(benches);
