//! The OpenAPI description of every route, from the descriptions beside the handlers and the types
//! that these read and write.

mod chinese;
mod examples;
mod operation;
mod routes;
mod served;
mod shapes;

use serde_json::{Map, Value, json};

pub(super) use self::operation::{Operation, Words};
pub(super) use self::routes::{Described, Routes};
pub(super) use self::served::routes as served;
use self::shapes::Shapes;

/// OpenAPI 3.1 with every schema inside, so that no second request is needed.
pub(super) fn document(operations: &[Described], webhooks: &[Described]) -> Value {
    // A test reads the document, so the fallback is never served.
    let head = include_str!("../../../schemas/openapi/head.json");
    let mut document: Value = serde_json::from_str(head).unwrap_or_default();
    let (paths, shapes) = described(operations, Shapes::default());
    let (webhooks, shapes) = described(webhooks, shapes);
    document["paths"] = paths.into();
    document["webhooks"] = webhooks.into();
    let mut schemas = shapes.into_components().into();
    chinese::add(&mut schemas);
    document["components"]["schemas"] = schemas;
    document
}

fn described(operations: &[Described], mut shapes: Shapes) -> (Map<String, Value>, Shapes) {
    let mut paths = Map::new();
    for Described { method, path, describe } in operations {
        let operation = describe(Operation::new(shapes));
        let (value, rest) = operation.into_parts();
        shapes = rest;
        // OpenAPI cannot express the rest of a path.
        let methods = paths.entry(path.replace("{*", "{")).or_insert_with(|| json!({}));
        methods[*method] = value;
    }
    (paths, shapes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Verb;
    use crate::edge::http::routes::{DOCUMENT, operations as operations_of_routes};

    fn operations() -> impl Iterator<Item = (String, &'static Value)> {
        let members = |name: &str| DOCUMENT[name].as_object().unwrap().iter();
        members("paths").chain(members("webhooks")).flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
    }

    #[test]
    fn every_reference_has_its_target() {
        let text = DOCUMENT.to_string();
        let mut count = 0;
        for (_, rest) in
            text.match_indices("\"$ref\":\"#").map(|(at, m)| (at, &text[at + m.len()..]))
        {
            let pointer = rest.split('"').next().unwrap();
            assert!(DOCUMENT.pointer(pointer).is_some_and(Value::is_object), "{pointer}");
            count += 1;
        }
        assert!(count > 10, "{count} references");
    }

    /// Types of the same name, or one that is read and written in two forms, would be confused.
    #[test]
    fn every_schema_has_a_name_of_its_own() {
        let (_, shapes) = described(&operations_of_routes(), Shapes::default());
        assert_eq!(shapes.ambiguous(), Vec::<&String>::new());
        for name in DOCUMENT["components"]["schemas"].as_object().unwrap().keys() {
            assert!(name.chars().all(|c| c.is_ascii_alphabetic()), "{name}");
        }
    }

    const DOOR: &[&str] = &["400", "401", "503"];

    #[test]
    fn every_operation_says_who_may_call_it() {
        let schemes = DOCUMENT["components"]["securitySchemes"].as_object().unwrap();
        let token = json!([{ "dpop": [] }, { "bearer": [], "mutual_tls": [] }]);
        // Besides a token, a connection from the machine itself is enough.
        let local = json!([{ "dpop": [] }, { "bearer": [], "mutual_tls": [] }, {}]);
        let used = [&token, &local].into_iter().flat_map(|way| way.as_array().unwrap());
        let used: Vec<_> = used.flat_map(|way| way.as_object().unwrap().keys()).collect();
        assert!(schemes.keys().all(|name| used.contains(&name)), "{schemes:?}");
        assert!(used.iter().all(|name| schemes.contains_key(*name)), "{used:?}");
        for (place, operation) in operations() {
            let security = &operation["security"];
            let known = [&json!([]), &token, &local].contains(&security);
            assert!(known, "{place}: security is {security}");
            let verbs = match &operation["x-verb"] {
                Value::Null => Vec::new(),
                Value::Array(verbs) if verbs.len() > 1 => verbs.clone(),
                one => vec![one.clone()],
            };
            let is_verb =
                |verb: &Value| Verb::ALL.iter().any(|(_, name)| verb.as_str() == Some(name));
            assert!(verbs.iter().all(is_verb), "{place}: x-verb is {verbs:?}");
            let behind = *security != json!([]);
            assert!(verbs.is_empty() || behind, "{place}: a right of nobody");
            // Answers of the authentication layer.
            let answers = |status| operation["responses"].get(status).is_some();
            // Share platforms get it in the head of the envelope.
            let told = if place.contains(" /share/") { &["200", "503"][..] } else { DOOR };
            assert!(!behind || told.iter().copied().all(answers), "{place}");
        }
    }

    #[test]
    fn parameters_of_the_path_are_those_of_the_address() {
        for (place, operation) in operations() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let parameters = parameters.filter(|one| one["in"] == "path");
            let mut named: Vec<_> =
                parameters.map(|one| one["name"].as_str().unwrap().to_owned()).collect();
            let parts = place.split('/').filter_map(|part| part.strip_prefix('{'));
            let mut parts: Vec<_> = parts.map(|part| part.trim_end_matches('}')).collect();
            named.sort();
            parts.sort_unstable();
            assert_eq!(named, parts, "{place}");
        }
    }

    /// Every sentence is in both languages, and every example is there.
    #[test]
    fn every_operation_is_told_in_both_languages() {
        fn visit(value: &Value, place: &str) {
            match value {
                Value::Object(members) => {
                    assert!(members.get("example") != Some(&Value::Null), "{place}: example");
                    if members.contains_key("description") {
                        assert!(members.contains_key("x-description-zh"), "{place}: Chinese");
                    }
                    members
                        .iter()
                        .filter(|(name, _)| *name != "schema" && *name != "example")
                        .for_each(|(name, value)| visit(value, &format!("{place}/{name}")));
                }
                Value::Array(items) => items.iter().for_each(|item| visit(item, place)),
                _ => {}
            }
        }
        for (place, operation) in operations() {
            for name in ["summary", "x-summary-zh"] {
                assert!(operation[name].is_string(), "{place}: {name}");
            }
            visit(operation, &place);
        }
    }

    /// What a member means is told in both languages or, where its name says it, in none.
    #[test]
    fn every_member_is_told_in_both_languages() {
        fn visit(value: &Value, place: &str, wrong: &mut Vec<String>) {
            match value {
                Value::Object(members) => {
                    let has = |name: &str| members.get(name).is_some_and(Value::is_string);
                    if has("description") != has("x-description-zh") {
                        wrong.push(place.to_owned());
                    }
                    members
                        .iter()
                        .filter(|(name, _)| {
                            !["example", "default", "enum", "const"].contains(&name.as_str())
                        })
                        .for_each(|(name, value)| visit(value, &format!("{place}/{name}"), wrong));
                }
                Value::Array(items) => items.iter().for_each(|item| visit(item, place, wrong)),
                _ => {}
            }
        }
        let mut wrong = Vec::new();
        visit(&DOCUMENT["components"]["schemas"], "", &mut wrong);
        assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
    }

    /// Routes are added by `Routes`, which wants their description; pages, and what they load, are
    /// no part of the API.
    #[test]
    fn no_route_is_added_without_its_description() {
        fn visit(folder: &std::path::Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    visit(&path, found);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("mod tests {").next().unwrap();
                let lines = text.lines().map(str::trim).filter(|line| line.contains(".route("));
                found.extend(lines.map(|line| format!("{}: {line}", path.display())));
            }
        }
        let mut found = Vec::new();
        visit("src/edge/http".as_ref(), &mut found);
        let is_page = |line: &String| {
            line.starts_with("src/edge/http/openapi/routes.rs: ")
                || line.starts_with("src/edge/http/pages.rs: ")
        };
        found.retain(|line| !is_page(line));
        assert!(found.is_empty(), "{found:#?}");
    }
}
