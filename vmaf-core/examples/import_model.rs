//! Converts a libvmaf model file to this project's format.
//!
//! ```sh
//! cargo run -p vmaf-core --example import_model -- NAME PROVENANCE < model.json > vmaf-core/models/NAME.json
//! ```

use std::io::Read;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, provenance] = &arguments[..] else {
        return Err("usage: import_model NAME PROVENANCE < MODEL.json".into());
    };
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    print!("{}", vmaf_core::Model::from_json(name, &text)?.to_json(provenance));
    Ok(())
}
