//! The members of `data`, taken one by one; members that are left are refused.

use serde_json::{Map, Value};

use super::status::{HeadStatus, Refused};

/// Members that were not taken yet.
#[derive(Debug)]
pub(super) struct Members(Map<String, Value>);

impl Members {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// The members of an object.
    pub(super) fn of(value: Value, name: &str) -> Result<Self, Refused> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(wrong(name, "应为对象")),
        }
    }

    /// A member unchanged. Null and an empty text count as absent.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let value = self.0.shift_remove(name)?;
        (!value.is_null() && value != "").then_some(value)
    }

    /// A required text.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Refused> {
        let text = self.optional(name)?;
        text.ok_or_else(|| Refused::because(HeadStatus::Empty, name))
    }

    /// A required text, with a status of its own when it is missing.
    pub(super) fn text_or(&mut self, name: &str, status: HeadStatus) -> Result<String, Refused> {
        self.optional(name)?.ok_or_else(|| status.into())
    }

    /// An optional text.
    pub(super) fn optional(&mut self, name: &str) -> Result<Option<String>, Refused> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "应为文字")),
        }
    }

    /// An optional list of names. Here neither null nor an empty text counts as absent: a caller
    /// that sends one asked for less than everything.
    pub(super) fn names(&mut self, name: &str) -> Result<Option<Vec<String>>, Refused> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let names = match self.0.shift_remove(name) {
            None => return Ok(None),
            Some(Value::Array(names)) => names.iter().map(text).collect(),
            Some(_) => None,
        };
        names.map(Some).ok_or_else(|| wrong(name, "应为字段名的列表"))
    }

    /// All that is left.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.0
    }

    /// An unknown member may be a misspelt one that would have asked for less.
    pub(super) fn done(self) -> Result<(), Refused> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => {
                let name: String =
                    name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
                Err(wrong(&name, "没有这个字段"))
            }
        }
    }
}

/// The refusal of a member with a wrong value.
pub(super) fn wrong(name: &str, why: &str) -> Refused {
    Refused::because(HeadStatus::Malformed, &format!("{name} {why}"))
}
