//! FFmpeg's pixel formats that can be scored: planar or semi-planar YUV and grey of 8 to 16 bits.
//!
//! A format is identified by its name, which both ways of decoding report.

use vmaf_core::Chroma;

/// A pixel format whose samples can be taken as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelFormat {
    pub(crate) chroma: Chroma,
    pub(crate) bit_depth: u8,
    /// True if both chroma planes are stored in one, with alternating samples.
    pub(crate) interleaved: bool,
    /// The number of bits by which samples are shifted right to get their value.
    pub(crate) shift: u8,
    /// True if the format itself implies full range.
    pub(crate) full_range: bool,
}

impl PixelFormat {
    /// Returns the format that FFmpeg calls `name`.
    ///
    /// # Errors
    /// Fails if it can't be scored, and explains how to convert it.
    pub(crate) fn by_name(name: &str) -> Result<Self, String> {
        Self::planar(name).or_else(|| Self::semi_planar(name)).ok_or_else(|| {
            format!(
                "its pixel format {name} can't be scored: convert it to planar YUV first, with the \
                 matrix and range of the other video, for example: ffmpeg -i IN -vf \
                 scale=out_color_matrix=bt709:out_range=limited,format=yuv444p10le -colorspace bt709 \
                 -color_range tv -c:v ffv1 OUT.mkv"
            )
        })
    }

    fn planar(name: &str) -> Option<Self> {
        // Alpha planes come last and are ignored.
        let (chroma, depth, full_range) = if let Some(depth) = name.strip_prefix("gray") {
            (Chroma::Mono, depth, false)
        } else {
            let (layout, full_range) = match name.strip_prefix("yuvj") {
                Some(layout) => (layout, true),
                None => (name.strip_prefix("yuva").or_else(|| name.strip_prefix("yuv"))?, false),
            };
            let (chroma, depth) = layout.split_at_checked(4)?;
            (sampling(chroma.strip_suffix('p')?)?, depth, full_range)
        };
        let bit_depth = match depth {
            "" => 8,
            "9le" => 9,
            "10le" => 10,
            "12le" => 12,
            "14le" => 14,
            "16le" => 16,
            _ => return None,
        };
        Some(Self { chroma, bit_depth, interleaved: false, shift: 0, full_range })
    }

    fn semi_planar(name: &str) -> Option<Self> {
        let (chroma, bit_depth) = match name {
            "nv12" => (Chroma::Yuv420, 8),
            "nv16" => (Chroma::Yuv422, 8),
            "nv24" => (Chroma::Yuv444, 8),
            "p010le" => (Chroma::Yuv420, 10),
            "p012le" => (Chroma::Yuv420, 12),
            "p016le" => (Chroma::Yuv420, 16),
            "nv20le" | "p210le" => (Chroma::Yuv422, 10),
            "p212le" => (Chroma::Yuv422, 12),
            "p216le" => (Chroma::Yuv422, 16),
            "p410le" => (Chroma::Yuv444, 10),
            "p412le" => (Chroma::Yuv444, 12),
            "p416le" => (Chroma::Yuv444, 16),
            _ => return None,
        };
        // The p formats keep values in the high bits, the nv formats in the low ones.
        let shift = if name.starts_with('p') { 16 - bit_depth } else { 0 };
        Some(Self { chroma, bit_depth, interleaved: true, shift, full_range: false })
    }

    /// Returns the name of the planar format without alpha that holds the same samples, as y4m can
    /// carry it.
    pub(crate) fn planar_name(self) -> String {
        let range = if self.full_range { "j" } else { "" };
        let name = match self.chroma {
            Chroma::Mono => "gray".to_owned(),
            Chroma::Yuv420 => format!("yuv{range}420p"),
            Chroma::Yuv422 => format!("yuv{range}422p"),
            Chroma::Yuv444 => format!("yuv{range}444p"),
        };
        match self.bit_depth {
            8 => name,
            depth => format!("{name}{depth}le"),
        }
    }
}

fn sampling(digits: &str) -> Option<Chroma> {
    match digits {
        "420" => Some(Chroma::Yuv420),
        "422" => Some(Chroma::Yuv422),
        "444" => Some(Chroma::Yuv444),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
