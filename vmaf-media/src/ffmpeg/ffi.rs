//! The few things that ffmpeg-next does not offer, or not safely: the one place of `unsafe` code.

#![allow(unsafe_code, reason = "FFmpeg's C structures are read and its log callback is set here")]

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::slice;
use std::sync::Once;

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

/// FFmpeg's log callback. It is generic over the type of a C argument list, which differs from
/// platform to platform; the arguments are not looked at, so messages that have some are passed
/// over.
///
/// # Safety
/// `message` must be null or a C string: FFmpeg sees to it.
unsafe extern "C" fn keep_complaint<Arguments>(
    _: *mut c_void,
    level: c_int,
    message: *const c_char,
    _: Arguments,
) {
    if message.is_null() || !(0..=ffi::AV_LOG_ERROR).contains(&level) {
        return;
    }
    // SAFETY: the caller passes a C string, and null was ruled out.
    let message = unsafe { CStr::from_ptr(message) }.to_string_lossy();
    let message = message.trim();
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
