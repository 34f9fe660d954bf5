//! The options of features that measure light: what samples mean.
//!
//! They describe the video rather than the measurement, so they name no columns. Encoders do not
//! move chroma, so one siting holds for the reference and its encodes. `auto` stands for what the
//! video states, which the caller of this crate knows. Here it is an assumption: the matrix by the
//! [height](Matrix::assumed), the others as in [`ColorSpace::default`].

use super::{OptionKind, OptionSpec, Options, unnamed};
use crate::color::{ChromaSiting, ColorSpace, Matrix, Primaries, Transfer};
use crate::{ColorRange, Format};

const fn one_of(choices: &'static [&'static str]) -> OptionKind {
    OptionKind::Text { default: "auto", choices }
}

/// The options.
pub(crate) const OPTIONS: &[OptionSpec] = &[
    unnamed(
        "matrix",
        one_of(&["auto", "bt601", "bt709", "bt2020", "rgb"]),
        "Matrix between RGB and the samples; rgb for planes of green, blue and red",
    ),
    unnamed("range", one_of(&["auto", "limited", "full"]), "Colour range"),
    unnamed(
        "transfer",
        one_of(&["auto", "bt1886", "srgb", "pq", "hlg"]),
        "Transfer function of the screen",
    ),
    unnamed(
        "primaries",
        one_of(&["auto", "bt709", "bt601-525", "bt601-625", "bt2020", "p3"]),
        "Primaries",
    ),
    unnamed(
        "siting",
        one_of(&["auto", "left", "center", "topleft"]),
        "Position of chroma samples that are fewer than luma's",
    ),
];

/// The colour space of frames of `format` that `options` describe.
pub(crate) fn color_space(options: &Options, format: &Format) -> ColorSpace {
    ColorSpace {
        matrix: match &*options.text("matrix") {
            "bt601" => Some(Matrix::Bt601),
            "bt2020" => Some(Matrix::Bt2020),
            "bt709" => Some(Matrix::Bt709),
            "rgb" => None,
            _ => Some(Matrix::assumed(format.height)),
        },
        range: match &*options.text("range") {
            "full" => ColorRange::Full,
            _ => ColorRange::Limited,
        },
        transfer: match &*options.text("transfer") {
            "srgb" => Transfer::Srgb,
            "pq" => Transfer::Pq,
            "hlg" => Transfer::Hlg,
            _ => Transfer::Bt1886,
        },
        primaries: match &*options.text("primaries") {
            "bt601-525" => Primaries::Bt601Lines525,
            "bt601-625" => Primaries::Bt601Lines625,
            "bt2020" => Primaries::Bt2020,
            "p3" => Primaries::P3,
            _ => Primaries::Bt709,
        },
        siting: match &*options.text("siting") {
            "center" => ChromaSiting::Center,
            "topleft" => ChromaSiting::TopLeft,
            _ => ChromaSiting::Left,
        },
    }
}
