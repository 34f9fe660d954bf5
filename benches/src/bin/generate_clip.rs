//! Writes a generated clip and two damaged copies of it as y4m: something to score where there is
//! no network to fetch real video from.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use vmaf_benches::Clip;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: generate_clip FOLDER")?;
    let folder = PathBuf::from(folder);
    let clip = Clip { width: 1280, height: 720, bit_depth: 8 };
    for (name, damage) in [("reference", 0), ("slightly_damaged", 1), ("badly_damaged", 4)] {
        let file = File::create(folder.join(name).with_extension("y4m"))?;
        clip.write_y4m(BufWriter::new(file), 50, damage)?;
    }
    Ok(())
}
