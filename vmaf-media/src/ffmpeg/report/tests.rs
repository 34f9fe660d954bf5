use vmaf_core::color::ChromaSiting;

use super::*;

#[test]
fn a_probe_finds_video_after_audio_and_cover_art() {
    let probe = Probe::parse(
        "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:a, b.mp4':\n\
         [info]   Duration: 00:00:01.92, start: 0.000000, bitrate: 886 kb/s\n\
         [info]   Stream #0:0[0x1](und): Audio: aac (LC), 48000 Hz, stereo\n\
         [info]   Stream #0:1[0x0]: Video: mjpeg (Baseline), yuvj420p(pc, bt470bg), 500x500, \
         90k tbr (attached pic)\n\
         [info]   Stream #0:12[0x2](und): Video: h264 (High), 4 reference frames (avc1 / \
         0x31637661), yuv420p10le(tv, bt709, progressive, topleft), 1280x720 [SAR 1:1 DAR 16:9], 25 fps (default)\n\
         [info]       Metadata:\n\
         [info]       Side data:\n\
         [info]         displaymatrix: rotation of -90.00 degrees\n\
         [info]   Stream #0:13[0x3](und): Data: none\n\
         [info]         displaymatrix: rotation of 180.00 degrees\n\
         [fatal] At least one output file must be specified\n",
    );
    assert_eq!(probe.container.as_deref(), Some("mov,mp4,m4a,3gp,3g2,mj2"));
    let video = VideoStream {
        track: Track {
            index: 12,
            codec: "h264".to_owned(),
            width: 1280,
            height: 720,
            is_default: true,
            is_cover: false,
            is_still: false,
        },
        id: Some(2),
        pixel_format: "yuv420p10le".to_owned(),
        range: Some(ColorRange::Limited),
        color: color("bt709").expect("a colour"),
        siting: Some(ChromaSiting::TopLeft),
        interlaced: false,
        orientation: Some(Orientation::new([false; 2], -90.0)),
    };
    let [cover, found] = &probe.videos[..] else { panic!("{probe:?}") };
    assert_eq!(*found, video);
    assert!(cover.track.is_cover && !cover.track.is_default, "{cover:?}");
    assert_eq!((cover.track.width, cover.track.height), (500, 500));
    assert_eq!(cover.orientation, None);
}

#[test]
fn a_stream_of_unknown_range_has_a_bare_pixel_format() {
    let line = "Stream #0:0: Video: ffv1 (FFV1 / 0x31564646), gbrp, 64x48, 25 fps, 1k tbn";
    let video = VideoStream::parse(line).expect("a stream");
    assert_eq!((video.pixel_format.as_str(), video.range), ("gbrp", None));
}

#[test]
fn colours_and_field_order_are_parsed() {
    let of = |words: &str| {
        let line = format!("Stream #0:0: Video: hevc, yuv420p10le({words}), 64x48, 25 fps");
        let stream = VideoStream::parse(&line).expect("a stream");
        (stream.color, stream.interlaced)
    };
    let name = |name: &str| Some(name.to_owned());
    let hdr =
        Color { matrix: name("bt2020nc"), primaries: name("bt2020"), transfer: name("smpte2084") };
    assert_eq!(of("tv, bt2020nc/bt2020/smpte2084, progressive"), (hdr, false));
    let partly = Color { matrix: None, primaries: name("bt709"), transfer: None };
    assert_eq!(of("unknown/bt709/unknown, top first"), (partly, true));
    assert_eq!(of("pc"), (Color::default(), false));
}

#[test]
fn an_unopenable_file_has_only_errors() {
    let probe = Probe::parse(
        "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5555] [error] moov atom not found\n\
         [error] file:x.mp4: Invalid data found when processing input\n",
    );
    assert_eq!((probe.container, probe.videos), (None, Vec::new()));
    assert_eq!(probe.errors[0], "moov atom not found");
}

#[test]
fn dolby_vision_without_a_base_layer_is_recognised() {
    let color = |profile: u8, compatibility: u8| {
        let text = format!(
            "[info] Input #0, mov,mp4, from 'file:a.mp4':\n\
             [info]   Stream #0:0[0x1](und): Video: hevc (Main 10) (hvc1 / 0x31637668), \
             yuv420p10le(tv), 480x270, 25 fps (default)\n\
             [info]       Side data:\n\
             [info]         DOVI configuration record: version: 1.0, profile: {profile}, level: 1, \
             rpu flag: 1, el flag: 0, bl flag: 1, compatibility id: {compatibility}\n"
        );
        Probe::parse(&text).videos.pop().expect("a video").color
    };
    assert!(color(5, 0).is_dolby_vision() && color(10, 0).is_hdr());
    assert_eq!(color(8, 1), Color::default());
    assert_eq!(color(7, 6), Color::default());
}

#[test]
fn the_format_entering_the_filters_is_parsed() {
    let event = |message: &str| {
        let line = format!("[graph 0 input from stream 0:1 @ 0x7f] [verbose] {message}\n");
        Event::parse(&line, "matroska,webm")
    };
    let frames = FrameFacts {
        width: 96,
        height: 64,
        time_base: Rational { num: 1, den: 12800 },
        frame_rate: Some(Rational { num: 30000, den: 1001 }),
        properties: Properties { range: Some(ColorRange::Limited), ..Properties::default() },
    };
    assert_eq!(
        event("w:96 h:64 pixfmt:yuv420p tb:1/12800 fr:30000/1001 sar:1/1 csp:unknown range:tv"),
        Some(Event::Frames(frames.clone()))
    );
    assert_eq!(
        event("w:96 h:64 pixfmt:yuv420p tb:1/12800 fr:0/1 sar:1/1"),
        Some(Event::Frames(FrameFacts {
            frame_rate: None,
            properties: Properties::default(),
            ..frames
        }))
    );
    assert_eq!(event("video frame properties congruent with link at pts_time: 0"), None);
}

#[test]
fn errors_of_the_file_and_of_the_program_are_distinguished() {
    let error = |line| match Event::parse(line, "matroska,webm") {
        Some(Event::Error { message, input }) => (message, input),
        other => panic!("{other:?}"),
    };
    let early = "File ended prematurely".to_owned();
    assert_eq!(
        error("[in#0/matroska,webm @ 0x5] [error] File ended prematurely"),
        (early.clone(), true)
    );
    assert_eq!(error("[matroska,webm @ 0x5] [error] File ended prematurely"), (early, true));
    assert_eq!(
        error("[vist#0:0/h264 @ 0x5] [dec:h264 @ 0x6] [error] Invalid data"),
        ("Invalid data".to_owned(), false)
    );
    assert_eq!(error("[error] Conversion failed!"), ("Conversion failed!".to_owned(), false));
}
