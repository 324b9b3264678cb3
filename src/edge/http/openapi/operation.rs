//! The description of one operation, made by its handler's file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::examples::example;
use super::shapes::{ProblemWithFaults, Shapes, never_null};
use crate::domain::access::Verb;
use crate::edge::http::problem::Problem;

/// The same in Chinese and in English.
pub(in crate::edge::http) type Words = (&'static str, &'static str);

/// An operation, as far as it is described.
pub(in crate::edge::http) struct Operation {
    shapes: Shapes,
    members: Map<String, Value>,
    parameters: Vec<Value>,
    responses: BTreeMap<String, Value>,
    refusals: Vec<Refusal>,
    /// The content described last, for its example.
    content: Content,
}

/// A body of a request or of an answer.
enum Content {
    None,
    Request(&'static str),
    Answer(String, &'static str),
}

struct Refusal {
    status: u16,
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    faults: bool,
    /// Whether another try is useful after some seconds.
    waits: bool,
}

impl Operation {
    pub(super) fn new(shapes: Shapes) -> Self {
        let mut members = Map::new();
        // For everyone, unless a handler says otherwise.
        members.insert("security".to_owned(), json!([]));
        Self {
            shapes,
            members,
            parameters: Vec::new(),
            responses: BTreeMap::new(),
            refusals: Vec::new(),
            content: Content::None,
        }
    }

    pub(in crate::edge::http) fn title(mut self, (zh, en): Words) -> Self {
        self.members.insert("summary".to_owned(), en.into());
        self.members.insert("x-summary-zh".to_owned(), zh.into());
        self
    }

    pub(in crate::edge::http) fn about(mut self, words: Words) -> Self {
        describe(&mut self.members, words);
        self
    }

    /// The group on the page: Chinese, a space, English.
    pub(in crate::edge::http) fn tag(mut self, tag: &'static str) -> Self {
        self.members.insert("tags".to_owned(), json!([tag]));
        self
    }

    /// For callers with a token, and one of these rights if there are any.
    pub(in crate::edge::http) fn token(mut self, rights: &[Verb]) -> Self {
        let ways = json!([{ "dpop": [] }, { "bearer": [], "mutual_tls": [] }]);
        self.members.insert("security".to_owned(), ways);
        let names: Vec<_> = rights.iter().map(|verb| verb.name()).collect();
        match names.as_slice() {
            [] => {}
            [one] => drop(self.members.insert("x-verb".to_owned(), (*one).into())),
            _ => drop(self.members.insert("x-verb".to_owned(), names.into())),
        }
        self
    }

    /// Besides, for callers on the machine itself.
    pub(in crate::edge::http) fn or_local(mut self) -> Self {
        if let Some(ways) = self.members.get_mut("security").and_then(Value::as_array_mut) {
            ways.push(json!({}));
        }
        self
    }

    /// A part of the path.
    pub(in crate::edge::http) fn path(
        self,
        name: &'static str,
        schema: Value,
        words: Words,
    ) -> Self {
        self.parameter(("path", name, true), schema, words)
    }

    pub(in crate::edge::http) fn header(
        self,
        (name, required): (&'static str, bool),
        schema: Value,
        words: Words,
    ) -> Self {
        self.parameter(("header", name, required), schema, words)
    }

    fn parameter(
        mut self,
        (place, name, required): (&str, &str, bool),
        schema: Value,
        words: Words,
    ) -> Self {
        let parameter = json!({ "name": name, "in": place, "required": required });
        let mut parameter = object(parameter);
        describe(&mut parameter, words);
        parameter.insert("schema".to_owned(), schema);
        self.parameters.push(parameter.into());
        self
    }

    /// The parameters of the address, from the type that they are read into.
    pub(in crate::edge::http) fn query<T: JsonSchema>(mut self) -> Self {
        for (name, schema) in self.shapes.members::<T>() {
            self.parameters.push(query_parameter(&name, object(schema)));
        }
        self
    }

    /// A JSON body that is read into this type.
    pub(in crate::edge::http) fn body<T: JsonSchema>(mut self) -> Self {
        let schema = self.shapes.read::<T>();
        self.body_as("application/json", schema)
    }

    /// A JSON body that is written from this type: a message to others.
    pub(in crate::edge::http) fn sends<T: JsonSchema>(mut self) -> Self {
        let schema = self.shapes.written::<T>();
        self.body_as("application/json", schema)
    }

    /// A body of another media type that is read into this type.
    pub(in crate::edge::http) fn body_of_type<T: JsonSchema>(
        mut self,
        media: &'static str,
    ) -> Self {
        let schema = self.shapes.read::<T>();
        self.body_as(media, schema)
    }

    pub(in crate::edge::http) fn body_as(mut self, media: &'static str, schema: Value) -> Self {
        let body = self.members.entry("requestBody".to_owned());
        let body = body.or_insert_with(|| json!({ "required": true, "content": {} }));
        body["content"][media] = json!({ "schema": schema });
        self.content = Content::Request(media);
        self
    }

    /// A JSON answer that is written from this type.
    pub(in crate::edge::http) fn answer<T: JsonSchema>(
        mut self,
        status: u16,
        words: Words,
    ) -> Self {
        let schema = self.shapes.written::<T>();
        self.answer_as((status, "application/json"), schema, words)
    }

    /// A text.
    pub(in crate::edge::http) fn text(self, media: &'static str, words: Words) -> Self {
        self.answer_as((200, media), json!({ "type": "string" }), words)
    }

    /// Bytes.
    pub(in crate::edge::http) fn file(self, media: &'static str, words: Words) -> Self {
        let schema = json!({ "type": "string", "format": "binary" });
        self.answer_as((200, media), schema, words)
    }

    pub(in crate::edge::http) fn answer_as(
        mut self,
        (status, media): (u16, &'static str),
        schema: Value,
        words: Words,
    ) -> Self {
        let answer = self.responses.entry(status.to_string()).or_insert_with(|| json!({}));
        if let Some(answer) = answer.as_object_mut() {
            describe(answer, words);
        }
        answer["content"][media] = json!({ "schema": schema });
        self.content = Content::Answer(status.to_string(), media);
        self
    }

    /// An answer without a body.
    pub(in crate::edge::http) fn empty(mut self, status: &str, words: Words) -> Self {
        let mut answer = Map::new();
        describe(&mut answer, words);
        self.responses.insert(status.to_owned(), answer.into());
        self
    }

    /// A header of the answer described last.
    pub(in crate::edge::http) fn answer_header(mut self, name: &str, (zh, en): Words) -> Self {
        if let Content::Answer(status, _) = &self.content
            && let Some(answer) = self.responses.get_mut(status)
        {
            answer["headers"][name] = json!({
                "description": en, "x-description-zh": zh,
                "required": true, "schema": { "type": "string" },
            });
        }
        self
    }

    /// The example of this name, of the content described last.
    pub(in crate::edge::http) fn example(mut self, name: &str) -> Self {
        let content = match &self.content {
            Content::None => None,
            Content::Request(media) => {
                let body = self.members.get_mut("requestBody");
                body.and_then(|body| body["content"].get_mut(media))
            }
            Content::Answer(status, media) => {
                let answer = self.responses.get_mut(status);
                answer.and_then(|answer| answer["content"].get_mut(media))
            }
        };
        if let Some(content) = content {
            content["example"] = example(name);
        }
        self
    }

    /// The examples of a JSON body and of the answer to it.
    pub(in crate::edge::http) fn examples(mut self, sent: &str, answered: &str) -> Self {
        self.content = Content::Request("application/json");
        self = self.example(sent);
        self.content = Content::Answer("200".to_owned(), "application/json");
        self.example(answered)
    }

    /// What it may be refused with, in the words of the refusals.
    pub(in crate::edge::http) fn refuses(self, problems: &[Problem]) -> Self {
        problems.iter().fold(self, |this, problem| this.refusal(*problem, None, false))
    }

    /// The same, where the body has all faults of the input.
    pub(in crate::edge::http) fn refuses_with_faults(self, problem: Problem) -> Self {
        self.refusal(problem, None, true)
    }

    /// A refusal whose own words say less than can be said here.
    pub(in crate::edge::http) fn refuses_when(self, problem: Problem, words: Words) -> Self {
        self.refusal(problem, Some(words), false)
    }

    fn refusal(mut self, problem: Problem, words: Option<Words>, faults: bool) -> Self {
        let (zh, en) = words.unwrap_or_else(|| problem.texts());
        let is_known = |known: &Refusal| known.code == problem.code() && known.en == en;
        if !self.refusals.iter().any(is_known) {
            let status = problem.status().as_u16();
            let (code, waits) = (problem.code(), problem.wait().is_some());
            self.refusals.push(Refusal { status, code, zh, en, faults, waits });
        }
        self
    }

    /// The finished description.
    pub(super) fn into_parts(mut self) -> (Value, Shapes) {
        self.describe_refusals();
        if !self.parameters.is_empty() {
            self.members.insert("parameters".to_owned(), self.parameters.into());
        }
        self.members.insert("responses".to_owned(), self.responses.into_iter().collect());
        (self.members.into(), self.shapes)
    }

    fn describe_refusals(&mut self) {
        for refusal in std::mem::take(&mut self.refusals) {
            let Refusal { status, code, zh, en, faults, waits } = refusal;
            let shape = if faults {
                self.shapes.written::<ProblemWithFaults>()
            } else {
                self.shapes.written::<Problem>()
            };
            let response = self.responses.entry(status.to_string()).or_insert_with(|| json!({}));
            if status == 429 || waits {
                response["headers"]["Retry-After"] = json!({
                    "description": format!("Seconds, with `{code}`"),
                    "x-description-zh": format!("秒数，见于 `{code}`"),
                    "required": status == 429,
                    "schema": { "type": "integer", "minimum": 1 },
                });
            }
            append(response, "description", ". ", &format!("`{code}`: {en}"));
            append(response, "x-description-zh", "。", &format!("`{code}`：{zh}"));
            let content = &mut response["content"]["application/problem+json"];
            add_shape(&mut content["schema"], shape);
        }
    }
}

fn append(response: &mut Value, name: &str, between: &str, text: &str) {
    response[name] = match response[name].as_str() {
        Some(before) => format!("{before}{between}{text}").into(),
        None => text.into(),
    };
}

/// Several refusals of one status may differ in their form.
fn add_shape(schema: &mut Value, shape: Value) {
    if schema.is_null() {
        *schema = shape;
    } else if let Some(shapes) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        if !shapes.contains(&shape) {
            shapes.push(shape);
        }
    } else if *schema != shape {
        *schema = json!({ "anyOf": [schema.take(), shape] });
    }
}

fn describe(members: &mut Map<String, Value>, (zh, en): Words) {
    members.insert("description".to_owned(), en.into());
    members.insert("x-description-zh".to_owned(), zh.into());
}

/// A member of the type of an address's parameters; none may be null.
fn query_parameter(name: &str, mut schema: Map<String, Value>) -> Value {
    let mut parameter = object(json!({ "name": name, "in": "query", "required": false }));
    for word in ["description", "x-description-zh"] {
        if let Some(text) = schema.shift_remove(word) {
            parameter.insert(word.to_owned(), text);
        }
    }
    parameter.insert("schema".to_owned(), never_null(schema.into()));
    parameter.into()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
