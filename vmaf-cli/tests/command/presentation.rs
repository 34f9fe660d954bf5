//! Crops and display matrices of containers. Pairs that show the
//! same are scored as the clean pair is, whichever of the two says it.

use std::sync::OnceLock;

use serde_json::Value;

use crate::common::Place;
use crate::real_files::{ENCODE, LOSSLESS, make, mean, moving};

/// A place with `ref.mp4`, its encode `enc.mp4`, both 480x270, and the score.
fn clean() -> &'static (Place, f64) {
    static CLEAN: OnceLock<(Place, f64)> = OnceLock::new();
    CLEAN.get_or_init(|| {
        let place = Place::new();
        make(&place, &format!("-f lavfi -i \"{}\" {LOSSLESS} ref.mp4", moving("25", 12)));
        make(&place, &format!("-i ref.mp4 {ENCODE} enc.mp4"));
        let score = mean(&place.score("ref.mp4 enc.mp4"));
        (place, score)
    })
}

fn steps(video: &Value) -> String {
    video["conformed"].to_string()
}

/// Scores a pair, whose score has to be `score`, and gives what was done to both.
fn assert_scored(arguments: &str, score: f64) -> [String; 2] {
    let document = clean().0.score(arguments);
    let found = mean(&document);
    assert!((found - score).abs() < 0.02, "{arguments}: {found}, not {score}");
    [steps(&document["reference"]), steps(&document["distorted"][0])]
}

/// Adds a clean aperture to the video track of an MP4 file whose header is at its end.
fn with_aperture(mut bytes: Vec<u8>, numbers: [i32; 8]) -> Vec<u8> {
    let find = |bytes: &[u8], kind: &[u8; 4], from: usize| {
        let found = bytes[from..].windows(4).position(|four| four == kind);
        from + found.expect("a box") - 4
    };
    let mut place = 0;
    let mut around = Vec::new();
    for kind in [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"] {
        place = find(&bytes, kind, place + 4);
        around.push(place);
    }
    around.push(place + 16);
    let mut end = 0;
    for place in around {
        let size: &mut [u8] = &mut bytes[place..place + 4];
        let length = u32::from_be_bytes(size.try_into().expect("four bytes"));
        size.copy_from_slice(&(length + 40).to_be_bytes());
        end = place + length as usize;
    }
    let numbers = numbers.iter().flat_map(|number| number.to_be_bytes());
    let aperture: Vec<u8> = [0, 0, 0, 40].into_iter().chain(*b"clap").chain(numbers).collect();
    bytes.splice(end..end, aperture);
    bytes
}

#[test]
fn container_crops_are_applied() {
    let (place, score) = clean();
    // The same encode and the same source in a larger frame, which is no multiple of blocks either.
    for name in ["enc", "ref"] {
        let pad = "-vf pad=484:280:4:4:color=gray";
        make(place, &format!("-i {name}.mp4 {pad} {LOSSLESS} pad_{name}.mp4"));
        let bytes = std::fs::read(place.path(&format!("pad_{name}.mp4"))).expect("a file");
        let bytes = with_aperture(bytes, [480, 1, 270, 1, 2, 1, -2, 2]);
        place.file(&format!("clap_{name}.mp4"), bytes);
        make(place, &format!("-i clap_{name}.mp4 -c copy crop_{name}.mkv"));
    }
    place.assert_refused("ref.mp4 pad_enc.mp4", &["pad_enc.mp4"]);
    let told = "cropped from 484x280 to 480:270:4:4, as the container states";
    for (encode, source) in [("clap_enc.mp4", "clap_ref.mp4"), ("crop_enc.mkv", "crop_ref.mkv")] {
        let [_, steps] = assert_scored(&format!("ref.mp4 {encode}"), *score);
        assert!(steps.contains(told), "{steps}");
        let [steps, _] = assert_scored(&format!("{source} enc.mp4"), *score);
        assert!(steps.contains(told), "{steps}");
        assert_scored(&format!("{source} {encode}"), *score);
        assert_scored(&format!("{source} {encode} --crop auto"), *score);
    }
    // One that is larger than the picture is none.
    let bytes = std::fs::read(place.path("enc.mp4")).expect("a file");
    place.file("lies.mp4", with_aperture(bytes, [500, 1, 270, 1, 0, 1, 0, 1]));
    let [_, steps] = assert_scored("ref.mp4 lies.mp4", *score);
    assert!(!steps.contains("crop"), "{steps}");
}

/// Filters, and the options of a display matrix that undoes what they do.
const TURNS: [(&str, &str); 4] = [
    ("hflip", "-display_hflip"),
    ("hflip,vflip", "-display_rotation 180"),
    ("transpose=1", "-display_rotation 90"),
    ("transpose=0", "-display_rotation 270 -display_hflip"),
];

