//! Allocation of large buffers, whose failure ends a run instead of the process.
//!
//! Rust ends a process whose allocation fails. Almost all memory of a run is in pictures and in the
//! rows of workspaces, which are allocated here. If the system refuses the memory, as it does under
//! a limit on the address space, the thread unwinds with [`OutOfMemory`]; [`catch`] makes it an
//! error of one run, and others in the process continue. The allocation itself must fail: to ask
//! first whether there is memory is no use, since another thread may take it meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bytemuck::Zeroable;
use bytemuck::allocation::try_zeroed_vec;

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

/// Returns a buffer of `len` zeros, which take no memory until they are written to; unwinds with
/// [`OutOfMemory`] if there is no memory.
pub(crate) fn buffer<T: Zeroable>(len: usize) -> Vec<T> {
    try_zeroed_vec(len).unwrap_or_else(|()| refused::<T>(len))
}

/// Sets the length of a buffer; new values are zeros. Unwinds with [`OutOfMemory`] if there is no
/// memory.
pub(crate) fn resize<T: Copy + Zeroable>(values: &mut Vec<T>, len: usize) {
    if values.is_empty() && len > values.capacity() {
        *values = buffer(len);
        return;
    }
    let missing = len.saturating_sub(values.len());
    if values.try_reserve_exact(missing).is_err() {
        refused::<T>(len);
    }
    values.resize(len, T::zeroed());
}

/// Unwinds because memory for `len` values was refused.
fn refused<T>(len: usize) -> ! {
    // Unlike a panic, this prints nothing.
    resume_unwind(Box::new(OutOfMemory { bytes: len.saturating_mul(size_of::<T>()) }))
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
