//! Video of high dynamic range as encoders write it: metrics of light have the values of its decoded
//! samples under options that state what the file states.

use crate::common::Place;
use crate::real_files::make;
use serde_json::Value;

const METRICS: [&str; 3] = ["butteraugli", "cvvdp", "ssimulacra2"];
const COLUMNS: [&str; 3] = ["butteraugli_3norm", "cvvdp_frame", "ssimulacra2"];

/// The values of the metrics, each with these options.
fn values(place: &Place, videos: &str, options: &str) -> Value {
    let metric = |metric| format!(" --metric {metric}{options}");
    let metrics: String = METRICS.into_iter().map(metric).collect();
    let document = place.score(&format!("{videos} --no-model --align unchecked{metrics}"));
    document["distorted"][0]["metrics"].clone()
}

#[test]
fn hdr10_and_hlg_are_read_as_their_encoder_tagged_them() {
    let place = Place::new();
    let picture = "gradients=s=160x96:rate=25:seed=5:c0=black:c1=white:c2=red:c3=blue,\
                   noise=alls=6:all_seed=3,format=yuv420p10le";
    for (name, transfer, option, siting) in
        [("hdr10", "smpte2084", "pq", "topleft"), ("hlg", "arib-std-b67", "hlg", "left")]
    {
        let tags = format!(
            "setparams=range=limited:colorspace=bt2020nc:color_primaries=bt2020:color_trc={transfer}"
        );
        let place_of = format!("-chroma_sample_location {siting}");
        let source = format!("-f lavfi -i \"{picture},{tags}\" -frames:v 4");
        for (side, quality) in [("r", "lossless=1"), ("d", "crf=32")] {
            let x265 =
                format!("-c:v libx265 -preset ultrafast -x265-params log-level=error:{quality}");
            make(&place, &format!("{source} {x265} {place_of} {name}_{side}.mp4"));
            make(&place, &format!("-i {name}_{side}.mp4 -f rawvideo {name}_{side}.yuv"));
        }
        let files = format!("{name}_r.mp4 {name}_d.mp4");
        let found = values(&place, &files, "");
        let raw = format!("{name}_r.yuv {name}_d.yuv --size 160x96 --pix-fmt yuv420p10le --fps 25");
        let described = format!(
            "=matrix=bt2020:range=limited:transfer={option}:primaries=bt2020:siting={siting}"
        );
        let expected = values(&place, &raw, &described);
        assert_eq!(found, expected, "{name}");
        // The tags matter to each metric.
        for (tag, other) in [
            ("matrix=bt2020", "matrix=bt709"),
            (&format!("transfer={option}"), "transfer=bt1886"),
            ("primaries=bt2020", "primaries=bt709"),
        ] {
            let other = values(&place, &raw, &described.replace(tag, other));
            for metric in COLUMNS {
                let mean = |values: &Value| values[metric]["mean"].as_f64().expect("a mean");
                assert_ne!(mean(&found), mean(&other), "{name} {metric} without {tag}");
            }
        }
        let document = place.score(&format!("{files} --no-model --metric cvvdp"));
        let told = document["reference"]["conformed"].to_string();
        assert!(told.contains(&format!("shown by cvvdp on standard_hdr_{option}")), "{told}");
        assert!(!told.contains("assumed for colour"), "{told}");
        place.assert_refused(&files, &["--accept hdr", "cvvdp"]);
    }
}