#[test]
fn an_encode_with_a_display_matrix_is_rotated_back_and_scored() {
    let (place, score) = clean();
    for (index, (filter, matrix)) in TURNS.into_iter().enumerate() {
        make(place, &format!("-i enc.mp4 -vf {filter} {LOSSLESS} stored.mp4"));
        make(place, &format!("{matrix} -i stored.mp4 -c copy back{index}.mp4"));
        let [steps, of_encode] = assert_scored(&format!("ref.mp4 back{index}.mp4"), *score);
        assert_eq!(steps, "[]", "{filter}");
        assert!(of_encode.contains("for display"), "{of_encode}");
    }
    // Matroska says it otherwise.
    for index in [0, 2, 3] {
        make(place, &format!("-i back{index}.mp4 -c copy back{index}.mkv"));
        let [_, steps] = assert_scored(&format!("ref.mp4 back{index}.mkv"), *score);
        assert!(steps.contains("for display"), "{steps}");
    }
    // All that looks at pictures looks at turned ones.
    assert_scored("ref.mp4 back2.mp4 --crop auto", *score);
    assert_scored("ref.mp4 back2.mp4 --align content", *score);
    assert_scored("ref.mp4 back2.mp4 --report report.html", *score);
    let ran = place.vmaf("maps ref.mp4 back3.mp4 --frame 3 -o maps");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    // Beside others in a ladder, each as alone.
    let document = place.score("ref.mp4 enc.mp4 back3.mp4");
    let of = |index: usize| document["distorted"][index]["scores"]["vmaf_v0.6.1"]["mean"].clone();
    assert_eq!(of(0), of(1));
}

#[test]
fn a_rotated_source_is_scored_against_its_encodes() {
    let (place, score) = clean();
    // As phones store it: the encoder turns it, or copies the matrix.
    make(place, &format!("-i ref.mp4 -vf transpose=1 {LOSSLESS} sensor.mp4"));
    make(place, "-display_rotation 90 -i sensor.mp4 -c copy phone.mp4");
    make(place, &format!("-i phone.mp4 {ENCODE} upright.mp4"));
    make(place, &format!("-noautorotate -i phone.mp4 {ENCODE} copied.mp4"));
    let [steps, of_encode] = assert_scored("phone.mp4 upright.mp4", *score);
    assert!(
        steps.contains("rotated by 270 degrees from 270x480 to 480x270 for display"),
        "{steps}"
    );
    assert_eq!(of_encode, "[]");
    // Stored alike, nothing is done.
    make(place, "-display_rotation 0 -i copied.mp4 -c copy bare.mp4");
    let bare = mean(&place.score("sensor.mp4 bare.mp4"));
    assert_eq!(assert_scored("phone.mp4 copied.mp4", bare), ["[]", "[]"]);
    // A ladder of both is scored as it is shown, a rung that is turned with the others.
    make(place, "-i upright.mp4 -vf scale=240:134 -c:v libx264 -crf 30 -pix_fmt yuv420p rung.mp4");
    let document = place.score("phone.mp4 upright.mp4 copied.mp4 rung.mp4");
    assert!((mean(&document) - score).abs() < 0.02, "{} {score}", mean(&document));
    let of_copied = document["distorted"][1]["conformed"].to_string();
    assert!(of_copied.contains("from 270x480 to 480x270 for display"), "{of_copied}");
    assert!(document["distorted"][2]["scores"].is_object());
    // 4:2:2, whose chroma can't be turned as it is.
    let wide = "-c:v libx264 -qp 0 -pix_fmt yuv422p";
    make(place, &format!("-i ref.mp4 -vf transpose=1 {wide} wide.mp4"));
    make(place, "-display_rotation 90 -i wide.mp4 -c copy wide_phone.mp4");
    let [steps, _] = assert_scored("wide_phone.mp4 upright.mp4 --metric psnr", *score);
    assert!(steps.contains("from 4:2:2 to 4:4:4"), "{steps}");
}

#[test]
fn wrong_display_matrices_are_refused_with_the_fix() {
    let (place, _) = clean();
    for (options, words) in [
        ("-display_hflip", "is to be mirrored left to right for display"),
        ("-display_rotation 180", "is to be rotated by 180 degrees for display"),
        ("-display_rotation 90", "is to be rotated by 270 degrees for display"),
        ("-display_rotation 30", "only rotations by right angles are supported"),
    ] {
        make(place, &format!("{options} -i enc.mp4 -c copy wrong.mp4"));
        place.assert_refused("ref.mp4 wrong.mp4", &["wrong.mp4", words]);
    }
    // Where the remedy is taken it is scored; so is a pair that is turned alike by any angle.
    make(place, "-display_rotation 0 -i wrong.mp4 -c copy right.mp4");
    assert_scored("ref.mp4 right.mp4", clean().1);
    make(place, "-display_rotation 30 -i ref.mp4 -c copy wrong_ref.mp4");
    assert_scored("wrong_ref.mp4 wrong.mp4", clean().1);
    // By a matrix that turns to the other side.
    make(place, &format!("-i enc.mp4 -vf transpose=1 {LOSSLESS} other_side.mp4"));
    make(place, "-display_rotation 270 -i other_side.mp4 -c copy upside_down.mp4");
    let words = ["rotated by 90 degrees", "rotated by 180 degrees to match", "-display_rotation 0"];
    place.assert_refused("ref.mp4 upside_down.mp4", &words);
}
