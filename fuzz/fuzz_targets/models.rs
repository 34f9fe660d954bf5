//! Model files in both formats. A model that is accepted scores anything, and keeps its meaning when
//! it is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmaf_core::Model;

fuzz_target!(|text: &str| {
    let Ok(model) = Model::from_json("fuzzed", text) else { return };
    let _ = model.features();
    let column = [0.0, 1.0, -1.0, 1e30, f64::NAN, f64::INFINITY];
    let columns = model.score(column.len(), |_| Some(&column[..]));
    let again = Model::from_json("fuzzed", &model.to_json("a fuzzer")).expect("its own text");
    let bits = |columns: &Option<Vec<vmaf_core::score::Column>>| -> Vec<u64> {
        let values = columns.iter().flatten().flat_map(|column| column.values.iter());
        values.map(|value| value.to_bits()).collect()
    };
    let scored = again.score(column.len(), |_| Some(&column[..]));
    assert_eq!(bits(&columns), bits(&scored));
});
