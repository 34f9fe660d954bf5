//! Writes the clips that the recorded figures in `testdata/` are of, as raw planar YUV, and prints
//! a line for each: its name, and the options that say what its files hold.
//!
//! ```sh
//! cargo run -p vmaf-cli --example write_clips -- FOLDER
//! ```

#[path = "../tests/command/support/clips.rs"]
mod clips;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: write_clips FOLDER")?;
    for clip in clips::CLIPS {
        clip.write(folder.as_ref())?;
        println!("{} {}", clip.name, clip.raw_options().join(" "));
    }
    Ok(())
}
