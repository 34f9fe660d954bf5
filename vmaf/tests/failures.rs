//! Failures of runs, as users of the library match on them.

use std::path::Path;

use vmaf::{
    Accepted, EncodeFailure, Error, Event, Finding, FrameFinding, Request, RunHandle, Setting,
};

/// The size of clips.
const SIZE: (usize, usize) = (96, 64);

/// Writes a y4m of the frames of these numbers, of a texture that moves.
fn write_clip(path: &Path, frames: std::ops::Range<usize>) {
    let (width, height) = SIZE;
    let mut clip = format!("YUV4MPEG2 W{width} H{height} F25:1 Ip C420jpeg\n").into_bytes();
    for frame in frames {
        clip.extend_from_slice(b"FRAME\n");
        let sample = |x: usize, y: usize| {
            let (x, y) = ((x + 5 * frame) as f64, (y + 3 * frame) as f64);
            let swing = 0.01 * (frame * frame) as f64;
            128.0 + 60.0 * (x / 9.0 + swing).sin() + 40.0 * (y / 7.0 - swing).cos()
        };
        let pixels = (0..width * height).map(|pixel| sample(pixel % width, pixel / width) as u8);
        clip.extend(pixels);
        clip.extend([128; SIZE.0 * SIZE.1 / 2]);
    }
    std::fs::write(path, clip).expect("written");
}

/// A folder with the clips, and a request of psnr of them.
fn place(
    reference: std::ops::Range<usize>,
    encode: std::ops::Range<usize>,
) -> (tempfile::TempDir, Request) {
    let folder = tempfile::tempdir().expect("a folder");
    write_clip(&folder.path().join("ref.y4m"), reference);
    write_clip(&folder.path().join("enc.y4m"), encode);
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let mut request = Request::new(path("ref.y4m")).encode(path("enc.y4m"));
    request.options.models = Some(Vec::new());
    request.options.metrics = vec!["psnr".parse().expect("a metric")];
    (folder, request)
}

/// The failure of the only encode.
fn failure(request: &Request) -> EncodeFailure {
    let run = request.run().expect("a run");
    run.encodes()[0].failure().expect("a failure").clone()
}

/// The only setting of the first remedy.
fn remedy(failure: &EncodeFailure) -> Setting {
    let remedy = failure.remedies().next().expect("a remedy");
    let [setting] = remedy.settings() else { panic!("{remedy:?}") };
    setting.clone()
}

#[test]
fn the_remedy_of_an_offset_scores_the_encode() {
    let (_folder, mut request) = place(2..50, 0..48);
    let failure = failure(&request);
    let Finding::Frames(FrameFinding::Offset { frames: 2, .. }) = failure.finding() else {
        panic!("{failure:?}")
    };
    let Setting::Offset(frames) = remedy(&failure) else { panic!("{failure:?}") };
    assert!(failure.to_string().contains("an offset of 2 to skip"), "{failure}");
    request.options.offset = i32::try_from(frames).expect("a few");
    request.options.shortest = true;
    let run = request.run().expect("a run");
    assert_eq!(run.encodes()[0].failure(), None);
}

#[test]
fn different_lengths_are_refused() {
    let (_folder, request) = place(0..12, 0..9);
    let failure = failure(&request);
    assert_eq!(*failure.finding(), Finding::Shorter { frames: 9 });
    assert_eq!(remedy(&failure), Setting::Shortest);
    // Of one encode it is the run's error.
    let error = vmaf::score(&request.reference, &request.encodes[0]).err().expect("an error");
    assert!(matches!(&error, Error::Encode(of_encode) if *of_encode == failure), "{error}");
    assert_eq!(error.remedies().len(), 1);
}

#[test]
fn a_stopped_run_reports_that_it_was_stopped() {
    let (_folder, request) = place(0..12, 0..12);
    let stopped = RunHandle::default();
    stopped.stop();
    assert!(matches!(request.run_with(&stopped), Err(Error::Stopped)));
    let handle = std::sync::Arc::new(std::sync::OnceLock::<RunHandle>::new());
    let own = std::sync::Arc::clone(&handle);
    let with_observer = RunHandle::with_observer(move |event| {
        if let (Event::Reading { .. }, Some(handle)) = (event, own.get()) {
            handle.stop();
        }
    });
    handle.set(with_observer.clone()).expect("the first");
    assert!(matches!(request.run_with(&with_observer), Err(Error::Stopped)));
}

#[test]
fn failures_survive_serialisation() {
    let failure = EncodeFailure::from(Error::Input(
        vmaf::Message::from("enc.mp4 is odd; ").remedy(Setting::Accept(Accepted::Damage)),
    ));
    let text = serde_json::to_string(&failure).expect("JSON");
    assert_eq!(serde_json::from_str::<EncodeFailure>(&text).expect("a failure"), failure);
    let (_folder, request) = place(2..50, 0..48);
    let run = request.run().expect("a run");
    let bytes = run.encodes()[0].to_bytes().expect("bytes");
    let kept = vmaf::EncodeResult::from_bytes(&bytes).expect("a result");
    assert_eq!(kept.failure(), run.encodes()[0].failure());
}

#[test]
fn settings_beyond_the_end_have_their_own_errors() {
    let (_folder, mut request) = place(0..12, 0..12);
    request.options.frames = Some(3..90);
    let error = request.run().err().expect("an error");
    assert!(matches!(error, Error::FramesBeyondEnd { count: 12, .. }), "{error}");
    assert_eq!(error.remedies(), []);
    request.options.frames = None;
    request.options.offset = -90;
    let error = request.run().err().expect("an error");
    assert!(matches!(error, Error::OffsetBeyondEnd { frames: 12, offset: -90, .. }), "{error}");
}
