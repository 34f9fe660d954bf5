//! Inputs as people name them: raw video beside containers, files of several streams, URLs, stills.

use std::io::Write;
use std::process::Stdio;

use crate::common::{CLIP, Place, Ran};
use crate::real_files::{LOSSLESS, assert_scored, clean, make, mean};

/// Runs `vmaf score` with these words, and `bytes` on standard input.
fn piped(place: &Place, arguments: &str, bytes: &[u8]) -> Ran {
    let words: Vec<&str> = ["score"].into_iter().chain(arguments.split(' ')).collect();
    let mut command = place.command(&words);
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().expect("the command runs");
    // What is refused is not read to its end.
    let _ = child.stdin.take().expect("standard input").write_all(bytes);
    Ran::from(child.wait_with_output().expect("it ends"))
}

#[test]
fn raw_options_do_not_apply_to_containers() {
    let (place, score) = clean();
    make(place, "-i enc.mp4 -f rawvideo raw_enc.yuv");
    let bytes = std::fs::read(place.path("raw_enc.yuv")).expect("a file");
    let ran = piped(place, "ref.mp4 - --size 480x270 -o -", &bytes);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let found = mean(&serde_json::from_str(&ran.stdout).expect("JSON"));
    assert!((found - score).abs() <= 0.1, "{found}, not {score}");
    assert_scored("ref.mp4 raw_enc.yuv --size 480x270", *score, 0.1);
    // Whatever they are called.
    let copy = |name: &str, to: &str| {
        std::fs::copy(place.path(name), place.path(to)).expect("a copy");
    };
    copy("enc.mp4", "container.yuv");
    assert_scored("ref.mp4 container.yuv --size 480x270", *score, 0.0);
    assert_scored("ref.mp4 enc.mp4 --size 480x270", *score, 0.0);
    // A container in a pipe, and raw video of another name, say what to do.
    let container = std::fs::read(place.path("enc.mp4")).expect("a file");
    let ran = piped(place, "ref.mp4 - --size 480x270", &container);
    assert!(ran.error().contains("MP4") && ran.error().contains("pass the file"), "{ran:?}");
    copy("raw_enc.yuv", "raw_enc.bin");
    let ran = place.vmaf("score ref.mp4 raw_enc.bin --size 480x270");
    assert!(ran.error().contains(".yuv or .raw"), "{ran:?}");
}

#[test]
fn raw_options_do_not_apply_to_y4m() {
    let place = Place::with_pair();
    place.file("enc.yuv", CLIP.noisy(25).raw());
    let score = mean(&place.score("ref.y4m enc.y4m"));
    let raw = place.score("ref.y4m enc.yuv --size 96x64");
    assert_eq!(mean(&raw), score);
    let y4m = CLIP.noisy(25).y4m();
    let ran = piped(&place, "ref.y4m - --size 96x64 -o -", &y4m);
    assert_eq!(mean(&serde_json::from_str(&ran.stdout).expect("JSON")), score);
    let ran = place.vmaf("-r ref.y4m -d enc.yuv -w 96 -h 64 -p 420 -b 8 --json -o log.json");
    assert_eq!(ran.status, 0, "{ran:?}");
    let found = place.json("log.json")["pooled_metrics"]["vmaf"]["mean"].as_f64();
    assert!((found.expect("a score") - score).abs() < 1e-4, "{found:?}, not {score}");
}

#[test]
fn several_streams_are_reported_and_chosen() {
    let (place, score) = clean();
    make(place, &format!("-i enc.mp4 -vf scale=160:90 {LOSSLESS} preview.mp4"));
    make(place, "-i preview.mp4 -i enc.mp4 -map 0 -map 1 -c copy several.mkv");
    let document = place.score("ref.mp4 several.mkv");
    assert!((mean(&document) - score).abs() < 1e-9, "{}", mean(&document));
    let encode = &document["distorted"][0];
    assert_eq!(encode["stream"], 1);
    let note = encode["conformed"][0].as_str().expect("a note");
    assert!(note.contains("video stream 1") && note.contains("the largest"), "{note}");
    let table = place.vmaf("score ref.mp4 several.mkv --frames ..2");
    assert!(table.stdout.contains(note), "{table:?}");
    // By number, for the reference and the encode, and for each file.
    let small = mean(&place.score("ref.mp4 preview.mp4"));
    assert_scored("ref.mp4 several.mkv --stream 0,0", small, 0.0);
    assert_scored("ref.mp4 several.mkv --stream auto,1", *score, 0.0);
    let both = place.score("several.mkv several.mkv enc.mp4 --stream 1,0,0 --frames ..50");
    assert_eq!(both["reference"]["stream"], 1);
    assert_eq!(both["distorted"][0]["stream"], 0);
    assert!(both["distorted"][1].get("stream").is_none());
    let error = |arguments: &str| place.vmaf(&format!("score {arguments}")).error().to_owned();
    let missing = error("ref.mp4 several.mkv --stream 0,5");
    assert!(missing.contains("no video stream 5") && missing.contains("480x270"), "{missing}");
    assert!(error("ref.mp4 enc.mp4 --stream 0,0,0").contains("3 stream numbers for 2 files"));
    assert!(error("ref.mp4 enc.mp4 --stream x").contains("whole number from 0, or auto"));
}

