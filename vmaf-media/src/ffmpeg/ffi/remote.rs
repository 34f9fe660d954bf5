//! Random access to URLs through FFmpeg's protocols, for which `ffmpeg_next` has no safe form.

use std::ffi::{CString, c_int};
use std::io::{self, Read, Seek, SeekFrom};
use std::ptr;

use ffmpeg_next::ffi as sys;

use super::log;

/// The flag that opens for reading, which is a macro in C.
const READ: c_int = 1;

/// C's `SEEK_SET`.
const FROM_START: c_int = 0;

/// An open URL.
pub(in super::super) struct Remote {
    /// Never null, and owned by this value.
    context: *mut sys::AVIOContext,
    /// The number of bytes, if the server supports seeking.
    pub(in super::super) length: Option<u64>,
}

impl Remote {
    /// Opens a URL; `None` if it fails.
    pub(in super::super) fn open(url: &str) -> Option<Self> {
        log::capture();
        let url = CString::new(url).ok()?;
        let mut context = ptr::null_mut();
        // SAFETY: a null context is to be allocated, and null stands for no callback and no
        // options.
        let opened = unsafe {
            sys::avio_open2(&mut context, url.as_ptr(), READ, ptr::null(), ptr::null_mut())
        };
        if opened < 0 {
            return None;
        }
        // SAFETY: the context is open.
        let (seekable, length) = unsafe { ((*context).seekable, sys::avio_size(context)) };
        let length = u64::try_from(length).ok();
        let length = length.filter(|_| seekable & sys::AVIO_SEEKABLE_NORMAL != 0);
        Some(Self { context, length })
    }
}

impl Read for Remote {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let wanted = c_int::try_from(to.len()).unwrap_or(c_int::MAX);
        // SAFETY: the context is open, and there is room for as many bytes.
        let count = unsafe { sys::avio_read(self.context, to.as_mut_ptr(), wanted) };
        if count == sys::AVERROR_EOF {
            return Ok(0);
        }
        usize::try_from(count).map_err(io::Error::other)
    }
}

impl Seek for Remote {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(place) = to else {
            return Err(io::Error::from(io::ErrorKind::Unsupported));
        };
        let place = i64::try_from(place).map_err(io::Error::other)?;
        // SAFETY: the context is open.
        let reached = unsafe { sys::avio_seek(self.context, place, FROM_START) };
        u64::try_from(reached).map_err(io::Error::other)
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        // SAFETY: the context is ours, and is not looked at again.
        unsafe { sys::avio_closep(&mut self.context) };
    }
}
