use vmaf_core::{Chroma, Frame, Rational};

use super::*;
use crate::{Color, Frames, ReadPlan, Source};

fn stream(width: u32, height: u32) -> StreamInfo {
    let format = Format::new(width, height, Chroma::Yuv420, 8).expect("valid");
    StreamInfo::new("enc.mp4", format, "h264")
}

fn plan_with(encode: &StreamInfo, reference: &StreamInfo, options: &PlanOptions) -> Result<Plan> {
    let for_reference = Plan::for_reference(reference, None, options)?;
    Plan::new(encode, None, reference, &for_reference, options)
}

fn plan(encode: &StreamInfo, reference: &StreamInfo) -> Result<Plan> {
    plan_with(encode, reference, &PlanOptions::default())
}

fn refused(plan: Result<Plan>) -> (Mismatch, String) {
    match plan {
        Err(Error::Mismatch { what, reason, .. }) => (what, reason.to_string()),
        other => panic!("{other:?} is no mismatch"),
    }
}

#[test]
fn matching_streams_need_no_conversion() {
    let plan = plan(&stream(1920, 1080), &stream(1920, 1080)).expect("a plan");
    assert!(plan.is_identity() && plan.steps().is_empty());
}

#[test]
fn smaller_encodes_are_scaled_up() {
    for (width, height) in [(1280, 720), (848, 480), (426, 240)] {
        let plan = plan(&stream(width, height), &stream(1920, 1080)).expect("a plan");
        assert_eq!(plan.steps(), [format!("scaled from {width}x{height} to 1920x1080 (bicubic)")]);
        assert_eq!(plan.format(), stream(1920, 1080).format);
    }
    let mut narrow = stream(1440, 1080);
    narrow.sample_aspect = Rational::rate(4, 3);
    assert!(plan(&narrow, &stream(1920, 1080)).is_ok());
    let options = PlanOptions { no_scale: true, ..PlanOptions::default() };
    let (what, reason) = refused(plan_with(&stream(1280, 720), &stream(1920, 1080), &options));
    assert_eq!(what, Mismatch::Size);
    assert!(reason.contains("1280x720") && reason.contains("1920x1080"), "{reason}");
}

#[test]
fn larger_encodes_are_refused_unless_a_size_is_chosen() {
    let (what, reason) = refused(plan(&stream(3840, 2160), &stream(1920, 1080)));
    assert_eq!(what, Mismatch::Size);
    assert!(reason.contains("a common size of 1920x1080"), "{reason}");
    let options = PlanOptions { score_at: Some((1920, 1080)), ..PlanOptions::default() };
    let plan = plan_with(&stream(3840, 2160), &stream(1920, 1080), &options).expect("a plan");
    assert_eq!(plan.steps(), ["scaled from 3840x2160 to 1920x1080 (bicubic)"]);
}

#[test]
fn different_shapes_and_rotations_are_refused() {
    let (what, reason) = refused(plan(&stream(1920, 800), &stream(1920, 1080)));
    assert_eq!(what, Mismatch::Shape);
    assert!(reason.contains("1920x800") && reason.contains("automatic cropping"), "{reason}");
    let (what, reason) = refused(plan(&stream(1080, 1920), &stream(1920, 1080)));
    assert_eq!(what, Mismatch::Shape);
    assert!(reason.contains("may be rotated"), "{reason}");
    let mut turned = stream(1920, 1080);
    turned.orientation = Orientation::new([false; 2], -90.0);
    let (what, reason) = refused(plan(&turned, &stream(1920, 1080)));
    assert_eq!(what, Mismatch::Rotation);
    assert!(reason.contains("90") && reason.contains('0'), "{reason}");
    assert!(plan(&turned, &turned.clone()).is_ok());
}

