//! Escaping of text for its context: HTML, a script's data, or a shell.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use serde_json::ser::Formatter;

/// Escapes text for HTML, between tags or in a quoted attribute.
pub(crate) struct Html<T>(pub(crate) T);

impl<T: Display> Display for Html<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(HtmlWriter(f), "{}", self.0)
    }
}

struct HtmlWriter<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for HtmlWriter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            match letter {
                '&' => self.0.write_str("&amp;")?,
                '<' => self.0.write_str("&lt;")?,
                '>' => self.0.write_str("&gt;")?,
                '"' => self.0.write_str("&quot;")?,
                '\'' => self.0.write_str("&#39;")?,
                _ => self.0.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// Returns JSON for a `<script>` element: no text in it ends the element or opens a comment.
pub(super) struct ScriptJson;

impl Formatter for ScriptJson {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(place) = rest.find(['<', '>', '&']) {
            let code = rest.as_bytes()[place];
            out.write_all(&rest.as_bytes()[..place])?;
            write!(out, "\\u{code:04x}")?;
            rest = &rest[place + 1..];
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    const NASTY: &str = "</script><b>'\"&\u{2028}<!--.mp4";

    #[test]
    fn html_text_is_escaped() {
        let text = Html(NASTY).to_string();
        assert_eq!(text, "&lt;/script&gt;&lt;b&gt;&#39;&quot;&amp;\u{2028}&lt;!--.mp4");
    }

    #[test]
    fn json_in_scripts_is_parsed_back() {
        let mut bytes = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, ScriptJson);
        [NASTY, "<", "plain"].serialize(&mut serializer).expect("serialized");
        let text = String::from_utf8(bytes).expect("text");
        assert!(!text.contains(['<', '>', '&']), "{text}");
        let back: Vec<String> = serde_json::from_str(&text).expect("JSON");
        assert_eq!(back, [NASTY, "<", "plain"]);
    }
}
