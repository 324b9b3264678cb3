//! The OpenAPI description of every route: paths by hand, schemas from the types in use.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::domain::schema;

/// OpenAPI 3.1 with every schema inside, so that no second request is needed.
pub(super) fn document() -> String {
    DOCUMENT.clone()
}

/// The same, parsed.
pub(super) fn parsed() -> &'static Value {
    static PARSED: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(&DOCUMENT).unwrap_or_default());
    &PARSED
}

/// The parts of the departments' API: `paths` and `schemas` of each.
const PARTS: &[&str] = &[
    include_str!("../../../schemas/openapi/api.json"),
    include_str!("../../../schemas/openapi/licences.json"),
    include_str!("../../../schemas/openapi/log.json"),
    include_str!("../../../schemas/openapi/proposals.json"),
    include_str!("../../../schemas/openapi/oauth.json"),
    include_str!("../../../schemas/openapi/audit.json"),
    include_str!("../../../schemas/openapi/sharing.json"),
    include_str!("../../../schemas/openapi/platform.json"),
    include_str!("../../../schemas/openapi/webhooks.json"),
];

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let paths = include_str!("../../../schemas/openapi.json");
    // A test reads the document, so the fallback is never served.
    let mut document: Value = serde_json::from_str(paths).unwrap_or_default();
    if let Some(top) = document.as_object_mut() {
        let mut schemas = json!({ "Report": schema::report(), "Problem": schema::problem() });
        for schema in schemas.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
            if let Some(schema) = schema.as_object_mut() {
                // The dialect is the document's.
                schema.shift_remove("$schema");
            }
        }
        for part in PARTS {
            let part: Value = serde_json::from_str(part).unwrap_or_default();
            add(top.get_mut("paths"), part.get("paths"));
            add(Some(&mut schemas), part.get("schemas"));
            if let Some(webhooks) = part.get("webhooks") {
                top.insert("webhooks".to_owned(), webhooks.clone());
            }
        }
        add(top.get_mut("components"), Some(&json!({ "schemas": schemas })));
    }
    document.to_string()
});

fn add(to: Option<&mut Value>, from: Option<&Value>) {
    if let (Some(Value::Object(to)), Some(Value::Object(from))) = (to, from) {
        to.extend(from.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Verb;

    #[test]
    fn every_reference_has_its_target() {
        let document: Value = serde_json::from_str(&document()).unwrap();
        let text = format!("{}{}", document["paths"], document["webhooks"]);
        let mut count = 0;
        for (_, rest) in
            text.match_indices("\"$ref\":\"#").map(|(at, m)| (at, &text[at + m.len()..]))
        {
            let pointer = rest.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some_and(Value::is_object), "{pointer}");
            count += 1;
        }
        assert!(count > 10, "{count} references");
    }

    const DOOR: &[&str] = &["400", "401", "503"];

    #[test]
    fn every_operation_says_who_may_call_it() {
        let document: Value = serde_json::from_str(&document()).unwrap();
        let schemes = document["components"]["securitySchemes"].as_object().unwrap();
        let token = json!([{ "dpop": [] }, { "bearer": [], "mutual_tls": [] }]);
        // Besides a token, a connection from the machine itself is enough.
        let local = json!([{ "dpop": [] }, { "bearer": [], "mutual_tls": [] }, {}]);
        let used = [&token, &local].into_iter().flat_map(|way| way.as_array().unwrap());
        let used: Vec<_> = used.flat_map(|way| way.as_object().unwrap().keys()).collect();
        assert!(schemes.keys().all(|name| used.contains(&name)), "{schemes:?}");
        assert!(used.iter().all(|name| schemes.contains_key(*name)), "{used:?}");
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                if method == "parameters" {
                    continue;
                }
                let place = format!("{method} {path}");
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
                let told = if path.starts_with("/share/") { &["200", "503"][..] } else { DOOR };
                assert!(!behind || told.iter().copied().all(answers), "{place}");
            }
        }
    }

    #[test]
    fn every_public_route_is_described() {
        let document: Value = serde_json::from_str(&document()).unwrap();
        let routes = [
            include_str!("routes.rs"),
            include_str!("log.rs"),
            include_str!("oauth.rs"),
            include_str!("api/mod.rs"),
            include_str!("api/licences.rs"),
            include_str!("api/changes.rs"),
            include_str!("api/proposals.rs"),
            include_str!("api/audit.rs"),
            include_str!("api/sharing.rs"),
            include_str!("platform/mod.rs"),
            include_str!("webhooks.rs"),
        ];
        let routes = routes.concat();
        let mut described = 0;
        for rest in routes.split(".route(\"").skip(1) {
            let path = rest.split('"').next().unwrap().replace("{kind}", "{type}");
            // OpenAPI cannot express the rest of a path.
            let path = path.replace("{*", "{");
            if path == "/en" || path.starts_with("/assets/") {
                continue;
            }
            assert!(document["paths"].get(&path).is_some(), "{path} is not described");
            described += 1;
        }
        assert_eq!(document["paths"].as_object().unwrap().len(), described);
    }
}
