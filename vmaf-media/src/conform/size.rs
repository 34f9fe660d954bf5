//! Compares two sizes: one picture scaled, or a part of it.

use vmaf_core::Format;

/// Sizes that differ by at most this, in samples or as a fraction of the length, are near: rungs of
/// a ladder are farther apart.
const NEAR_SAMPLES: u32 = 16;
const NEAR_SHARE: f64 = 0.03;

/// The multiples to which encoders round sizes.
const ROUNDING_STEPS: [u32; 4] = [2, 4, 8, 16];

/// Returns true if both widths and both heights are near each other.
pub(super) fn is_near(one: &Format, other: &Format) -> bool {
    let is_near = |one: u32, other: u32| {
        let apart = one.abs_diff(other);
        apart <= NEAR_SAMPLES || f64::from(apart) <= NEAR_SHARE * f64::from(other)
    };
    is_near(one.width(), other.width()) && is_near(one.height(), other.height())
}

/// Returns true if `encode` looks like a crop of `reference`'s picture, or a padded copy, rather
/// than a scaled one: the sizes are near, or horizontal and vertical scale differ by more than
/// rounding explains. `aspects` are the sample aspect ratios of both.
pub(super) fn looks_cropped(
    [reference, encode]: [&Format; 2],
    [for_reference, of_encode]: [f64; 2],
) -> bool {
    if (reference.width(), reference.height()) == (encode.width(), encode.height()) {
        return false;
    }
    let same_pixels = (for_reference / of_encode - 1.0).abs() < 1e-6;
    // Half the width in square pixels for the width in wide pixels is no crop.
    if same_pixels && is_near(encode, reference) {
        return true;
    }
    let shape = f64::from(reference.width()) * for_reference / f64::from(reference.height());
    let [width, height] = [encode.width(), encode.height()].map(f64::from);
    let apart = [width - height * shape / of_encode, height - width * of_encode / shape];
    !is_rounded([encode.width(), encode.height()], apart[0].abs().min(apart[1].abs()))
}

/// Returns true if rounding both `lengths` explains that one of them is `apart` samples from the
/// length that keeps the aspect ratio.
fn is_rounded(lengths: [u32; 2], apart: f64) -> bool {
    let explains = |step: &u32| {
        lengths.iter().all(|length| length.is_multiple_of(*step)) && apart < f64::from(*step)
    };
    apart < 1.0 || ROUNDING_STEPS.iter().any(explains)
}

#[cfg(test)]
mod tests {
    use vmaf_core::Chroma;

    use super::*;

    fn looks(reference: (u32, u32), encode: (u32, u32), aspects: [f64; 2]) -> bool {
        let format = |(width, height)| Format::new(width, height, Chroma::Yuv420, 8);
        let [reference, encode] = [reference, encode].map(|size| format(size).expect("valid"));
        looks_cropped([&reference, &encode], aspects)
    }

    #[test]
    fn usual_ladder_sizes_do_not_look_cropped() {
        let film = (1920, 1080);
        for rung in [
            (1280, 720),
            (960, 540),
            (854, 480),
            (852, 480),
            (848, 480),
            (640, 360),
            (426, 240),
            (432, 240),
            (416, 234),
            (256, 144),
            (1600, 900),
            (1706, 960),
            (480, 272),
        ] {
            assert!(!looks(film, rung, [1.0; 2]), "{rung:?}");
        }
        for rung in [(1280, 534), (1280, 532), (640, 266), (640, 268), (426, 178)] {
            assert!(!looks((1920, 800), rung, [1.0; 2]), "{rung:?}");
        }
        // Wide pixels, and a scaler that keeps the shape by them.
        assert!(!looks(film, (1440, 1080), [1.0, 4.0 / 3.0]));
        assert!(!looks((1440, 1080), film, [4.0 / 3.0, 1.0]));
        assert!(!looks(film, (1920, 1072), [1.0, 134.0 / 135.0]));
    }

    #[test]
    fn small_differences_look_cropped() {
        for encode in [(640, 356), (640, 364), (636, 360), (632, 356), (320, 178), (640, 352)] {
            assert!(looks((640, 360), encode, [1.0; 2]), "{encode:?}");
        }
        for encode in [(1920, 1088), (1920, 1072), (1916, 1080), (1280, 714)] {
            assert!(looks((1920, 1080), encode, [1.0; 2]), "{encode:?}");
        }
    }
}
