//! The choice among the video streams of a file, by both decoders.

use vmaf_media::{Decoder, OpenOptions, Result, StreamInfo};

use crate::common::{Folder, ffmpeg, not_video, planes, read, read_with};
use crate::ffmpeg::{DECODERS, PICTURE, encode, run};

/// A folder with `small.mkv`, `large.mkv`, `other.mkv` of the same size, and a picture that is
/// larger.
fn folder(program: &std::path::Path) -> Folder {
    let folder = Folder::new();
    let lossless = "-c:v libx264 -qp 0 -pix_fmt yuv420p";
    encode(program, PICTURE, &format!("{lossless} -s 48x32"), &folder.path("small.mkv"));
    encode(program, PICTURE, lossless, &folder.path("large.mkv"));
    encode(program, PICTURE, &format!("{lossless} -vf negate"), &folder.path("other.mkv"));
    encode(program, PICTURE, "-frames:v 1 -s 480x320", &folder.path("poster.png"));
    folder
}

/// Muxes `files` into `name`, as `arguments` say.
fn mux(program: &std::path::Path, folder: &Folder, files: &str, arguments: &str, name: &str) {
    let mut words: Vec<String> = Vec::new();
    for file in files.split_whitespace() {
        words.extend(["-i".to_owned(), folder.path(file)]);
    }
    for index in 0..files.split_whitespace().count() {
        words.extend(["-map".to_owned(), index.to_string()]);
    }
    words.extend(
        "-c copy".split_whitespace().chain(arguments.split_whitespace()).map(str::to_owned),
    );
    words.push(folder.path(name));
    run(program, &words.iter().map(String::as_str).collect::<Vec<_>>());
}

fn open(file: &str, decoder: Decoder, stream: Option<u32>) -> Result<StreamInfo> {
    let options = OpenOptions { decoder, stream, ..OpenOptions::default() };
    vmaf_media::open(file, &options).map(|source| source.info().clone())
}

#[test]
fn the_default_or_the_largest_stream_is_read_and_reported() {
    let Some(program) = ffmpeg() else { return };
    let folder = folder(&program);
    let sound = "-f lavfi -i sine=duration=1 sound.wav";
    run(
        &program,
        &sound.replace("sound.wav", &folder.path("sound.wav")).split(' ').collect::<Vec<_>>(),
    );
    for (files, arguments, name, stream, file) in [
        // A muxer marks the first as the default, or all.
        ("small.mkv large.mkv", "", "a.mkv", 1, "large.mkv"),
        ("small.mkv large.mkv", "", "a.mp4", 1, "large.mkv"),
        ("small.mkv large.mkv", "", "a.ts", 1, "large.mkv"),
        ("sound.wav large.mkv small.mkv", "", "b.mkv", 1, "large.mkv"),
        ("large.mkv other.mkv", "", "c.mkv", 0, "large.mkv"),
        // Someone marks another.
        ("large.mkv other.mkv", "-disposition:0 0 -disposition:1 default", "d.mkv", 1, "other.mkv"),
        ("large.mkv small.mkv", "-disposition:0 0 -disposition:1 default", "e.mkv", 1, "small.mkv"),
        ("poster.png large.mkv", "", "f.mkv", 1, "large.mkv"),
    ] {
        mux(&program, &folder, files, arguments, name);
        let (_, expected) = read(&folder.path(file)).expect(file);
        for &decoder in DECODERS {
            let options = OpenOptions { decoder, ..OpenOptions::default() };
            let (info, frames) = read_with(&folder.path(name), &options).expect(name);
            assert_eq!(info.stream, Some(stream), "{name} {decoder:?}");
            assert_eq!(info.notes.len(), 1, "{name} {decoder:?}");
            assert!(
                info.notes[0].contains(&format!("video stream {stream} (")),
                "{:?}",
                info.notes
            );
            assert_eq!(frames.len(), expected.len(), "{name} {decoder:?}");
            assert!(planes(&frames[7]) == planes(&expected[7]), "{name} {decoder:?}");
        }
    }
}

#[test]
fn cover_art_can_not_be_selected() {
    let Some(program) = ffmpeg() else { return };
    let folder = folder(&program);
    mux(&program, &folder, "poster.png large.mkv", "-disposition:0 attached_pic", "cover.mp4");
    for &decoder in DECODERS {
        let info = open(&folder.path("cover.mp4"), decoder, None).expect("video");
        assert_eq!((info.format.width(), info.stream, info.notes.len()), (96, None, 0));
        let cover = info_of_cover(&folder, decoder);
        assert!(cover.contains("cover art"), "{cover}");
    }
}

/// Why the cover can't be read, wherever the muxer put it.
fn info_of_cover(folder: &Folder, decoder: Decoder) -> String {
    let tried = (0..2).map(|stream| open(&folder.path("cover.mp4"), decoder, Some(stream)));
    let failure = tried.filter_map(Result::err).next().expect("a failure");
    failure.to_string()
}

#[test]
fn a_stream_can_be_selected() {
    let Some(program) = ffmpeg() else { return };
    let folder = folder(&program);
    mux(&program, &folder, "small.mkv large.mkv other.mkv", "", "three.mkv");
    let file = folder.path("three.mkv");
    for &decoder in DECODERS {
        let info = open(&file, decoder, Some(0)).expect("a stream");
        assert_eq!((info.format.width(), info.stream), (48, Some(0)));
        assert!(info.notes[0].contains("as requested"), "{:?}", info.notes);
        let missing = open(&file, decoder, Some(3)).expect_err("no such stream").to_string();
        assert!(missing.contains("no video stream 3") && missing.contains("1 (96x64"), "{missing}");
    }
    // Other files have one.
    let y4m = folder.path("one.y4m");
    encode(&program, PICTURE, "-frames:v 1", &y4m);
    let of = |stream| OpenOptions { stream: Some(stream), ..OpenOptions::default() };
    read_with(&y4m, &of(0)).expect("the one");
    let reason = not_video(read_with(&y4m, &of(1)));
    assert!(reason.contains("no stream 1"), "{reason}");
}
