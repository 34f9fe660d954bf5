//! Rows aligned to vectors, and loads and stores of vectors.

use std::ops::{Deref, DerefMut};

use bytemuck::Zeroable;
use fearless_simd::prelude::*;

use crate::memory;

/// The size in bytes of the longest vector and of a cache line.
const LINE: usize = 64;

/// A row of values that starts at a cache line, so that aligned vector loads do not cross cache
/// lines.
#[derive(Debug, Default)]
pub(crate) struct AlignedRow<T> {
    values: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Zeroable> AlignedRow<T> {
    /// Creates a row of `len` zeros.
    pub(crate) fn new(len: usize) -> Self {
        let values: Vec<T> = memory::buffer(len + LINE / size_of::<T>());
        let start = values.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        Self { values, start, len }
    }

    /// Sets the row's length to `len`. Memory is reused if it is large enough; the values are then
    /// unspecified.
    pub(crate) fn resize(&mut self, len: usize) {
        if self.start + len > self.values.len() {
            *self = Self::new(len);
        }
        self.len = len;
    }

    /// The row, resized to `len`.
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

/// Loads the vector that starts at index `x` of `row`.
#[inline(always)]
pub(crate) fn load<S: Simd, V: SimdBase<S>>(simd: S, row: &[V::Element], x: usize) -> V {
    V::from_slice(simd, &row[x..x + V::LEN])
}

/// Stores `vector` in `row`, starting at index `x`.
#[inline(always)]
pub(crate) fn store<S: Simd, V: SimdBase<S>>(vector: V, row: &mut [V::Element], x: usize) {
    vector.store_slice(&mut row[x..x + V::LEN]);
}

/// Prefetches the cache line of index `x` of `row`.
#[inline(always)]
pub(crate) fn prefetch<T>(row: &[T], x: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(place) = row.get(x) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[expect(unsafe_code, reason = "the instruction takes an address")]
        // SAFETY: the address is that of a valid value, and a prefetch does not access it.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(place).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (row, x);
}
