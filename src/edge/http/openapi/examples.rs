//! Examples of bodies. One may stand inside others: `{"$example": NAME}`.

use std::sync::LazyLock;

use serde_json::{Map, Value};

/// The example of this name. A test looks for names without one.
pub(super) fn example(name: &str) -> Value {
    EXAMPLES.get(name).map(filled).unwrap_or_default()
}

/// With the examples that stand inside.
fn filled(value: &Value) -> Value {
    match value {
        Value::Object(members) => match members.get("$example").and_then(Value::as_str) {
            Some(name) => example(name),
            None => members.iter().map(|(name, value)| (name.clone(), filled(value))).collect(),
        },
        Value::Array(items) => items.iter().map(filled).collect(),
        other => other.clone(),
    }
}

static EXAMPLES: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../../../../schemas/openapi/examples.json");
    // A test reads them, so the fallback is never served.
    serde_json::from_str(text).unwrap_or_default()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::http::routes::DOCUMENT;

    #[test]
    fn every_example_is_used() {
        let document = DOCUMENT.to_string();
        for name in EXAMPLES.keys() {
            let text = example(name).to_string();
            assert!(document.contains(&text), "{name}");
        }
    }
}
