//! The definition of butteraugli, in double precision.

use super::*;
use crate::feature::light::testing::Picture;

/// The bands of a picture: X, Y and B of low and medium frequencies, X and Y of the others.
struct Bands {
    low: [Vec<f64>; 3],
    medium: [Vec<f64>; 3],
    high: [Vec<f64>; 2],
    ultra: [Vec<f64>; 2],
}

/// Offsets (down, right) of the points on one side of a line; the other side mirrors them.
type Line = &'static [(isize, isize)];

const SPARSE_LINES: [Line; 16] = [
    &[(0, 2), (0, 4)],
    &[(2, 0), (4, 0)],
    &[(2, 2), (3, 3)],
    &[(2, -2), (3, -3)],
    &[(2, -1), (4, -1)],
    &[(2, 1), (4, 1)],
    &[(1, 2), (1, 4)],
    &[(-1, 2), (-1, 4)],
    &[(2, 1), (3, 2)],
    &[(2, -1), (3, -2)],
    &[(1, 2), (2, 3)],
    &[(1, -2), (2, -3)],
    &[(1, -2), (2, -4)],
    &[(1, 2), (2, 4)],
    &[(2, 1), (4, 2)],
    &[(2, -1), (4, -2)],
];

// Four of the directions count twice.
const DENSE_LINES: [Line; 16] = [
    &[(0, 1), (0, 2), (0, 3), (0, 4)],
    &[(1, 0), (2, 0), (3, 0), (4, 0)],
    &[(1, 1), (2, 2), (3, 3)],
    &[(1, -1), (2, -2), (3, -3)],
    &[(1, 0), (2, -1), (3, -1), (4, -1)],
    &[(1, 0), (2, 1), (3, 1), (4, 1)],
    &[(0, 1), (1, 2), (1, 3), (1, 4)],
    &[(0, 1), (-1, 2), (-1, 3), (-1, 4)],
    &[(1, 1), (2, 1), (3, 2)],
    &[(1, -1), (2, -1), (3, -2)],
    &[(1, 1), (1, 2), (2, 3)],
    &[(1, -1), (1, -2), (2, -3)],
    &[(0, 1), (-1, 2), (-1, 3), (-1, 4)],
    &[(0, 1), (1, 2), (1, 3), (1, 4)],
    &[(1, 0), (2, 1), (3, 1), (4, 1)],
    &[(1, 0), (2, -1), (3, -1), (4, -1)],
];

/// The map of differences between two pictures of light in units of [`WHITE`]: red, green and blue.
pub(super) fn map(reference: &Picture, distorted: &Picture) -> Vec<f64> {
    let mut map = single_map(reference, distorted);
    let (width, height) = (reference.width, reference.height);
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    if half_width >= LEAST_SIZE && half_height >= LEAST_SIZE {
        let half = single_map(&reference.halved(), &distorted.halved());
        for (i, value) in map.iter_mut().enumerate() {
            let (x, y) = (i % width, i / width);
            *value = *value * FULL_SHARE + HALF_SHARE * half[y / 2 * half_width + x / 2];
        }
    }
    map
}

fn single_map(reference: &Picture, distorted: &Picture) -> Vec<f64> {
    let size = size(reference);
    let (a, b) = (bands(&xyb(reference)), bands(&xyb(distorted)));
    let mut low = vec![0.0; size.0 * size.1];
    let mut rest = low.clone();
    for c in 0..3 {
        add_squares(&a.low[c], &b.low[c], LOW_SQUARES[c], &mut low);
        add_squares(&a.medium[c], &b.medium[c], MEDIUM_SQUARES[c], &mut rest);
    }
    for c in 0..2 {
        let compared = [
            (&a.medium[c], &b.medium[c], MEDIUM_LINES[c], &SPARSE_LINES),
            (&a.high[c], &b.high[c], HIGH_LINES[c], &SPARSE_LINES),
            (&a.ultra[c], &b.ultra[c], ULTRA_LINES[c], &DENSE_LINES),
        ];
        for (a, b, weights, lines) in compared {
            add_lines(a, b, weights, lines, size, &mut rest);
        }
        for ((a, b), out) in a.high[c].iter().zip(&b.high[c]).zip(&mut rest) {
            let beyond = beyond(*a, *b, 0.4, 1.0).abs();
            *out += 0.8 * HIGH_SQUARES[c] * ((a - b).powi(2) + beyond.powi(2));
        }
    }
    let (busy, other) = (activity(&a, size), activity(&b, size));
    for ((a, b), out) in busy.iter().zip(&other).zip(&mut rest) {
        *out += ACTIVITY_SQUARES * (a - b).powi(2);
    }
    let eroded = eroded(&busy, size);
    let visibility = |masking: Masking, activity: f64| {
        let Masking { mul, scaler, offset } = masking;
        (VISIBILITY * (1.0 + mul / (scaler * activity + offset))).powi(2)
    };
    let value = |i: usize| {
        let [low_factor, factor] =
            [LOW_MASKING, MASKING].map(|masking| visibility(masking, eroded[i]));
        (low[i] * low_factor + rest[i] * factor).sqrt()
    };
    (0..low.len()).map(value).collect()
}

