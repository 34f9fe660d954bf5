//! Gives the shared library the name that programs linked with libvmaf look for.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if target == "linux" || target.ends_with("bsd") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libvmaf.so.3");
    } else if target == "macos" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libvmaf.3.dylib");
    }
}
