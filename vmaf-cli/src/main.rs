//! The `vmaf` command.

fn main() {
    println!("vmaf {}", vmaf_core::VERSION);
}
