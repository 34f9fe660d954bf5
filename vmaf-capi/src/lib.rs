//! `libvmaf.so.3`: the C interface of libvmaf 3.2 over `vmaf-core`.
//!
//! Programs that link libvmaf, such as FFmpeg, link this library instead, unchanged. Names,
//! structures, return codes (0 or a negative `errno`) and ownership are libvmaf's; the headers in
//! `include/libvmaf/` declare them.
//!
//! - `ffi` has the exported functions. They check pointers, turn C's types into Rust's, and call
//!   the modules below, which contain no unsafe code. A panic becomes an error code.
//! - `session` is a `VmafContext`: the requested features, the running
//!   [`Scorer`](vmaf_core::Scorer), and the scores.
//! - `scores` holds the values that are known by name and index, like libvmaf's feature
//!   collector.
//! - `dictionary` has the options of features; `message` writes messages to standard error.

mod dictionary;
mod ffi;
mod message;
mod scores;
mod session;

pub use ffi::layout;

/// An error of the C interface: a negative `errno`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Errno(i32);

impl Errno {
    /// An invalid argument, or a value that does not exist; libvmaf's code for most errors.
    const INVALID: Self = Self(-libc::EINVAL);
    /// Not enough memory.
    const NO_MEMORY: Self = Self(-libc::ENOMEM);
    /// A function that this library does not implement.
    const NOT_IMPLEMENTED: Self = Self(-libc::ENOSYS);
}

type Result<T> = std::result::Result<T, Errno>;

impl From<vmaf_core::Error> for Errno {
    /// Reports the error, since the code does not tell what is wrong.
    fn from(error: vmaf_core::Error) -> Self {
        message::error(&error);
        Self::INVALID
    }
}
