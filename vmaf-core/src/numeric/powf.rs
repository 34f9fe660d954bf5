//! The power function in single precision, identical to the C library's.
//!
//! libvmaf calls the C library's `powf`, whose error is up to 0.82 units in the last place and
//! affects the sixth decimal of a score. This is the implementation of glibc and musl (Szabolcs
//! Nagy, Arm Limited, 2018; MIT License), from which the tables are taken. x = 2^k z, with z near
//! one of 16 values c with tabulated reciprocal and logarithm, so that log2(x) = k + log2(c) +
//! log2(z/c). Then 2^(y log2(x)) is computed as 2^(n/32) from a table times a cubic polynomial. All
//! steps are in double precision, with one rounding at the end.

/// 1/c and log2(c) for the 16 intervals of z.
#[rustfmt::skip]
const LOG2: [(f64, f64); 16] = [
    (1.398907162146528, -0.48430022186289673),
    (1.3403141896637998, -0.42257122959194704),
    (1.286432210124115, -0.3633754347673556),
    (1.2367150214269895, -0.30651309567405577),
    (1.1906977166711752, -0.25180720160537634),
    (1.1479821020556429, -0.19910014943794563),
    (1.1082251448272158, -0.14825100623281615),
    (1.0711297413057381, -0.09913323807318392),
    (1.036437278977283, -0.051632812977629436),
    (1.0, 0.0),
    (0.9492859795739057, 0.07508531937943004),
    (0.8951049428609004, 0.15987125980713107),
    (0.8476821620351103, 0.2384046664317681),
    (0.8050314851692001, 0.31288288605863257),
    (0.7664671008843108, 0.38370422656453185),
    (0.731428603316328, 0.451211048935815),
];

/// Coefficients of log2(1 + r) near 0, highest power first.
const LOG2_POLYNOMIAL: [f64; 5] = [
    0.288457581109214,
    -0.36092606229713164,
    0.480898481472577,
    -0.7213474675006291,
    1.4426950408774342,
];

/// Coefficients of 2^r near 0, highest power first; the constant 1 is omitted.
const EXP2_POLYNOMIAL: [f64; 3] = [0.05550361559341535, 0.2402284522445722, 0.6931471806916203];

/// The bits of 2^(i/32), minus the bits that i/32 adds to the exponent.
#[rustfmt::skip]
const EXP2: [u64; 32] = [
    0x3ff0000000000000, 0x3fefd9b0d3158574, 0x3fefb5586cf9890f, 0x3fef9301d0125b51,
    0x3fef72b83c7d517b, 0x3fef54873168b9aa, 0x3fef387a6e756238, 0x3fef1e9df51fdee1,
    0x3fef06fe0a31b715, 0x3feef1a7373aa9cb, 0x3feedea64c123422, 0x3feece086061892d,
    0x3feebfdad5362a27, 0x3feeb42b569d4f82, 0x3feeab07dd485429, 0x3feea47eb03a5585,
    0x3feea09e667f3bcd, 0x3fee9f75e8ec5f74, 0x3feea11473eb0187, 0x3feea589994cce13,
    0x3feeace5422aa0db, 0x3feeb737b0cdc5e5, 0x3feec49182a3f090, 0x3feed503b23e255d,
    0x3feee89f995ad3ad, 0x3feeff76f2fb5e47, 0x3fef199bdd85529c, 0x3fef3720dcef9069,
    0x3fef5818dcfba487, 0x3fef7c97337b9b5f, 0x3fefa4afa2a490da, 0x3fefd0765b6e4540,
];

/// Returns `x` to the power `y`, for `x` of at least 0 and finite `y` above 0.
pub(crate) fn powf(x: f32, y: f32) -> f32 {
    if x < f32::MIN_POSITIVE || !x.is_finite() {
        // Features never pass a subnormal number other than 0.
        return libm::pow(f64::from(x), f64::from(y)) as f32;
    }
    let exponent = f64::from(y) * log2(x);
    if exponent.abs() >= 126.0 {
        return libm::exp2(exponent) as f32;
    }
    exp2(exponent)
}

fn log2(x: f32) -> f64 {
    // z is in [0.699, 1.398): the intervals start there, so that one of them is centred on 1.
    const START: u32 = 0x3f33_0000;
    let offset = x.to_bits().wrapping_sub(START);
    let (inverse, log) = LOG2[(offset >> 19) as usize % 16];
    let exponent = offset & 0xff80_0000;
    let z = f64::from(f32::from_bits(x.to_bits().wrapping_sub(exponent)));
    let r = z * inverse - 1.0;
    let base = log + f64::from(exponent as i32 >> 23);
    let [a5, a4, a3, a2, a1] = LOG2_POLYNOMIAL;
    let square = r * r;
    let high = a5 * r + a4;
    let middle = a3 * r + a2;
    let low = middle * square + (a1 * r + base);
    high * (square * square) + low
}

fn exp2(x: f64) -> f32 {
    // Adding this number leaves x, rounded to 32nds, in the lowest bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0 / 32.0;
    let shifted = x + SHIFT;
    let count = shifted.to_bits();
    let r = x - (shifted - SHIFT);
    let power = f64::from_bits(EXP2[count as usize % 32].wrapping_add(count << 47));
    let [c3, c2, c1] = EXP2_POLYNOMIAL;
    let value = (c3 * r + c2) * (r * r) + (c1 * r + 1.0);
    (value * power) as f32
}

#[cfg(test)]
mod tests {
    use super::powf;

    #[test]
    fn powf_is_exact_to_a_unit_in_the_last_place() {
        assert_eq!(powf(0.0, 1.0 / 3.0), 0.0);
        for (x, y) in [(1e-40, 0.5), (1.0, 2.5), (7.25, 30.0), (1e30, 1.0 / 3.0), (3.0, 90.0)] {
            let exact = f64::from(x).powf(f64::from(y)) as f32;
            assert!(powf(x, y).to_bits().abs_diff(exact.to_bits()) <= 1, "{x} {y}");
        }
    }

    #[test]
    fn powf_equals_the_c_library() {
        // The hash that a C program computes with glibc 2.36 for the same pseudo-random arguments:
        // h = 31 h + bits of powf(x, 1.0f / 3.0f).
        let (mut state, mut hash) = (12_345_u32, 0_u64);
        for _ in 0..2_000_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let x = f32::from_bits(0x3000_0000 + (state >> 4) % 0x2000_0000);
            hash = hash.wrapping_mul(31).wrapping_add(u64::from(powf(x, 1.0 / 3.0).to_bits()));
        }
        assert_eq!(hash, 15_830_624_762_667_861_497);
    }
}