fn size(picture: &Picture) -> (usize, usize) {
    (picture.width, picture.height)
}

fn xyb(picture: &Picture) -> Picture {
    let blurred = picture.components.each_ref().map(|plane| blurred_light(plane, size(picture)));
    let mut xyb = picture.clone();
    for i in 0..picture.width * picture.height {
        let cones = |light: [f64; 3], row: usize| {
            let [red, green, blue, dark] = ABSORBANCE[row];
            red * light[0] + green * light[1] + blue * light[2] + dark
        };
        let light = picture.components.each_ref().map(|plane| plane[i] * WHITE);
        let around = blurred.each_ref().map(|plane| plane[i] * WHITE);
        let [l, m, s] = [0, 1, 2].map(|row| {
            let adapted = cones(around, row).max(DARK[row]);
            let [factor, bias, offset] = GAMMA;
            let response = factor * (adapted + bias).ln() + offset;
            let sensitivity = (response / adapted).max(LEAST_RESPONSE);
            (cones(light, row) * sensitivity).max(DARK[row])
        });
        for (plane, value) in xyb.components.iter_mut().zip([l - m, l + m, s]) {
            plane[i] = value;
        }
    }
    xyb
}

fn bands(xyb: &Picture) -> Bands {
    let size = size(xyb);
    let less = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
    let mut low = xyb.components.each_ref().map(|plane| blurred(plane, LOW_SIGMA, size));
    let rest: [Vec<f64>; 3] = std::array::from_fn(|c| less(&xyb.components[c], &low[c]));
    for i in 0..low[0].len() {
        low[2][i] += Y_IN_B * low[1][i];
        for c in 0..3 {
            low[c][i] *= LOW_SCALE[c];
        }
    }
    let mut medium = rest.each_ref().map(|plane| blurred(plane, MEDIUM_SIGMA, size));
    let mut above: [Vec<f64>; 2] = std::array::from_fn(|c| less(&rest[c], &medium[c]));
    medium[0].iter_mut().for_each(|value| *value = removed(*value, MEDIUM_X_REMOVED));
    medium[1].iter_mut().for_each(|value| *value = amplified(*value, MEDIUM_Y_ADDED));
    let [share, strength] = SUPPRESSION;
    let [above_x, above_y] = &mut above;
    for (x, y) in above_x.iter_mut().zip(above_y) {
        *x *= share + (1.0 - share) * strength / (*y * *y + strength);
    }
    let mut high = above.each_ref().map(|plane| blurred(plane, HIGH_SIGMA, size));
    high[1].iter_mut().for_each(|value| *value = clamped(*value, HIGH_Y_BOUND));
    let mut ultra: [Vec<f64>; 2] = std::array::from_fn(|c| less(&above[c], &high[c]));
    high[0].iter_mut().for_each(|value| *value = removed(*value, HIGH_X_REMOVED));
    ultra[0].iter_mut().for_each(|value| *value = removed(*value, ULTRA_X_REMOVED));
    high[1].iter_mut().for_each(|value| *value = amplified(*value * HIGH_Y_SCALE, HIGH_Y_ADDED));
    ultra[1].iter_mut().for_each(|value| *value = clamped(*value, ULTRA_Y_BOUND) * ULTRA_Y_SCALE);
    Bands { low, medium, high, ultra }
}

fn removed(value: f64, range: f64) -> f64 {
    value.signum() * (value.abs() - range).max(0.0)
}

fn amplified(value: f64, range: f64) -> f64 {
    value + value.clamp(-range, range)
}

fn clamped(value: f64, bound: f64) -> f64 {
    let inside = value.clamp(-bound, bound);
    inside + (value - inside) * CLAMP_FACTOR
}

/// The distance of `b` from the values between `small` and `large` times `a`: positive towards
/// zero and beyond, for positive `a`.
fn beyond(a: f64, b: f64, small: f64, large: f64) -> f64 {
    let sign = if a < 0.0 { -1.0 } else { 1.0 };
    let (a, b) = (a.abs(), b * sign);
    sign * ((small * a - b).max(0.0) - (b - large * a).max(0.0))
}

fn add_squares(a: &[f64], b: &[f64], weight: f64, out: &mut [f64]) {
    for ((a, b), out) in a.iter().zip(b).zip(out) {
        *out += weight * (a - b).powi(2);
    }
}

