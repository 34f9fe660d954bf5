//! Detects a common mistake: `vmaf score r*.png e*.png`, which the shell expands to one reference
//! and many encodes although two image sequences were meant.

use std::path::Path;

use vmaf_media::{Message, Setting};

/// The extensions of stills.
const STILLS: [&str; 11] =
    ["png", "jpg", "jpeg", "tif", "tiff", "webp", "bmp", "gif", "jxl", "avif", "heic"];

/// A numbered name: the text around its number, and the number's digits.
struct NumberedName<'a> {
    surrounding: (&'a str, &'a str),
    digits: &'a str,
}

impl<'a> NumberedName<'a> {
    /// Splits the name of a still at the last number in it.
    fn parse(path: &'a str) -> Option<Self> {
        let extension = Path::new(path).extension()?.to_str()?;
        STILLS.iter().find(|still| extension.eq_ignore_ascii_case(still))?;
        let stem = &path[..path.len() - extension.len()];
        let is_digit = |c: char| c.is_ascii_digit();
        let end = stem.rfind(is_digit)? + 1;
        let start = stem[..end]
            .rfind(|c| !is_digit(c))
            .map_or(0, |place| place + stem[place..].chars().next().map_or(1, char::len_utf8));
        let after_folder = path.rfind(std::path::is_separator).map_or(0, |place| place + 1);
        (start >= after_folder).then_some(Self {
            surrounding: (&path[..start], &path[end..]),
            digits: &path[start..end],
        })
    }
}

/// Returns the hint if these files look like two image sequences.
pub(crate) fn hint(reference: &str, encodes: &[String]) -> Option<Message> {
    let paths = std::iter::once(reference).chain(encodes.iter().map(String::as_str));
    let numbered = paths.map(NumberedName::parse).collect::<Option<Vec<_>>>()?;
    let first = numbered.first()?;
    let split = numbered.iter().position(|other| other.surrounding != first.surrounding)?;
    let (reference, encode) = (pattern(&numbered[..split])?, pattern(&numbered[split..])?);
    let message = format!(
        "these {} files look like two image sequences whose patterns the shell expanded: each file \
         is scored against the first. To score one sequence against the other: ",
        numbered.len()
    );
    Some(Message::from(message).remedy(Setting::Videos { reference, encode }))
}

/// Returns the pattern of several stills, if they are numbered without a gap.
fn pattern(stills: &[NumberedName<'_>]) -> Option<String> {
    let first = stills.first().filter(|_| stills.len() > 1)?;
    let mut numbers = Vec::new();
    for still in stills {
        numbers.push(
            still.digits.parse::<u64>().ok().filter(|_| still.surrounding == first.surrounding)?,
        );
    }
    // Shells sort r10 before r2.
    numbers.sort_unstable();
    if numbers.windows(2).any(|two| two[1] != two[0] + 1) {
        return None;
    }
    let width = first.digits.len();
    let is_padded = width > 1 && stills.iter().all(|still| still.digits.len() == width);
    let number = if is_padded { format!("%0{width}d") } else { "%d".to_owned() };
    Some(format!("{}{number}{}", first.surrounding.0, first.surrounding.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint_of(paths: &str) -> Option<[String; 2]> {
        let mut paths = paths.split(' ').map(str::to_owned);
        let reference = paths.next().expect("a reference");
        let hint = hint(&reference, &paths.collect::<Vec<_>>())?;
        let remedy = hint.remedies().next().expect("a remedy").settings();
        let [Setting::Videos { reference, encode }] = remedy else { panic!("{remedy:?}") };
        Some([reference.clone(), encode.clone()])
    }

    #[test]
    fn two_expanded_patterns_are_detected() {
        let hint = hint_of("r001.png r002.png r003.png out/e001.png out/e002.png out/e003.png");
        assert_eq!(hint.expect("a hint"), ["r%03d.png", "out/e%03d.png"]);
        let hint = hint_of("a10.jpg a9.jpg ä10.JPG ä9.JPG").expect("a hint");
        assert_eq!(hint, ["a%d.jpg", "ä%d.JPG"]);
    }

    #[test]
    fn encodes_of_one_still_are_not_an_expanded_pattern() {
        for paths in [
            "source.png q10.png q20.png q30.png",
            "img1.png img2.png",
            "img1.png img2.png other1.png",
            "img1.png img2.png q10.png q20.png",
            "a1.mp4 a2.mp4 b1.mp4 b2.mp4",
            "1/a.png 1/b.png 2/a.png 2/b.png",
        ] {
            assert_eq!(hint_of(paths), None, "{paths}");
        }
    }
}
