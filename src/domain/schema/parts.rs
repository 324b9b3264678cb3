//! Building blocks of schemas: closed objects, and single values.

use serde_json::{Map, Value, json};

/// An object schema without additional properties.
#[derive(Default)]
pub(super) struct Closed {
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl Closed {
    pub(super) fn required(&mut self, name: &str, schema: Value) {
        self.required.push(name.into());
        self.optional(name, schema);
    }

    pub(super) fn optional(&mut self, name: &str, schema: Value) {
        self.properties.insert(name.to_owned(), schema);
    }

    pub(super) fn into_schema(self) -> Value {
        json!({
            "type": "object",
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        })
    }
}

pub(super) fn titled(schema: Value, title: String) -> Value {
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    whole.insert("title".to_owned(), title.into());
    if let Value::Object(schema) = schema {
        whole.extend(schema);
    }
    Value::Object(whole)
}

pub(super) fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

pub(super) fn list_of(schema: Value) -> Value {
    json!({ "type": "array", "items": schema })
}

pub(super) fn one_of<T: serde::Serialize>(values: &[T]) -> Value {
    json!({ "enum": values })
}

pub(super) fn line(max: usize) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": ONE_LINE })
}

pub(super) fn words() -> Value {
    let mut words = Closed::default();
    words.required("zh", text());
    words.required("en", text());
    words.into_schema()
}

pub(super) fn string() -> Value {
    json!({ "type": "string" })
}

pub(super) fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

pub(super) fn uri() -> Value {
    pattern("^https?://")
}

pub(super) fn name() -> Value {
    pattern("^[a-z][a-z0-9_]*$")
}

pub(super) fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

pub(super) fn date() -> Value {
    pattern("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
}

pub(super) fn timestamp() -> Value {
    pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
}

pub(super) fn instant() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

pub(super) fn version() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 999 })
}

pub(super) fn licence_id() -> Value {
    pattern(
        r"^1\.2\.156\.3005\.2\.[0-9A-Z]{18}[0-9]{3}\.[0-9A-Z]{18}\.[0-9A-Z]{1,32}\.[0-9]{3}\.[0-9A-Z]$",
    )
}

/// GB 32100: no I, O, S, V, Z.
pub(super) const USCC: &str = "^[0-9A-HJ-NPQRTUWXY]{18}$";
/// No control characters, line breaks among them.
const ONE_LINE: &str = r"^[^\x00-\x1F\x7F-\x9F]+$";
