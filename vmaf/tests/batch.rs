//! Batches of a part of a list, as tasks of a cluster run them.

use std::path::Path;
use std::sync::Mutex;

use vmaf::batch::{Batch, BatchEvent};
use vmaf::{Outcome, RunHandle, batch};

/// Writes a y4m of 4 frames whose luma begins at `base`.
fn write_clip(path: &Path, base: usize) {
    let mut clip = b"YUV4MPEG2 W64 H48 F25:1 Ip C420jpeg\n".to_vec();
    for frame in 0..4 {
        clip.extend_from_slice(b"FRAME\n");
        clip.extend((0..64 * 48).map(|pixel| (base + (pixel * 7 + frame * 13) % 150) as u8));
        clip.extend([128; 64 * 48 / 2]);
    }
    std::fs::write(path, clip).expect("written");
}

/// A folder with a list of an encode of psnr, and the batch of it.
fn place() -> (tempfile::TempDir, Batch) {
    let folder = tempfile::tempdir().expect("a folder");
    write_clip(&folder.path().join("a.y4m"), 20);
    write_clip(&folder.path().join("b.y4m"), 22);
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("list.csv"), "reference,distorted\na.y4m,b.y4m\n").expect("written");
    let mut batch = Batch::new(path("list.csv"), path("results.jsonl"));
    batch.options.models = Some(Vec::new());
    batch.options.metrics = vec!["psnr".parse().expect("a metric")];
    (folder, batch)
}

/// The lines of the results that a batch reports, with whether each was measured by it.
fn lines(batch: &Batch) -> Vec<(usize, bool, String)> {
    let found = Mutex::new(Vec::new());
    let outcome = batch.run(&|event| {
        let (place, is_new, line) = match event {
            BatchEvent::Measured { place, line, .. } => (place, true, line),
            BatchEvent::Reused { place, line, .. } => (place, false, line),
            BatchEvent::Unmeasured { error, .. } => panic!("{error}"),
            _ => return,
        };
        found.lock().expect("no panic").push((place, is_new, line.to_owned()));
    });
    assert_eq!(outcome.expect("written"), Outcome::Passed);
    found.into_inner().expect("no panic")
}

#[test]
fn a_stopped_batch_writes_no_error_and_can_resume() {
    let (_folder, batch) = place();
    let handle = RunHandle::default();
    handle.stop();
    assert!(matches!(batch.run_with(&handle, &|_| {}), Err(vmaf::Error::Stopped)));
    assert_eq!(std::fs::read_to_string(&batch.output).expect("the results"), "");
    let lines = lines(&batch);
    assert!(matches!(&lines[..], [(0, true, _)]), "{lines:?}");
    let text = std::fs::read_to_string(&batch.output).expect("the results");
    assert_eq!(text, format!("{}\n", lines[0].2));
}

#[test]
fn lines_of_another_batch_are_reused() {
    let (folder, whole) = place();
    let [(_, _, earlier)] = &lines(&whole)[..] else { panic!("a line") };
    // Of a task, one entry has another name, and one asks for more.
    std::fs::rename(folder.path().join("b.y4m"), folder.path().join("c.y4m")).expect("renamed");
    let list = "reference,distorted,name,metric\na.y4m,c.y4m,,\na.y4m,c.y4m,more,float_ssim\n";
    std::fs::write(&whole.manifest, list).expect("written");
    let mut task = Batch::new(&whole.manifest, format!("{}.task", whole.output));
    task.entries = Some(batch::entries(&whole.manifest).expect("a list"));
    task.earlier = vec![earlier.clone()];
    task.relative_to = Some(folder.path().to_owned());
    task.options = whole.options.clone();
    let mut found = lines(&task);
    found.sort();
    let [(0, false, settled), (1, true, measured)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(*settled, earlier.replace("b.y4m", "c.y4m"));
    assert!(measured.contains("\"float_ssim\""), "{measured}");
}

#[test]
fn errors_of_an_entry_name_its_line() {
    let (_folder, mut batch) = place();
    batch.check().expect("nothing is wrong");
    let entry = r#"{"reference":"a.y4m","distorted":"b.y4m","gate":"mean~90"}"#;
    batch.entries = Some(vec![(7, entry.to_owned())]);
    let error = batch.check().expect_err("a wrong gate").to_string();
    assert!(error.contains("list.csv: line 7: ") && error.contains("mean~90"), "{error}");
}
