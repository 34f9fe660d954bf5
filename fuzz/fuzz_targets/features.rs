//! Frames of all formats through every feature, at the best instruction set with two threads and at
//! the baseline with one: the same bits, or the same error.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use vmaf_core::feature::FEATURES;
use vmaf_core::{Frame, Job, Level, ScoreTable};

fuzz_target!(|data: &[u8]| {
    let _ = compare(&mut Unstructured::new(data));
});

fn compare(bytes: &mut Unstructured<'_>) -> Result<()> {
    let feature = bytes.choose(FEATURES)?;
    let mut options = feature.options();
    for _ in 0..bytes.int_in_range(0..=2)? {
        if feature.options.is_empty() {
            break;
        }
        let name = bytes.choose(feature.options)?.name;
        let value = *bytes.choose(&["true", "false", "0", "1", "2", "0.5", "3", "100", "1080"])?;
        let _ = options.set(name, value);
    }
    let format = vmaf_fuzz::format(bytes, 90)?;
    let count = bytes.int_in_range(1..=4)?;
    let pair = |bytes: &mut Unstructured<'_>| -> Result<[Arc<Frame>; 2]> {
        Ok([vmaf_fuzz::frame(bytes, format)?, vmaf_fuzz::frame(bytes, format)?].map(Arc::new))
    };
    let pairs = (0..count).map(|_| pair(bytes)).collect::<Result<Vec<_>>>()?;
    let scored = |level: Level, threads: usize| -> vmaf_core::Result<ScoreTable> {
        let job = Job::new(format, 1).feature(feature, options.clone()).detect_scenes();
        let mut scorer = job.level(level).threads(threads).start()?;
        for [reference, distorted] in &pairs {
            scorer.push_pair(reference.clone(), distorted.clone())?;
        }
        Ok(scorer.finish()?.remove(0))
    };
    let bits = |table: &ScoreTable| -> Vec<u64> {
        let columns = table.columns().iter().flat_map(|column| column.values.iter());
        let aggregates = table.aggregates().iter().map(|(_, value)| value);
        columns.chain(aggregates).map(|value| value.to_bits()).collect()
    };
    match (scored(Level::best(), 2), scored(Level::baseline(), 1)) {
        (Ok(one), Ok(other)) => assert_eq!(bits(&one), bits(&other), "{} {format}", feature.name),
        (one, other) => assert_eq!(one.err(), other.err(), "{} {format}", feature.name),
    }
    Ok(())
}
