use super::*;

fn layout(name: &str) -> Option<(Chroma, u8, bool, u8)> {
    let format = PixelFormat::by_name(name).ok()?;
    Some((format.chroma, format.bit_depth, format.interleaved, format.shift))
}

#[test]
fn planar_formats_are_parsed_from_names() {
    assert_eq!(layout("yuv420p"), Some((Chroma::Yuv420, 8, false, 0)));
    assert_eq!(layout("yuvj422p"), Some((Chroma::Yuv422, 8, false, 0)));
    assert_eq!(layout("yuva444p12le"), Some((Chroma::Yuv444, 12, false, 0)));
    assert_eq!(layout("yuv420p16le"), Some((Chroma::Yuv420, 16, false, 0)));
    assert_eq!(layout("gray"), Some((Chroma::Mono, 8, false, 0)));
    assert_eq!(layout("gray10le"), Some((Chroma::Mono, 10, false, 0)));
}

#[test]
fn semi_planar_formats_know_their_bit_alignment() {
    assert_eq!(layout("nv12"), Some((Chroma::Yuv420, 8, true, 0)));
    assert_eq!(layout("p010le"), Some((Chroma::Yuv420, 10, true, 6)));
    assert_eq!(layout("nv20le"), Some((Chroma::Yuv422, 10, true, 0)));
    assert_eq!(layout("p416le"), Some((Chroma::Yuv444, 16, true, 0)));
}

#[test]
fn formats_that_need_a_conversion_are_refused() {
    for name in ["gbrp", "rgb24", "yuv411p", "yuv440p", "yuyv422", "yuv420p10be", "ya8", ""] {
        let reason = PixelFormat::by_name(name).expect_err(name);
        assert!(reason.contains("convert"), "{reason}");
    }
}

#[test]
fn planar_equivalents_have_no_alpha_and_no_interleaving() {
    for (name, planar) in [
        ("yuva420p", "yuv420p"),
        ("yuvj444p", "yuvj444p"),
        ("p010le", "yuv420p10le"),
        ("nv16", "yuv422p"),
        ("gray12le", "gray12le"),
    ] {
        assert_eq!(PixelFormat::by_name(name).map(PixelFormat::planar_name), Ok(planar.into()));
    }
}
