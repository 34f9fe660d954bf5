//! Scores an encode beside its source: `score_files SOURCE ENCODE`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [source, encode] = &paths[..] else {
        return Err("usage: score_files SOURCE ENCODE".into());
    };
    let run = vmaf::score(source, encode)?;
    println!("{:.2}", run.score().ok_or("no model was asked for")?);
    Ok(())
}
