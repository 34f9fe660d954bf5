//! The models that are built in.

/// A built-in model, and what people need to know to choose it.
#[derive(Debug)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// The display it was trained for.
    pub display: &'static str,
    /// How far away the viewer sits, in heights of the display.
    pub viewing_distance: &'static str,
    /// Least and greatest score.
    pub range: (f64, f64),
    /// The greatest height of frames that it is made for, in pixels.
    pub max_height: u32,
    /// What to use instead for larger frames.
    pub larger: &'static str,
    /// When to use it.
    pub use_for: &'static str,
    /// The model, in this project's format.
    pub(super) json: &'static str,
}

macro_rules! json {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/", $name, ".json"))
    };
}

/// All of them; the first is the default.
pub static BUILTINS: &[Builtin] = &[
    Builtin {
        name: "vmaf_v0.6.1",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "vmaf_4k_v0.6.1",
        use_for: "The one most thresholds are tuned to. With enable_transform: a phone.",
        json: json!("vmaf_v0.6.1"),
    },
    Builtin {
        name: "vmaf_v0.6.1neg",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "vmaf_4k_v0.6.1neg",
        use_for: "Comparing codecs: gives no credit for sharpening or contrast added.",
        json: json!("vmaf_v0.6.1neg"),
    },
    Builtin {
        name: "vmaf_4k_v0.6.1",
        display: "4K television",
        viewing_distance: "1.5",
        range: (0.0, 100.0),
        max_height: u32::MAX,
        larger: "",
        use_for: "Frames of 2160 lines.",
        json: json!("vmaf_4k_v0.6.1"),
    },
    Builtin {
        name: "vmaf_4k_v0.6.1neg",
        display: "4K television",
        viewing_distance: "1.5",
        range: (0.0, 100.0),
        max_height: u32::MAX,
        larger: "",
        use_for: "Comparing codecs at 2160 lines: gives no credit for sharpening.",
        json: json!("vmaf_4k_v0.6.1neg"),
    },
    Builtin {
        name: "vmaf_b_v0.6.3",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "vmaf_4k_v0.6.1",
        use_for: "How sure a score is: 20 resampled models give a 95 % interval.",
        json: json!("vmaf_b_v0.6.3"),
    },
    Builtin {
        name: "vmaf_float_v0.6.1",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "vmaf_float_4k_v0.6.1",
        use_for: "Comparing with scores of old releases, which were in floating point.",
        json: json!("vmaf_float_v0.6.1"),
    },
    Builtin {
        name: "vmaf_float_v0.6.1neg",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "vmaf_4k_v0.6.1neg",
        use_for: "The same, without credit for sharpening or contrast added.",
        json: json!("vmaf_float_v0.6.1neg"),
    },
    Builtin {
        name: "vmaf_float_4k_v0.6.1",
        display: "4K television",
        viewing_distance: "1.5",
        range: (0.0, 100.0),
        max_height: u32::MAX,
        larger: "",
        use_for: "Frames of 2160 lines, in floating point.",
        json: json!("vmaf_float_4k_v0.6.1"),
    },
    Builtin {
        name: "vmaf_float_b_v0.6.3",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "vmaf_float_4k_v0.6.1",
        use_for: "How sure a score in floating point is: a 95 % interval.",
        json: json!("vmaf_float_b_v0.6.3"),
    },
];
