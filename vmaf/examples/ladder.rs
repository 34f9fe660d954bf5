//! Scores a ladder of encodes in one pass: `ladder SOURCE ENCODE...`. Two models and a metric are
//! measured, and everything is written to `ladder.json`.

use vmaf::Request;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut paths = std::env::args().skip(1);
    let source = paths.next().ok_or("usage: ladder SOURCE ENCODE...")?;
    let run = Request::new(source)
        .encodes(paths)
        .model("vmaf_v0.6.1".parse()?)
        .model("vmaf_v0.6.1neg".parse()?)
        .metric("psnr".parse()?)
        .run()?;
    for encode in run.encodes() {
        // One bad file costs no other.
        if let Some(reason) = encode.failure() {
            println!("{}: {reason}", encode.distorted());
            continue;
        }
        for model in encode.models() {
            let worst = encode.pool(model, "window(1s)")?.unwrap_or(f64::NAN);
            let mean = encode.pool(model, "mean")?.unwrap_or(f64::NAN);
            println!("{}: {model} {mean:.2}, worst second {worst:.2}", encode.distorted());
        }
    }
    run.write("ladder.json")?;
    Ok(())
}
