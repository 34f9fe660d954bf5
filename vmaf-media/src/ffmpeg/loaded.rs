//! FFmpeg's libraries, loaded when the first file needs them.
//!
//! They bring a hundred others along, and to load those takes longer than to score a few frames; a
//! run on y4m has no use for them. So nothing here is linked: structures and constants are those of
//! the headers that this crate was built with, functions are looked up in the libraries of the same
//! major version, which keep both compatible. The compiler holds each function's type against the
//! header's.

#![allow(unsafe_code, reason = "C libraries are loaded and their functions looked up here")]

use std::ffi::{c_char, c_int, c_uchar, c_void};
use std::sync::OnceLock;

use ffmpeg_sys_next as sys;
use libloading::Library;

/// Declares [`Functions`]: by library, the functions whose types the header gives; after `loosely`
/// those that are declared here because C's enumerations are integers that may have values which
/// the header does not know yet; after `optionally` those that not every version has.
macro_rules! functions {
    ($($library:ident {
        $($name:ident($($argument:ty),*) -> $result:ty;)*
    } loosely {
        $($loose:ident($($loose_argument:ty),*) -> $loose_result:ty;)*
    } optionally {
        $($maybe:ident($($maybe_argument:ty),*) -> $maybe_result:ty;)*
    })*) => {
        /// FFmpeg's functions, by their names there.
        #[allow(non_snake_case, reason = "libswscale's names have capitals")]
        pub(super) struct Functions {
            $($(pub(super) $name: unsafe extern "C" fn($($argument),*) -> $result,)*)*
            $($(pub(super) $loose: unsafe extern "C" fn($($loose_argument),*) -> $loose_result,)*)*
            $($(pub(super) $maybe:
                Option<unsafe extern "C" fn($($maybe_argument),*) -> $maybe_result>,)*)*
            /// What they are of, in the order in which they were loaded.
            _libraries: Vec<Library>,
        }

        $($(const _: unsafe extern "C" fn($($argument),*) -> $result = sys::$name;)*)*

        impl Functions {
            fn load() -> Result<Self, libloading::Error> {
                $(let $library = open(stringify!($library))?;)*
                Ok(Self {
                    // SAFETY: the types are those of the header, and the library is of its version.
                    $($($name: *unsafe { $library.get(stringify!($name).as_bytes()) }?,)*)*
                    // SAFETY: as before, with integers for enumerations, which C passes alike.
                    $($($loose: *unsafe { $library.get(stringify!($loose).as_bytes()) }?,)*)*
                    // SAFETY: as before.
                    $($($maybe: unsafe { $library.get(stringify!($maybe).as_bytes()) }
                        .ok().map(|symbol| *symbol),)*)*
                    _libraries: vec![$($library),*],
                })
            }
        }
    };
}

