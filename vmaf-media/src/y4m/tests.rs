use vmaf_core::Chroma;

use super::*;

fn parsed(tags: &str) -> Result<Header, String> {
    Header::parse(format!("YUV4MPEG2 W64 H48 {tags}").as_bytes())
}

fn colour(tags: &str) -> (Chroma, u8, bool) {
    let header = parsed(tags).unwrap_or_else(|error| panic!("{tags}: {error}"));
    (header.format.chroma(), header.format.bit_depth(), header.alpha)
}

#[test]
fn every_chroma_tag_is_parsed() {
    for tag in ["", "C420", "C420jpeg", "C420mpeg2", "C420paldv", "XYSCSS=420JPEG"] {
        assert_eq!(colour(tag), (Chroma::Yuv420, 8, false), "{tag}");
    }
    assert_eq!(colour("C422"), (Chroma::Yuv422, 8, false));
    assert_eq!(colour("C444"), (Chroma::Yuv444, 8, false));
    assert_eq!(colour("C444alpha"), (Chroma::Yuv444, 8, true));
    assert_eq!(colour("Cmono"), (Chroma::Mono, 8, false));
    for depth in [9, 10, 12, 14, 16] {
        assert_eq!(colour(&format!("C420p{depth}")), (Chroma::Yuv420, depth, false));
        assert_eq!(colour(&format!("C422p{depth}")), (Chroma::Yuv422, depth, false));
        assert_eq!(colour(&format!("C444p{depth}")), (Chroma::Yuv444, depth, false));
        assert_eq!(colour(&format!("Cmono{depth}")), (Chroma::Mono, depth, false));
        assert_eq!(colour(&format!("XYSCSS=444P{depth}")), (Chroma::Yuv444, depth, false));
    }
}

#[test]
fn the_chroma_tag_overrides_the_older_one() {
    assert_eq!(colour("C422p10 XYSCSS=420P12"), (Chroma::Yuv422, 10, false));
    assert_eq!(colour("XYSCSS=420P12 C422p10"), (Chroma::Yuv422, 10, false));
}

#[test]
fn unknown_chroma_is_refused_by_name() {
    for tag in ["C440", "C420p8", "C420p17", "C420p", "C420q10", "Cmono8", "C", "C\u{e9}\u{e9}"] {
        let error = parsed(tag).expect_err(tag);
        assert!(error.contains(&tag[1..]) && error.contains("not known"), "{tag}: {error}");
    }
    let error = parsed("C411").expect_err("4:1:1");
    assert!(error.contains("4:1:1") && error.contains("convert"), "{error}");
}

#[test]
fn frame_rate_range_and_field_order_are_parsed() {
    let header = parsed("F30000:1001 It A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=FULL Xfoo=bar");
    let header = header.expect("a header");
    assert_eq!(header.frame_rate, Some(Rational { num: 30000, den: 1001 }));
    assert_eq!(header.range, Some(ColorRange::Full));
    assert!(header.interlaced);

    let header = parsed("F0:0 Ip XCOLORRANGE=LIMITED").expect("a header");
    assert_eq!(header.frame_rate, None);
    assert_eq!(header.range, Some(ColorRange::Limited));
    assert!(!header.interlaced);
    for fields in ["Ii", "It", "Ib", "Im"] {
        assert!(parsed(fields).expect(fields).interlaced, "{fields}");
    }
}

#[test]
fn invalid_headers_are_refused() {
    for (line, words) in [
        ("YUV4MPEG2", "no width"),
        ("YUV4MPEG2 W64", "no height"),
        ("YUV4MPEG2W64 H48", "does not begin"),
        ("YUV4MPEG2 W0 H48", "no pixels"),
        ("YUV4MPEG2 W64 H0", "no pixels"),
        ("YUV4MPEG2 W-64 H48", "\"-64\""),
        ("YUV4MPEG2 W99999999999999999999 H48", "width"),
        ("YUV4MPEG2 W4294967295 H4294967295", "larger"),
        ("YUV4MPEG2 W64 H48 Fabc", "frame rate"),
        ("YUV4MPEG2 W64 H48 F25:x", "frame rate"),
    ] {
        let error = Header::parse(line.as_bytes()).expect_err(line);
        assert!(error.contains(words), "{line}: {error}");
    }
    assert!(Header::parse(b"YUV4MPEG2 W64 \xff").is_err());
}
