//! Videos that URLs name.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use vmaf_media::{Decoder, OpenOptions, RawVideo};

use crate::common::{Folder, Picture, ffmpeg, not_video, planes, read, read_with};
use crate::ffmpeg::{DECODERS, PICTURE, encode};
use vmaf_core::Chroma;

/// Serves `bytes` at every path, all of them or from where a request says if it knows `ranges`, for
/// as long as the test lasts. Gives where.
pub(crate) fn served(bytes: Vec<u8>, ranges: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let bytes = bytes.clone();
            thread::spawn(move || answer(stream, &bytes, ranges));
        }
    });
    format!("http://{address}")
}

/// Answers one request. Whoever asks may hang up in the middle.
fn answer(mut stream: TcpStream, bytes: &[u8], ranges: bool) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut start = 0;
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        let range = line.to_ascii_lowercase();
        if let Some(range) = range.strip_prefix("range: bytes=") {
            let first = range.split('-').next().and_then(|first| first.parse().ok());
            start = first.unwrap_or(0).min(bytes.len());
        }
        line.clear();
    }
    let (end, total) = (bytes.len().saturating_sub(1), bytes.len());
    let head = if ranges {
        format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Length: {}\r\nAccept-Ranges: bytes\r\n\
             Content-Range: bytes {start}-{end}/{total}\r\nConnection: close\r\n\r\n",
            total - start
        )
    } else {
        start = 0;
        format!("HTTP/1.1 200 OK\r\nContent-Length: {total}\r\nConnection: close\r\n\r\n")
    };
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bytes[start..]));
}

#[test]
fn videos_are_read_over_http() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = folder.path("a.mp4");
    encode(&program, PICTURE, "-c:v libx264 -pix_fmt yuv420p", &file);
    let (_, expected) = read(&file).expect("a file");
    let mut bytes = Vec::new();
    std::fs::File::open(&file).expect("a file").read_to_end(&mut bytes).expect("bytes");
    let url = format!("{}/film.mp4?token=50%", served(bytes, true));
    // One whose index is at its end, too large to be kept while that is sought.
    let large = folder.path("large.mp4");
    let noise = "-vf noise=alls=60:allf=t -s 640x360 -c:v libx264 -qp 4 -preset ultrafast";
    encode(&program, PICTURE, noise, &large);
    let from_start = served(std::fs::read(&large).expect("a file"), false);
    let from_start = format!("{from_start}/large.mp4");
    for &decoder in DECODERS {
        let options = OpenOptions { decoder, ..OpenOptions::default() };
        let (info, frames) = read_with(&url, &options).expect("a video");
        assert_eq!(info.path, url);
        assert_eq!(frames.len(), expected.len(), "{decoder:?}");
        assert!(planes(&frames[9]) == planes(&expected[9]), "{decoder:?}");
        let failure = read_with(&from_start, &options).expect_err("no way back").to_string();
        if decoder == Decoder::InProcess {
            assert!(failure.contains("copy the file first"), "{failure}");
        }
        let nothing = not_video(read_with("http://127.0.0.1:1/a.mp4", &options));
        assert!(nothing.contains("can't open it"), "{nothing}");
    }
    let raw = RawVideo { width: 8, height: 8, chroma: Chroma::Mono, bit_depth: 8 };
    let raw = OpenOptions { raw: Some(raw), ..OpenOptions::default() };
    assert!(not_video(read_with("http://a/b.yuv", &raw)).contains("not read over the network"));
}

#[test]
fn file_urls_are_read_as_files() {
    let folder = Folder::new();
    let picture = Picture::new(8, 6, Chroma::Mono, 8, 3);
    let header = b"YUV4MPEG2 W8 H6 F25:1 Cmono\nFRAME\n".to_vec();
    let path = folder.write("a b.y4m", [header, picture.bytes()].concat());
    for url in [format!("file:{path}"), format!("file://{}", path.replace(' ', "%20"))] {
        let (info, frames) = read(&url).expect("a video");
        picture.assert_shown(&frames[0]);
        assert_eq!(info.path, path);
        assert_eq!(vmaf_media::files(&url).expect("a file"), std::slice::from_ref(&path));
    }
}

/// A playlist is a file like any other: reading one must not tell a server that it was read.
#[test]
fn files_do_not_reach_the_network_on_their_own() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let segment = folder.path("a.ts");
    encode(&program, PICTURE, "-c:v libx264 -pix_fmt yuv420p -f mpegts", &segment);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    listener.set_nonblocking(true).expect("a listener");
    let playlist = |segment: &str| {
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{segment}\n#EXT-X-ENDLIST\n")
    };
    let remote = format!("http://{address}/a.ts");
    let files = [
        ("remote.m3u8", playlist(&remote)),
        ("remote.ffconcat", format!("ffconcat version 1.0\nfile {remote}\n")),
        ("tcp.ffconcat", format!("ffconcat version 1.0\noption safe 0\nfile tcp://{address}\n")),
        ("local.m3u8", playlist("a.ts")),
    ];
    for &decoder in DECODERS {
        let options = OpenOptions { decoder, ..OpenOptions::default() };
        for (name, text) in &files {
            std::fs::write(folder.path(name), text).expect("written");
            let found = read_with(&folder.path(name), &options);
            let is_local = name.starts_with("local");
            assert_eq!(found.is_ok(), is_local, "{name} {decoder:?}");
            assert!(listener.accept().is_err(), "{name} {decoder:?} reached the network");
        }
    }
}