functions! {
    avutil {
        av_frame_alloc() -> *mut sys::AVFrame;
        av_frame_free(*mut *mut sys::AVFrame) -> ();
        av_strerror(c_int, *mut c_char, usize) -> c_int;
    } loosely {
        av_color_primaries_name(c_int) -> *const c_char;
        av_color_space_name(c_int) -> *const c_char;
        av_color_transfer_name(c_int) -> *const c_char;
        av_frame_get_side_data(*const sys::AVFrame, c_int) -> *mut sys::AVFrameSideData;
        av_get_pix_fmt(*const c_char) -> c_int;
        av_get_pix_fmt_name(c_int) -> *const c_char;
        av_log_set_callback(*const c_void) -> ();
    } optionally {
    } avcodec {
        av_packet_alloc() -> *mut sys::AVPacket;
        av_packet_free(*mut *mut sys::AVPacket) -> ();
        av_packet_unref(*mut sys::AVPacket) -> ();
        avcodec_alloc_context3(*const sys::AVCodec) -> *mut sys::AVCodecContext;
        avcodec_flush_buffers(*mut sys::AVCodecContext) -> ();
        avcodec_free_context(*mut *mut sys::AVCodecContext) -> ();
        avcodec_get_class() -> *const sys::AVClass;
        avcodec_open2(
            *mut sys::AVCodecContext, *const sys::AVCodec, *mut *mut sys::AVDictionary
        ) -> c_int;
        avcodec_parameters_to_context(
            *mut sys::AVCodecContext, *const sys::AVCodecParameters
        ) -> c_int;
        avcodec_receive_frame(*mut sys::AVCodecContext, *mut sys::AVFrame) -> c_int;
        avcodec_send_packet(*mut sys::AVCodecContext, *const sys::AVPacket) -> c_int;
    } loosely {
        avcodec_find_decoder(c_int) -> *const sys::AVCodec;
        avcodec_get_name(c_int) -> *const c_char;
    } optionally {
    } avformat {
        av_read_frame(*mut sys::AVFormatContext, *mut sys::AVPacket) -> c_int;
        av_seek_frame(*mut sys::AVFormatContext, c_int, i64, c_int) -> c_int;
        avformat_close_input(*mut *mut sys::AVFormatContext) -> ();
        avformat_find_stream_info(
            *mut sys::AVFormatContext, *mut *mut sys::AVDictionary
        ) -> c_int;
        avformat_index_get_entries_count(*const sys::AVStream) -> c_int;
        avformat_index_get_entry_from_timestamp(
            *mut sys::AVStream, i64, c_int
        ) -> *const sys::AVIndexEntry;
        avio_closep(*mut *mut sys::AVIOContext) -> c_int;
        avio_open2(
            *mut *mut sys::AVIOContext,
            *const c_char,
            c_int,
            *const sys::AVIOInterruptCB,
            *mut *mut sys::AVDictionary
        ) -> c_int;
        avio_read(*mut sys::AVIOContext, *mut c_uchar, c_int) -> c_int;
        avio_seek(*mut sys::AVIOContext, i64, c_int) -> i64;
        avio_size(*mut sys::AVIOContext) -> i64;
        avformat_open_input(
            *mut *mut sys::AVFormatContext,
            *const c_char,
            *const sys::AVInputFormat,
            *mut *mut sys::AVDictionary
        ) -> c_int;
    } loosely {
    } optionally {
        av_stream_get_side_data(*const sys::AVStream, c_int, *mut usize) -> *mut u8;
    } swscale {
        sws_freeContext(*mut sys::SwsContext) -> ();
        sws_scale(
            *mut sys::SwsContext,
            *const *const u8,
            *const c_int,
            c_int,
            c_int,
            *const *mut u8,
            *const c_int
        ) -> c_int;
    } loosely {
        sws_getContext(
            c_int,
            c_int,
            c_int,
            c_int,
            c_int,
            c_int,
            c_int,
            *mut c_void,
            *mut c_void,
            *const f64
        ) -> *mut sys::SwsContext;
    } optionally {
    }
}

impl Functions {
    /// FFmpeg's functions, for as long as the process lives.
    ///
    /// # Errors
    /// Why they can't be had.
    pub(super) fn get() -> Result<&'static Self, &'static str> {
        static LOADED: OnceLock<Result<Functions, String>> = OnceLock::new();
        let loaded = LOADED.get_or_init(|| Self::load().map_err(|error| error.to_string()));
        loaded.as_ref().map_err(String::as_str)
    }
}

/// Loads FFmpeg's library `name`.
fn open(name: &str) -> Result<Library, libloading::Error> {
    let version = match name {
        "avutil" => sys::LIBAVUTIL_VERSION_MAJOR,
        "avcodec" => sys::LIBAVCODEC_VERSION_MAJOR,
        "swscale" => sys::LIBSWSCALE_VERSION_MAJOR,
        _ => sys::LIBAVFORMAT_VERSION_MAJOR,
    };
    let (file, folders): (_, &[&str]) = if cfg!(windows) {
        (format!("{name}-{version}.dll"), &[""])
    } else if cfg!(target_vendor = "apple") {
        // Where the package managers put them is not searched by itself.
        (format!("lib{name}.{version}.dylib"), &["", "/opt/homebrew/lib/", "/usr/local/lib/"])
    } else {
        (format!("lib{name}.so.{version}"), &[""])
    };
    // SAFETY: FFmpeg's libraries, and those that they need, do nothing when they are loaded that
    // this process could mind.
    let load = |folder: &str| unsafe { Library::new(format!("{folder}{file}")) };
    let first = load(folders[0]);
    folders[1..].iter().fold(first, |found, folder| found.or_else(|_| load(folder)))
}
