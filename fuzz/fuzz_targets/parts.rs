//! Parts of jobs and part files.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmaf_core::score::Part;

fuzz_target!(|data: &[u8]| {
    if let Ok(part) = Part::from_bytes(data) {
        let again = Part::from_bytes(&part.to_bytes()).expect("its own bytes");
        assert_eq!(again.frames(), part.frames());
    }
    let path = vmaf_fuzz::file("part", data);
    let path = path.to_str().expect("a path").to_owned();
    let _ = vmaf::parts::merge(&[path.clone()]);
    let _ = vmaf::parts::merge(&[path.clone(), path]);
});
