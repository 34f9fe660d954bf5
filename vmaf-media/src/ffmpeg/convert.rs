//! Pixel formats whose samples are rearranged or converted before they can be scored.
//!
//! Packed YUV is unpacked, which loses nothing. RGB is converted to limited-range Y'CbCr 4:4:4, as
//! stills are (see [`rgb`](crate::rgb)). Rare chroma samplings (4:1:1, 4:1:0, 4:4:0) are resampled
//! by libswscale to the nearest common one; luma stays as it is.
//!
//! A program can't write RGB as y4m, so it relabels the three planes as 4:4:4 YUV, and the matrix
//! is applied here: both ways give the same samples.

use vmaf_core::Chroma;

use super::pixel::PixelFormat;

/// A component of pixels, at regular distances in a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    /// The plane that contains it.
    pub(super) plane: usize,
    /// The position of its first sample in a row, in samples.
    pub(super) first: usize,
    /// The distance from one of its samples to the next.
    pub(super) step: usize,
}

/// Conversion of samples when they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conversion {
    /// The components of packed YUV are unpacked.
    Unpacked([Component; 3]),
    /// Red, green and blue are converted to YUV.
    Rgb([Component; 3]),
    /// Indices into a palette of 8-bit colours are converted to YUV.
    Palette,
    /// libswscale resamples chroma.
    Resampled,
}

/// Rules for reading pictures of a pixel format, as samples of `pixel`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InputFormat {
    /// FFmpeg's name of the format.
    pub(super) name: String,
    pub(super) pixel: PixelFormat,
    /// `None` if samples are copied as they are.
    pub(super) conversion: Option<Conversion>,
}

impl InputFormat {
    /// Returns the rules for pictures of the format that FFmpeg calls `name`.
    ///
    /// # Errors
    /// Fails if they can't be scored, and explains how to convert them.
    pub(super) fn from_name(name: &str) -> Result<Self, String> {
        let own = |(pixel, conversion)| Self { name: name.to_owned(), pixel, conversion };
        match PixelFormat::by_name(name) {
            Ok(pixel) => Ok(own((pixel, None))),
            Err(reason) => converted(name)
                .map(|(pixel, conversion)| own((pixel, Some(conversion))))
                .ok_or(reason),
        }
    }

    /// Returns true if samples are converted from red, green and blue.
    pub(super) fn is_rgb(&self) -> bool {
        matches!(self.conversion, Some(Conversion::Rgb(_) | Conversion::Palette))
    }

    /// Describes the conversion in words, if there is one.
    pub(super) fn step(&self) -> Option<String> {
        let Self { name, pixel, conversion } = self;
        match conversion.as_ref()? {
            Conversion::Rgb(_) | Conversion::Palette => {
                Some(format!("converted from {name} to limited-range {}", pixel.planar_name()))
            }
            Conversion::Unpacked(_) | Conversion::Resampled => {
                Some(format!("converted from {name} to {}", pixel.planar_name()))
            }
        }
    }

    /// Returns the filters that convert a program's frames for y4m, each preceded by a comma.
    pub(super) fn filters(&self) -> String {
        let planar = self.pixel.planar_name();
        match self.conversion {
            None => String::new(),
            Some(Conversion::Rgb(_) | Conversion::Palette) => {
                // Not every packed format can be split into planes.
                let packed = match self.pixel.bit_depth {
                    8 if !self.name.starts_with("gbr") => ",format=rgb24",
                    16 if !self.name.starts_with("gbr") => ",format=rgb48le",
                    _ => "",
                };
                format!(
                    "{packed},extractplanes=r+g+b[red][green][blue];\
                     [red][green][blue]mergeplanes=0x001020:{planar}"
                )
            }
            Some(Conversion::Unpacked(_) | Conversion::Resampled) => {
                let (x, y) = chroma_position(&self.name);
                let (to_x, to_y) = chroma_position(&planar);
                format!(
                    ",scale=flags=bicubic+accurate_rnd+full_chroma_inp+bitexact:in_h_chr_pos={x}:\
                     in_v_chr_pos={y}:out_h_chr_pos={to_x}:out_v_chr_pos={to_y},format={planar}"
                )
            }
        }
    }
}

/// Returns the position of chroma samples that libswscale assumes unless told otherwise: in the
/// middle of luma's, in 256ths of a luma sample.
fn chroma_position(name: &str) -> (u32, u32) {
    let is = |sampling: &str| name.contains(sampling);
    if is("410") {
        (384, 384)
    } else if is("411") {
        (384, 0)
    } else if is("420") || name == "nv21" {
        (128, 128)
    } else if is("440") {
        (0, 128)
    } else if is("422") || name.starts_with("y21") {
        (128, 0)
    } else {
        (0, 0)
    }
}

/// Returns components of one plane, by their positions.
const fn packed<const N: usize>(places: [usize; N], step: usize) -> [Component; N] {
    let mut components = [Component { plane: 0, first: 0, step }; N];
    let mut index = 0;
    while index < N {
        components[index].first = places[index];
        index += 1;
    }
    components
}

/// Returns components with a plane each.
fn planes(of: [usize; 3]) -> [Component; 3] {
    of.map(|plane| Component { plane, first: 0, step: 1 })
}

/// Returns the target format and the conversion of a format that can't be copied.
fn converted(name: &str) -> Option<(PixelFormat, Conversion)> {
    rgb(name).or_else(|| unpacked(name)).or_else(|| resampled(name))
}

