use super::*;
use image::{ImageBuffer, Luma, LumaA, Rgb, Rgba};

fn converted<P, T: StillSample>(pixel: P, planes: usize) -> Vec<T>
where
    P: Pixel<Subpixel = T>,
    DynamicImage: From<ImageBuffer<P, Vec<T>>>,
{
    let image = ImageBuffer::from_pixel(2, 3, pixel).into();
    let frame = frame(&image, Matrix::Bt709).expect("a frame");
    assert_eq!(frame.format().chroma().planes(), planes);
    (0..planes).map(|plane| frame.plane::<T>(plane).row(2)[1]).collect()
}

#[test]
fn eight_bit_primaries_are_those_of_bt709() {
    for (rgb, yuv) in [
        ([255, 255, 255], [235, 128, 128]),
        ([0, 0, 0], [16, 128, 128]),
        ([255, 0, 0], [63, 102, 240]),
        ([0, 255, 0], [173, 42, 26]),
        ([0, 0, 255], [32, 240, 118]),
        ([128, 128, 128], [126, 128, 128]),
    ] {
        assert_eq!(converted(Rgb::<u8>(rgb), 3), yuv, "{rgb:?}");
    }
}

#[test]
fn green_depends_on_the_matrix() {
    let image = ImageBuffer::from_pixel(2, 2, Rgb::<u8>([0, 255, 0])).into();
    for (matrix, yuv) in [
        (Matrix::Bt601, [145, 54, 34]),
        (Matrix::Bt709, [173, 42, 26]),
        (Matrix::Bt2020, [164, 47, 25]),
    ] {
        let frame = frame(&image, matrix).expect("a frame");
        assert_eq!([0, 1, 2].map(|plane| frame.plane::<u8>(plane).row(0)[0]), yuv, "{matrix}");
        assert_eq!(Matrix::by_name(matrix.name()), Some(matrix));
    }
}

#[test]
fn sixteen_bits_keep_their_precision() {
    let white = converted(Rgb([u16::MAX; 3]), 3);
    assert_eq!(white, [235 << 8, 128 << 8, 128 << 8]);
    let blue = converted(Rgb([0, 0, u16::MAX]), 3);
    assert_eq!(blue, [8144, 240 << 8, 30139]);
    assert_ne!(converted(Rgb([1000_u16; 3]), 3), converted(Rgb([1002_u16; 3]), 3));
}

#[test]
fn gray_is_scaled_as_luma_and_alpha_is_dropped() {
    for level in 0..=255_u8 {
        let [luma, ..] = converted(Rgb([level; 3]), 3)[..] else { panic!("no luma") };
        assert_eq!(converted(Luma([level]), 1), [luma]);
        assert_eq!(converted(LumaA([level, 7]), 1), [luma]);
        assert_eq!(converted(Rgba([level, level, level, 9]), 3), [luma, 128, 128]);
    }
}

#[test]
fn integer_arithmetic_rounds_as_the_formula_does() {
    for (r, g, b) in (0..4096_u32).map(|i| (i * 37 % 256, i * 101 % 256, i * 211 % 256)) {
        let [red, green, blue] = [r, g, b].map(|sample| f64::from(sample) / 255.0);
        let y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        let exact = [
            16.0 + 219.0 * y,
            128.0 + 224.0 * (blue - y) / 1.8556,
            128.0 + 224.0 * (red - y) / 1.5748,
        ];
        let converted = converted(Rgb([r as u8, g as u8, b as u8]), 3);
        for (sample, exact) in converted.into_iter().zip(exact) {
            assert!((f64::from(sample) - exact).abs() <= 0.5 + 1e-9, "{sample} for {exact}");
        }
    }
}

#[test]
fn floating_point_pixels_are_refused() {
    let reason = format(&DynamicImage::new_rgb32f(2, 2)).expect_err("no frame");
    assert!(reason.contains("convert"), "{reason}");
}
