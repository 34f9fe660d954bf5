//! The entry points of libvmaf's CUDA build. Programs that look for them find that CUDA is not
//! implemented.
//!
//! Arguments are not read, so that structures passed by value need no declaration here.

use std::ffi::{c_int, c_void};

use crate::Errno;

/// Not implemented.
#[unsafe(no_mangle)]
pub extern "C" fn vmaf_cuda_state_init(_state: *mut *mut c_void) -> c_int {
    Errno::NOT_IMPLEMENTED.0
}

/// Not implemented.
#[unsafe(no_mangle)]
pub extern "C" fn vmaf_cuda_import_state(_context: *mut c_void, _state: *mut c_void) -> c_int {
    Errno::NOT_IMPLEMENTED.0
}

/// Not implemented.
#[unsafe(no_mangle)]
pub extern "C" fn vmaf_cuda_preallocate_pictures(_context: *mut c_void) -> c_int {
    Errno::NOT_IMPLEMENTED.0
}

/// Not implemented.
#[unsafe(no_mangle)]
pub extern "C" fn vmaf_cuda_fetch_preallocated_picture(
    _context: *mut c_void,
    _picture: *mut c_void,
) -> c_int {
    Errno::NOT_IMPLEMENTED.0
}
