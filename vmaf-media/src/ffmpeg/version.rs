//! The FFmpeg that decodes, for people who report a problem or compare machines.

/// Returns the way videos are decoded, with its version: FFmpeg's libraries in this process, or an
/// `ffmpeg` program.
#[cfg(feature = "ffmpeg")]
#[must_use]
pub fn decoder_version() -> String {
    use ffmpeg_next::{codec, format, software::scaling};

    let text = |version: u32| {
        let [_, major, minor, micro] = version.to_be_bytes();
        format!("{major}.{minor}.{micro}")
    };
    format!(
        "FFmpeg's libraries, libavcodec {}, libavformat {}, libswscale {}",
        text(codec::version()),
        text(format::version()),
        text(scaling::version())
    )
}

/// Returns the way videos are decoded, with its version: FFmpeg's libraries in this process, or an
/// `ffmpeg` program.
#[cfg(not(feature = "ffmpeg"))]
#[must_use]
pub fn decoder_version() -> String {
    use std::process::{Command, Stdio};

    let name = super::command::ffmpeg_program();
    let run = Command::new(&name).arg("-version").stdin(Stdio::null()).output();
    let Ok(output) = run else {
        return format!("an ffmpeg program, but {} can't be run", name.display());
    };
    // The first line is "ffmpeg version 9.0 Copyright ...".
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(2).unwrap_or("unknown");
    format!("the program {}, version {version}", name.display())
}
