//! Rows that begin where a vector does, and loads and stores of vectors.

use std::ops::{Deref, DerefMut};

use fearless_simd::prelude::*;

/// The bytes of the longest vector, and of a cache line.
const LINE: usize = 64;

/// A row of values whose first one lies at the start of a cache line, so that loads of whole
/// vectors cross none.
#[derive(Debug, Default)]
pub(crate) struct AlignedRow<T> {
    values: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Copy + Default> AlignedRow<T> {
    /// A row of `len` zeros.
    pub(crate) fn new(len: usize) -> Self {
        let values = vec![T::default(); len + LINE / size_of::<T>()];
        let start = values.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        Self { values, start, len }
    }

    /// Makes the row `len` long. Its memory is used again where that is enough, and holds anything.
    pub(crate) fn resize(&mut self, len: usize) {
        if self.start + len > self.values.len() {
            *self = Self::new(len);
        }
        self.len = len;
    }

    /// The row, made `len` long.
    #[inline(always)]
    pub(crate) fn sized(&mut self, len: usize) -> &mut [T] {
        self.resize(len);
        self
    }
}

impl<T> Deref for AlignedRow<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.values[self.start..self.start + self.len]
    }
}

impl<T> DerefMut for AlignedRow<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.start..self.start + self.len]
    }
}

/// The vector that begins at place `x` of `row`.
#[inline(always)]
pub(crate) fn load<S: Simd, V: SimdBase<S>>(simd: S, row: &[V::Element], x: usize) -> V {
    V::from_slice(simd, &row[x..x + V::LEN])
}

/// Writes `vector` to `row` from place `x` on.
#[inline(always)]
pub(crate) fn store<S: Simd, V: SimdBase<S>>(vector: V, row: &mut [V::Element], x: usize) {
    vector.store_slice(&mut row[x..x + V::LEN]);
}

/// Asks for the cache line of place `x` of `row`, which will be read before long.
#[inline(always)]
pub(crate) fn prefetch<T>(row: &[T], x: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(place) = row.get(x) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[expect(unsafe_code, reason = "the instruction takes an address")]
        // SAFETY: the address is that of a value, and nothing is read of it.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(place).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (row, x);
}
