//! Rotation and mirroring of pictures when they are shown, as a display matrix describes them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The unit of a display matrix.
const MATRIX_UNIT: f64 = 65536.0;

/// An entry of a display matrix counts as zero if it is smaller than the others by this factor,
/// which is less than a degree.
const ZERO_RATIO: i64 = 64;

/// The rotation and mirroring of a stream's frames when they are shown.
///
/// The point (x, y) of a frame, with y downwards, is shown at (ax + cy, bx + dy); the picture is
/// then translated into view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orientation {
    /// a, b, c and d: -1, 0 or 1 for rotations by right angles, otherwise the file's values in
    /// 65536ths.
    matrix: [i32; 4],
}

impl Default for Orientation {
    fn default() -> Self {
        Self::UPRIGHT
    }
}

impl Orientation {
    /// The orientation of a picture shown as it is stored.
    pub const UPRIGHT: Self = Self { matrix: [1, 0, 0, 1] };

    /// Returns the orientation described by a display matrix, whose entries are in 65536ths. A
    /// singular matrix, which would show nothing, counts as upright.
    #[must_use]
    pub fn from_matrix(matrix: [i32; 4]) -> Self {
        let [a, b, c, d] = matrix.map(i64::from);
        let dwarfs = |large: [i64; 2], small: [i64; 2]| {
            small
                .iter()
                .all(|small| large.iter().all(|large| small.abs() * ZERO_RATIO < large.abs()))
        };
        let sign = |value: i64| value.signum() as i32;
        if a * d == b * c {
            Self::UPRIGHT
        } else if dwarfs([a, d], [b, c]) {
            Self { matrix: [sign(a), 0, 0, sign(d)] }
        } else if dwarfs([b, c], [a, d]) {
            Self { matrix: [0, sign(b), sign(c), 0] }
        } else {
            Self { matrix }
        }
    }

    /// Creates the orientation that first mirrors left to right or top to bottom, and then rotates
    /// counterclockwise by `angle` degrees.
    #[must_use]
    pub fn new(mirrored: [bool; 2], angle: f64) -> Self {
        let [x, y] = mirrored.map(|mirrored| if mirrored { -MATRIX_UNIT } else { MATRIX_UNIT });
        let (sine, cosine) = angle.to_radians().sin_cos();
        let matrix = [x * cosine, -x * sine, y * sine, y * cosine];
        Self::from_matrix(matrix.map(|value| value.round() as i32))
    }

    /// Returns true if the rotation is by right angles, which moves samples without changing them.
    #[must_use]
    pub fn is_exact(self) -> bool {
        matches!(self.matrix, [-1 | 1, 0, 0, -1 | 1] | [0, -1 | 1, -1 | 1, 0])
    }

    /// Returns true if rows become columns.
    #[must_use]
    pub fn is_transposed(self) -> bool {
        self.matrix[0] == 0
    }

    /// Returns true for each axis, horizontal first, if the output counts samples from the other
    /// end.
    pub(crate) fn is_reversed(self) -> [bool; 2] {
        let [a, b, c, d] = self.matrix;
        [a + c < 0, b + d < 0]
    }

    /// Returns the orientation that applies this one and then `next`, both by right angles.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.matrix, next.matrix);
        Self { matrix: [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h] }
    }

    /// Returns the orientation that undoes this one, which is by right angles.
    #[must_use]
    pub fn inverse(self) -> Self {
        let [a, b, c, d] = self.matrix;
        Self { matrix: [a, c, b, d] }
    }

    /// Returns the eight orientations by right angles, the upright one first.
    pub(crate) fn all() -> [Self; 8] {
        std::array::from_fn(|index| {
            Self::new([index >= 4, false], f64::from(90 * (index as u32 % 4)))
        })
    }
}

/// Formats the orientation to follow "is to be", as in "rotated by 90 degrees". Degrees are
/// clockwise.
impl fmt::Display for Orientation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.matrix.map(f64::from);
        let is_mirrored = a * d < b * c;
        let words = match self.matrix {
            [1, 0, 0, 1] => "shown as it is stored",
            [-1, 0, 0, 1] => "mirrored left to right",
            [1, 0, 0, -1] => "mirrored top to bottom",
            _ => "",
        };
        if !words.is_empty() {
            return f.write_str(words);
        }
        if is_mirrored {
            f.write_str("mirrored left to right and ")?;
        }
        let across = if is_mirrored { [-a, -b] } else { [a, b] };
        let angle = across[1].atan2(across[0]).to_degrees().rem_euclid(360.0);
        write!(f, "rotated by {} degrees", (angle * 10.0).round() / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_angles_are_recognised_and_described() {
        const ONE: i32 = 65536;
        for (matrix, words, transposed) in [
            ([ONE, 0, 0, ONE], "shown as it is stored", false),
            ([0, ONE, -ONE, 0], "rotated by 90 degrees", true),
            ([-ONE, 0, 0, -ONE], "rotated by 180 degrees", false),
            ([0, -ONE, ONE, 0], "rotated by 270 degrees", true),
            ([-ONE, 0, 0, ONE], "mirrored left to right", false),
            ([ONE, 0, 0, -ONE], "mirrored top to bottom", false),
            ([0, ONE, ONE, 0], "mirrored left to right and rotated by 270 degrees", true),
            ([0, -ONE, -ONE, 0], "mirrored left to right and rotated by 90 degrees", true),
            // Wide pixels, and a hundredth of a degree.
            ([2 * ONE, 0, 0, ONE], "shown as it is stored", false),
            ([11, ONE - 1, -ONE, 11], "rotated by 90 degrees", true),
            // Nothing would be seen.
            ([0; 4], "shown as it is stored", false),
            ([ONE, 0, 0, 0], "shown as it is stored", false),
        ] {
            let orientation = Orientation::from_matrix(matrix);
            assert!(orientation.is_exact(), "{matrix:?}");
            assert_eq!(orientation.to_string(), words);
            assert_eq!(orientation.is_transposed(), transposed, "{matrix:?}");
        }
        let skewed = Orientation::new([false; 2], -30.0);
        assert!(!skewed.is_exact());
        assert_eq!(skewed.to_string(), "rotated by 30 degrees");
        let skewed = Orientation::new([true, false], -45.0);
        assert_eq!(skewed.to_string(), "mirrored left to right and rotated by 45 degrees");
        let extreme = Orientation::from_matrix([i32::MIN, i32::MIN, i32::MAX, i32::MIN]);
        assert!(!extreme.is_exact());
    }

    #[test]
    fn orientations_compose_and_invert() {
        let turned = Orientation::new([false; 2], -90.0);
        let mirrored = Orientation::new([true, false], 0.0);
        assert_eq!(turned.then(turned).to_string(), "rotated by 180 degrees");
        assert_eq!(mirrored.then(turned), Orientation::new([true, false], -90.0));
        assert_ne!(mirrored.then(turned), turned.then(mirrored));
        for one in Orientation::all() {
            assert_eq!(one.then(one.inverse()), Orientation::UPRIGHT);
            let alike = Orientation::all().into_iter().filter(|other| *other == one);
            assert_eq!(alike.count(), 1, "{one}");
        }
        assert_eq!(Orientation::all()[0], Orientation::UPRIGHT);
    }
}
