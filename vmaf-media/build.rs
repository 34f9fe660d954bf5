//! Tells which fields FFmpeg's structures have, by the version of the headers.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(ffmpeg_6_1)");
    // Set by ffmpeg-sys-next, where FFmpeg's libraries are used at all.
    println!("cargo::rerun-if-env-changed=DEP_FFMPEG_FFMPEG_6_1");
    if std::env::var("DEP_FFMPEG_FFMPEG_6_1").is_ok_and(|is_newer| is_newer == "true") {
        println!("cargo::rustc-cfg=ffmpeg_6_1");
    }
}
