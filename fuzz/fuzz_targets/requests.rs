//! Requests as JSON, and results as bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmaf::{EncodeResult, Gate, Request};

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = serde_json::from_slice::<Request>(data) {
        let text = serde_json::to_string(&request).expect("JSON");
        let again: Request = serde_json::from_str(&text).expect("its own text");
        assert_eq!(serde_json::to_string(&again).expect("JSON"), text);
        let _ = vmaf::parts::identity(&request, &[]);
    }
    if let Ok(result) = EncodeResult::from_bytes(data) {
        let _ = result.to_json();
        let _ = result.judge(&[Gate::mean_at_least(90.0)]);
        let _ = result.pool("vmaf_v0.6.1", "scene(min)");
    }
});
