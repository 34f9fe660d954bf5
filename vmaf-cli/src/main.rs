//! The `vmaf` command; the library implements it.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    return_freed_memory();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(vmaf_cli::main(&arguments))
}

/// Makes glibc return the memory of frame planes to the system when they are freed. By default
/// glibc retains freed blocks of up to 32 MiB for reuse; in a run that decodes, then maps, then
/// writes pictures, such blocks are half of the peak memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn return_freed_memory() {
    const LARGE: libc::c_int = 1 << 20;
    #[expect(unsafe_code, reason = "the allocator's settings are C's")]
    // SAFETY: no other thread runs yet, and any size is valid.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn return_freed_memory() {}
