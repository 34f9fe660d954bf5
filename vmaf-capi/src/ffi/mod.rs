//! The exported functions.
//!
//! Each function checks its pointers and runs within [`guard`], which turns errors and panics into
//! return codes. Objects that C owns are boxes; their types are opaque to C except for pictures and
//! the structures of arguments.

#![allow(unsafe_code, reason = "the C interface exchanges pointers")]
#![allow(unreachable_pub, reason = "C reaches the functions by their names")]

mod collection;
mod context;
mod cuda;
mod dictionary;
mod model;
mod picture;
mod queries;
mod types;

use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Errno, Result, message};

/// The sizes of the structures that C and this library share and the offsets of their members, by
/// name, such as `VmafPicture.stride`. Tests compare them with those of the headers.
#[must_use]
pub fn layout() -> Vec<(&'static str, usize)> {
    types::layout()
}

/// Runs the body of an exported function: 0, or a negative `errno`.
fn guard(body: impl FnOnce() -> Result<()>) -> c_int {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => 0,
        Ok(Err(Errno(code))) => code,
        Err(_) => {
            message::error("internal error");
            Errno::INVALID.0
        }
    }
}

/// The object at `pointer`.
///
/// # Errors
/// [`Errno::INVALID`] if it is null.
///
/// # Safety
/// If it is not null, `pointer` points to a valid `T` that nothing writes to during `'a`.
unsafe fn shared<'a, T>(pointer: *const T) -> Result<&'a T> {
    // SAFETY: the caller's promise.
    unsafe { pointer.as_ref() }.ok_or(Errno::INVALID)
}

/// The object at `pointer`, mutable.
///
/// # Errors
/// [`Errno::INVALID`] if it is null.
///
/// # Safety
/// If it is not null, `pointer` points to a valid `T` that nothing else uses during `'a`.
unsafe fn exclusive<'a, T>(pointer: *mut T) -> Result<&'a mut T> {
    // SAFETY: the caller's promise.
    unsafe { pointer.as_mut() }.ok_or(Errno::INVALID)
}

/// The text at `pointer`.
///
/// # Errors
/// [`Errno::INVALID`] if it is null or not UTF-8.
///
/// # Safety
/// If it is not null, `pointer` points to a string that ends with 0 and that nothing writes to
/// during `'a`.
unsafe fn text<'a>(pointer: *const c_char) -> Result<&'a str> {
    if pointer.is_null() {
        return Err(Errno::INVALID);
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|_| Errno::INVALID)
}

/// Gives `value` to C as a box.
fn into_raw<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

/// Takes a box back from C; `None` if `pointer` is null.
///
/// # Safety
/// `pointer` is null or came from [`into_raw`], and is not used any more.
unsafe fn from_raw<T>(pointer: *mut T) -> Option<T> {
    // SAFETY: the caller's promise.
    (!pointer.is_null()).then(|| *unsafe { Box::from_raw(pointer) })
}
