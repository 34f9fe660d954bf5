//! Files as real encoders and muxers make them, with all that goes wrong between a source and its
//! encode: each is scored as the clean pair is, or refused for the right reason.
//!
//! The files are made by the FFmpeg program that `VMAF_FFMPEG` names, or the one on the path.

use std::process::Command;
use std::sync::OnceLock;

use crate::common::Place;
use serde_json::Value;

/// The greatest difference from the clean pair's score, and across a conversion of range.
pub(crate) const NEAR: f64 = 0.1;
const NEAR_ACROSS_RANGES: f64 = 1.5;

/// A picture with detail, over which a window moves: 480x270, so many frames at `rate` a second.
pub(crate) fn moving(rate: &str, frames: u32) -> String {
    format!(
        "mandelbrot=s=960x540:start_scale=0.4:end_scale=0.4:rate={rate},trim=end_frame=1,\
         loop=loop=-1:size=1,setpts=N/({rate})/TB,\
         crop=480:270:x='200+180*sin(n/11)':y='120+100*cos(n/7)',trim=end_frame={frames}"
    )
}

/// The same picture and movement at a quarter of the size, for tests that need many frames.
fn small_moving(rate: &str, frames: u32) -> String {
    format!(
        "mandelbrot=s=480x272:start_scale=0.4:end_scale=0.4:rate={rate},trim=end_frame=1,\
         loop=loop=-1:size=1,setpts=N/({rate})/TB,\
         crop=240:136:x='100+90*sin(n/11)':y='60+50*cos(n/7)',trim=end_frame={frames}"
    )
}

/// Options of a lossless source, and of the encode that is scored.
pub(crate) const LOSSLESS: &str = "-c:v libx264 -qp 0 -preset ultrafast -pix_fmt yuv420p";
pub(crate) const ENCODE: &str = "-c:v libx264 -crf 32 -preset veryfast -pix_fmt yuv420p";

fn ffmpeg() -> Command {
    Command::new(std::env::var_os("VMAF_FFMPEG").unwrap_or_else(|| "ffmpeg".into()))
}

/// Words between blanks; a part in quotes is one.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match (c, words.last_mut()) {
            ('"', _) => quoted = !quoted,
            (' ', _) if !quoted => words.push(String::new()),
            (c, Some(word)) => word.push(c),
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Runs FFmpeg with the words of `line`.
pub(crate) fn make(place: &Place, line: &str) {
    let mut command = ffmpeg();
    command.current_dir(place.path("")).args(["-nostdin", "-v", "error", "-y"]).args(words(line));
    let output = command.output().expect("FFmpeg runs: set VMAF_FFMPEG to an FFmpeg program");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A place with `ref.mp4` and its encode `enc.mp4`, and that encode's score.
pub(crate) fn clean() -> &'static (Place, f64) {
    static CLEAN: OnceLock<(Place, f64)> = OnceLock::new();
    CLEAN.get_or_init(|| {
        let place = Place::new();
        make(&place, &format!("-f lavfi -i \"{}\" {LOSSLESS} ref.mp4", moving("25", 150)));
        make(&place, &format!("-i ref.mp4 {ENCODE} enc.mp4"));
        let document = place.score("ref.mp4 enc.mp4");
        let score = mean(&document);
        assert!((50.0..95.0).contains(&score), "{score}");
        // Pictures prove the pairs.
        let alignment = &document["distorted"][0]["alignment"];
        let count = |name: &str| alignment[name].as_u64().expect("a count");
        assert!(count("telling") >= 10 && count("agreeing") == count("telling"), "{alignment}");
        (place, score)
    })
}

pub(crate) fn mean(document: &Value) -> f64 {
    document["distorted"][0]["scores"]["vmaf_v0.6.1"]["mean"].as_f64().expect("a score")
}

/// Asserts that `vmaf score` with these arguments gives about `score`.
pub(crate) fn assert_scored(arguments: &str, score: f64, near: f64) {
    let (place, _) = clean();
    let found = mean(&place.score(arguments));
    assert!((found - score).abs() <= near, "{arguments}: {found}, not {score}");
}

/// `vmaf score` with these words has to refuse, saying all of `parts`.
fn assert_refused(arguments: &str, parts: &[&str]) {
    clean().0.assert_refused(arguments, parts);
}

