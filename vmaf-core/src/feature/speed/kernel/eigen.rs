//! The eigenvalues of a covariance matrix, in single precision.
//!
//! Reflections make the matrix tridiagonal; implicit QR steps with a shift then make the
//! off-diagonal vanish. Golub and Van Loan, Matrix Computations, chapter 8. The order and precision
//! of each operation are libvmaf's, which computes in single precision what the GNU Scientific
//! Library computes in double.

use super::covariance::{Matrix, SIZE, WIDTH};

/// Elements this small relative to their neighbours are treated as 0.
const EPSILON: f64 = 1e-6;

/// Returns true if a matrix with an eigenvalue or a pivot of `value` can't be inverted.
pub(in crate::feature::speed) fn is_tiny(value: f32) -> bool {
    f64::from(value) < EPSILON
}

/// The number of QR steps after which the remaining elements are taken as they are.
const MAX_STEPS: usize = 500;

/// The eigenvalues of the symmetric `matrix`, in no order.
pub(in crate::feature::speed) fn eigenvalues(mut matrix: Matrix) -> [f32; SIZE] {
    let (mut diagonal, mut beside) = tridiagonal(&mut matrix);
    diagonalize(&mut diagonal, &mut beside);
    diagonal
}

/// The diagonal and the off-diagonal of the tridiagonal matrix with the eigenvalues of `matrix`.
///
/// The matrix stays symmetric to the last bit, so that rows serve as columns: vectors go along
/// whole rows, with zeros in finished columns.
fn tridiagonal(matrix: &mut Matrix) -> ([f32; SIZE], [f32; SIZE - 1]) {
    for done in 0..SIZE - 2 {
        let first = done + 1;
        let factor = reflection(matrix, done);
        if factor == 0.0 {
            continue;
        }
        let mut v = [0.0; WIDTH];
        for row in first..SIZE {
            v[row] = matrix[row][done];
        }
        v[first] = 1.0;
        let mut x = [0.0; WIDTH];
        for row in first..SIZE {
            for k in 0..WIDTH {
                x[k] += factor * matrix[row][k] * v[row];
            }
        }
        x[..first].fill(0.0);
        x[SIZE..].fill(0.0);
        let mut dot = 0.0;
        for row in first..SIZE {
            dot += x[row] * v[row];
        }
        let along = (-0.5 * f64::from(factor) * f64::from(dot)) as f32;
        for k in 0..WIDTH {
            x[k] += along * v[k];
        }
        for row in first..SIZE {
            let values = &mut matrix[row];
            for k in 0..WIDTH {
                values[k] -= x[row] * v[k] + v[row] * x[k];
            }
        }
    }
    let (mut diagonal, mut beside) = ([0.0; SIZE], [0.0; SIZE - 1]);
    for row in 0..SIZE {
        diagonal[row] = matrix[row][row];
    }
    for row in 0..SIZE - 1 {
        beside[row] = matrix[row + 1][row];
    }
    (diagonal, beside)
}

/// Replaces the elements of `column` below the diagonal: the first one by its value after the
/// reflection that leaves it alone nonzero, the others by the reflection's vector, whose own first
/// element is 1. Returns the reflection's factor, 0 if no reflection is needed.
pub(in crate::feature::speed) fn reflection(matrix: &mut Matrix, column: usize) -> f32 {
    let first = column + 1;
    let mut norm = 0.0_f32;
    for row in &matrix[first + 1..] {
        norm += row[column] * row[column];
    }
    let norm = norm.sqrt();
    if norm == 0.0 {
        return 0.0;
    }
    let alpha = matrix[first][column];
    let beta = -sign(alpha) * hypotenuse(alpha, norm);
    let divisor = alpha - beta;
    if divisor != 0.0 {
        for row in &mut matrix[first..] {
            row[column] /= divisor;
        }
        matrix[first][column] = beta;
    }
    (beta - alpha) / beta
}

/// 1 with the sign of `x`; 1 for 0.
pub(in crate::feature::speed) fn sign(x: f32) -> f32 {
    if x >= 0.0 { 1.0 } else { -1.0 }
}

fn hypotenuse(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

/// Leaves the eigenvalues of a tridiagonal matrix in `diagonal`.
pub(in crate::feature::speed) fn diagonalize(diagonal: &mut [f32], beside: &mut [f32]) {
    chop(diagonal, beside);
    let mut last = diagonal.len() - 1;
    let mut steps = 0;
    while last > 0 && steps < MAX_STEPS {
        if beside[last - 1] == 0.0 {
            last -= 1;
            continue;
        }
        // A zero separates the block that ends here from the elements before it.
        let first = beside[..last].iter().rposition(|&value| value == 0.0).map_or(0, |i| i + 1);
        let (diagonal, beside) = (&mut diagonal[first..=last], &mut beside[first..last]);
        qr_step(diagonal, beside);
        chop(diagonal, beside);
        steps += 1;
    }
}

/// Sets tiny off-diagonal elements to 0.
fn chop(diagonal: &[f32], beside: &mut [f32]) {
    for (value, around) in beside.iter_mut().zip(diagonal.windows(2)) {
        let scale = around[0].abs() + around[1].abs();
        if f64::from(value.abs()) < EPSILON * f64::from(scale) {
            *value = 0.0;
        }
    }
}

/// One QR step: rotations chase the element that the first of them puts in the way down the
/// diagonal and out.
fn qr_step(diagonal: &mut [f32], beside: &mut [f32]) {
    let len = diagonal.len();
    let mut shift = shift(diagonal, beside);
    let scale = diagonal[0].abs() + beside[0].abs();
    if EPSILON * f64::from(shift.abs()) > f64::from(scale) {
        shift = 0.0;
    }
    let (mut x, mut bulge) = (diagonal[0] - shift, beside[0]);
    for k in 0..len - 1 {
        let (c, s) = rotation(x, bulge);
        if k > 0 {
            beside[k - 1] = c * beside[k - 1] - s * bulge;
        }
        let (p, q, between) = (diagonal[k], diagonal[k + 1], beside[k]);
        diagonal[k] = c * (c * p - s * between) + s * (s * q - c * between);
        beside[k] = c * (s * p + c * between) - s * (s * between + c * q);
        diagonal[k + 1] = s * (s * p + c * between) + c * (s * between + c * q);
        x = beside[k];
        if let Some(next) = beside.get_mut(k + 1) {
            bulge = -s * *next;
            *next *= c;
        }
    }
}

/// The eigenvalue of the last two rows that is nearer to the last element.
fn shift(diagonal: &[f32], beside: &[f32]) -> f32 {
    let len = diagonal.len();
    let (a, b, between) = (diagonal[len - 2], diagonal[len - 1], beside[len - 2]);
    let half = (a - b) / 2.0;
    if half > 0.0 {
        b - between * (between / (half + hypotenuse(half, between)))
    } else if half == 0.0 {
        b - between.abs()
    } else {
        b + between * (between / (-half + hypotenuse(half, between)))
    }
}

/// The cosine and sine of the rotation that turns (a, b) onto the first axis.
fn rotation(a: f32, b: f32) -> (f32, f32) {
    let of_tangent = |t: f32| (1.0 / f64::from(1.0 + t * t).sqrt()) as f32;
    if b == 0.0 {
        (1.0, 0.0)
    } else if b.abs() > a.abs() {
        let t = -a / b;
        let sine = of_tangent(t);
        (sine * t, sine)
    } else {
        let t = -b / a;
        let cosine = of_tangent(t);
        (cosine, cosine * t)
    }
}
