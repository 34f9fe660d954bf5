//! Matrices between primaries.

use super::Primaries;

/// A matrix of three rows.
pub(crate) type Matrix3 = [[f64; 3]; 3];

/// The chromaticity of the white D65.
const D65: [f64; 2] = [0.3127, 0.329];

impl Primaries {
    /// The chromaticities x and y of red, green and blue (ITU-T H.273, table 2).
    const fn chromaticities(self) -> [[f64; 2]; 3] {
        match self {
            Self::Bt709 => [[0.64, 0.33], [0.3, 0.6], [0.15, 0.06]],
            Self::Bt601Lines525 => [[0.63, 0.34], [0.31, 0.595], [0.155, 0.07]],
            Self::Bt601Lines625 => [[0.64, 0.33], [0.29, 0.6], [0.15, 0.06]],
            Self::Bt2020 => [[0.708, 0.292], [0.17, 0.797], [0.131, 0.046]],
            Self::P3 => [[0.68, 0.32], [0.265, 0.69], [0.15, 0.06]],
        }
    }

    /// The matrix from light of these primaries to CIE XYZ, with a luminance of 1 for white.
    pub(crate) fn to_xyz(self) -> Matrix3 {
        let xyz = |[x, y]: [f64; 2]| [x / y, 1.0, (1.0 - x - y) / y];
        let [red, green, blue] = self.chromaticities().map(xyz);
        let columns = [0, 1, 2].map(|row| [red[row], green[row], blue[row]]);
        let shares = apply(&inverse(&columns), xyz(D65));
        columns.map(|row| [row[0] * shares[0], row[1] * shares[1], row[2] * shares[2]])
    }

    /// The matrix from light of these primaries to light of BT.709's; `None` if it is the same.
    pub(crate) fn to_bt709(self) -> Option<Matrix3> {
        let different = self != Self::Bt709;
        different.then(|| product(&inverse(&Self::Bt709.to_xyz()), &self.to_xyz()))
    }
}

/// The product of a matrix and a vector.
pub(super) fn apply(matrix: &Matrix3, vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

/// The product of two matrices.
pub(crate) fn product(left: &Matrix3, right: &Matrix3) -> Matrix3 {
    let columns = [0, 1, 2].map(|column| apply(left, right.map(|row| row[column])));
    [0, 1, 2].map(|row| columns.map(|column| column[row]))
}

/// The inverse of a matrix that has one.
fn inverse(m: &Matrix3) -> Matrix3 {
    let cofactor = |row: usize, column: usize| {
        let [r1, r2] = [(row + 1) % 3, (row + 2) % 3];
        let [c1, c2] = [(column + 1) % 3, (column + 2) % 3];
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant: f64 = (0..3).map(|column| m[0][column] * cofactor(0, column)).sum();
    [0, 1, 2].map(|row| [0, 1, 2].map(|column| cofactor(column, row) / determinant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bt2020_converts_as_bt2087_states() {
        // ITU-R BT.2087 prints BT.709 to BT.2020; its inverse converts back.
        let published =
            [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]];
        let ours = inverse(&Primaries::Bt2020.to_bt709().expect("another"));
        for (ours, published) in ours.iter().flatten().zip(published.iter().flatten()) {
            assert!((ours - published).abs() < 6e-5, "{ours} {published}");
        }
    }

    #[test]
    fn white_stays_white() {
        let all =
            [Primaries::Bt601Lines525, Primaries::Bt601Lines625, Primaries::Bt2020, Primaries::P3];
        for primaries in all {
            let matrix = primaries.to_bt709().expect("another");
            for component in apply(&matrix, [1.0; 3]) {
                assert!((component - 1.0).abs() < 1e-12, "{primaries:?}");
            }
        }
        assert_eq!(Primaries::Bt709.to_bt709(), None);
    }
}
