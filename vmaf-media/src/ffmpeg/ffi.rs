//! The few things that ffmpeg-next does not offer, or not safely: the one place of `unsafe` code.

#![allow(unsafe_code, reason = "FFmpeg's C structures are read and its log callback is set here")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::slice;
use std::sync::{Mutex, Once, PoisonError};

use ffmpeg_next::ffi;
use ffmpeg_next::{Stream, decoder, frame};

thread_local! {
    /// What FFmpeg last complained of on this thread.
    static COMPLAINT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps FFmpeg from writing to standard error, for the whole process. What it says of a file on
/// the thread that reads it is kept for [`take_complaint`].
pub(super) fn capture_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // It only loads the texts of errors, and can't fail.
        let _ = ffmpeg_next::init();
        // SAFETY: the callback has the signature that the binding asks for and lives for ever.
        unsafe { ffi::av_log_set_callback(Some(keep_complaint)) };
    });
}

/// What FFmpeg complained of on this thread since the last call.
pub(super) fn take_complaint() -> Option<String> {
    COMPLAINT.take()
}

/// The decoders that are watched, by the address that they carry, and whether one wrote of damage.
static WATCHED: Mutex<BTreeMap<usize, bool>> = Mutex::new(BTreeMap::new());

/// Watches a decoder for messages of damage, which it may write on any thread.
pub(super) struct Watch {
    /// Its address, which nothing else has while it lives, is what the decoder carries.
    token: Box<u8>,
}

impl Watch {
    pub(super) fn new(decoder: &mut decoder::Decoder) -> Self {
        let mut token = Box::new(0);
        let address: *mut u8 = ptr::from_mut(&mut *token);
        // SAFETY: the context is ours alone and not open yet; FFmpeg never looks at what this
        // field points to, and neither does anyone else.
        unsafe { (*decoder.as_mut_ptr()).opaque = address.cast() };
        let watch = Self { token };
        WATCHED.lock().unwrap_or_else(PoisonError::into_inner).insert(watch.key(), false);
        watch
    }

    fn key(&self) -> usize {
        ptr::from_ref(&*self.token).addr()
    }

    /// Whether the decoder wrote of damage.
    pub(super) fn saw_damage(&self) -> bool {
        let watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        watched.get(&self.key()).is_some_and(|&damage| damage)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHED.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key());
    }
}

/// What the decoder that speaks in a message carries; `None` where it is no decoder that speaks.
///
/// # Safety
/// `speaker` must be null or point to a structure that begins with a pointer to its class, as
/// everything does that writes to FFmpeg's log.
unsafe fn carried(speaker: *mut c_void) -> Option<usize> {
    if speaker.is_null() {
        return None;
    }
    // SAFETY: by this function's contract a class pointer can be read; where it is that of
    // decoders, `speaker` is one.
    unsafe {
        let class = *speaker.cast::<*const ffi::AVClass>();
        ptr::eq(class, ffi::avcodec_get_class())
            .then(|| (*speaker.cast::<ffi::AVCodecContext>()).opaque.addr())
    }
}

/// FFmpeg's log callback. It is generic over the type of a C argument list, which differs from
/// platform to platform; the arguments are not looked at, so messages that have some are passed
/// over.
///
/// # Safety
/// `message` must be null or a C string, `speaker` be as in [`carried`]: FFmpeg sees to both.
unsafe extern "C" fn keep_complaint<Arguments>(
    speaker: *mut c_void,
    level: c_int,
    message: *const c_char,
    _: Arguments,
) {
    if message.is_null() || !(0..=ffi::AV_LOG_INFO).contains(&level) {
        return;
    }
    // SAFETY: the caller passes a C string, and null was ruled out.
    let message = unsafe { CStr::from_ptr(message) }.to_string_lossy();
    let message = message.trim();
    if super::tells_damage(message) {
        // SAFETY: the caller keeps this function's contract, which includes the other's.
        if let Some(key) = unsafe { carried(speaker) } {
            let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(damage) = watched.get_mut(&key) {
                *damage = true;
            }
        }
    }
    if level > ffi::AV_LOG_ERROR {
        return;
    }
    if !message.is_empty() && !message.contains('%') {
        // At the end of a thread there is no one left to tell.
        let _ = COMPLAINT.try_with(|kept| {
            if let Ok(mut kept) = kept.try_borrow_mut() {
                *kept = Some(message.to_owned());
            }
        });
    }
}

/// How many packets the index of `stream` promises. In MP4 the index lists each packet.
pub(super) fn index_entries(stream: &Stream<'_>) -> u64 {
    // SAFETY: the pointer is that of a stream which lives as long as `stream` borrows its file.
    let entries = unsafe { ffi::avformat_index_get_entries_count(stream.as_ptr()) };
    u64::try_from(entries).unwrap_or(0)
}

/// The most threads `decoder` is to use, 0 for its own choice, each on a frame of its own or on
/// slices of one, whichever it can.
pub(super) fn set_threads(decoder: &mut decoder::Decoder, threads: usize) {
    // SAFETY: the context is ours alone and not open yet, when these two fields may be set.
    unsafe {
        let context = decoder.as_mut_ptr();
        (*context).thread_count = c_int::try_from(threads).unwrap_or(0);
        (*context).thread_type = ffi::FF_THREAD_FRAME | ffi::FF_THREAD_SLICE;
    }
}

/// The first `bytes` bytes of row `y` of plane `plane`, of which the caller knows by the frame's
/// pixel format and size that they are there; `None` where the frame has no such plane or its
/// rows are shorter.
pub(super) fn row(frame: &frame::Video, plane: usize, y: usize, bytes: usize) -> Option<&[u8]> {
    if y >= frame.height() as usize {
        return None;
    }
    // SAFETY: the frame owns its AVFrame, whose fields are plain data.
    let (data, stride) = unsafe {
        let frame = &*frame.as_ptr();
        (*frame.data.get(plane)?, *frame.linesize.get(plane)? as isize)
    };
    if data.is_null() || stride.unsigned_abs() < bytes {
        return None;
    }
    let offset = isize::try_from(y).ok()?.checked_mul(stride)?;
    // SAFETY: FFmpeg's planes have `stride` bytes from row to row, negative where rows go upwards,
    // and as many rows as the pixel format and the height say; `y` is below the height, and a
    // row's first `bytes` are within `stride`. The frame is borrowed for as long as the slice.
    Some(unsafe { slice::from_raw_parts(data.offset(offset), bytes) })
}