#[test]
fn crops_beyond_the_picture_are_refused() {
    let options = PlanOptions::default();
    let reference = stream(1920, 800);
    let for_reference = Plan::for_reference(&reference, None, &options).expect("a plan");
    let crop = |width, height, x, y| {
        let crop = Some(Rect { width, height, x, y });
        Plan::new(&stream(1920, 1080), crop, &reference, &for_reference, &options)
    };
    let plan = crop(1920, 800, 0, 140).expect("a plan");
    assert_eq!(plan.steps(), ["cropped from 1920x1080 to 1920:800:0:140"]);
    assert_eq!(refused(crop(1920, 800, 0, 300)).0, Mismatch::Crop);
    assert_eq!(refused(crop(1920, 800, 0, 139)).0, Mismatch::Crop);
    assert_eq!(refused(crop(1920, 800, u32::MAX, 0)).0, Mismatch::Crop);
}

#[test]
fn known_ranges_are_converted_and_unknown_ranges_refused() {
    let of = |range| StreamInfo { range, ..stream(64, 64) };
    let (full, limited) = (Some(ColorRange::Full), Some(ColorRange::Limited));
    let converted = plan(&of(full), &of(limited)).expect("a plan");
    assert_eq!(converted.steps(), ["converted from full to limited range"]);
    assert!(plan(&of(None), &of(limited)).expect("a plan").is_identity());
    for (encode, reference) in [(full, None), (None, full)] {
        let (what, reason) = refused(plan(&of(encode), &of(reference)));
        assert_eq!(what, Mismatch::Range);
        assert!(reason.contains("an assumed limited range"), "{reason}");
        let options = PlanOptions { assumed_range: full, ..PlanOptions::default() };
        let plan = plan_with(&of(encode), &of(reference), &options).expect("a plan");
        assert!(plan.is_identity());
    }
}

#[test]
fn different_colour_properties_are_refused_unless_equivalent() {
    let of = |matrix: &str, transfer: &str| {
        let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        let color = Color { matrix: name(matrix), transfer: name(transfer), primaries: None };
        StreamInfo { color, ..stream(64, 64) }
    };
    for (encode, reference) in [
        (of("bt709", ""), of("", "bt709")),
        (of("smpte170m", "smpte170m"), of("bt470bg", "bt709")),
        (of("bt2020nc", "bt2020-10"), of("bt2020nc", "bt709")),
        (of("", "smpte2084"), of("bt2020nc", "smpte2084")),
    ] {
        assert!(plan(&encode, &reference).is_ok(), "{encode:?} {reference:?}");
    }
    for (encode, reference, says) in [
        (of("smpte170m", ""), of("bt709", ""), "has matrix smpte170m, the reference bt709"),
        (of("", "smpte2084"), of("", "bt709"), "(PQ)"),
        (of("", ""), of("", "arib-std-b67"), "(HLG)"),
        (of("", "smpte2084"), of("", "arib-std-b67"), "has transfer smpte2084"),
    ] {
        let (what, reason) = refused(plan(&encode, &reference));
        assert_eq!(what, Mismatch::Color);
        assert!(reason.contains(says) && reason.contains("acceptance of color"), "{reason}");
        let options = PlanOptions { accepted: vec![Accepted::Color], ..PlanOptions::default() };
        assert!(plan_with(&encode, &reference, &options).is_ok());
    }
}

#[test]
fn interlaced_video_is_refused_unless_accepted() {
    let fields = StreamInfo { interlaced: true, ..stream(64, 64) };
    assert_eq!(refused(plan(&fields, &stream(64, 64))).0, Mismatch::Interlaced);
    assert_eq!(refused(plan(&stream(64, 64), &fields)).0, Mismatch::Interlaced);
    let options = PlanOptions { accepted: vec![Accepted::Interlaced], ..PlanOptions::default() };
    assert!(plan_with(&fields, &stream(64, 64), &options).is_ok());
}

/// Frames of one gradient.
struct Gradient(StreamInfo, Chroma);

impl Source for Gradient {
    fn info(&self) -> &StreamInfo {
        &self.0
    }

