//! FFmpeg's own interface, for functions of which `ffmpeg_next` has no safe form. This is the only
//! `unsafe` code of this crate, wrapped safely for the modules around it; each function states why
//! it is here.
//!
//! C's enumerations are read and passed as integers: a library may be newer than the headers from
//! which the bindings were made, and its files then have codecs, formats and colours that Rust's
//! enumerations lack. The types of `ffmpeg_next` assume those to be impossible.

#![allow(unsafe_code, reason = "FFmpeg's C structures are read and its functions called here")]

pub(super) mod log;
pub(super) mod remote;

use std::ffi::{CStr, c_char, c_int};
use std::mem::transmute;
use std::{ptr, slice};

use ffmpeg_next::codec::Context;
use ffmpeg_next::ffi as sys;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::frame::Video;
use ffmpeg_next::software::scaling;
use ffmpeg_next::{Codec, Error, Stream};

/// Side data of a stream.
#[derive(Clone, Copy)]
pub(super) enum SideData {
    /// The display matrix.
    DisplayMatrix,
    /// The configuration record of Dolby Vision.
    DolbyVision,
}

/// Returns FFmpeg's description of an error. `ffmpeg_next` gives the system's for an error that the
/// crate does not know.
pub(super) fn description(error: Error) -> String {
    let mut text = [0; 128];
    // SAFETY: there is room for as many characters as it is told, and an end is written: the last
    // character is 0 at the latest.
    unsafe {
        sys::av_strerror(error.into(), text.as_mut_ptr(), text.len());
        string(text.as_ptr())
    }
}

/// Seeks to a key frame of stream `stream` at or before `time`, in units of that stream. The safe
/// form only takes microseconds, of any stream.
pub(super) fn seek(input: &mut Input, stream: usize, time: i64) -> Result<(), Error> {
    let stream = c_int::try_from(stream).map_err(|_| Error::StreamNotFound)?;
    // SAFETY: the context is open, and any number and time may be asked for.
    let reached =
        unsafe { sys::av_seek_frame(input.as_mut_ptr(), stream, time, sys::AVSEEK_FLAG_BACKWARD) };
    if reached < 0 { Err(reached.into()) } else { Ok(()) }
}

/// Returns the timestamp of the last key frame at or before `time` in a stream's index: the index
/// has no safe form.
pub(super) fn key_frame_before(stream: &Stream<'_>, time: i64) -> Option<i64> {
    // SAFETY: the stream is there for as long as its file is borrowed, and the entry until the file
    // is read on.
    unsafe {
        let stream = stream.as_ptr().cast_mut();
        sys::avformat_index_get_entry_from_timestamp(stream, time, sys::AVSEEK_FLAG_BACKWARD)
            .as_ref()
            .map(|entry| entry.timestamp)
    }
}

/// Returns the number of packets that the file's index lists for a stream: the index has no safe
/// form. In MP4 it lists each packet.
pub(super) fn index_entries(stream: &Stream<'_>) -> u64 {
    // SAFETY: the stream is there for as long as its file is borrowed.
    let entries = unsafe { sys::avformat_index_get_entries_count(stream.as_ptr()) };
    u64::try_from(entries).unwrap_or(0)
}

/// Returns true if a stream is marked as a still: the safe form drops this disposition.
pub(super) fn is_still(stream: &Stream<'_>) -> bool {
    // SAFETY: the stream is there for as long as its file is borrowed.
    unsafe { (*stream.as_ptr()).disposition & sys::AV_DISPOSITION_STILL_IMAGE != 0 }
}

/// Returns a stream's parameters, whose safe form hides these fields.
fn parameters<'a>(stream: &'a Stream<'_>) -> &'a sys::AVCodecParameters {
    // SAFETY: every stream has parameters, which live as long as it.
    unsafe { &*(*stream.as_ptr()).codecpar }
}

/// Returns the width and height of a stream.
pub(super) fn size(stream: &Stream<'_>) -> (u32, u32) {
    let parameters = parameters(stream);
    let length = |side: c_int| u32::try_from(side).unwrap_or_default();
    (length(parameters.width), length(parameters.height))
}

