//! JSON whose members keep their order, so that one can be changed and the others stay as they are.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value};

use super::name::EntryName;

/// A JSON value. Numbers are written as they were read, with the fewest digits that identify them.
#[derive(Debug, Clone, PartialEq)]
enum JsonValue {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Returns the result line `text` with the names `entry_name` and the verdicts `gates`.
pub(super) fn relabelled(
    text: &str,
    entry_name: &EntryName,
    gates: &[Value],
) -> serde_json::Result<String> {
    let mut line: JsonValue = serde_json::from_str(text)?;
    line.set("reference", &entry_name.reference);
    line.set("distorted", &entry_name.distorted);
    if let Some(video) = line.member("reference_video") {
        video.set("path", &entry_name.reference);
    }
    if let Some(video) = line.member("distorted_video") {
        video.set("path", &entry_name.distorted);
    }
    line.place("name", entry_name.name.clone().map(JsonValue::Text), "distorted");
    let gates = gates.iter().map(|gate| serde_json::from_str(&gate.to_string()));
    let gates = gates.collect::<Result<Vec<JsonValue>, _>>()?;
    line.place("gates", (!gates.is_empty()).then_some(JsonValue::List(gates)), "aggregates");
    serde_json::to_string(&line)
}

impl JsonValue {
    fn member(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Inserts a member after the one called `behind`, or removes it.
    fn place(&mut self, name: &str, value: Option<Self>, behind: &str) {
        let Self::Object(members) = self else { return };
        members.retain(|(known, _)| known != name);
        if let Some(value) = value {
            let place = members.iter().position(|(known, _)| known == behind);
            let place = place.map_or(members.len(), |place| place + 1);
            members.insert(place, (name.to_owned(), value));
        }
    }

    /// Sets an existing member.
    fn set(&mut self, name: &str, text: &str) {
        if let Some(member) = self.member(name) {
            *member = Self::Text(text.to_owned());
        }
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = JsonValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<JsonValue, E> {
        Ok(JsonValue::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<JsonValue, E> {
        Ok(JsonValue::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<JsonValue, E> {
        Ok(JsonValue::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<JsonValue, E> {
        Ok(JsonValue::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<JsonValue, E> {
        Number::from_f64(value)
            .map(JsonValue::Number)
            .ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<JsonValue, E> {
        Ok(JsonValue::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<JsonValue, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(JsonValue::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<JsonValue, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = object.next_entry()? {
            members.push(member);
        }
        Ok(JsonValue::Object(members))
    }
}

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

impl Serialize for JsonValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relabelling_changes_only_names_and_paths() {
        let text = r#"{"schema":1,"reference":"a","distorted":"b","scores":{"v":[0.1,1e-7,-0.0,93.0,12345678901234567890,true,null]},"reference_video":{"path":"a","width":96},"distorted_video":null}"#;
        let entry_name = |name: Option<&str>| EntryName {
            reference: "x/a".to_owned(),
            distorted: "c".to_owned(),
            name: name.map(str::to_owned),
        };
        let named = relabelled(text, &entry_name(Some("low")), &[]).expect("a line");
        assert_eq!(
            named,
            r#"{"schema":1,"reference":"x/a","distorted":"c","name":"low","scores":{"v":[0.1,1e-7,-0.0,93.0,12345678901234567890,true,null]},"reference_video":{"path":"x/a","width":96},"distorted_video":null}"#
        );
        let unnamed = relabelled(&named, &entry_name(None), &[]).expect("a line");
        assert!(!unnamed.contains("name"), "{unnamed}");
    }
}
