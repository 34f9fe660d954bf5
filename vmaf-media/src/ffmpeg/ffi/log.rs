//! FFmpeg's log: errors about a file, and the only sign of damage that pictures themselves don't
//! carry. `ffmpeg_next` sets the level of the log, but no callback.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::transmute;
use std::ptr;
use std::sync::{Mutex, Once, PoisonError};

use ffmpeg_next::ffi as sys;

use crate::ffmpeg::is_damage_message;

thread_local! {
    /// FFmpeg's latest error on this thread.
    static LAST_ERROR: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps FFmpeg from writing to standard error, for the whole process. Its errors about a file on
/// the thread that reads it are kept for [`take_error`].
pub(in super::super) fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        type Callback = unsafe extern "C" fn(*mut c_void, c_int, *const c_char, *mut c_void);
        #[allow(
            clippy::missing_transmute_annotations,
            reason = "the header's type is another on each platform"
        )]
        // SAFETY: the callback has the signature that the header asks for, but for the type of its
        // last argument, which it does not look at, and lives
        // for ever.
        unsafe {
            sys::av_log_set_callback(Some(transmute::<Callback, _>(log_callback)))
        };
    });
}

/// Returns FFmpeg's latest error on this thread since the last call.
pub(in super::super) fn take_error() -> Option<String> {
    LAST_ERROR.take()
}

/// The watched decoders, by the key that they carry, and the damage that they logged.
static WATCHED: Mutex<BTreeMap<usize, Damage>> = Mutex::new(BTreeMap::new());

/// Damage logged by a decoder.
#[derive(Debug, Clone, Copy, Default)]
struct Damage {
    any: bool,
    /// The number of frames of which it concealed parts, if it logs each.
    concealed: u64,
}

/// Watches a decoder for messages about damage, which it may log on any thread.
pub(in super::super) struct DamageWatch {
    /// Its address, which is unique while it lives, is the key that the decoder carries.
    token: Box<u8>,
}

impl DamageWatch {
    pub(in super::super) fn new() -> Self {
        let watch = Self { token: Box::new(0) };
        WATCHED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(watch.key(), Damage::default());
        watch
    }

    /// Returns the key that the decoder carries.
    pub(in super::super) fn key(&self) -> usize {
        ptr::from_ref(&*self.token).addr()
    }

    /// Returns true if the decoder logged damage.
    pub(in super::super) fn saw_damage(&self) -> bool {
        self.damage().any
    }

    /// Returns the number of frames of which the decoder logged that it concealed parts.
    pub(in super::super) fn concealed(&self) -> u64 {
        self.damage().concealed
    }

    fn damage(&self) -> Damage {
        let watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        watched.get(&self.key()).copied().unwrap_or_default()
    }
}

impl Drop for DamageWatch {
    fn drop(&mut self) {
        WATCHED.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key());
    }
}

/// Returns the key of the decoder that logs a message; `None` if it isn't logged by a decoder.
///
/// # Safety
/// `logger` must be null or point to a structure that begins with a pointer to its class, as
/// everything does that writes to FFmpeg's log.
unsafe fn decoder_key(logger: *mut c_void) -> Option<usize> {
    if logger.is_null() {
        return None;
    }
    // SAFETY: by this function's contract a class pointer can be read; where it is that of
    // decoders, `logger` is one.
    unsafe {
        let class = *logger.cast::<*const sys::AVClass>();
        ptr::eq(class, sys::avcodec_get_class())
            .then(|| (*logger.cast::<sys::AVCodecContext>()).opaque.addr())
    }
}

/// FFmpeg's log callback. Its last argument, a list of arguments whose type differs between
/// platforms, is not read, so messages with placeholders are ignored.
///
/// # Safety
/// `message` must be null or a C string, `logger` be as in [`decoder_key`]: FFmpeg sees to both.
unsafe extern "C" fn log_callback(
    logger: *mut c_void,
    level: c_int,
    message: *const c_char,
    _: *mut c_void,
) {
    if message.is_null() || !(0..=sys::AV_LOG_INFO).contains(&level) {
        return;
    }
    // SAFETY: the caller passes a C string, and null was ruled out.
    let message = unsafe { CStr::from_ptr(message) }.to_string_lossy();
    let message = message.trim();
    if is_damage_message(message) {
        // SAFETY: the caller keeps this function's contract, which includes the other's.
        if let Some(key) = unsafe { decoder_key(logger) } {
            let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(damage) = watched.get_mut(&key) {
                damage.any = true;
                damage.concealed += u64::from(message.starts_with("concealing "));
            }
        }
    }
    if level > sys::AV_LOG_ERROR {
        return;
    }
    if !message.is_empty() && !message.contains('%') {
        // While a thread is ending, its storage is gone.
        let _ = LAST_ERROR.try_with(|kept| {
            if let Ok(mut kept) = kept.try_borrow_mut() {
                *kept = Some(message.to_owned());
            }
        });
    }
}