/// Returns true if the file marks a stream as interlaced.
pub(super) fn is_interlaced(stream: &Stream<'_>) -> bool {
    let order = integer(&parameters(stream).field_order);
    order > sys::AVFieldOrder::AV_FIELD_PROGRESSIVE as c_int
}

/// Returns FFmpeg's name of a stream's codec, which may be newer than the headers.
pub(super) fn codec_name(stream: &Stream<'_>) -> String {
    // SAFETY: any integer has a name, a C string.
    unsafe { string(with_any(sys::avcodec_get_name)(integer(&parameters(stream).codec_id))) }
}

/// Returns the decoder of a stream's codec, which may be newer than the headers.
pub(super) fn find_decoder(stream: &Stream<'_>) -> Option<Codec> {
    let id = integer(&parameters(stream).codec_id);
    // SAFETY: any integer may be asked for. A codec lives for ever.
    unsafe {
        let codec = with_any(sys::avcodec_find_decoder)(id);
        (!codec.is_null()).then(|| Codec::wrap(codec))
    }
}

/// Returns data that apply to all of a stream's packets. The entries have a safe form, but not
/// their kinds, which may be newer than the headers.
pub(super) fn side_data(stream: &Stream<'_>, kind: SideData) -> Option<Vec<u8>> {
    let kind = match kind {
        SideData::DisplayMatrix => sys::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX,
        SideData::DolbyVision => sys::AVPacketSideDataType::AV_PKT_DATA_DOVI_CONF,
    };
    let is_wanted = |entry: &ffmpeg_next::packet::SideData<'_>| {
        // SAFETY: the entry lives as long as the stream.
        let entry = unsafe { &*entry.as_ptr() };
        integer(&entry.type_) == kind as c_int && !entry.data.is_null()
    };
    stream.side_data().find(is_wanted).map(|entry| entry.data().to_vec())
}

/// Sets the `key` that a decoder, not yet open, carries, by which the log identifies it: the
/// `opaque` field has no safe form.
pub(super) fn set_key(context: &mut Context, key: usize) {
    // SAFETY: the context is there. FFmpeg never looks at what this field points to, and neither
    // does anyone else.
    unsafe { (*context.as_mut_ptr()).opaque = ptr::without_provenance_mut(key) };
}

/// Returns a picture's fields.
fn fields(frame: &Video) -> &sys::AVFrame {
    // SAFETY: the frame is there for as long as it is borrowed.
    unsafe { &*frame.as_ptr() }
}

/// Returns FFmpeg's name of a picture's pixel format, which may be newer than the headers.
pub(super) fn pixel_format_name(frame: &Video) -> String {
    // SAFETY: any integer may be asked for; the name is a C string or null.
    unsafe { string(with_any(sys::av_get_pix_fmt_name)(fields(frame).format)) }
}

/// Returns a picture's pixel format, if the headers know it, which the safe form takes for granted.
pub(super) fn pixel_format(frame: &Video) -> Option<Pixel> {
    let known = 0..sys::AVPixelFormat::AV_PIX_FMT_NB as c_int;
    known.contains(&fields(frame).format).then(|| frame.format())
}

/// Returns true if a picture uses the full range; `None` if it doesn't state its range.
pub(super) fn full_range(frame: &Video) -> Option<bool> {
    let [range, ..] = color_codes(frame);
    if range == sys::AVColorRange::AVCOL_RANGE_JPEG as c_int {
        Some(true)
    } else {
        (range == sys::AVColorRange::AVCOL_RANGE_MPEG as c_int).then_some(false)
    }
}

/// Returns the codes of a picture's range, primaries, transfer and matrix, which may be newer than
/// the headers.
pub(super) fn color_codes(frame: &Video) -> [c_int; 4] {
    let fields = fields(frame);
    [
        integer(&fields.color_range),
        integer(&fields.color_primaries),
        integer(&fields.color_trc),
        integer(&fields.colorspace),
    ]
}

/// Returns FFmpeg's number of the position of a picture's chroma samples, which may be newer than
/// the headers.
pub(super) fn chroma_location(frame: &Video) -> c_int {
    integer(&fields(frame).chroma_location)
}