    fn frames(mut self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        if plan.luma_only {
            self.1 = Chroma::Mono;
        }
        Ok(self)
    }
}

impl Frames for Gradient {
    fn info(&self) -> &StreamInfo {
        &self.0
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let format = self.0.format.with_chroma(self.1);
        let mut frame = vmaf_core::frame::Recycler::default().frame(format);
        for index in 0..format.chroma().planes() {
            let plane = frame.plane_mut::<u16>(index);
            for y in 0..plane.height() {
                for (x, sample) in plane.row_mut(y).iter_mut().enumerate() {
                    *sample = ((x * 7 + y * 13 + index * 100) % 1024) as u16;
                }
            }
        }
        frame.time = Some(0.5);
        Ok(Some(frame))
    }
}

#[cfg(feature = "ffmpeg")]
#[test]
fn luma_is_scaled_equally_with_and_without_chroma() {
    let info = |width, height| {
        let format = Format::new(width, height, Chroma::Yuv420, 10).expect("valid");
        StreamInfo::new("a", format, "ffv1")
    };
    for (width, height) in [(50, 37), (51, 38)] {
        let frame = |chroma| {
            let small = info(width, height);
            let plan = plan(&small, &info(101, 75)).expect("a plan");
            let source = Box::new(Gradient(small, Chroma::Yuv420));
            let source = plan.apply(source);
            let read_plan = ReadPlan::new(&source.info().format.with_chroma(chroma));
            let mut frames = source.frames(&read_plan).expect("scaled");
            frames.read().expect("read").expect("a frame")
        };
        let (all, luma) = (frame(Chroma::Yuv420), frame(Chroma::Mono));
        assert_eq!(*all.format(), info(101, 75).format);
        assert_eq!(luma.format().chroma(), Chroma::Mono);
        assert!(all.plane::<u16>(0).rows().eq(luma.plane::<u16>(0).rows()));
        assert_eq!((all.time, luma.time), (Some(0.5), Some(0.5)));
        // The middle of a slope of 3.5 a pixel.
        let row = all.plane::<u16>(0).row(40);
        assert!(row[30..60].is_sorted(), "{row:?}");
    }
}

#[test]
fn a_crop_includes_chroma() {
    let format = Format::new(64, 48, Chroma::Yuv420, 10).expect("valid");
    let info = StreamInfo::new("a", format, "ffv1");
    let crop = Rect { width: 20, height: 12, x: 6, y: 8 };
    let plan = Plan::cropped(&info, Some(crop)).expect("a plan");
    let source = plan.apply(Box::new(Gradient(info, Chroma::Yuv420)));
    let mut frames = source.frames(&ReadPlan::default()).expect("cropped");
    let frame = frames.read().expect("read").expect("a frame");
    assert_eq!(frame.format().size(), (20, 12));
    assert_eq!(frame.plane::<u16>(0).row(0)[..2], [6 * 7 + 8 * 13, 7 * 7 + 8 * 13]);
    assert_eq!(frame.plane::<u16>(2).row(1)[0], 3 * 7 + 5 * 13 + 200);
}

#[cfg(feature = "ffmpeg")]
#[test]
fn unscalable_video_is_refused_before_its_first_frame() {
    // libswscale has no pixel format of 11 bits.
    let info = |width, height| {
        let format = Format::new(width, height, Chroma::Yuv420, 11).expect("valid");
        StreamInfo::new("a", format, "rawvideo")
    };
    for read_plan in [ReadPlan::default(), ReadPlan::luma()] {
        let small = info(50, 37);
        let plan = plan(&small, &info(101, 75)).expect("a plan");
        let source = plan.apply(Box::new(Gradient(small, Chroma::Yuv420)));
        assert_eq!(source.info().format, info(101, 75).format);
        let error = source.frames(&read_plan).err().expect("a refusal").to_string();
        assert!(error.contains("libswscale can't convert"), "{error}");
    }
}
