//! Reuse of plane memory.
//!
//! A frame takes megabytes. The system hands out memory of that size page by page, zeroes each page
//! first, and takes the memory back when it is freed; doing this for every frame costs more than
//! reading the frame. A [`Recycler`] keeps the memory of dropped planes for later planes. Until it
//! is dropped, it holds as many planes as were ever in use at the same time.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytemuck::Zeroable;

use super::{Format, Frame, Plane, Sample};
use crate::memory;

/// A source of frames whose memory returns to it when they are dropped.
///
/// Clones share the same memory.
#[derive(Debug, Clone, Default)]
pub struct Recycler {
    pub(super) bytes: Arc<Shelf<u8>>,
    pub(super) words: Arc<Shelf<u16>>,
}

impl Recycler {
    /// A frame of `format` with unspecified samples, to be overwritten.
    #[must_use]
    pub fn frame(&self, format: Format) -> Frame {
        if format.bit_depth == 8 {
            Frame::from_checked_planes(format, self.planes::<u8>(&format))
        } else {
            Frame::from_checked_planes(format, self.planes::<u16>(&format))
        }
    }

    fn planes<T: Sample>(&self, format: &Format) -> Vec<Plane<T>> {
        let plane = |index| {
            let (width, height) = format.plane_size(index);
            Plane::recycled(T::shelf(self), width, height)
        };
        (0..format.chroma.planes()).map(plane).collect()
    }
}

/// The unused memory of planes.
pub struct Shelf<T>(Mutex<Vec<Vec<T>>>);

impl<T> Shelf<T> {
    /// `count` unspecified samples, in the memory of a plane of that size if there is one.
    pub(super) fn take(self: &Arc<Self>, count: usize) -> Samples<T>
    where
        T: Zeroable,
    {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The most recently returned memory is the most likely to be cached.
        let found = all.iter().rposition(|samples| samples.len() == count);
        let values = found.map(|place| all.swap_remove(place));
        drop(all);
        let values = values.unwrap_or_else(|| memory::buffer(count));
        Samples { values, home: Arc::downgrade(self) }
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

/// The samples of a plane, which return to their shelf when dropped.
pub(super) struct Samples<T> {
    values: Vec<T>,
    /// The shelf to return to; dangling for samples that did not come from a shelf.
    home: Weak<Shelf<T>>,
}

impl<T> From<Vec<T>> for Samples<T> {
    fn from(values: Vec<T>) -> Self {
        Self { values, home: Weak::new() }
    }
}

impl<T> Drop for Samples<T> {
    fn drop(&mut self) {
        if let Some(shelf) = self.home.upgrade() {
            let values = std::mem::take(&mut self.values);
            shelf.0.lock().unwrap_or_else(PoisonError::into_inner).push(values);
        }
    }
}

impl<T> Deref for Samples<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.values
    }
}

impl<T> DerefMut for Samples<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.values
    }
}

impl<T: Clone> Clone for Samples<T> {
    fn clone(&self) -> Self {
        self.values.clone().into()
    }
}

impl<T: PartialEq> PartialEq for Samples<T> {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl<T: fmt::Debug> fmt::Debug for Samples<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.values.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chroma;

    #[test]
    fn memory_of_dropped_frames_is_reused() {
        let recycler = Recycler::default();
        let format = |depth| Format::new(34, 18, Chroma::Yuv420, depth).expect("valid");
        let address = |frame: &Frame| frame.plane::<u8>(0).row(0).as_ptr();
        let first = recycler.frame(format(8));
        let second = recycler.frame(format(8));
        let (was, other) = (address(&first), address(&second));
        assert_ne!(was, other);
        drop(first);
        // Memory is not shared between sample types.
        assert_eq!(recycler.frame(format(10)).plane::<u16>(2).rows().count(), 9);
        assert_eq!(address(&recycler.frame(format(8))), was);
        // Memory that outlives the recycler is freed.
        drop(recycler);
        assert_eq!(second.plane::<u8>(1).width(), 17);
    }

    #[test]
    fn copies_do_not_share_memory() {
        let recycler = Recycler::default();
        let format = Format::new(3, 1, Chroma::Mono, 8).expect("valid");
        let mut frame = recycler.frame(format);
        frame.plane_mut::<u8>(0).row_mut(0).copy_from_slice(&[1, 2, 3]);
        let copy = frame.clone();
        frame.plane_mut::<u8>(0).row_mut(0).fill(9);
        assert_ne!(copy, frame);
        drop(frame);
        assert_eq!(copy.plane::<u8>(0).row(0), [1, 2, 3]);
        assert_eq!(recycler.frame(format).plane::<u8>(0).row(0), [9, 9, 9]);
    }
}
