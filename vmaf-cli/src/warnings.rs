//! What a result is worth: where a model meets frames that it was not made for.

use vmaf_core::model::BUILTINS;
use vmaf_core::{Format, Model};

/// What to say where `model` is not made for frames of `format`.
pub(crate) fn size(model: &Model, format: &Format) -> Option<String> {
    let builtin = BUILTINS.iter().find(|builtin| builtin.name == model.name())?;
    (format.height > builtin.max_height).then(|| {
        format!(
            "{} is made for a {}, not for frames of {} lines; {} is made for these",
            builtin.name, builtin.display, format.height, builtin.larger
        )
    })
}

#[cfg(test)]
mod tests {
    use vmaf_core::Chroma;

    use super::*;

    #[test]
    fn only_what_is_too_large_is_warned_of() {
        let model = Model::builtin("vmaf_v0.6.1").expect("built in");
        let of = |width, height| Format::new(width, height, Chroma::Yuv420, 8).expect("valid");
        assert_eq!(size(&model, &of(1920, 1080)), None);
        let warning = size(&model, &of(3840, 2160)).expect("a warning");
        assert!(warning.contains("v0-4k is made for these"), "{warning}");
    }
}
