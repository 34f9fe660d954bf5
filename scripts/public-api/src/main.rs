//! Prints the public interface that a file of rustdoc's JSON describes, one item per line, without
//! blanket, automatic and derived implementations.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: list-public-api FILE")?;
    let interface = public_api::Builder::from_rustdoc_json(path)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()?;
    for item in interface.items() {
        println!("{item}");
    }
    Ok(())
}
