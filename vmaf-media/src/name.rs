//! Names of videos: paths, `-`, and URLs.

use std::borrow::Cow;
use std::path::Path;

/// Returns true if `name` is a URL that FFmpeg reads over the network: `http:` or `https:`.
#[must_use]
pub fn is_remote(name: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| starts_with(name, scheme))
}

/// Returns the path that `name` stands for: the path of a `file:` URL, or the name itself.
#[must_use]
pub fn local_path(name: &str) -> Cow<'_, str> {
    if !starts_with(name, "file:") || Path::new(name).exists() {
        return Cow::Borrowed(name);
    }
    let rest = &name["file:".len()..];
    let Some(after_host) = rest.strip_prefix("//") else { return Cow::Borrowed(rest) };
    let path = after_host.strip_prefix("localhost").unwrap_or(after_host);
    // file:///C:/film.mp4
    let path = if cfg!(windows) { path.trim_start_matches('/') } else { path };
    if Path::new(path).exists() {
        return Cow::Borrowed(path);
    }
    Cow::Owned(unescaped(path))
}

fn starts_with(name: &str, scheme: &str) -> bool {
    name.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// Returns text with percent escapes such as `%20` decoded, if the result is UTF-8; otherwise
/// unchanged.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().filter(|_| first == b'%');
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_urls_become_paths() {
        for (name, path) in [
            ("film.mp4", "film.mp4"),
            ("file:film.mp4", "film.mp4"),
            ("FILE:a/b%20c.mp4", "a/b%20c.mp4"),
            ("file:/a/b.mp4", "/a/b.mp4"),
            ("https://a/b.mp4", "https://a/b.mp4"),
        ] {
            assert_eq!(local_path(name), path);
        }
        if !cfg!(windows) {
            assert_eq!(local_path("file:///a/b%20c%zz.mp4"), "/a/b c%zz.mp4");
            assert_eq!(local_path("file://localhost/a.mp4"), "/a.mp4");
        }
    }

    #[test]
    fn urls_and_paths_are_distinguished() {
        assert!(is_remote("http://a/b.mp4") && is_remote("HTTPS://a"));
        assert!(!is_remote("http.mp4") && !is_remote("file:http://a") && !is_remote("ä"));
    }
}
