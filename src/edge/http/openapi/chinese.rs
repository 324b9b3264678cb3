//! The Chinese of members whose types have English comments alone.

use std::sync::LazyLock;

use serde_json::{Map, Value};

/// Adds it below `schema`. A text that a national standard names in Chinese gets its English too.
pub(super) fn add(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let known = members.get("description").and_then(Value::as_str);
            let known = known.and_then(|text| TEXTS.get(text)).cloned();
            let (zh, en) = match known {
                Some(Value::Array(both)) => (both.first().cloned(), both.get(1).cloned()),
                known => (known, None),
            };
            if let Some(en) = en {
                members.insert("description".to_owned(), en);
            }
            if let Some(zh) = zh.filter(|_| !members.contains_key("x-description-zh")) {
                members.insert("x-description-zh".to_owned(), zh);
            }
            members.values_mut().for_each(add);
        }
        Value::Array(items) => items.iter_mut().for_each(add),
        _ => {}
    }
}

static TEXTS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../../../../schemas/openapi/chinese.json");
    // A test reads them, so the fallback is never served.
    serde_json::from_str(text).unwrap_or_default()
});
