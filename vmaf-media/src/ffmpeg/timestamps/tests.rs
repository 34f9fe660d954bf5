use std::io::Write;

use super::*;

#[test]
fn timestamps_are_parsed_from_frame_lines() {
    assert_eq!(parse("frame:0    pts:0       pts_time:0"), Some((0, Some(0))));
    assert_eq!(parse("frame:12345 pts:-9000000 pts_time:-100"), Some((12_345, Some(-9_000_000))));
    assert_eq!(parse("frame:3    pts:NOPTS   pts_time:NOPTS"), Some((3, None)));
    assert_eq!(parse("vmaf=1"), None);
}

#[test]
fn the_timestamp_file_is_read_while_it_grows() {
    let mut times = TimestampReader::new().expect("a temporary folder");
    assert_eq!(times.next(), None);
    let mut file = writer(&times);
    let mut write = |text: &str| file.write_all(text.as_bytes()).expect("written");
    write("frame:0    pts:5       pts_time:5\nvmaf=1\nframe:1    pts:7  ");
    assert_eq!(times.next(), Some(Some(5)));
    assert_eq!(times.next(), None);
    write("     pts_time:7\nvmaf=1\n");
    assert_eq!(times.next(), Some(Some(7)));
    assert_eq!(times.next(), None);
}

#[test]
#[cfg(unix)]
fn restarted_filters_are_noticed_and_lose_no_line() {
    let mut times = TimestampReader::new().expect("a temporary folder");
    let lines = "frame:0    pts:5       pts_time:5\nframe:1    pts:6       pts_time:6\n";
    for _ in 0..2 {
        writer(&times).write_all(lines.as_bytes()).expect("written");
    }
    assert_eq!(times.next(), Some(Some(5)));
    assert_eq!(times.next(), Some(Some(6)));
    assert_eq!(times.next(), None);
}

/// The file, as the program opens it.
fn writer(times: &TimestampReader) -> File {
    let path = times.folder().join(FILE);
    File::options().write(true).create(true).truncate(true).open(path).expect("the file")
}
