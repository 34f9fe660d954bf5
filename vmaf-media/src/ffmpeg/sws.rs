//! What is used of libswscale, made safe.

#![allow(unsafe_code, reason = "libswscale's functions are called here")]

use std::ffi::{CString, c_int};
use std::ptr;

use ffmpeg_sys_next as sys;

use super::ffi::{Failure, Picture};
use super::loaded::Functions;
use super::picture::{self, Layout};

/// A scaler of pictures, by libswscale.
pub(super) struct Scaler {
    av: &'static Functions,
    context: *mut sys::SwsContext,
    /// The size and the pixel format of what it scales.
    from: [c_int; 3],
}

// SAFETY: FFmpeg's structures may be used from any thread, by one at a time.
unsafe impl Send for Scaler {}

/// The sizes in FFmpeg's types, and the pixel format's number.
fn numbers(layout: &Layout, av: &Functions) -> Result<[c_int; 3], Failure> {
    let name = CString::new(&layout.pixel_format[..]).map_err(|_| Failure::NOT_FOUND)?;
    // SAFETY: any name may be asked for; -1 is none.
    let format = unsafe { (av.av_get_pix_fmt)(name.as_ptr()) };
    let side = |length: u32| c_int::try_from(length).map_err(|_| Failure::NO_MEMORY);
    let numbers = [side(layout.width)?, side(layout.height)?, format];
    if format < 0 { Err(Failure::NOT_FOUND) } else { Ok(numbers) }
}

impl Scaler {
    /// A scaler from one picture to another, with libswscale's `flags`.
    pub(super) fn new(
        av: &'static Functions,
        from: &Layout,
        to: &Layout,
        flags: c_int,
    ) -> Result<Self, Failure> {
        let (from, [to_width, to_height, to_format]) = (numbers(from, av)?, numbers(to, av)?);
        let [width, height, format] = from;
        // SAFETY: sizes and formats are what they are called; null stands for no filters of the
        // caller's and for default parameters.
        let context = unsafe {
            (av.sws_getContext)(
                width,
                height,
                format,
                to_width,
                to_height,
                to_format,
                flags,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null(),
            )
        };
        if context.is_null() { Err(Failure::NO_MEMORY) } else { Ok(Self { av, context, from }) }
    }

    /// Scales `from` into `to`: pictures as the scaler was made for.
    ///
    /// # Panics
    /// Where a plane has fewer bytes than its layout says.
    pub(super) fn scale(&mut self, from: &picture::Picture, to: &mut picture::Picture) {
        let (mut rows, mut strides) = ([ptr::null(); 4], [0; 4]);
        for (index, (plane, (stride, height))) in
            from.planes.iter().zip(&from.layout.planes).enumerate()
        {
            assert!(plane.len() >= stride * height, "a plane is as its layout says");
            (rows[index], strides[index]) = (plane.as_ptr(), *stride as c_int);
        }
        // SAFETY: planes have the rows and strides of a picture of the context's size and format, as was
        // looked at above.
        unsafe { self.scale_rows(rows, strides, from.layout.height, to) };
    }

    /// Scales the decoded picture `from`, whose size and format are those that the scaler was made for,
    /// into `to`.
    ///
    /// # Errors
    /// Where the picture has other ones.
    ///
    /// # Panics
    /// As [`scale`](Self::scale).
    pub(super) fn scale_decoded(
        &mut self,
        from: &Picture,
        to: &mut picture::Picture,
    ) -> Result<(), Failure> {
        let fields = from.fields();
        if [fields.width, fields.height, fields.format] != self.from {
            return Err(Failure::NOT_FOUND);
        }
        let rows = [0, 1, 2, 3].map(|plane| fields.data[plane].cast_const());
        let strides = [0, 1, 2, 3].map(|plane| fields.linesize[plane]);
        // SAFETY: a decoded picture has the planes of its size and format, which are the context's.
        unsafe { self.scale_rows(rows, strides, fields.height.unsigned_abs(), to) };
        Ok(())
    }

    /// Scales planes into `to`.
    ///
    /// # Safety
    /// Planes must begin at `rows`, with `strides` bytes from row to row, and have the rows of a
    /// picture of the size and format that the scaler was made for.
    unsafe fn scale_rows(
        &mut self,
        rows: [*const u8; 4],
        strides: [c_int; 4],
        height: u32,
        to: &mut picture::Picture,
    ) {
        let (mut rows_to, mut strides_to) = ([ptr::null_mut(); 4], [0; 4]);
        for (index, (plane, (stride, height))) in
            to.planes.iter_mut().zip(&to.layout.planes).enumerate()
        {
            assert!(plane.len() >= stride * height, "a plane is as its layout says");
            (rows_to[index], strides_to[index]) = (plane.as_mut_ptr(), *stride as c_int);
        }
        // SAFETY: what is read is as this function's contract says; planes that are written have the
        // rows and strides of pictures of the context's size and format, as was looked at above, and
        // there are at most four.
        unsafe {
            (self.av.sws_scale)(
                self.context,
                rows.as_ptr(),
                strides.as_ptr(),
                0,
                height as c_int,
                rows_to.as_ptr(),
                strides_to.as_ptr(),
            )
        };
    }
}

impl Drop for Scaler {
    fn drop(&mut self) {
        // SAFETY: the context is ours, and is not looked at again.
        unsafe { (self.av.sws_freeContext)(self.context) };
    }
}
