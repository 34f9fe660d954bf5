//! Reads a video and prints what it is and a checksum of each frame:
//! `cargo run --release --example frames -- FILE`.

use std::hash::{DefaultHasher, Hash, Hasher};

use vmaf_core::frame::Pixels;
use vmaf_media::{Decoder, OpenOptions, ReadPlan, Result, open};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "-".to_owned());
    let decoder = match arguments.next().as_deref() {
        Some("process") => Decoder::Process,
        Some("in-process") => Decoder::InProcess,
        _ => Decoder::Auto,
    };
    let source = open(&path, &OpenOptions { decoder, ..OpenOptions::default() })?;
    println!("{:?}", source.info());
    let mut frames = source.frames(&ReadPlan::default())?;
    let mut count = 0;
    while let Some(frame) = frames.read()? {
        let mut hasher = DefaultHasher::new();
        match frame.pixels() {
            Pixels::U8(planes) => {
                planes.iter().for_each(|p| p.rows().for_each(|r| r.hash(&mut hasher)))
            }
            Pixels::U16(planes) => {
                planes.iter().for_each(|p| p.rows().for_each(|r| r.hash(&mut hasher)))
            }
        }
        println!("{count} {:?} {:016x}", frame.time, hasher.finish());
        count += 1;
    }
    Ok(())
}
