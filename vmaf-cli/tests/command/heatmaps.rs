//! Maps of banding: libvmaf's files, byte for byte, and pictures.

use crate::common::Place;

const WIDTH: usize = 250;
const HEIGHT: usize = 217;

/// A slope in steps that move, as y4m; `step` is how many pixels a step is wide.
fn slope(frames: usize, step: usize) -> Vec<u8> {
    let mut bytes = format!("YUV4MPEG2 W{WIDTH} H{HEIGHT} F25:1 C444\n").into_bytes();
    for frame in 0..frames {
        bytes.extend_from_slice(b"FRAME\n");
        for (y, x) in (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (y, x))) {
            bytes.push((30 + (x + 2 * y + 3 * frame) / step) as u8);
        }
        bytes.extend(vec![128; 2 * WIDTH * HEIGHT]);
    }
    bytes
}

/// A place with `ref.y4m` and two encodes.
fn place() -> Place {
    let place = Place::new();
    place.file("ref.y4m", slope(5, 9));
    place.file("enc.y4m", slope(5, 14));
    place.file("low.y4m", slope(5, 31));
    place
}

/// FNV-1a.
fn digest(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The names, sizes and digests of the files in a folder of `place`, in order.
fn files(place: &Place, folder: &str) -> Vec<(String, usize, u64)> {
    let entries = std::fs::read_dir(place.path(folder)).expect("the folder");
    let mut files: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let bytes = std::fs::read(&path).expect("a file");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, bytes.len(), digest(&bytes))
        })
        .collect();
    files.sort();
    files
}

/// Files that libvmaf 3.2.0's tool writes with `cambi=heatmaps_path=maps` of `enc.y4m`, and with
/// `--subsample 2` as well.
const RECORDED: [[(&str, usize, u64); 5]; 2] = [
    [
        ("cambi_heatmap_scale_0_250x217_16b.gray", 542500, 0x3191_b23f_5b67_59c9),
        ("cambi_heatmap_scale_1_125x109_16b.gray", 136250, 0x5f7c_79b3_97e4_671e),
        ("cambi_heatmap_scale_2_63x55_16b.gray", 34650, 0x8777_a5c3_cb63_cdce),
        ("cambi_heatmap_scale_3_32x28_16b.gray", 8960, 0x7440_66ca_ae37_4023),
        ("cambi_heatmap_scale_4_16x14_16b.gray", 2240, 0x61c4_7643_e60a_02cb),
    ],
    [
        ("cambi_heatmap_scale_0_250x217_16b.gray", 542500, 0x346b_8b03_554c_0465),
        ("cambi_heatmap_scale_1_125x109_16b.gray", 136250, 0x98c2_4b03_ba0f_3669),
        ("cambi_heatmap_scale_2_63x55_16b.gray", 34650, 0x4815_f85c_cd3e_5d69),
        ("cambi_heatmap_scale_3_32x28_16b.gray", 8960, 0x8d5a_415c_45b2_78c7),
        ("cambi_heatmap_scale_4_16x14_16b.gray", 2240, 0x8c73_7607_38ad_181a),
    ],
];

#[test]
fn heat_map_files_equal_those_of_libvmaf() {
    let place = place();
    for (more, recorded) in ["--threads 3", "--subsample 2"].iter().zip(RECORDED) {
        let ran = place.vmaf(&format!(
            "-r ref.y4m -d enc.y4m -q -n --feature cambi=heatmaps_path=maps/of/enc -o log {more}"
        ));
        assert_eq!((ran.status, &ran.stderr[..]), (0, ""));
        let found = files(&place, "maps/of/enc");
        let found: Vec<_> =
            found.iter().map(|(name, size, hash)| (&name[..], *size, *hash)).collect();
        assert_eq!(found, recorded, "{more}");
    }
}

#[test]
fn heat_maps_can_be_written_as_pictures_of_each_encode() {
    let place = place();
    let arguments =
        "ref.y4m enc.y4m low.y4m --no-model --metric cambi --heatmaps maps --frames 2..4";
    place.score(arguments);
    for encode in ["enc", "low"] {
        let files = files(&place, &format!("maps/{encode}"));
        let pictures: Vec<&str> = files
            .iter()
            .map(|(name, ..)| &name[..])
            .filter(|name| name.ends_with(".png"))
            .collect();
        let expected = |frame: u32, scale: u32| format!("cambi_frame_{frame:06}_scale_{scale}.png");
        let expected: Vec<String> =
            (2..4).flat_map(|frame| (0..5).map(move |scale| expected(frame, scale))).collect();
        assert_eq!(pictures, expected);
        // Of the two frames that are scored.
        let raw = files.iter().find(|(name, ..)| name.contains("scale_0_250x217")).expect("a file");
        assert_eq!(raw.1, 2 * 2 * WIDTH * HEIGHT);
    }
}

#[test]
fn heat_maps_need_a_feature_with_maps() {
    let ran = place().vmaf("score ref.y4m enc.y4m --heatmaps maps");
    assert!(ran.error().contains("add --metric cambi"), "{}", ran.error());
}
