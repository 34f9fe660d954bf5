//! Manifests, and the results of an earlier batch. No entry names a video that exists, so that each
//! gets a line that says so.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmaf::batch::{Batch, entries};

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    // Patterns and URLs would look beyond the file.
    if rest.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'/' | b'%' | b'-')) {
        return;
    }
    let of_output: &[u8] = if kind % 2 == 0 { b"" } else { rest };
    let manifest: &[u8] =
        if kind % 2 == 0 { rest } else { b"reference,distorted\nnone.y4m,neither.y4m\n" };
    let name = if kind / 2 % 2 == 0 { "manifest.csv" } else { "manifest.jsonl" };
    let name = if kind % 2 == 0 { name } else { "manifest.csv" };
    let manifest = vmaf_fuzz::file(name, manifest);
    let output = vmaf_fuzz::file("results.jsonl", of_output);
    let [manifest, output] = [manifest, output].map(|path| path.to_str().expect("text").to_owned());
    let _ = entries(&manifest);
    let batch = Batch::new(manifest, output);
    if batch.check().is_ok() {
        let _ = batch.run(&|_| {});
    }
});
