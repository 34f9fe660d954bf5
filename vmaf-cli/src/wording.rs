//! Settings in messages, worded as options of `vmaf score`.

use vmaf::{Accepted, ColorRange, Rect, Setting, Wording};

/// The wording of the command.
pub(crate) const WORDING: Wording = Wording { setting: option, separator: " " };

/// Returns a setting as an option.
fn option(setting: &Setting) -> String {
    match setting {
        Setting::Offset(frames) => format!("--offset {frames}"),
        Setting::Frames(frames) if frames.end == u64::MAX => format!("--frames {}..", frames.start),
        Setting::Frames(frames) => format!("--frames {}..{}", frames.start, frames.end),
        Setting::Shortest => "--shortest".to_owned(),
        Setting::AllFrames => "without --sample".to_owned(),
        Setting::AlignFrames => "--align frames".to_owned(),
        Setting::AlignContent => "--align content".to_owned(),
        Setting::AlignUnchecked => "--align unchecked".to_owned(),
        Setting::Crop(area) => format!("--crop {}", part(*area)),
        Setting::CropEncode(area) => format!("--crop-encode {}", part(*area)),
        Setting::CropAuto => "--crop auto".to_owned(),
        Setting::NoCrop => "leave --crop out".to_owned(),
        Setting::ScoreAt { width, height } => format!("--score-at {width}x{height}"),
        Setting::Scale => "without --no-scale".to_owned(),
        Setting::GeometryUnchecked => "--geometry unchecked".to_owned(),
        Setting::AssumeRange(ColorRange::Limited) => "--assume-range limited".to_owned(),
        Setting::AssumeRange(ColorRange::Full) => "--assume-range full".to_owned(),
        Setting::Accept(Accepted::Color) => "--accept color".to_owned(),
        Setting::Accept(Accepted::Hdr) => "--accept hdr".to_owned(),
        Setting::Accept(Accepted::Interlaced) => "--accept interlaced".to_owned(),
        Setting::Accept(Accepted::Changes) => "--accept changes".to_owned(),
        Setting::Accept(Accepted::Damage) => "--accept damage".to_owned(),
        Setting::RawLayout => "--size, --pix-fmt and --bit-depth".to_owned(),
        Setting::PixelFormat { name, bit_depth } => {
            format!("--pix-fmt {name} (in libvmaf's form --bitdepth {bit_depth})")
        }
        Setting::Metric { name, options } => {
            let options = options.iter().map(|(option, value)| format!("{option}={value}"));
            let options = options.collect::<Vec<_>>().join(":");
            let equals = if options.is_empty() { "" } else { "=" };
            format!("--metric {name}{equals}{options}")
        }
        Setting::Heatmaps => "--heatmaps".to_owned(),
        Setting::Videos { reference, encode } => format!("vmaf score '{reference}' '{encode}'"),
        // A setting for which this version of the command has no option.
        other => other.to_string(),
    }
}

/// A part of a picture, or a placeholder.
fn part(area: Option<Rect>) -> String {
    area.map_or_else(|| "W:H:X:Y".to_owned(), |area| area.to_string())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::args::Cli;

    /// Returns true if `flag` is an option of `vmaf score`.
    fn is_option(flag: &str) -> bool {
        let command = Cli::command();
        let mut options = command.find_subcommand("score").expect("it is there").get_arguments();
        options.any(|option| option.get_long() == flag.strip_prefix("--"))
    }

    #[test]
    fn every_setting_is_an_option_of_score() {
        for setting in Setting::examples() {
            let words = option(&setting);
            assert_ne!(words, setting.to_string(), "{setting:?}");
            let mut line = vec!["vmaf", "score", "ref.y4m", "enc.y4m"];
            match setting {
                Setting::Videos { .. } => {
                    assert_eq!(words, "vmaf score 'r%03d.png' 'e%03d.png'");
                    continue;
                }
                // Several options, or one to omit.
                Setting::RawLayout | Setting::AllFrames | Setting::NoCrop | Setting::Scale => {
                    let mut flags = words.split([' ', ',']).filter(|word| word.starts_with('-'));
                    assert!(flags.all(is_option), "{words}");
                    continue;
                }
                Setting::Heatmaps => line.extend(["--heatmaps", "folder"]),
                Setting::PixelFormat { .. } => line.extend(["--size", "64x48"]),
                _ => {}
            }
            let words = words.replace("W:H:X:Y", "64:48:0:0");
            let words = words.split_once(" (").map_or(&words[..], |(option, _)| option);
            if !line.contains(&words) {
                line.extend(words.split(' '));
            }
            let parsed = Cli::try_parse_from(&line);
            assert!(parsed.is_ok(), "{line:?}: {parsed:?}");
        }
    }

    /// Calls `visit` for each Rust file in `folder` and its subfolders.
    fn visit_sources(folder: &Path, visit: &mut impl FnMut(&Path)) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                visit_sources(&path, visit);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                visit(&path);
            }
        }
    }

    #[test]
    fn the_libraries_name_no_option() {
        let mut files = 0;
        for library in ["vmaf", "vmaf-media"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(library).join("src");
            visit_sources(&folder, &mut |path| {
                files += 1;
                let text = std::fs::read_to_string(path).expect("text");
                let names_option = |line: &&str| {
                    let mut behind = line.split("--").skip(1);
                    behind.any(|word| word.starts_with(|letter: char| letter.is_ascii_lowercase()))
                };
                assert_eq!(text.lines().find(names_option), None, "{}", path.display());
            });
        }
        assert!(files > 100, "{files}");
    }
}
