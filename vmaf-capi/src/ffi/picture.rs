//! `VmafPicture`: pictures whose memory belongs to this library.
//!
//! A picture's planes are vectors whose memory C writes to. Reading the picture makes them planes of
//! a [`Frame`] without copying the samples.

use std::alloc::{Layout, alloc_zeroed};
use std::ffi::{c_int, c_uint, c_void};
use std::mem::ManuallyDrop;

use vmaf_core::{Chroma, Format, Frame, Plane, Sample};

use super::types::VmafPicture;
use super::{exclusive, from_raw, guard, into_raw};
use crate::{Errno, Result};

/// Rows start at multiples of this number of bytes, and hold multiples of it in samples.
const ALIGNMENT: usize = 32;

/// The memory of a picture.
pub(super) struct PictureMemory {
    format: Format,
    planes: Planes,
}

/// The planes, in one of two sample types.
enum Planes {
    U8(Vec<PlaneMemory<u8>>),
    U16(Vec<PlaneMemory<u16>>),
}

/// The parts of a vector with the samples of a plane.
struct PlaneMemory<T> {
    samples: *mut T,
    count: usize,
    /// The position of the first sample, which is aligned.
    start: usize,
    width: usize,
    height: usize,
    /// The distance between rows in samples.
    stride: usize,
}

impl<T: Sample> PlaneMemory<T> {
    /// Allocates a plane of zeros.
    fn new((width, height): (usize, usize)) -> Result<Self> {
        let stride = width.next_multiple_of(ALIGNMENT);
        let padding = ALIGNMENT / size_of::<T>();
        let count = stride.checked_mul(height).ok_or(Errno::NO_MEMORY)? + padding;
        let layout = Layout::array::<T>(count).map_err(|_| Errno::NO_MEMORY)?;
        // SAFETY: the layout is not empty, because of the padding.
        let samples = unsafe { alloc_zeroed(layout) }.cast::<T>();
        if samples.is_null() {
            return Err(Errno::NO_MEMORY);
        }
        let start = samples.align_offset(ALIGNMENT).min(padding);
        Ok(Self { samples, count, start, width, height, stride })
    }

    /// The address of the first row.
    fn data(&self) -> *mut c_void {
        self.samples.wrapping_add(self.start).cast()
    }

    fn stride_in_bytes(&self) -> isize {
        (self.stride * size_of::<T>()) as isize
    }

    /// The plane, with the samples that are at `data`, `stride` bytes from row to row.
    ///
    /// # Safety
    /// `data` is null, this plane's, or the start of samples of the same size.
    unsafe fn into_plane(self, data: *const c_void, stride: isize) -> Result<Plane<T>> {
        let is_own = data == self.data().cast_const() && stride == self.stride_in_bytes();
        let Self { start, width, height, stride: own, .. } = self;
        let mut plane = Plane::with_offset(self.into_samples(), start, width, height, own)
            .map_err(|_| Errno::INVALID)?;
        if !is_own {
            if data.is_null() {
                return Err(Errno::INVALID);
            }
            for y in 0..height {
                let row = data.wrapping_byte_offset(stride * y as isize).cast::<T>();
                // SAFETY: the caller's promise. Rows of 16-bit samples are aligned to samples, or
                // C could not have written them as such.
                let row = unsafe { std::slice::from_raw_parts(row, width) };
                plane.row_mut(y).copy_from_slice(row);
            }
        }
        Ok(plane)
    }

    fn into_samples(self) -> Vec<T> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `new` allocated `count` zeros as a vector does, and they are given away once.
        unsafe { Vec::from_raw_parts(this.samples, this.count, this.count) }
    }
}

impl<T> Drop for PlaneMemory<T> {
    fn drop(&mut self) {
        // SAFETY: `new` allocated `count` zeros as a vector does; `into_samples` does not drop
        // `self`.
        drop(unsafe { Vec::from_raw_parts(self.samples, self.count, self.count) });
    }
}

// SAFETY: the memory belongs to this value alone; C moves pictures between threads.
unsafe impl<T: Send> Send for PlaneMemory<T> {}

impl PictureMemory {
    fn new(format: Format) -> Result<Self> {
        fn planes<T: Sample>(format: &Format) -> Result<Vec<PlaneMemory<T>>> {
            (0..format.chroma().planes())
                .map(|plane| PlaneMemory::new(format.plane_size(plane)))
                .collect()
        }
        let planes = if format.bit_depth() == 8 {
            Planes::U8(planes(&format)?)
        } else {
            Planes::U16(planes(&format)?)
        };
        Ok(Self { format, planes })
    }

    /// The addresses and strides of the planes.
    fn addresses(&self) -> Vec<(*mut c_void, isize)> {
        fn of<T: Sample>(planes: &[PlaneMemory<T>]) -> Vec<(*mut c_void, isize)> {
            planes.iter().map(|plane| (plane.data(), plane.stride_in_bytes())).collect()
        }
        match &self.planes {
            Planes::U8(planes) => of(planes),
            Planes::U16(planes) => of(planes),
        }
    }