fn rgb(name: &str) -> Option<(PixelFormat, Conversion)> {
    let (bit_depth, conversion) = match name {
        "pal8" => (8, Conversion::Palette),
        "rgb24" => (8, Conversion::Rgb(packed([0, 1, 2], 3))),
        "bgr24" => (8, Conversion::Rgb(packed([2, 1, 0], 3))),
        "rgba" | "rgb0" => (8, Conversion::Rgb(packed([0, 1, 2], 4))),
        "bgra" | "bgr0" => (8, Conversion::Rgb(packed([2, 1, 0], 4))),
        "argb" | "0rgb" => (8, Conversion::Rgb(packed([1, 2, 3], 4))),
        "abgr" | "0bgr" => (8, Conversion::Rgb(packed([3, 2, 1], 4))),
        "rgb48le" => (16, Conversion::Rgb(packed([0, 1, 2], 3))),
        "bgr48le" => (16, Conversion::Rgb(packed([2, 1, 0], 3))),
        "rgba64le" => (16, Conversion::Rgb(packed([0, 1, 2], 4))),
        "bgra64le" => (16, Conversion::Rgb(packed([2, 1, 0], 4))),
        _ => {
            let depth = name.strip_prefix("gbrp").or_else(|| name.strip_prefix("gbrap"))?;
            let bit_depth = match depth {
                "" => 8,
                _ => depth
                    .strip_suffix("le")?
                    .parse()
                    .ok()
                    .filter(|depth| (9..=16).contains(depth))?,
            };
            (bit_depth, Conversion::Rgb(planes([2, 0, 1])))
        }
    };
    Some((pixel(Chroma::Yuv444, bit_depth, 0), conversion))
}

fn unpacked(name: &str) -> Option<(PixelFormat, Conversion)> {
    let (luma, [cb, cr]) = match name {
        "yuyv422" | "y210le" | "y212le" => (packed([0], 2), packed([1, 3], 4)),
        "uyvy422" => (packed([1], 2), packed([0, 2], 4)),
        "yvyu422" => (packed([0], 2), packed([3, 1], 4)),
        _ => return None,
    };
    // Formats of higher bit depth keep values in the high bits.
    let (bit_depth, shift) = match name {
        "y210le" => (10, 6),
        "y212le" => (12, 4),
        _ => (8, 0),
    };
    let conversion = Conversion::Unpacked([luma[0], cb, cr]);
    Some((pixel(Chroma::Yuv422, bit_depth, shift), conversion))
}

fn resampled(name: &str) -> Option<(PixelFormat, Conversion)> {
    let full_range = name.starts_with("yuvj");
    let (chroma, bit_depth) = match name {
        "yuv411p" | "yuvj411p" => (Chroma::Yuv422, 8),
        "yuv410p" | "nv21" => (Chroma::Yuv420, 8),
        "yuv440p" | "yuvj440p" | "nv42" => (Chroma::Yuv444, 8),
        "yuv440p10le" => (Chroma::Yuv444, 10),
        "yuv440p12le" => (Chroma::Yuv444, 12),
        _ => {
            // Big-endian samples are byte-swapped.
            let pixel = PixelFormat::by_name(&format!("{}le", name.strip_suffix("be")?)).ok()?;
            let planar = PixelFormat { interleaved: false, shift: 0, ..pixel };
            return Some((planar, Conversion::Resampled));
        }
    };
    Some((PixelFormat { full_range, ..pixel(chroma, bit_depth, 0) }, Conversion::Resampled))
}

fn pixel(chroma: Chroma, bit_depth: u8, shift: u8) -> PixelFormat {
    PixelFormat { chroma, bit_depth, interleaved: false, shift, full_range: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_converted_to_the_nearest_supported_one() {
        let of = |name: &str| {
            let input_format = InputFormat::from_name(name).expect(name);
            (input_format.pixel.planar_name(), input_format.is_rgb(), input_format.step().is_some())
        };
        let planar = |name: &str, is_rgb| (name.to_owned(), is_rgb, true);
        assert_eq!(of("yuv420p"), ("yuv420p".to_owned(), false, false));
        for (name, expected) in [
            ("gbrp", planar("yuv444p", true)),
            ("gbrap12le", planar("yuv444p12le", true)),
            ("argb", planar("yuv444p", true)),
            ("pal8", planar("yuv444p", true)),
            ("rgb48le", planar("yuv444p16le", true)),
            ("uyvy422", planar("yuv422p", false)),
            ("y210le", planar("yuv422p10le", false)),
            ("yuv411p", planar("yuv422p", false)),
            ("yuvj411p", planar("yuvj422p", false)),
            ("yuv410p", planar("yuv420p", false)),
            ("yuv440p10le", planar("yuv444p10le", false)),
            ("yuv420p10be", planar("yuv420p10le", false)),
            ("gray16be", planar("gray16le", false)),
            ("p010be", planar("yuv420p10le", false)),
        ] {
            assert_eq!(of(name), expected, "{name}");
        }
    }

    #[test]
    fn formats_without_a_near_equivalent_are_refused() {
        for name in ["xyz12le", "bayer_rggb8", "gbrpf32le", "rgb565le", "monow", ""] {
            let reason = InputFormat::from_name(name).expect_err(name);
            assert!(reason.contains("convert"), "{reason}");
        }
    }
}