/// Returns FFmpeg's names of a picture's primaries, transfer and matrix, which may be newer than
/// the headers; `None` for unspecified ones.
pub(super) fn color_names(frame: &Video) -> [Option<String>; 3] {
    /// H.273's code point for "unspecified".
    const UNSPECIFIED: c_int = 2;
    let [_, primaries, transfer, matrix] = color_codes(frame);
    // SAFETY: the functions take enumerations.
    let names = unsafe {
        [
            (primaries, with_any(sys::av_color_primaries_name)),
            (transfer, with_any(sys::av_color_transfer_name)),
            (matrix, with_any(sys::av_color_space_name)),
        ]
    };
    // SAFETY: any integer may be asked for; the name is a C string or null.
    names.map(|(code, name)| (code != UNSPECIFIED).then(|| unsafe { string(name(code)) }))
}

/// Returns true if a decoder marked a picture as damaged: the safe form drops flags that are newer
/// than the headers.
pub(super) fn has_decode_errors(frame: &Video) -> bool {
    fields(frame).decode_error_flags != 0
}

/// Returns the palette of a picture of format pal8, of which the safe form returns as much as its
/// stride says.
pub(super) fn palette(frame: &Video) -> Option<[u32; 256]> {
    if pixel_format(frame) != Some(Pixel::PAL8) || fields(frame).data[1].is_null() {
        return None;
    }
    // SAFETY: the second plane of this format is a table of 256 colours, whatever its stride is
    // said to be. It need not be aligned.
    Some(unsafe { fields(frame).data[1].cast::<[u32; 256]>().read_unaligned() })
}

/// Returns the first `bytes` bytes of row `y` of plane `plane`, which the pixel format and the size
/// must guarantee to exist; `None` if there is no such plane or its rows are shorter. The safe form
/// assumes that rows go downwards and that formats are known.
pub(super) fn row(frame: &Video, plane: usize, y: usize, bytes: usize) -> Option<&[u8]> {
    if y >= frame.height() as usize {
        return None;
    }
    let fields = fields(frame);
    let (data, stride) = (*fields.data.get(plane)?, *fields.linesize.get(plane)? as isize);
    if data.is_null() || stride.unsigned_abs() < bytes {
        return None;
    }
    let offset = isize::try_from(y).ok()?.checked_mul(stride)?;
    // SAFETY: FFmpeg's planes have `stride` bytes from row to row, negative where rows go upwards,
    // and as many rows as the pixel format and the height say; `y` is below the height, and a row's
    // first
    // `bytes` are within `stride`. The picture is borrowed for as long as the slice.
    Some(unsafe { slice::from_raw_parts(data.offset(offset), bytes) })
}

/// Allocates a picture to be written; `None` if there is no memory for it, which the safe form does
/// not report.
pub(super) fn allocated(format: Pixel, width: u32, height: u32) -> Option<Video> {
    let frame = Video::new(format, width, height);
    (!fields(&frame).data[0].is_null()).then_some(frame)
}

/// A scaler that can move between threads, which its safe form can't.
pub(super) struct Scaler(pub(super) scaling::Context);

// SAFETY: libswscale's contexts may be used from any thread, by one at a time, and this one is ours
// alone.
unsafe impl Send for Scaler {}

/// Returns the value of a C enumeration, even if the header doesn't know it.
fn integer<T>(enumeration: &T) -> c_int {
    const { assert!(size_of::<T>() == size_of::<c_int>()) };
    // SAFETY: C's enumerations are integers of this size.
    unsafe { ptr::from_ref(enumeration).cast::<c_int>().read() }
}

/// Converts a function that takes a C enumeration to one that takes any integer.
///
/// # Safety
/// `E` must be a C enumeration.
unsafe fn with_any<E, R>(
    function: unsafe extern "C" fn(E) -> R,
) -> unsafe extern "C" fn(c_int) -> R {
    type Of<E, R> = unsafe extern "C" fn(E) -> R;
    const { assert!(size_of::<E>() == size_of::<c_int>()) };
    // SAFETY: C passes enumerations as integers of this size.
    unsafe { transmute::<Of<E, R>, Of<c_int, R>>(function) }
}

/// Returns the text of a C string; empty if it is null.
///
/// # Safety
/// `text` must be null or a C string.
unsafe fn string(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: by this function's contract.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
