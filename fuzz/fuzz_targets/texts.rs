//! Texts of options: gates, pools, metrics, models and values. What is accepted is written as text
//! that means the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmaf::{Gate, MetricSpec, ModelSpec, values};
use vmaf_core::pool::{Pool, Presentation};

fuzz_target!(|text: &str| {
    if let Ok(gate) = text.parse::<Gate>() {
        let again: Gate = gate.to_string().parse().expect("a gate's own text");
        assert_eq!(again, gate);
        let shown = Presentation { times: &[0.0, 0.04, 0.04], scenes: &[0..1, 1..3] };
        let _ = gate.verdict(&[1.0, f64::INFINITY, -3.0], shown);
    }
    if let Ok(pool) = text.parse::<Pool>() {
        assert_eq!(pool.to_string().parse::<Pool>().expect("a pool's own text"), pool);
    }
    if let Ok(metric) = text.parse::<MetricSpec>() {
        let _ = metric.resolve();
    }
    // Its file would be read by the target for models.
    if let Ok(mut model) = text.parse::<ModelSpec>() {
        model.choose(1080, Some(25.0));
    }
    let _ = values::size(text);
    let _ = values::scaled_size(text);
    let _ = values::crop(text);
    let _ = values::pixel_format(text);
    let _ = values::frame_rate(text);
    let _ = values::frames(text);
    let _ = values::sample(text);
    let _ = values::shard(text);
    let _ = values::pool(text);
});
