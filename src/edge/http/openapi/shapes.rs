//! JSON Schemas of the types that handlers read and write.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::base::localized::Fault;
use crate::domain::schema;
use crate::domain::verify::report::Report;
use crate::edge::http::problem::Problem;

/// The schemas that operations refer to. What is read and what is written are apart: a member that
/// may be left out of the one is always in the other.
pub(super) struct Shapes {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Default for Shapes {
    fn default() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            read: settings().for_deserialize().into_generator(),
            written: settings().for_serialize().into_generator(),
        }
    }
}

impl Shapes {
    pub(super) fn read<T: JsonSchema>(&mut self) -> Value {
        plain(self.read.subschema_for::<T>(), false)
    }

    /// The members of a type that is no body.
    pub(super) fn members<T: JsonSchema>(&mut self) -> Map<String, Value> {
        let mut schema = plain(T::json_schema(&mut self.read), false);
        match schema.get_mut("properties").map(Value::take) {
            Some(Value::Object(properties)) => properties,
            _ => Map::new(),
        }
    }

    pub(super) fn written<T: JsonSchema>(&mut self) -> Value {
        plain(self.written.subschema_for::<T>(), true)
    }

    /// Names of schemas that are not the same for what is read and for what is written.
    #[cfg(test)]
    pub(super) fn ambiguous(&self) -> Vec<&String> {
        let (read, written) = (self.read.definitions(), self.written.definitions());
        let differs = |(name, schema): &(&String, &Value)| {
            written.get(*name).is_some_and(|other| {
                plainer((*schema).clone(), true) != plainer(other.clone(), true)
            })
        };
        read.iter().filter(differs).map(|(name, _)| name).collect()
    }

    /// All schemas that were referred to, by name.
    pub(super) fn into_components(mut self) -> Map<String, Value> {
        let read = self.read.take_definitions(false).into_iter();
        let read = read.map(|(name, schema)| (name, plainer(schema, false)));
        let mut all: Map<String, Value> = read.collect();
        for (name, schema) in self.written.take_definitions(false) {
            all.insert(name, plainer(schema, true));
        }
        all
    }
}

fn plain(schema: Schema, closed: bool) -> Value {
    plainer(schema.to_value(), closed)
}

/// Without what is of Rust alone: formats of integers, line breaks and the full stop of comments,
/// the default of a member that is merely left out. What is written has no other members than those
/// named, and none of those that may be left out is null.
fn plainer(mut schema: Value, closed: bool) -> Value {
    match &mut schema {
        Value::Object(members) => {
            let is_integer = match members.get("type") {
                Some(Value::Array(kinds)) => kinds.contains(&json!("integer")),
                kind => kind == Some(&json!("integer")),
            };
            if is_integer {
                members.shift_remove("format");
            }
            if members.get("default") == Some(&Value::Null) {
                members.shift_remove("default");
            }
            if let Some(Value::String(text)) = members.get_mut("description") {
                let line = text.replace('\n', " ");
                line.trim_end_matches('.').clone_into(text);
            }
            if closed && members.contains_key("properties") {
                close(members);
            }
            members.values_mut().for_each(|member| *member = plainer(member.take(), closed));
        }
        Value::Array(items) => {
            for item in items {
                *item = plainer(item.take(), closed);
            }
        }
        _ => {}
    }
    schema
}

fn close(members: &mut Map<String, Value>) {
    members.entry("additionalProperties".to_owned()).or_insert(Value::Bool(false));
    let required = members.get("required").cloned().unwrap_or_default();
    let required =
        |name: &String| required.as_array().is_some_and(|all| all.contains(&json!(name)));
    let Some(Value::Object(properties)) = members.get_mut("properties") else { return };
    for (_, property) in properties.iter_mut().filter(|(name, _)| !required(name)) {
        *property = never_null(property.take());
    }
}

/// Without the null that an optional member has in Rust.
pub(super) fn never_null(mut schema: Value) -> Value {
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = kinds.as_slice() {
            schema["type"] = kind.clone();
        }
    }
    let either = schema.get_mut("anyOf").and_then(Value::as_array_mut);
    let other = either.and_then(|either| match either.as_mut_slice() {
        [one, null] if *null == json!({ "type": "null" }) => Some(one.take()),
        _ => None,
    });
    other.unwrap_or(schema)
}

impl JsonSchema for Problem {
    fn schema_name() -> Cow<'static, str> {
        "Problem".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        published(schema::problem())
    }
}

impl JsonSchema for Report {
    fn schema_name() -> Cow<'static, str> {
        "Report".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        published(schema::report())
    }
}

/// A problem with every fault of the input.
pub(super) struct ProblemWithFaults;

impl JsonSchema for ProblemWithFaults {
    fn schema_name() -> Cow<'static, str> {
        "ProblemWithFaults".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = published(schema::problem());
        schema.remove("title");
        let fault = generator.subschema_for::<Fault>();
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            let faults = json!({ "type": "array", "minItems": 1, "items": fault });
            properties.insert("faults".to_owned(), faults);
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.push("faults".into());
        }
        schema
    }
}

/// A schema that is published by itself, inside of the document: the dialect is the document's.
fn published(schema: Value) -> Schema {
    let mut schema = Schema::try_from(schema).unwrap_or_default();
    schema.remove("$schema");
    schema
}