#[test]
fn edit_lists_and_delays_do_not_shift_frames() {
    let (place, score) = clean();
    make(place, "-itsoffset 0.5 -i enc.mp4 -c copy later.mp4");
    assert_scored("ref.mp4 later.mp4", *score, 0.0);
    // The times of frames begin with the delay of the encoder.
    make(place, &format!("-i ref.mp4 {ENCODE} -bf 3 -use_editlist 0 delayed.mp4"));
    assert_scored("ref.mp4 delayed.mp4", *score, NEAR);
    make(place, "-i enc.mp4 -c copy delayed.mkv");
    assert_scored("ref.mp4 delayed.mkv", *score, 0.0);
    make(place, "-i enc.mp4 -c copy delayed.ts");
    assert_scored("ref.mp4 delayed.ts", *score, 0.0);
    // An edit list that hides frames: the same second of both.
    make(place, &format!("-ss 1 -i ref.mp4 {LOSSLESS} ref_cut.mp4"));
    make(place, "-ss 1 -i enc.mp4 -c copy enc_cut.mp4");
    let whole = place.score("ref.mp4 enc.mp4 --frames 25..");
    assert_scored("ref_cut.mp4 enc_cut.mp4", mean(&whole), NEAR);
}

#[test]
fn a_shift_is_refused_with_the_offset_to_use() {
    let (place, score) = clean();
    // Without its first two frames a little is lost of the mean.
    let rest = mean(&place.score("ref.mp4 enc.mp4 --frames 2.."));
    for (name, filter, offset, side, clean) in [
        ("late.mkv", "tpad=start=2:start_mode=clone", 2, "2 frames later", *score),
        ("early.mkv", "trim=start_frame=2,setpts=PTS-STARTPTS", -2, "2 frames earlier", rest),
    ] {
        // The same encode, its frames as they are.
        make(place, &format!("-i enc.mp4 -vf \"{filter}\" -c:v ffv1 {name}"));
        let flag = format!("--offset {offset}");
        assert_refused(&format!("ref.mp4 {name}"), &[side, &flag]);
        assert_scored(&format!("ref.mp4 {name} {flag}"), clean, NEAR);
        assert_scored(&format!("ref.mp4 {name} --align content"), clean, NEAR);
    }
    // One beyond a video's end is told, whichever it is.
    assert_refused("ref.mp4 enc.mp4 --offset -200", &["ref.mp4 has 150 frames", "--offset -200"]);
    assert_refused("ref.mp4 enc.mp4 --offset 200", &["enc.mp4 has 150 frames", "--offset 200"]);
    // An offset that is not there is refused too.
    assert_refused("ref.mp4 enc.mp4 --offset 1 --shortest", &["1 frame earlier"]);
}

#[test]
fn dropped_and_repeated_frames_are_found_and_skipped() {
    let (place, score) = clean();
    // Damage to the encode itself, not to what it is made of: it stays the same encode.
    let drop = "select='not(eq(n\\,75))'";
    for (name, filter, words) in [
        ("dropped.mkv", format!("{drop},setpts=N/25/TB"), "lacks 1 frame"),
        ("dropped_vfr.mkv", drop.to_owned(), "lacks 1 frame"),
        ("doubled.mkv", "loop=1:1:75,setpts=N/25/TB".to_owned(), "has 1 frame more"),
    ] {
        make(place, &format!("-i enc.mp4 -vf \"{filter}\" -fps_mode passthrough -c:v ffv1 {name}"));
        assert_refused(&format!("ref.mp4 {name}"), &[words, "00:0", "--align content"]);
        let document = place.score(&format!("ref.mp4 {name} --align content"));
        let found = mean(&document);
        assert!((found - score).abs() <= NEAR, "{name}: {found}, not {score}");
        let changes = &document["distorted"][0]["alignment"]["changes"];
        assert_eq!(changes.as_array().map(Vec::len), Some(1), "{name}: {changes}");
        let at = changes[0]["reference_frame"].as_u64().expect("a frame");
        assert!((74..=77).contains(&at), "{name}: {changes}");
    }
}

#[test]
fn different_frame_rates_are_reported() {
    let (place, _) = clean();
    let film = |frames: u32, name: &str| {
        let source = small_moving("24000/1001", frames);
        make(place, &format!("-f lavfi -i \"{source}\" {LOSSLESS} ref_{name}.mp4"));
        make(place, &format!("-i ref_{name}.mp4 {ENCODE} enc_{name}.mp4"));
        // The same encode, its frames a little sooner.
        make(
            place,
            &format!("-i enc_{name}.mp4 -vf setpts=N/24/TB -r 24 {LOSSLESS} {name}_24.mp4"),
        );
        mean(&place.score(&format!("ref_{name}.mp4 enc_{name}.mp4")))
    };
    // In six seconds 24 and 23.976 frames a second are not half a frame apart.
    let short = film(150, "short");
    assert_scored("ref_short.mp4 short_24.mp4", short, NEAR);
    // In thirty they are more than that.
    let long = film(720, "long");
    let words = ["24.000 frames/s", "23.976", "in order", "--align frames"];
    assert_refused("ref_long.mp4 long_24.mp4", &words);
    assert_scored("ref_long.mp4 long_24.mp4 --align frames", long, NEAR);
    // Frames repeated so that the rate is right by the clock.
    make(place, "-i enc_long.mp4 -vf fps=24 -c:v ffv1 enc_repeated.mkv");
    let ran = place.vmaf("score ref_long.mp4 enc_repeated.mkv");
    assert_eq!(ran.status, 2, "{}", ran.stdout);
    // Half the frames: those that match are scored.
    make(place, "-i enc.mp4 -vf fps=12.5 -c:v ffv1 half.mkv");
    assert_refused("ref.mp4 half.mkv", &["12.500 frames/s", "--align content"]);
    let document = place.score("ref.mp4 half.mkv --align content");
    assert!(document["distorted"][0]["frame_count"].as_u64().is_some_and(|count| count >= 70));
}

