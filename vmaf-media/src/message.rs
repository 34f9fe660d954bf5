//! Messages whose settings each front end names in its own language.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::setting::{Remedy, Setting};

/// A message: text, with the settings that it names in their places.
///
/// [`Display`](fmt::Display) words it for users of the library; [`worded`](Self::worded) for users
/// of a front end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Message(Vec<Segment>);

/// A segment of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Segment {
    /// Text in any front end.
    Text(String),
    /// Settings that resolve the problem.
    Remedy(Remedy),
    /// A setting that the problem is about.
    Setting(Setting),
}

/// The way a front end names settings.
#[derive(Debug, Clone, Copy)]
pub struct Wording {
    /// The name of a setting, with its value.
    pub setting: fn(&Setting) -> String,
    /// The text between settings that are given together.
    pub separator: &'static str,
}

impl Wording {
    /// The wording of [`Display`](fmt::Display), independent of any front end.
    pub const NEUTRAL: Self = Self { setting: |setting| setting.to_string(), separator: " and " };
}

impl Default for Wording {
    fn default() -> Self {
        Self::NEUTRAL
    }
}

impl Message {
    /// Returns the message with more text.
    #[must_use]
    pub fn text(mut self, text: impl fmt::Display) -> Self {
        let text = text.to_string();
        match self.0.last_mut() {
            Some(Segment::Text(last)) => last.push_str(&text),
            _ if text.is_empty() => {}
            _ => self.0.push(Segment::Text(text)),
        }
        self
    }

    /// Returns the message followed by a remedy.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<Remedy>) -> Self {
        self.0.push(Segment::Remedy(remedy.into()));
        self
    }

    /// Returns the message followed by the name of a setting that the problem is about.
    #[must_use]
    pub fn setting(mut self, setting: Setting) -> Self {
        self.0.push(Segment::Setting(setting));
        self
    }

    /// Returns the message followed by another.
    #[must_use]
    pub fn then(self, other: impl Into<Self>) -> Self {
        other.into().0.into_iter().fold(self, |message, segment| match segment {
            Segment::Text(text) => message.text(text),
            Segment::Remedy(remedy) => message.remedy(remedy),
            Segment::Setting(setting) => message.setting(setting),
        })
    }

    /// Returns the segments, in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Returns the remedies that it names, in order.
    pub fn remedies(&self) -> impl Iterator<Item = &Remedy> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Remedy(remedy) => Some(remedy),
            Segment::Text(_) | Segment::Setting(_) => None,
        })
    }

    /// Returns the message on one line, in the words of a front end.
    #[must_use]
    pub fn worded(&self, wording: &Wording) -> String {
        let words = self.0.iter().map(|segment| match segment {
            Segment::Text(text) => text.clone(),
            Segment::Remedy(remedy) => {
                let settings = remedy.settings().iter().map(wording.setting);
                settings.collect::<Vec<_>>().join(wording.separator)
            }
            Segment::Setting(setting) => (wording.setting)(setting),
        });
        one_line(words.collect::<String>())
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.worded(&Wording::NEUTRAL))
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::default().text(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::default().text(text)
    }
}

impl From<&Self> for Message {
    fn from(message: &Self) -> Self {
        message.clone()
    }
}

/// Returns a message on one line, without the system's error number, which only repeats its text.
#[must_use]
pub fn one_line(message: impl fmt::Display) -> String {
    let message = message.to_string();
    let words: Vec<&str> = message.split_whitespace().collect();
    let message = words.join(" ");
    match message.rsplit_once(" (os error ") {
        Some((words, number)) => {
            format!("{words}{}", number.split_once(')').map_or("", |(_, rest)| rest))
        }
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accepted::Accepted;

    const LOUD: Wording = Wording { setting: |_| "SETTING".to_owned(), separator: "+" };

    fn message() -> Message {
        Message::from("it is\noff: ")
            .remedy(vec![Setting::Offset(2), Setting::Shortest])
            .text(" or ")
            .remedy(Setting::Accept(Accepted::Damage))
            .text(" beside ")
            .setting(Setting::CropAuto)
            .text(" (os error 2).")
    }

    #[test]
    fn each_front_end_defines_its_wording_of_settings() {
        assert_eq!(
            message().worded(&LOUD),
            "it is off: SETTING+SETTING or SETTING beside SETTING."
        );
        assert_eq!(
            message().to_string(),
            "it is off: an offset of 2 and the end of the shorter video or acceptance of damage \
             beside automatic cropping."
        );
    }

    #[test]
    fn remedies_can_be_matched() {
        let message = message();
        let remedies: Vec<&[Setting]> = message.remedies().map(Remedy::settings).collect();
        assert!(matches!(
            remedies[..],
            [[Setting::Offset(2), Setting::Shortest], [Setting::Accept(Accepted::Damage)]]
        ));
    }

    #[test]
    fn messages_are_joined() {
        let joined = Message::from("a: ").then("b ").then(message());
        assert_eq!(joined.segments()[0], Segment::Text("a: b it is\noff: ".to_owned()));
        assert_eq!(joined.remedies().count(), 2);
    }
}
