//! The description of the API as a page: everything comes from the OpenAPI document, which has each
//! sentence in both languages.

use askama::Template;
use serde_json::{Value, json};

use super::Page;
use crate::base::localized::Localized;

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs<'a> {
    page: &'a Page,
    groups: Vec<Group>,
    shapes: Vec<Shape>,
}

/// A group of routes.
struct Group {
    name: Localized,
    operations: Vec<Operation>,
}

/// One method of one route.
struct Operation {
    anchor: String,
    method: String,
    path: String,
    title: Localized,
    who: Localized,
    about: Localized,
    parameters: Vec<Parameter>,
    bodies: Vec<DocumentedBody>,
    answers: Vec<DocumentedResponse>,
}

struct Parameter {
    name: String,
    place: Localized,
    required: bool,
    shape: String,
    about: Localized,
}

/// A body in one media type.
struct DocumentedBody {
    media: String,
    shape: String,
    example: String,
}

struct DocumentedResponse {
    status: String,
    about: Localized,
    contents: Vec<DocumentedBody>,
}

/// A schema that others refer to.
struct Shape {
    name: String,
    text: String,
}

/// The page, from the served document.
pub fn docs(page: &Page, document: &Value) -> Result<String, askama::Error> {
    let mut groups: Vec<Group> = Vec::new();
    for (path, methods) in members(&document["paths"]) {
        for (method, operation) in members(methods) {
            let tag = operation.pointer("/tags/0").and_then(Value::as_str);
            let name = two(tag.unwrap_or("公众 Public"));
            let operation = Operation::of((path, method), operation);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.operations.push(operation),
                None => groups.push(Group { name, operations: vec![operation] }),
            }
        }
    }
    let shape = |(name, schema): (&String, &Value)| Shape {
        name: name.clone(),
        text: serde_json::to_string_pretty(schema).unwrap_or_default(),
    };
    let shapes = members(&document["components"]["schemas"]).map(shape).collect();
    Docs { page, groups, shapes }.render()
}

impl Operation {
    fn of((path, method): (&str, &str), operation: &Value) -> Self {
        let title = Localized::new(text(operation, "x-summary-zh"), text(operation, "summary"));
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let answer = |(status, answer): (&String, &Value)| DocumentedResponse {
            status: status.clone(),
            about: about(answer),
            contents: contents(answer),
        };
        let anchor = format!("{method}{path}");
        Self {
            anchor: anchor.replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
            method: method.to_uppercase(),
            path: path.to_owned(),
            title,
            who: who(operation),
            about: about(operation),
            parameters: parameters.map(Parameter::of).collect(),
            bodies: contents(&operation["requestBody"]),
            answers: members(&operation["responses"]).map(answer).collect(),
        }
    }
}

impl Parameter {
    fn of(parameter: &Value) -> Self {
        let place = match parameter["in"].as_str() {
            Some("path") => Localized::new("路径", "path"),
            Some("header") => Localized::new("请求头", "header"),
            _ => Localized::new("查询", "query"),
        };
        Self {
            name: text(parameter, "name"),
            place,
            required: parameter["required"] == true,
            shape: shape(&parameter["schema"]),
            about: about(parameter),
        }
    }
}

/// The callers allowed, in one line.
fn who(operation: &Value) -> Localized {
    let ways = operation["security"].as_array().map(Vec::as_slice).unwrap_or_default();
    if ways.is_empty() {
        return Localized::new("任何人可调用，无须令牌", "Everyone may call it, without a token");
    }
    let verbs: Vec<&str> = match &operation["x-verb"] {
        Value::Array(verbs) => verbs.iter().filter_map(Value::as_str).collect(),
        verb => verb.as_str().into_iter().collect(),
    };
    let (mut zh, mut en) = match verbs.as_slice() {
        [] => ("须有访问令牌".to_owned(), "Needs an access token".to_owned()),
        verbs => (
            format!("须有访问令牌，权限 {}", verbs.join(" 或 ")),
            format!("Needs an access token with the right {}", verbs.join(" or ")),
        ),
    };
    if ways.contains(&json!({})) {
        zh.push_str("；本机可直接调用");
        en.push_str("; the machine itself needs none");
    }
    Localized::new(zh, en)
}

fn contents(of: &Value) -> Vec<DocumentedBody> {
    let content = |(media, content): (&String, &Value)| DocumentedBody {
        media: media.clone(),
        shape: shape(&content["schema"]),
        example: content
            .get("example")
            .and_then(|example| serde_json::to_string_pretty(example).ok())
            .unwrap_or_default(),
    };
    members(&of["content"]).map(content).collect()
}

/// A short form of a schema: its name, its values, or its type.
fn shape(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
        return values.join(" | ");
    }
    if let Some(either) = schema["anyOf"].as_array() {
        return either.iter().map(shape).collect::<Vec<_>>().join(" | ");
    }
    match text(schema, "format") {
        none if none.is_empty() => text(schema, "type"),
        format => format,
    }
}

/// `证照 Licences`: Chinese, a space, English.
fn two(tag: &str) -> Localized {
    let (zh, en) = tag.split_once(' ').unwrap_or((tag, tag));
    Localized::new(zh, en)
}

/// A description in both languages.
fn about(of: &Value) -> Localized {
    Localized::new(text(of, "x-description-zh"), text(of, "description"))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