#[test]
fn variable_frame_rates_are_scored() {
    let (place, score) = clean();
    // As a phone records: frames at odd times.
    let odd = "settb=1/90000,setpts='N*3600+900*sin(N*1.7)'";
    let muxed = "-fps_mode passthrough -video_track_timescale 90000";
    make(place, &format!("-i ref.mp4 -vf \"{odd}\" {muxed} {LOSSLESS} ref_vfr.mp4"));
    make(place, &format!("-i ref_vfr.mp4 {muxed} {ENCODE} enc_vfr.mp4"));
    assert_scored("ref_vfr.mp4 enc_vfr.mp4", *score, NEAR);
    make(place, "-i enc_vfr.mp4 -c copy enc_vfr.mkv");
    assert_scored("ref_vfr.mp4 enc_vfr.mkv", *score, NEAR);
}

#[test]
fn truncated_files_are_never_scored() {
    let (place, _) = clean();
    make(place, "-i enc.mp4 -c copy -movflags +faststart front.mp4");
    make(place, "-i enc.mp4 -c copy whole.mkv");
    make(place, "-i enc.mp4 -pix_fmt yuv420p whole.y4m");
    for name in ["enc.mp4", "front.mp4", "whole.mkv", "whole.y4m"] {
        let bytes = std::fs::read(place.path(name)).expect("a file");
        let cut = format!("cut_{name}");
        place.file(&cut, &bytes[..bytes.len() * 6 / 10]);
        assert_refused(&format!("ref.mp4 {cut}"), &[&cut]);
        assert_refused(&format!("{cut} enc.mp4"), &[]);
    }
}

#[test]
fn bit_depths_sizes_and_ranges_are_converted_to_match() {
    let (place, score) = clean();
    let encode = "-c:v libx265 -crf 30 -preset fast -x265-params log-level=error";
    make(place, &format!("-i ref.mp4 -pix_fmt yuv420p10le {encode} deep.mp4"));
    make(place, "-i ref.mp4 -pix_fmt yuv420p10le -strict -1 ref10.y4m");
    let clean = mean(&place.score("ref10.y4m deep.mp4"));
    assert_scored("ref.mp4 deep.mp4", clean, NEAR);
    // A rung of a ladder, beside itself scaled up by hand.
    make(place, &format!("-i ref.mp4 -vf scale=320:180:flags=bicubic {ENCODE} rung.mp4"));
    let flags = "flags=bicubic+accurate_rnd+full_chroma_int+bitexact";
    make(place, &format!("-i rung.mp4 -vf scale=480:270:{flags} -pix_fmt yuv420p rung.y4m"));
    let scaled = mean(&place.score("ref.mp4 rung.y4m"));
    assert_scored("ref.mp4 rung.mp4", scaled, NEAR);
    let tagged = "-c copy -bsf:v h264_metadata=video_full_range_flag=0";
    make(place, &format!("-i ref.mp4 {tagged} ref_tv.mp4"));
    // The same encode, swapped to full range.
    let full = "-vf scale=in_range=limited:out_range=full -color_range pc";
    make(place, &format!("-i enc.mp4 {full} {LOSSLESS} full.mp4"));
    assert_scored("ref_tv.mp4 full.mp4", *score, NEAR_ACROSS_RANGES);
}

#[test]
fn black_bars_are_reported_and_cropped() {
    let (place, _) = clean();
    // Within a frame of the same size.
    let squeezed = "scale=480:204,pad=480:270:0:34,setsar=1";
    make(place, &format!("-i ref.mp4 -vf \"{squeezed}\" {LOSSLESS} squeezed.mp4"));
    assert_refused("ref.mp4 squeezed.mp4", &["black bars", "480:204:0:34", "--crop auto"]);
    // Around the picture.
    make(place, &format!("-i ref.mp4 -vf crop=480:204 {LOSSLESS} ref_wide.mp4"));
    make(place, &format!("-i ref_wide.mp4 {ENCODE} wide.mp4"));
    make(place, &format!("-i wide.mp4 -vf pad=480:270:0:32 {LOSSLESS} boxed.mp4"));
    let clean = mean(&place.score("ref_wide.mp4 wide.mp4"));
    assert_refused("ref_wide.mp4 boxed.mp4", &["480x270", "480x204", "--crop auto"]);
    assert_scored("ref_wide.mp4 boxed.mp4 --crop auto", clean, NEAR);
}

