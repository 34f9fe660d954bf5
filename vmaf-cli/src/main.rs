//! The `vmaf` command; all of it is in the library.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    give_memory_back();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(vmaf_cli::main(&arguments))
}

/// Has planes of frames given back to the system when they are freed. Otherwise glibc keeps all of up to
/// 32 MiB, in case it is needed again: of a run that decodes, then maps, then writes pictures, half of
/// the greatest use of memory is of what was before.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn give_memory_back() {
    const LARGE: libc::c_int = 1 << 20;
    #[expect(unsafe_code, reason = "the allocator's settings are C's")]
    // SAFETY: nothing else runs yet; any size may be set.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_memory_back() {}