#[test]
fn urls_and_stills_of_any_number_are_read() {
    let (place, _) = clean();
    let file = format!("file:{}", place.path("enc.mp4").display());
    let score = mean(&place.score("ref.mp4 enc.mp4 --frames ..20"));
    let by_url = place.score(&format!("file:ref.mp4 {file} --frames ..20"));
    assert_eq!(mean(&by_url), score);
    place.file("list.csv", format!("reference,distorted\nfile:ref.mp4,{file}\n"));
    let ran = place.vmaf("batch list.csv -o urls.jsonl --frames ..20");
    assert_eq!(ran.status, 0, "{ran:?}");
    place.file("list.csv", "reference,distorted\nhttp://127.0.0.1:1/a.mp4,enc.mp4\n");
    let ran = place.vmaf("batch list.csv -o remote.jsonl");
    assert!(ran.stderr.contains("copy it to a file") || ran.stdout.contains("copy it"), "{ran:?}");
    let numbered = "-frames:v 3 -start_number 86400";
    make(place, &format!("-i ref.mp4 {numbered} r%07d.png"));
    make(place, &format!("-i enc.mp4 {numbered} e%07d.png"));
    let document = place.score("r%07d.png e%07d.png");
    assert_eq!(document["distorted"][0]["frame_count"], 3);
    // What a shell makes of r*.png and e*.png.
    let names = |first: char| (0..3).map(move |index| format!("{first}008640{index}.png"));
    let all = names('r').chain(names('e')).collect::<Vec<_>>().join(" ");
    // Pictures of other moments are not in their places.
    let ran = place.vmaf(&format!("score {all} --geometry unchecked"));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("vmaf score 'r%07d.png' 'e%07d.png'"), "{ran:?}");
}

#[test]
fn messages_name_the_options_of_the_command() {
    let place = Place::with_pair();
    for (arguments, words) in [
        ("-o missing/out.json", "No such file"),
        ("--every 0", "whole number from 1"),
        ("--every x", "whole number from 1"),
        ("--offset x", "whole number of frames"),
        ("--threads x", "from 0 to 1024"),
        ("--bit-depth 17 --size 96x64", "from 8 to 16"),
        ("--frames -5..", "counted from 0"),
        ("--feature ssim", "did you mean 'float_ssim'?"),
        ("--metric ssim", "did you mean 'float_ssim'?"),
        ("--report page.pdf", "HTML page"),
        ("--score-at 100000x100000", "largest size"),
        ("--score-at 32768x32768", "largest size"),
        ("--nonsense", "--nonsense"),
    ] {
        let ran = place.vmaf(&format!("score ref.y4m enc.y4m {arguments}"));
        let error = ran.error();
        assert!(error.contains(words), "{arguments}: '{words}' is not in: {error}");
        for leak in ["entity", "digit found", "non-zero type", "use '-- "] {
            assert!(!error.contains(leak), "{arguments}: {error}");
        }
    }
    let ran = place.vmaf("-r ref.y4m -d enc.y4m --feature ssim");
    assert!(ran.error().contains("did you mean 'float_ssim'?"), "{ran:?}");
    let ran = place.vmaf("maps ref.y4m enc.y4m --frame -1 -o maps");
    assert!(ran.error().contains("counted from"), "{ran:?}");
    let ran = place.vmaf("batch list.csv -o out.jsonl --jobs 0");
    assert!(ran.error().contains("whole number from 1"), "{ran:?}");
    let ran = place.vmaf("metrics ssim");
    assert!(ran.error().contains("did you mean 'float_ssim'?"), "{ran:?}");
    place.file("roi.dat", "no image");
    let ran = place.vmaf("maps ref.y4m enc.y4m --frame 1 -o maps --roi roi.dat");
    assert!(ran.error().contains("roi.dat is not a PNG"), "{ran:?}");
    // A page may be called anything that is no other format.
    assert_eq!(place.vmaf("score ref.y4m enc.y4m --report page").status, 0);
}
