//! The built-in models.

/// A built-in model, with the information needed to choose it.
#[derive(Debug)]
pub struct Builtin {
    /// The model's name.
    pub name: &'static str,
    /// Its short name.
    pub short: &'static str,
    /// The display it was trained for.
    pub display: &'static str,
    /// The viewing distance, in heights of the display.
    pub viewing_distance: &'static str,
    /// The least and the greatest score.
    pub range: (f64, f64),
    /// The greatest frame height that the model is intended for, in pixels.
    pub max_height: u32,
    /// The short name of the model to use for larger frames.
    pub larger: &'static str,
    /// The purpose of the model.
    pub use_for: &'static str,
    /// The model, in this project's format.
    pub(super) json: &'static str,
}

/// The frame rate from which a video counts as high frame rate: between 30, which does not, and
/// 47.952 and 50, which do.
const HIGH_FRAME_RATE: f64 = 47.0;

/// The greatest frame height for which a 1080p model is chosen.
const MAX_1080P: u32 = 1440;

impl Builtin {
    /// Finds the built-in model with this full or short name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        BUILTINS.iter().find(|builtin| builtin.name == name || builtin.short == name)
    }

    /// The short name of the automatically selected model: the newest generation for television,
    /// chosen by frame height and, if known, by frame rate.
    #[must_use]
    pub fn automatic(height: u32, frames_per_second: Option<f64>) -> &'static str {
        let is_fast = frames_per_second.is_some_and(|rate| rate >= HIGH_FRAME_RATE);
        match (height <= MAX_1080P, is_fast) {
            (true, false) => "v1",
            (true, true) => "v1-hfr",
            (false, false) => "v1-4k",
            (false, true) => "v1-4k-hfr",
        }
    }
}

macro_rules! json {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/", $name, ".json"))
    };
}

/// All built-in models; the first is the default.
pub static BUILTINS: &[Builtin] = &[
    Builtin {
        name: "vmaf_v0.6.1",
        short: "v0",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v0-4k",
        use_for: "The one most thresholds are tuned to. With enable_transform: a phone.",
        json: json!("vmaf_v0.6.1"),
    },
    Builtin {
        name: "vmaf_v0.6.1neg",
        short: "v0-neg",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v0-4k-neg",
        use_for: "Comparing codecs: gives no credit for sharpening or contrast added.",
        json: json!("vmaf_v0.6.1neg"),
    },
    Builtin {
        name: "vmaf_4k_v0.6.1",
        short: "v0-4k",
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
        short: "v0-4k-neg",
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
        short: "v0-ci",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v0-4k",
        use_for: "How sure a score is: 20 resampled models give a 95 % interval.",
        json: json!("vmaf_b_v0.6.3"),
    },
    Builtin {
        name: "vmaf_v1.0.16_3d0h",
        short: "v1",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v1-4k",
        use_for: "The newest generation: sees banding and colour too.",
        json: json!("vmaf_v1.0.16_3d0h"),
    },
    Builtin {
        name: "vmaf_v1.0.16_5d0h",
        short: "v1-phone",
        display: "phone",
        viewing_distance: "5",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v1-4k",
        use_for: "A phone; small artifacts are forgiven.",
        json: json!("vmaf_v1.0.16_5d0h"),
    },
    Builtin {
        name: "vmaf_v1.0.16_1d5h_2160",
        short: "v1-4k",
        display: "4K television",
        viewing_distance: "1.5",
        range: (0.0, 100.0),
        max_height: u32::MAX,
        larger: "",
        use_for: "Frames of 2160 lines, seen by a discerning viewer.",
        json: json!("vmaf_v1.0.16_1d5h_2160"),
    },
    Builtin {
        name: "vmaf_v1.0.16_3d0h_2160",
        short: "v1-4k-tv",
        display: "4K television",
        viewing_distance: "3",
        range: (0.0, 110.0),
        max_height: u32::MAX,
        larger: "",
        use_for: "2160 lines in a living room; above 100 is what 4K gains over 1080p.",
        json: json!("vmaf_v1.0.16_3d0h_2160"),
    },
    Builtin {
        name: "vmaf_v1.0.16_hfr_3d0h",
        short: "v1-hfr",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v1-4k-hfr",
        use_for: "As v1, from 47 frames a second.",
        json: json!("vmaf_v1.0.16_hfr_3d0h"),
    },
    Builtin {
        name: "vmaf_v1.0.16_hfr_5d0h",
        short: "v1-phone-hfr",
        display: "phone",
        viewing_distance: "5",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v1-4k-hfr",
        use_for: "As v1-phone, from 47 frames a second.",
        json: json!("vmaf_v1.0.16_hfr_5d0h"),
    },
    Builtin {
        name: "vmaf_v1.0.16_hfr_1d5h_2160",
        short: "v1-4k-hfr",
        display: "4K television",
        viewing_distance: "1.5",
        range: (0.0, 100.0),
        max_height: u32::MAX,
        larger: "",
        use_for: "As v1-4k, from 47 frames a second.",
        json: json!("vmaf_v1.0.16_hfr_1d5h_2160"),
    },
    Builtin {
        name: "vmaf_v1.0.16_hfr_3d0h_2160",
        short: "v1-4k-tv-hfr",
        display: "4K television",
        viewing_distance: "3",
        range: (0.0, 110.0),
        max_height: u32::MAX,
        larger: "",
        use_for: "As v1-4k-tv, from 47 frames a second.",
        json: json!("vmaf_v1.0.16_hfr_3d0h_2160"),
    },
    Builtin {
        name: "vmaf_float_v0.6.1",
        short: "v0-float",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v0-float-4k",
        use_for: "Comparing with scores of old releases, which were in floating point.",
        json: json!("vmaf_float_v0.6.1"),
    },
    Builtin {
        name: "vmaf_float_v0.6.1neg",
        short: "v0-float-neg",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v0-4k-neg",
        use_for: "The same, without credit for sharpening or contrast added.",
        json: json!("vmaf_float_v0.6.1neg"),
    },
    Builtin {
        name: "vmaf_float_4k_v0.6.1",
        short: "v0-float-4k",
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
        short: "v0-float-ci",
        display: "1080p television",
        viewing_distance: "3",
        range: (0.0, 100.0),
        max_height: 1440,
        larger: "v0-float-4k",
        use_for: "How sure a score in floating point is: a 95 % interval.",
        json: json!("vmaf_float_b_v0.6.3"),
    },
];
