//! Strict JSON (RFC 8259): no repeated keys, bounded depth and count, nothing after the value.

use std::cell::Cell;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::base::foreign_words;
use crate::base::localized::Localized;

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadJson(pub String);

impl BadJson {
    /// The place and the fault for its author.
    pub fn words(&self) -> Localized {
        foreign_words::of_parser(&self.0)
    }
}

/// Parses one value. The error has line and column. A value takes some 72 bytes, and two bytes are
/// enough to write one: a caller with long texts bounds their number too.
pub fn parse(bytes: &[u8], depth: usize) -> Result<Value, BadJson> {
    parse_within(bytes, depth, usize::MAX)
}

fn parse_within(bytes: &[u8], depth: usize, values: usize) -> Result<Value, BadJson> {
    let (depth, values) = (Cell::new(depth), Cell::new(values));
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let strict = Strict { depth: &depth, values: &values };
    let value = strict.deserialize(&mut reader).map_err(|e| BadJson(e.to_string()))?;
    reader.end().map_err(|error| BadJson(error.to_string()))?;
    Ok(value)
}

/// Parses an object; any other value is an error.
pub fn parse_object(bytes: &[u8], depth: usize) -> Result<Map<String, Value>, BadJson> {
    parse_object_within(bytes, depth, usize::MAX)
}

/// Reads an object with at most this many values, itself and all nested ones included. Parsing
/// stops at the first value beyond the limit.
pub fn parse_object_within(
    bytes: &[u8],
    depth: usize,
    values: usize,
) -> Result<Map<String, Value>, BadJson> {
    match parse_within(bytes, depth, values)? {
        Value::Object(map) => Ok(map),
        _ => Err(BadJson("not a JSON object".to_owned())),
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: &'a Cell<usize>,
    values: &'a Cell<usize>,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error, T>(
        self,
        read: impl FnOnce(Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let left = self.depth.get().checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))?;
        self.depth.set(left);
        let result = read(self);
        self.depth.set(left.saturating_add(1));
        result
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = self.values.get().checked_sub(1);
        self.values.set(left.ok_or_else(|| serde::de::Error::custom("too many values"))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        serde_json::Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("no number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.deeper(|seed| {
            let mut all = Vec::new();
            while let Some(item) = items.next_element_seed(seed)? {
                all.push(item);
            }
            Ok(Value::Array(all))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.deeper(|seed| {
            let mut map = Map::new();
            while let Some(key) = entries.next_key::<Key>()? {
                // Stored JSON is read again by serde_json, which reserves these keys.
                if key.0.starts_with(RESERVED) {
                    let text = format!("the key {:?} is reserved", key.0);
                    return Err(serde::de::Error::custom(text));
                }
                let value = entries.next_value_seed(seed)?;
                if map.contains_key(&key.0) {
                    let text = format!("the key {:?} stands twice", key.0);
                    return Err(serde::de::Error::custom(text));
                }
                map.insert(key.0, value);
            }
            Ok(Value::Object(map))
        })
    }
}

const RESERVED: &str = "$serde_json::private::";

struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict() {
        assert!(parse(br#"{"a":[1,2.5,null,true,"x"]}"#, 4).is_ok());
        for bad in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            "[1] 2",
            "[[[[1]]]]",
            "{",
            "[1,]",
            "NaN",
            r#"{"$serde_json::private::RawValue":"no JSON"}"#,
            r#"{"$serde_json::private::Number":"1"}"#,
        ] {
            assert!(parse(bad.as_bytes(), 3).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_nested_spends_from_the_same_purse() {
        let text = br#"{"a":[1,2],"b":{"c":[[],null]}}"#;
        assert!(parse_object_within(text, 4, 8).is_ok());
        let refused = parse_object_within(text, 4, 7).unwrap_err();
        assert!(refused.0.starts_with("too many values at line 1 column 2"), "{refused}");
        // At the first value beyond the limit: the rest is not read.
        let refused = parse_object_within(br#"{"a":[1,2,3,"#, 4, 3).unwrap_err();
        assert!(refused.0.starts_with("too many values"), "{refused}");
    }
}
