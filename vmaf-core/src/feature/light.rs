//! The options of features that measure light: what samples mean.
//!
//! They describe the video rather than the measurement, so they name no columns. Encoders do not
//! move chroma, so one siting holds for the reference and its encodes. `auto` stands for what the
//! video states, which the caller of this crate knows. Here it is an assumption: the matrix by the
//! [height](Matrix::assumed), the others as in [`ColorSpace::default`].

mod pictures;
#[cfg(test)]
pub(crate) mod testing;

use super::{OptionKind, OptionSpec, Options, unnamed};
use crate::color::{ChromaSiting, ColorSpace, Matrix, Primaries, Transfer};
use crate::{Chroma, ColorRange, Error, Format, Result};

pub(crate) use pictures::{PictureMetric, compare, ideal_readers, plan};

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

/// The colour space of frames of `format` that `options` of the feature called `feature` describe.
///
/// # Errors
/// [`Error::Unsupported`] if the samples are RGB in planes of several sizes.
pub(crate) fn supported_space(
    feature: &str,
    options: &Options,
    format: &Format,
) -> Result<ColorSpace> {
    let space = color_space(options, format);
    if space.matrix.is_none() && format.chroma != Chroma::Yuv444 {
        let reason = format!("reads RGB from three planes of one size, not {}", format.chroma);
        return Err(Error::Unsupported { feature: feature.to_owned(), reason });
    }
    Ok(space)
}

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

#[cfg(test)]
mod tests {
    use crate::feature::find;
    use crate::feature::testing::{Pattern, measured, planar};
    use crate::{Chroma, Format};

    /// Values of two pictures by metric and transfer function, to the bit. They were recorded on
    /// x86-64; floating-point code has the same order and precision on every processor.
    const RECORDED: [(&str, &str, &str, f64); 9] = [
        ("ssimulacra2", "bt1886", "ssimulacra2", -32.812_893_422_223_48),
        ("ssimulacra2", "pq", "ssimulacra2", -61.821_429_321_877_446),
        ("ssimulacra2", "hlg", "ssimulacra2", -35.119_123_597_614_305),
        ("butteraugli", "bt1886", "butteraugli_3norm", 7.046_890_191_759_708),
        ("butteraugli", "pq", "butteraugli_3norm", 18.113_440_747_238_545),
        ("butteraugli", "hlg", "butteraugli_3norm", 9.787_490_592_226_29),
        ("cvvdp", "bt1886", "cvvdp_frame", 2.185_704_939_105_048_3),
        ("cvvdp", "pq", "cvvdp_frame", 1.225_222_379_650_905),
        ("cvvdp", "hlg", "cvvdp_frame", 2.426_335_418_001_061_2),
    ];

    #[test]
    fn values_are_the_same_on_every_processor() {
        let format = Format::new(131, 97, Chroma::Yuv420, 10).expect("a format");
        let [a, b] =
            [1, 2].map(|seed| planar([seed, seed + 1, seed + 2].map(Pattern::Natural), format, 0));
        let mut found = Vec::new();
        for (feature, transfer, column, _) in RECORDED {
            let feature = find(feature).expect("a feature");
            let mut options = feature.options();
            options.set("transfer", transfer).expect("an option");
            found.push(measured(feature, &options, &a, &b)[column]);
        }
        let recorded = RECORDED.map(|(.., value)| value);
        assert!(found.iter().zip(recorded).all(|(a, b)| a.to_bits() == b.to_bits()), "{found:?}");
    }
}
