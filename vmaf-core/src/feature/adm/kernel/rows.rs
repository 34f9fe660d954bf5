//! The rows of bands that are kept while a scale is measured.

use bytemuck::Zeroable;

use crate::simd::aligned::AlignedRow;

/// Values after a row's last that whole vectors may read and write.
pub(in crate::feature::adm) const SLACK: usize = 128;

/// The parts of a coefficient: the part that follows the reference, and the rest.
pub(in crate::feature::adm) const RESTORED: usize = 0;
pub(in crate::feature::adm) const ADDITIVE: usize = 1;

/// Columns in front of rows of thresholds.
pub(in crate::feature::adm) const PAD: usize = 16;

/// A row of each band of detail: horizontal, vertical and diagonal. The row begins at the first
/// column that is wanted.
pub(in crate::feature::adm) struct Detail<V> {
    pub(in crate::feature::adm) rows: [AlignedRow<V>; 3],
}

impl<V: Copy + Zeroable> Detail<V> {
    pub(in crate::feature::adm) fn new(width: usize) -> Self {
        Self { rows: std::array::from_fn(|_| AlignedRow::new(width + SLACK)) }
    }

    /// The first `len` columns of each band.
    #[inline(always)]
    pub(in crate::feature::adm) fn first(&self, len: usize) -> [&[V]; 3] {
        first(&self.rows, len)
    }
}

/// The first `len` values of each row: of rows of the same length the compiler checks bounds once.
#[inline(always)]
pub(in crate::feature::adm) fn first<V: Copy + Zeroable>(
    rows: &[AlignedRow<V>; 3],
    len: usize,
) -> [&[V]; 3] {
    [&rows[0][..len], &rows[1][..len], &rows[2][..len]]
}

/// The rows that are kept of the finest scale, and of the others.
pub(in crate::feature::adm) struct ScaleRows {
    pub(in crate::feature::adm) finest: BandRows<i16>,
    pub(in crate::feature::adm) coarser: BandRows<i32>,
}

impl ScaleRows {
    /// For bands of up to `width` columns.
    pub(in crate::feature::adm) fn new(width: usize) -> Self {
        Self { finest: BandRows::new(width), coarser: BandRows::new(width) }
    }
}

/// The rows of a scale's bands that are kept.
pub(in crate::feature::adm) struct BandRows<C> {
    /// The reference's row and an encode's.
    pub(in crate::feature::adm) detail: [Detail<C>; 2],
    /// -1 if the direction is kept, 0 otherwise.
    pub(in crate::feature::adm) same: AlignedRow<C>,
    /// The part of each band's coefficient that follows the reference, before enhancement.
    pub(in crate::feature::adm) followed: [AlignedRow<C>; 3],
    /// For each encode, for each setting.
    pub(in crate::feature::adm) encodes: Vec<Vec<EncodeRows<C>>>,
    width: usize,
}

impl<C: Copy + Zeroable> BandRows<C> {
    fn new(width: usize) -> Self {
        Self {
            detail: [Detail::new(width), Detail::new(width)],
            same: AlignedRow::new(width + SLACK),
            followed: std::array::from_fn(|_| AlignedRow::new(width + SLACK)),
            encodes: Vec::new(),
            width,
        }
    }

    /// Has room for as many `encodes` and `settings`.
    pub(in crate::feature::adm) fn reserve(&mut self, encodes: usize, settings: usize) {
        self.encodes.resize_with(encodes, Vec::new);
        for of_encode in &mut self.encodes {
            of_encode.resize_with(of_encode.len().max(settings), || EncodeRows::new(self.width));
        }
    }
}

/// One encode under one setting: the last three rows.
pub(in crate::feature::adm) struct EncodeRows<C> {
    pub(in crate::feature::adm) rows: [SplitRow<C>; 3],
}

/// A row of coefficients split into parts, from the first column that is wanted on.
pub(in crate::feature::adm) struct SplitRow<C> {
    /// The part that follows the reference, and the rest; at coarser scales weighted magnitudes.
    pub(in crate::feature::adm) parts: [[AlignedRow<C>; 3]; 2],
    /// The masking of each part: by a neighbour, and the excess of the same place over that.
    /// [`PAD`] columns precede both; the columns before the first and after the last are mirrored.
    pub(in crate::feature::adm) near: [AlignedRow<i32>; 2],
    pub(in crate::feature::adm) own: [AlignedRow<i32>; 2],
}

/// The first columns of a [`SplitRow`].
pub(in crate::feature::adm) struct SplitSlices<'a, C> {
    pub(in crate::feature::adm) parts: [[&'a mut [C]; 3]; 2],
    pub(in crate::feature::adm) near: [&'a mut [i32]; 2],
    pub(in crate::feature::adm) own: [&'a mut [i32]; 2],
}

impl<C: Copy + Zeroable> SplitRow<C> {
    /// The first `len` columns, from the first that is wanted on.
    #[inline(always)]
    pub(in crate::feature::adm) fn slices(&mut self, len: usize) -> SplitSlices<'_, C> {
        let [[a, b, c], [d, e, f]] = &mut self.parts;
        let ([near_0, near_1], [own_0, own_1]) = (&mut self.near, &mut self.own);
        SplitSlices {
            parts: [
                [&mut a[..len], &mut b[..len], &mut c[..len]],
                [&mut d[..len], &mut e[..len], &mut f[..len]],
            ],
            near: [&mut near_0[PAD..][..len], &mut near_1[PAD..][..len]],
            own: [&mut own_0[PAD..][..len], &mut own_1[PAD..][..len]],
        }
    }
}

impl<C: Copy + Zeroable> EncodeRows<C> {
    fn new(width: usize) -> Self {
        let shares = || std::array::from_fn(|_| AlignedRow::new(PAD + width + SLACK));
        let part = || std::array::from_fn(|_| AlignedRow::new(width + SLACK));
        let row = |_| SplitRow { parts: [part(), part()], near: shares(), own: shares() };
        Self { rows: std::array::from_fn(row) }
    }
}
