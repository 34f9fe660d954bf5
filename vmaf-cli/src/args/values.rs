//! Values that only the command line has: numbers of frames, threads and jobs, and numbers in the
//! syntax of libvmaf's tool. [`vmaf::values`] parses the values of requests.
//!
//! Each function parses one kind of value; its error completes clap's "invalid value 'x' for
//! '--option'".

use std::num::NonZero;
use std::str::FromStr;
use std::time::Duration;

use vmaf::Rect;
use vmaf::values::rect;

/// A whole number in decimal, hexadecimal (`0x1f`) or octal (`017`). A negative number is added to
/// 2^32, as in C's conversion to unsigned.
pub(crate) fn unsigned(text: &str) -> Result<u32, String> {
    let digits = text.trim_start();
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let lower = digits.to_ascii_lowercase();
    let number = if let Some(hexadecimal) = lower.strip_prefix("0x") {
        u32::from_str_radix(hexadecimal, 16)
    } else if lower.len() > 1 && lower.starts_with('0') {
        u32::from_str_radix(&lower[1..], 8)
    } else {
        lower.parse()
    };
    // The standard parsers would accept a second sign.
    let is_number = lower.starts_with(|first: char| first.is_ascii_digit())
        && lower.chars().all(|digit| digit.is_ascii_alphanumeric());
    match number {
        Ok(number) if is_number => Ok(if negative { number.wrapping_neg() } else { number }),
        _ => Err("not a whole number from 0 to 4294967295".to_owned()),
    }
}

/// A whole number of at least `least`, which is not negative.
fn whole<T: FromStr + PartialOrd>(text: &str, least: T, name: &str) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| *number >= least);
    let digits = text.trim_start_matches('-');
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    number.ok_or_else(|| match (is_number, text.starts_with('-')) {
        (true, false) if text.trim_start_matches('0').len() > 4 => "that is too large".to_owned(),
        _ => format!("should be a whole number from {name}"),
    })
}

/// A step from frame to frame.
pub(crate) fn step(text: &str) -> Result<NonZero<u64>, String> {
    whole(text, NonZero::<u64>::MIN, "1")
}

/// A number of references.
pub(crate) fn jobs(text: &str) -> Result<NonZero<u16>, String> {
    whole(text, NonZero::<u16>::MIN, "1")
}

/// The number of a frame.
pub(crate) fn frame(text: &str) -> Result<u64, String> {
    whole(text, 0, "0: frames are counted from there")
}

/// A number of threads.
pub(crate) fn threads(text: &str) -> Result<u16, String> {
    let threads = text.parse().ok().filter(|threads| *threads <= 1024);
    threads.ok_or_else(|| "should be a whole number from 0 to 1024".to_owned())
}

/// A bit depth.
pub(crate) fn bit_depth(text: &str) -> Result<u8, String> {
    let bits = text.parse().ok().filter(|bits| (8..=16).contains(bits));
    bits.ok_or_else(|| "should be a whole number from 8 to 16".to_owned())
}

/// The number of frames to skip: of the encodes, or of the reference if negative.
pub(crate) fn offset(text: &str) -> Result<i32, String> {
    text.parse().map_err(|_| "should be a whole number of frames, as 2 or -2".to_owned())
}

/// The part of the encodes' pictures to keep.
pub(crate) fn crop_encode(text: &str) -> Result<Rect, String> {
    let fail = || "a crop of encodes is WIDTH:HEIGHT:X:Y, as 1920:1080:0:4".to_owned();
    rect(text).ok_or_else(fail)
}

/// A time in seconds.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "a time is a number of seconds, as 30 or 0.5".to_owned())
}

/// A bound for scores.
pub(crate) fn bound(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "a bound is a number, as 90".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_parsed_as_c_does() {
        assert_eq!(unsigned("576"), Ok(576));
        assert_eq!(unsigned("0xFFff"), Ok(65535));
        assert_eq!(unsigned("017"), Ok(15));
        assert_eq!(unsigned("0"), Ok(0));
        assert_eq!(unsigned("-1"), Ok(u32::MAX));
        for bad in ["", "12a", "08", "0x", "--1", "+-1", "0x-1", "1e3", "4294967296"] {
            unsigned(bad).expect_err(bad);
        }
    }

    #[test]
    fn invalid_numbers_are_refused_with_the_expected_range() {
        assert_eq!(step("3").map(NonZero::get), Ok(3));
        assert_eq!(frame("0"), Ok(0));
        for bad in ["", "0", "-1", "x", "1.5", "99999999999999999999"] {
            let said = step(bad).expect_err(bad);
            assert!(said.contains("whole number from 1") || said.contains("too large"), "{said}");
        }
        for bad in ["", "-1", "x"] {
            assert!(frame(bad).expect_err(bad).contains("from 0"));
            assert!(threads(bad).expect_err(bad).contains("from 0 to 1024"));
            assert!(bit_depth(bad).expect_err(bad).contains("from 8 to 16"));
        }
        assert_eq!(offset("-2"), Ok(-2));
        offset("x").expect_err("no number");
    }
}
