//! Arrays as frames.
//!
//! A plane is a 2-D array with any strides; a frame is a list of one (luma) or three (YUV) planes.
//! Samples are copied once, from the arrays to the rows that kernels read.

use numpy::ndarray::ArrayView2;
use numpy::{Element, PyReadonlyArray2};
use pyo3::prelude::*;
use vmaf::{Matrix, RgbConverter};
use vmaf_core::{Chroma, Format, Frame, Sample};

use crate::errors::{self, VmafError};

/// A plane of either sample type.
#[derive(FromPyObject)]
pub(crate) enum Plane<'py> {
    /// Samples of 8 bits.
    U8(PyReadonlyArray2<'py, u8>),
    /// Samples of more than 8 bits.
    U16(PyReadonlyArray2<'py, u16>),
}

/// A frame's planes, as views that do not need the interpreter's lock.
pub(crate) enum Planes<'a> {
    U8(Vec<ArrayView2<'a, u8>>),
    U16(Vec<ArrayView2<'a, u16>>),
}

impl<'a> Planes<'a> {
    /// Converts the planes of a frame, which must have the same sample type.
    pub(crate) fn of(planes: &'a [Plane<'_>]) -> PyResult<Self> {
        let mixed = || VmafError::new_err("planes of a frame must all be uint8 or all be uint16");
        match planes {
            [Plane::U8(_), ..] => {
                let views = planes.iter().map(|plane| match plane {
                    Plane::U8(array) => Ok(array.as_array()),
                    Plane::U16(_) => Err(mixed()),
                });
                Ok(Self::U8(views.collect::<PyResult<_>>()?))
            }
            [Plane::U16(_), ..] => {
                let views = planes.iter().map(|plane| match plane {
                    Plane::U16(array) => Ok(array.as_array()),
                    Plane::U8(_) => Err(mixed()),
                });
                Ok(Self::U16(views.collect::<PyResult<_>>()?))
            }
            [] => Err(VmafError::new_err("the frame has no planes")),
        }
    }

    /// Copies the samples to `frame`, which may lack chroma planes. The error describes the problem
    /// with the planes.
    pub(crate) fn write(&self, format: &Format, frame: &mut Frame) -> Result<(), String> {
        match (self, format.bit_depth()) {
            (Self::U8(planes), 8) => copy(planes, format, frame),
            (Self::U16(planes), 9..) => copy(planes, format, frame),
            (Self::U8(_), depth) => {
                Err(format!("samples are uint8, but {depth}-bit video needs uint16"))
            }
            (Self::U16(_), _) => Err("samples are uint16, but 8-bit video needs uint8".to_owned()),
        }
    }

    /// Creates a frame from the planes; RGB is converted by `matrix`, and kept.
    pub(crate) fn to_frame(&self, format: Format, matrix: Option<Matrix>) -> PyResult<Frame> {
        let recycler = vmaf_core::frame::Recycler::default();
        let mut frame = recycler.frame(format);
        self.write(&format, &mut frame).map_err(VmafError::new_err)?;
        if let Some(matrix) = matrix {
            RgbConverter::new(matrix, true).convert(&mut frame);
        }
        Ok(frame)
    }
}

fn copy<T: Sample + Element>(
    planes: &[ArrayView2<'_, T>],
    format: &Format,
    frame: &mut Frame,
) -> Result<(), String> {
    let expected = format.chroma().planes();
    if planes.len() != expected {
        return Err(format!("a frame of {format} has {expected} planes, not {}", planes.len()));
    }
    for (index, plane) in planes.iter().enumerate() {
        let ((width, height), (rows, columns)) = (format.plane_size(index), plane.dim());
        if (columns, rows) != (width, height) {
            return Err(format!(
                "plane {index} is {columns}x{rows}; a frame of {format} needs {width}x{height}"
            ));
        }
        if index < frame.format().chroma().planes() {
            copy_plane(plane, frame.plane_mut::<T>(index), format.bit_depth())?;
        }
    }
    Ok(())
}

fn copy_plane<T: Sample>(
    from: &ArrayView2<'_, T>,
    to: &mut vmaf_core::Plane<T>,
    bit_depth: u8,
) -> Result<(), String> {
    // All bits that are set in any sample.
    let mut bits = 0_u32;
    for (y, row) in from.outer_iter().enumerate() {
        let to = to.row_mut(y);
        match row.as_slice() {
            Some(row) => to.copy_from_slice(row),
            None => to.iter_mut().zip(row).for_each(|(to, from)| *to = *from),
        }
        bits |= to.iter().fold(0, |bits, sample| bits | Into::<u32>::into(*sample));
    }
    if bits >> bit_depth == 0 {
        return Ok(());
    }
    let samples = from.iter().map(|sample| Into::<u32>::into(*sample));
    let greatest = samples.max().unwrap_or_default();
    Err(format!("a sample of {greatest} has more than {bit_depth} bits"))
}

/// Returns the matrix of this name, which Python has checked; `None` if the frames are YUV.
pub(crate) fn matrix(name: Option<&str>) -> Option<Matrix> {
    name.map(|name| match name {
        "bt601" => Matrix::Bt601,
        "bt2020" => Matrix::Bt2020,
        _ => Matrix::Bt709,
    })
}

/// Width and height of luma, the chroma sampling ("400", "420", "422" or "444"), and the bit depth.
pub(crate) type Layout = ((u32, u32), String, u8);

/// Returns the format of frames with this layout.
pub(crate) fn format(((width, height), chroma, bit_depth): &Layout) -> PyResult<Format> {
    let chroma = match &chroma[..] {
        "400" => Chroma::Mono,
        "420" => Chroma::Yuv420,
        "422" => Chroma::Yuv422,
        "444" => Chroma::Yuv444,
        other => {
            let error = format!("chroma must be 400, 420, 422 or 444, not {other}");
            return Err(VmafError::new_err(error));
        }
    };
    Format::new(*width, *height, chroma, *bit_depth).map_err(errors::of_core)
}
