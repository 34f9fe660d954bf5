//! Messages on standard error, as libvmaf writes them: at most those of the level that the latest
//! `vmaf_init` set.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicI32, Ordering};

/// `VMAF_LOG_LEVEL_ERROR` and the level after it.
const ERROR: i32 = 1;
const WARNING: i32 = 2;

/// `VMAF_LOG_LEVEL_INFO`, which applies before the first context.
const INFO: i32 = 3;

static LEVEL: AtomicI32 = AtomicI32::new(INFO);

/// Sets the level: 0 writes nothing, 4 everything.
pub(crate) fn set_level(level: i32) {
    LEVEL.store(level, Ordering::Relaxed);
}

/// Reports an error.
pub(crate) fn error(text: impl Display) {
    write(ERROR, "ERROR", "31", &text);
}

/// Reports a warning.
pub(crate) fn warning(text: impl Display) {
    write(WARNING, "WARNING", "33", &text);
}

fn write(level: i32, name: &str, color: &str, text: &dyn Display) {
    if level > LEVEL.load(Ordering::Relaxed) {
        return;
    }
    let mut out = std::io::stderr().lock();
    // Errors are ignored: standard error may be closed.
    let _ = if out.is_terminal() {
        writeln!(out, "\x1b[35mlibvmaf\x1b[0m \x1b[{color}m{name}\x1b[0m {text}")
    } else {
        writeln!(out, "libvmaf {name} {text}")
    };
}
