//! Pictures of samples that a test has.

use super::{Functions, Picture, c_int, text};

impl Picture {
    /// A picture of 16-bit samples whose planes, rows adjacent, lie in `planes`.
    pub(in super::super) fn borrowing(
        name: &str,
        size: (u32, u32),
        planes: &mut [Vec<u16>],
    ) -> Self {
        let picture = Self::new(Functions::get().expect("FFmpeg")).expect("a frame");
        // SAFETY: the frame is ours; formats have small numbers without gaps. The caller keeps the
        // planes while it looks at the picture, and FFmpeg does not free what has no buffer.
        unsafe {
            let frame = &mut *picture.frame;
            (frame.width, frame.height) = (size.0 as c_int, size.1 as c_int);
            let name_of = |format| text((picture.av.av_get_pix_fmt_name)(format));
            frame.format = (0..1000).find(|format| name_of(*format) == name).expect("known");
            for (index, plane) in planes.iter_mut().enumerate() {
                frame.data[index] = plane.as_mut_ptr().cast();
                // The last rows end with the plane.
                frame.linesize[index] = plane.len() as c_int * 2 / size.1 as c_int;
            }
        }
        picture
    }
}
