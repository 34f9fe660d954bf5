use std::io::Write;

use super::*;

#[test]
fn lines_of_frames_have_timestamps() {
    assert_eq!(parse("frame:0    pts:0       pts_time:0"), Some(Some(0)));
    assert_eq!(parse("frame:12345 pts:-9000000 pts_time:-100"), Some(Some(-9_000_000)));
    assert_eq!(parse("frame:3    pts:NOPTS   pts_time:NOPTS"), Some(None));
    assert_eq!(parse("vmaf=1"), None);
}

#[test]
fn the_file_is_read_as_it_grows() {
    let mut times = Times::new().expect("a temporary folder");
    assert_eq!(times.next(), None);
    let mut file = File::create(times.folder().join(FILE)).expect("the file");
    let mut write = |text: &str| file.write_all(text.as_bytes()).expect("written");
    write("frame:0    pts:5       pts_time:5\nvmaf=1\nframe:1    pts:7  ");
    assert_eq!(times.next(), Some(Some(5)));
    assert_eq!(times.next(), None);
    write("     pts_time:7\nvmaf=1\n");
    assert_eq!(times.next(), Some(Some(7)));
    assert_eq!(times.next(), None);
}
