//! Allocation of large buffers, whose failure ends a run instead of the process.
//!
//! Rust ends a process whose allocation fails. Almost all memory of a run is in pictures and in the
//! rows of workspaces, which are allocated here. If the system refuses the memory, as it does under
//! a limit on the address space, the thread unwinds with [`OutOfMemory`]; [`catch`] makes it an
//! error of one run, and others in the process continue.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Memory that the system refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not enough memory: the system refused another {} MB; measure fewer videos at once, with fewer \
     threads, or raise the limit",
    .bytes.div_ceil(1_000_000)
)]
pub struct OutOfMemory {
    /// The size of the refused allocation.
    pub bytes: usize,
}

/// Runs `body`, which may allocate large buffers.
///
/// # Errors
/// Returns the refused allocation if there was one. Other panics go on.
pub fn catch<T>(body: impl FnOnce() -> T) -> Result<T, OutOfMemory> {
    // What `body` left half done belongs to the run that fails.
    catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        match payload.downcast::<OutOfMemory>() {
            Ok(refused) => *refused,
            Err(other) => resume_unwind(other),
        }
    })
}

/// Returns a buffer of `len` default values; unwinds with [`OutOfMemory`] if there is no memory.
pub(crate) fn buffer<T: Copy + Default>(len: usize) -> Vec<T> {
    reserve::<T>(len);
    vec![T::default(); len]
}

/// Sets the length of a buffer; new values are the default ones. Unwinds with [`OutOfMemory`] if
/// there is no memory.
pub(crate) fn resize<T: Copy + Default>(buffer: &mut Vec<T>, len: usize) {
    if len > buffer.capacity() {
        reserve::<T>(len);
    }
    buffer.resize(len, T::default());
}

/// Checks that the system grants memory for `len` values. It is given back, because only `vec!` can
/// obtain zeros that take no memory until they are written to.
fn reserve<T>(len: usize) {
    if Vec::<T>::new().try_reserve_exact(len).is_err() {
        // Unlike a panic, this prints nothing.
        resume_unwind(Box::new(OutOfMemory { bytes: len.saturating_mul(size_of::<T>()) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_memory_is_an_error_and_other_panics_go_on() {
        // More than any address space.
        let len = 1 << 59;
        let refused = OutOfMemory { bytes: len * 4 };
        assert_eq!(catch(|| buffer::<u32>(len)), Err(refused));
        let mut grown = vec![7_u32];
        assert_eq!(catch(|| resize(&mut grown, len)), Err(refused));
        assert_eq!(grown, [7]);
        assert_eq!(catch(|| buffer::<u32>(3)), Ok(vec![0; 3]));
        assert!(refused.to_string().contains("another 2305843009214 MB"), "{refused}");
        let other = catch_unwind(|| catch(|| resume_unwind(Box::new("other"))));
        let other = other.expect_err("a panic");
        assert_eq!(other.downcast_ref(), Some(&"other"));
    }
}