    /// The frame with the samples at `data`.
    ///
    /// # Safety
    /// As in [`PlaneMemory::into_plane`], for each plane.
    unsafe fn into_frame(self, data: [*mut c_void; 3], strides: [isize; 3]) -> Result<Frame> {
        /// # Safety
        /// As in [`PlaneMemory::into_plane`], for each plane.
        unsafe fn frame<T: Sample>(
            format: Format,
            planes: Vec<PlaneMemory<T>>,
            data: [*mut c_void; 3],
            strides: [isize; 3],
        ) -> Result<Frame> {
            let addresses = data.into_iter().zip(strides);
            let planes = planes.into_iter().zip(addresses).map(|(plane, (data, stride))| {
                // SAFETY: the caller's promise.
                unsafe { plane.into_plane(data, stride) }
            });
            let planes = planes.collect::<Result<Vec<_>>>()?;
            Frame::from_planes(format, planes).map_err(|_| Errno::INVALID)
        }
        let format = self.format;
        // SAFETY: the caller's promise.
        unsafe {
            match self.planes {
                Planes::U8(planes) => frame(format, planes, data, strides),
                Planes::U16(planes) => frame(format, planes, data, strides),
            }
        }
    }
}

/// The format of pictures with the chroma sampling that `VmafPixelFormat` names.
///
/// # Errors
/// [`Errno::INVALID`] if there is no such format.
pub(super) fn format(
    pixel_format: c_int,
    bits: c_uint,
    width: c_uint,
    height: c_uint,
) -> Result<Format> {
    let chroma = match pixel_format {
        1 => Chroma::Yuv420,
        2 => Chroma::Yuv422,
        3 => Chroma::Yuv444,
        4 => Chroma::Mono,
        _ => return Err(Errno::INVALID),
    };
    let bits = u8::try_from(bits).map_err(|_| Errno::INVALID)?;
    Format::new(width, height, chroma, bits).map_err(|_| Errno::INVALID)
}

impl VmafPicture {
    /// A picture without memory.
    const EMPTY: Self = Self {
        pix_fmt: 0,
        bpc: 0,
        w: [0; 3],
        h: [0; 3],
        stride: [0; 3],
        data: [std::ptr::null_mut(); 3],
        reference: std::ptr::null_mut(),
        private: std::ptr::null_mut(),
    };

    /// Allocates a picture of zeros.
    pub(super) fn allocate(
        pixel_format: c_int,
        bits: c_uint,
        width: c_uint,
        height: c_uint,
    ) -> Result<Self> {
        let format = format(pixel_format, bits, width, height)?;
        let memory = PictureMemory::new(format)?;
        let mut picture = Self { pix_fmt: pixel_format, bpc: bits, ..Self::EMPTY };
        for (plane, (data, stride)) in memory.addresses().into_iter().enumerate() {
            let (width, height) = format.plane_size(plane);
            (picture.w[plane], picture.h[plane]) = (width as c_uint, height as c_uint);
            (picture.data[plane], picture.stride[plane]) = (data, stride);
        }
        picture.private = into_raw(memory);
        picture.reference = picture.private.cast();
        Ok(picture)
    }

    /// The format of the picture; `None` if it has no memory.
    ///
    /// # Safety
    /// The picture comes from [`allocate`](Self::allocate) or has no memory.
    pub(super) unsafe fn format(&self) -> Option<Format> {
        let memory = (!self.reference.is_null()).then_some(self.private)?;
        // SAFETY: the memory is valid until the picture is taken or freed, which empties it.
        Some(unsafe { memory.as_ref() }?.format)
    }

    /// Takes the samples and leaves a picture without memory.
    ///
    /// # Safety
    /// As in [`format`](Self::format). If C changed the addresses or strides of planes, they are
    /// those of samples of the same size.
    pub(super) unsafe fn take(&mut self) -> Result<Frame> {
        let Self { data, stride, private, .. } = std::mem::replace(self, Self::EMPTY);
        // SAFETY: the memory is valid, and no picture refers to it any more.
        let memory = unsafe { from_raw(private) }.ok_or(Errno::INVALID)?;
        // SAFETY: the caller's promise.
        unsafe { memory.into_frame(data, stride) }
    }
}

/// Allocates the memory of a picture.
///
/// # Safety
/// `pic` is null or points to memory for a picture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_picture_alloc(
    pic: *mut VmafPicture,
    pix_fmt: c_int,
    bpc: c_uint,
    w: c_uint,
    h: c_uint,
) -> c_int {
    guard(|| {
        if pic.is_null() {
            return Err(Errno::INVALID);
        }
        let picture = VmafPicture::allocate(pix_fmt, bpc, w, h)?;
        // SAFETY: it points to memory for a picture, which may be uninitialised.
        unsafe { pic.write(picture) };
        Ok(())
    })
}

/// Frees the memory of a picture.
///
/// # Safety
/// `pic` is null or points to a picture of this library, or to one without memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_picture_unref(pic: *mut VmafPicture) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let picture = unsafe { exclusive(pic)? };
        if picture.reference.is_null() {
            return Err(Errno::INVALID);
        }
        let picture = std::mem::replace(picture, VmafPicture::EMPTY);
        // SAFETY: the memory is valid, and no picture refers to it any more.
        drop(unsafe { from_raw(picture.private) });
        Ok(())
    })
}