#[test]
fn incomparable_videos_are_refused() {
    let (place, _) = clean();
    make(place, "-display_rotation 90 -i enc.mp4 -c copy turned.mp4");
    assert_refused("ref.mp4 turned.mp4", &["turned.mp4", "degrees"]);
    make(place, &format!("-i ref.mp4 -vf transpose {ENCODE} upright.mp4"));
    assert_refused("ref.mp4 upright.mp4", &["270x480", "480x270"]);
    make(place, &format!("-i ref.mp4 -vf crop=480:268 {ENCODE} -x264-params tff=1 fields.mp4"));
    assert_refused("ref.mp4 fields.mp4", &["interlaced", "--accept interlaced"]);
    let tagged = "-vf setparams=color_primaries";
    let sdr = format!("{tagged}=bt709:color_trc=bt709:colorspace=bt709");
    let pq = format!("{tagged}=bt2020:color_trc=smpte2084:colorspace=bt2020nc");
    make(place, &format!("-i ref.mp4 {LOSSLESS} {sdr} ref_sdr.mp4"));
    make(place, &format!("-i ref.mp4 {ENCODE} {pq} pq.mp4"));
    assert_refused("ref_sdr.mp4 pq.mp4", &["high dynamic range", "--accept color"]);
    make(place, "-f lavfi -i sine -t 1 sound.m4a");
    assert_refused("ref.mp4 sound.m4a", &["sound.m4a", "no video"]);
    assert_refused("sound.m4a enc.mp4", &["sound.m4a", "no video"]);
}

#[test]
fn stills_are_scored_against_stills() {
    let (place, _) = clean();
    make(place, "-i ref.mp4 -frames:v 1 ref.png");
    make(place, "-i enc.mp4 -frames:v 1 enc.png");
    let still = mean(&place.score("ref.png enc.png"));
    assert!((30.0..100.0).contains(&still), "{still}");
    assert_refused("ref.mp4 enc.png", &["enc.png ends after 1 frame"]);
}

#[test]
fn videos_with_little_motion_are_not_refused() {
    let (place, _) = clean();
    let still = "mandelbrot=s=240x136:start_scale=0.4:end_scale=0.4:rate=25,trim=end_frame=1,\
        loop=loop=-1:size=1,setpts=N/25/TB,trim=end_frame=200";
    let slides = "mandelbrot=s=240x136:rate=25,select='not(mod(n\\,5))',setpts=N*2/TB,fps=25,\
        trim=end_frame=200";
    // Long shots that don't move, cuts, and a shot that does.
    let moving = small_moving("25", 60);
    let film = format!(
        "{still},trim=end_frame=100[a];{moving}[b];color=black:s=240x136:r=25,\
         trim=end_frame=60,format=yuv420p[c];[a][b][c]concat=3"
    );
    let sources = [
        ("still", still),
        ("noise", "color=gray:s=240x136:r=25,noise=alls=20:allf=t,trim=end_frame=150"),
        ("black", "color=black:s=240x136:r=25,trim=end_frame=150"),
        ("slides", slides),
        ("fade", &format!("{still},fade=in:0:50,fade=out:120:50")),
        ("film", &film),
    ];
    let encoders = [
        ("x264", "-c:v libx264 -crf 51 -preset veryfast -pix_fmt yuv420p"),
        (
            "x265",
            "-c:v libx265 -crf 40 -preset ultrafast -pix_fmt yuv420p -x265-params log-level=error",
        ),
        ("vp9", "-c:v libvpx-vp9 -crf 55 -b:v 0 -deadline realtime -cpu-used 8 -pix_fmt yuv420p"),
    ];
    for (name, source) in sources {
        make(place, &format!("-f lavfi -i \"{source}\" {LOSSLESS} {name}.mp4"));
        for (encoder, options) in encoders {
            make(place, &format!("-i {name}.mp4 {options} {name}_{encoder}.mkv"));
            let metric = "--no-model --metric psnr";
            let ran = place.vmaf(&format!("score {name}.mp4 {name}_{encoder}.mkv {metric}"));
            assert_eq!(ran.status, 0, "{name}, {encoder}: {}", ran.stderr);
        }
    }
}
