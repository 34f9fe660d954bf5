//! The pictures of `vmaf score --report` show the very frames that were scored, whatever was done
//! to pair and crop them, and whichever way they are found again.

use serde_json::Value;

use crate::common::Place;
use crate::real_files::{ENCODE, make, moving};

/// The pictures of a report, and the numbers of their frames, without the colours' names.
fn moments(place: &Place, arguments: &str) -> Vec<Value> {
    let ran = place.vmaf(&format!("score {arguments} --threads 2 --report out.html"));
    assert_eq!(ran.status, 0, "{ran:?}");
    let page = place.read("out.html");
    let (_, rest) = page.split_once(r#"id="data">"#).expect("the data");
    let (data, _) = rest.split_once("</script>").expect("its end");
    let data: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data["pictureless"], Value::Null, "{arguments}");
    data["moments"].as_array().expect("moments").clone()
}

#[test]
fn report_pictures_show_the_scored_frames() {
    let place = Place::new();
    let picture = moving("25", 60);
    make(
        &place,
        &format!("-f lavfi -i \"{picture}\" -vf scale=320:180 -pix_fmt yuv420p -c:v ffv1 ref.mkv"),
    );
    make(&place, &format!("-i ref.mkv {ENCODE} -g 20 -bf 3 -x264-params open-gop=1 enc.mp4"));
    make(&place, &format!("-i ref.mkv -vf crop=304:172:8:4 {ENCODE} -g 20 small.mkv"));
    make(&place, &format!("-i ref.mkv -vf pad=336:180:8:0 {ENCODE} -g 20 wide.mkv"));
    make(
        &place,
        &format!(
            "-i ref.mkv -vf \"select='not(between(n,25,29))',setpts=N/25/TB\" {ENCODE} -g 20 lacks.mp4"
        ),
    );
    make(
        &place,
        &format!("-i ref.mkv -vf trim=start_frame=4,setpts=PTS-STARTPTS {ENCODE} late.mp4"),
    );
    make(&place, "-i wide.mkv -i enc.mp4 -map 0 -map 1 -c copy -disposition:v:1 0 two.mkv");
    for name in ["ref.mkv", "enc.mp4", "small.mkv", "wide.mkv", "lacks.mp4", "late.mp4"] {
        let (stem, _) = name.split_once('.').expect("a stem");
        make(&place, &format!("-i {name} -fps_mode passthrough {stem}.y4m"));
    }
    for (files, y4m, options) in [
        ("ref.mkv enc.mp4", "ref.y4m enc.y4m", ""),
        ("ref.mkv enc.mp4", "ref.y4m enc.y4m", "--frames 21..55 --every 3"),
        ("ref.mkv small.mkv", "ref.y4m small.y4m", "--crop 304:172:8:4"),
        ("ref.mkv wide.mkv", "ref.y4m wide.y4m", "--crop-encode 320:180:8:0"),
        ("ref.mkv lacks.mp4", "ref.y4m lacks.y4m", "--align content"),
        ("ref.mkv late.mp4", "ref.y4m late.y4m", "--offset -4"),
    ] {
        let expected = moments(&place, &format!("{y4m} {options}"));
        assert!(expected.len() >= 12, "{}", expected.len());
        assert_eq!(moments(&place, &format!("{files} {options}")), expected, "{files} {options}");
    }
    let expected = moments(&place, "ref.y4m enc.y4m");
    assert_eq!(moments(&place, "ref.mkv two.mkv --stream 0,1"), expected);
}
