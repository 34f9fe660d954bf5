//! Writes a generated clip and two damaged copies of it as y4m, for scoring without a network
//! connection to fetch real video.
//!
//! `generate_clip FOLDER [WIDTHxHEIGHT FRAMES]`

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use vmaf_benches::Clip;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (folder, size, frames) = match arguments[..] {
        [folder] => (folder, "1280x720", "50"),
        [folder, size, frames] => (folder, size, frames),
        _ => return Err("usage: generate_clip FOLDER [WIDTHxHEIGHT FRAMES]".into()),
    };
    let (width, height) = size.split_once('x').ok_or("a size is WIDTHxHEIGHT")?;
    let clip = Clip { width: width.parse()?, height: height.parse()?, bit_depth: 8 };
    for (name, damage) in [("reference", 0), ("slightly_damaged", 1), ("badly_damaged", 4)] {
        let file = File::create(Path::new(folder).join(name).with_extension("y4m"))?;
        clip.write_y4m(BufWriter::new(file), frames.parse()?, damage)?;
    }
    Ok(())
}