fn add_lines(
    a: &[f64],
    b: &[f64],
    weights: LineWeights,
    lines: &[Line],
    (width, height): (usize, usize),
    out: &mut [f64],
) {
    let LineWeights { weight, norm, scale } = weights;
    let factor = |share: f64| scale * (share * weight).sqrt() / 8.5 * norm;
    let difference = |(a, b): (&f64, &f64)| {
        let strength = norm + (a.abs() + b.abs()) / 2.0;
        (factor(0.5) * (a - b) + factor(0.33) * beyond(*a, *b, 0.55, 1.05)) / strength
    };
    let differences: Vec<f64> = a.iter().zip(b).map(difference).collect();
    for (i, out) in out.iter_mut().enumerate() {
        let (x, y) = ((i % width) as isize, (i / width) as isize);
        let at = |down: isize, right: isize| {
            let (x, y) = (x + right, y + down);
            let inside = (0..width as isize).contains(&x) && (0..height as isize).contains(&y);
            if inside { differences[y as usize * width + x as usize] } else { 0.0 }
        };
        for line in lines {
            let pairs = line.iter().map(|&(down, right)| at(down, right) + at(-down, -right));
            *out += (at(0, 0) + pairs.sum::<f64>()).powi(2);
        }
    }
}

/// The blurred activity of high frequencies.
fn activity(bands: &Bands, size: (usize, usize)) -> Vec<f64> {
    let value = |i: usize| {
        let [x, y] = [0, 1].map(|c| ACTIVITY_SHARES[c] * (bands.high[c][i] + bands.ultra[c][i]));
        let bias = ACTIVITY_FACTOR * ACTIVITY_BIAS;
        (ACTIVITY_FACTOR * x.hypot(y) + bias).sqrt() - bias.sqrt()
    };
    let values: Vec<f64> = (0..size.0 * size.1).map(value).collect();
    blurred(&values, MASK_SIGMA, size)
}

/// The weighted mean of the three least values among each pixel's own and those of its neighbours.
/// In place of missing ones, twice its own.
fn eroded(values: &[f64], (width, height): (usize, usize)) -> Vec<f64> {
    let value = |i: usize| {
        let (x, y) = (i % width, i / width);
        let mut least = vec![values[i], 2.0 * values[i], 2.0 * values[i]];
        let near = |at: usize| [at.wrapping_sub(EROSION_STEP), at, at + EROSION_STEP];
        for (x, y) in near(x).into_iter().flat_map(|x| near(y).map(|y| (x, y))) {
            if x < width && y < height && y * width + x != i {
                least.push(values[y * width + x]);
            }
        }
        least.sort_by(f64::total_cmp);
        EROSION_SHARES.iter().zip(least).map(|(share, value)| share * value).sum()
    };
    (0..values.len()).map(value).collect()
}

/// A Gaussian that reaches 2.25 standard deviations; at borders, the weights inside the picture are
/// scaled to a sum of 1.
fn blurred(plane: &[f64], sigma: f64, (width, height): (usize, usize)) -> Vec<f64> {
    let reach = (2.25 * sigma) as isize;
    let weights: Vec<f64> =
        (0..=reach).map(|k| (-(k * k) as f64 / (2.0 * sigma * sigma)).exp()).collect();
    let weight = |k: isize| weights[k.unsigned_abs()];
    let along = |plane: &[f64], across: bool| -> Vec<f64> {
        let value = |i: usize| {
            let (x, y) = ((i % width) as isize, (i / width) as isize);
            let (at, len) = if across { (x, width as isize) } else { (y, height as isize) };
            let inside = || (-reach..=reach).filter(|k| (0..len).contains(&(at + k)));
            let step = if across { 1 } else { width as isize };
            let sum: f64 =
                inside().map(|k| weight(k) * plane[(i as isize + k * step) as usize]).sum();
            sum / inside().map(weight).sum::<f64>()
        };
        (0..plane.len()).map(value).collect()
    };
    along(&along(plane, true), false)
}

/// A Gaussian over five by five pixels; at borders, the picture is mirrored.
fn blurred_light(plane: &[f64], (width, height): (usize, usize)) -> Vec<f64> {
    let weights = [0, 1, 2].map(|k| (-f64::from(k * k) / (2.0 * LIGHT_SIGMA * LIGHT_SIGMA)).exp());
    let weight = |k: isize| weights[k.unsigned_abs()];
    let sum: f64 = (-2..=2).map(weight).sum();
    let mirrored = |at: isize, len: usize| {
        let len = len as isize;
        (if at < 0 {
            -at - 1
        } else if at >= len {
            2 * len - 1 - at
        } else {
            at
        }) as usize
    };
    let value = |i: usize| {
        let (x, y) = ((i % width) as isize, (i / width) as isize);
        let mut value = 0.0;
        for (down, right) in (-2..=2).flat_map(|down| (-2..=2).map(move |right| (down, right))) {
            let at = mirrored(y + down, height) * width + mirrored(x + right, width);
            value += weight(down) * weight(right) * plane[at];
        }
        value / (sum * sum)
    };
    (0..plane.len()).map(value).collect()
}
