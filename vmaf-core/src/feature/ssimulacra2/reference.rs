//! The definition of SSIMULACRA2, in double precision.

use super::filter::{REACH, WEIGHTS};
use super::score::{MapSums, ScaleSums};
use super::{ABSORBANCE, BIAS, C2, LEAST_SIZE, SCALES};
use crate::feature::light::testing::Picture;

/// The sums of all scales, of which the score is made; `light` is red, green and blue.
pub(super) fn sums(reference: &Picture, distorted: &Picture) -> Vec<ScaleSums> {
    let (mut reference, mut distorted) = (reference.clone(), distorted.clone());
    let mut scales = Vec::new();
    for scale in 0..SCALES {
        if reference.width < LEAST_SIZE || reference.height < LEAST_SIZE {
            break;
        }
        if scale > 0 {
            (reference, distorted) = (reference.halved(), distorted.halved());
        }
        scales.push(compare(&xyb(&reference), &xyb(&distorted)));
    }
    scales
}

fn compare(reference: &Picture, distorted: &Picture) -> ScaleSums {
    let components = [0, 1, 2].map(|component| {
        let [a, b] = [reference, distorted].map(|picture| &picture.components[component]);
        let filtered = |value: &dyn Fn(usize) -> f64| filtered(reference, value);
        let (mean_a, mean_b) = (filtered(&|i| a[i]), filtered(&|i| b[i]));
        let (square_a, square_b) = (filtered(&|i| a[i] * a[i]), filtered(&|i| b[i] * b[i]));
        let product = filtered(&|i| a[i] * b[i]);
        let mut sums = MapSums::default();
        for i in 0..a.len() {
            let (m_a, m_b) = (mean_a[i], mean_b[i]);
            let luminance = 1.0 - (m_a - m_b) * (m_a - m_b);
            let covariance = 2.0 * (product[i] - m_a * m_b) + C2;
            let variances = (square_a[i] - m_a * m_a) + (square_b[i] - m_b * m_b) + C2;
            let dissimilarity = (1.0 - luminance * covariance / variances).max(0.0);
            let edges = (1.0 + (b[i] - m_b).abs()) / (1.0 + (a[i] - m_a).abs()) - 1.0;
            let values = [dissimilarity, edges.max(0.0), (-edges).max(0.0)];
            for (map, value) in values.into_iter().enumerate() {
                sums.values[map] += value;
                sums.fourth_powers[map] += value.powi(4);
            }
        }
        sums
    });
    ScaleSums { components, pixels: (reference.width * reference.height) as f64 }
}

/// Light as XYB, scaled to about 0 to 1.
fn xyb(picture: &Picture) -> Picture {
    let mut xyb = picture.clone();
    for i in 0..picture.width * picture.height {
        let rgb = picture.components.each_ref().map(|plane| plane[i]);
        let [l, m, s] = ABSORBANCE.map(|weights| {
            let response: f64 = weights.iter().zip(rgb).map(|(weight, light)| weight * light).sum();
            (response + BIAS).max(0.0).cbrt() - BIAS.cbrt()
        });
        let (x, y) = ((l - m) / 2.0, (l + m) / 2.0);
        let values = [14.0 * x + 0.42, y + 0.01, s - y + 0.55];
        for (plane, value) in xyb.components.iter_mut().zip(values) {
            plane[i] = value;
        }
    }
    xyb
}

/// Filters the numbers `value(index)` across and down. Numbers outside the picture are 0.
fn filtered(picture: &Picture, value: &dyn Fn(usize) -> f64) -> Vec<f64> {
    let (width, height) = (picture.width as isize, picture.height as isize);
    let reach = REACH as isize;
    let weight = |offset: isize| WEIGHTS[offset.unsigned_abs()];
    let across = |x: isize, y: isize| -> f64 {
        let inside = (-reach..=reach).filter(|k| (0..width).contains(&(x + k)));
        inside.map(|k| weight(k) * value((y * width + x + k) as usize)).sum()
    };
    let rows: Vec<f64> = (0..width * height).map(|i| across(i % width, i / width)).collect();
    let down = |x: isize, y: isize| -> f64 {
        let inside = (-reach..=reach).filter(|k| (0..height).contains(&(y + k)));
        inside.map(|k| weight(k) * rows[((y + k) * width + x) as usize]).sum()
    };
    (0..width * height).map(|i| down(i % width, i / width)).collect()
}
