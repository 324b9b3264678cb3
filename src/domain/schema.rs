//! JSON Schemas (draft 2020-12) of input and output, generated from the data and types in use.
//!
//! A schema is weaker than the check: check characters, existing dates, glyphs, and invisible
//! Unicode are found by [`application::check`] alone. But it is closed: no object has a key that
//! the schema does not name.
//!
//! [`application::check`]: crate::domain::licence::application::check

mod office;
mod parts;
mod report;

use serde_json::{Value, json};

use self::parts::{
    Closed, USCC, date, instant, licence_id, line, name, or_null, pattern, text, titled, uri,
    version, words,
};
use crate::base::localized::Localized;
use crate::domain::licence::kind::{
    Field, FieldKind, HolderKind, LicenceType, Types, ValidityRule,
};

pub use office::office;
pub use report::report;

/// Every schema with the name of its file, in the order of the types.
pub fn all(types: &Types) -> Vec<(String, Value)> {
    let mut schemas = vec![
        ("problem.json".to_owned(), problem()),
        ("report.json".to_owned(), report()),
        ("office.json".to_owned(), office()),
    ];
    for kind in types.iter() {
        schemas.push((format!("{}.application.json", kind.slug), application(kind)));
        schemas.push((format!("{}.credential.json", kind.slug), credential(kind)));
    }
    schemas
}

/// An application for a licence of this type.
pub fn application(kind: &LicenceType) -> Value {
    let mut fields = Closed::default();
    for field in &kind.fields {
        let mut schema = described(value(&field.kind), field);
        if matches!(field.kind, FieldKind::Date { not_after_today: true }) {
            schema["description"] = "不晚于申请当天 / Not after the day of the application".into();
        }
        if field.required {
            fields.required(&field.name, schema);
        } else {
            fields.optional(&field.name, or_null(schema));
        }
    }
    let mut top = Closed::default();
    top.required("fields", fields.into_schema());
    top.optional("valid_from", or_null(date()));
    match kind.validity {
        // The term is computed; a last day in the application is refused.
        ValidityRule::Years(_) => {}
        ValidityRule::Given { long_term: true } => top.optional("valid_until", or_null(date())),
        ValidityRule::Given { long_term: false } => top.required("valid_until", date()),
    }
    if kind.holder == HolderKind::NaturalPerson {
        top.optional("holder_key", or_null(holder_key()));
    }
    titled(top.into_schema(), format!("{}：申请 / {}: application", kind.name.zh, kind.name.en))
}

/// The claims of a credential of this type, with its disclosures in place.
pub fn credential(kind: &LicenceType) -> Value {
    let mut claims = Closed::default();
    claims.required("iss", uri());
    claims.required("iat", instant());
    claims.required("nbf", instant());
    claims.required("exp", instant());
    claims.required("vct", pattern(&format!("/vct/{}/{}$", kind.slug, kind.version)));
    claims.required("vct#integrity", pattern("^sha256-[A-Za-z0-9+/]{43}=$"));
    let mut list = Closed::default();
    list.required("idx", json!({ "type": "integer", "minimum": 0 }));
    list.required("uri", uri());
    let mut status = Closed::default();
    status.required("status_list", list.into_schema());
    claims.required("status", status.into_schema());
    claims.optional("use", json!({ "const": "document" }));
    if kind.holder == HolderKind::NaturalPerson {
        let mut cnf = Closed::default();
        cnf.required("jwk", holder_key());
        claims.optional("cnf", cnf.into_schema());
    }
    claims.required("id", licence_id());
    let label = &kind.number_label;
    let mut number = text();
    number["title"] = format!("{} / {}", label.zh.replace([' ', '\u{3000}'], ""), label.en).into();
    claims.required("number", number);
    claims.required("version", version());
    claims.required("type", json!({ "const": kind.slug }));
    claims.required("type_code", json!({ "const": kind.code.as_str() }));
    claims.required("type_name", json!({ "const": kind.name }));
    let mut issuer = Closed::default();
    issuer.required("zh", text());
    issuer.required("en", text());
    issuer.required("uscc", pattern(USCC));
    claims.required("issuer", issuer.into_schema());
    claims.required("issued_on", date());
    claims.required("valid_from", date());
    claims.required("valid_until", or_null(date()));
    let hides = |name: &str| kind.field(name).is_some_and(|field| field.selective);
    if hides(&kind.holder_name) {
        claims.optional("holder", text());
    } else {
        claims.required("holder", text());
    }
    for field in &kind.fields {
        let schema = described(value(&field.kind), field);
        if field.required && !field.selective {
            claims.required(&field.name, schema);
        } else {
            claims.optional(&field.name, schema);
        }
    }
    titled(claims.into_schema(), format!("{} / {}", kind.name.zh, kind.name.en))
}

/// The body of an HTTP error, RFC 9457.
pub fn problem() -> Value {
    let mut problem = Closed::default();
    problem.required("type", json!({ "const": "about:blank" }));
    problem.required("status", json!({ "type": "integer", "minimum": 400, "maximum": 599 }));
    problem.required("code", name());
    problem.required("title", words());
    titled(problem.into_schema(), "错误 / Problem".to_owned())
}

/// A public key, with its own members and no others.
fn holder_key() -> Value {
    let key = |kind: &str, curve: &str, coordinates: &[&str]| {
        let mut key = Closed::default();
        key.required("kty", json!({ "const": kind }));
        key.required("crv", json!({ "const": curve }));
        for name in coordinates {
            key.required(name, pattern("^[A-Za-z0-9_-]{43}$"));
        }
        key.into_schema()
    };
    json!({ "oneOf": [key("EC", "P-256", &["x", "y"]), key("OKP", "Ed25519", &["x"])] })
}

/// A field's value, in an application and in a credential alike.
fn value(kind: &FieldKind) -> Value {
    match kind {
        FieldKind::Text { max } => line(*max),
        FieldKind::Lines { max } => json!({ "type": "string", "minLength": 1, "maxLength": max }),
        FieldKind::Date { .. } => date(),
        FieldKind::Uscc => pattern(USCC),
        FieldKind::CitizenId { .. } => pattern("^[0-9]{17}[0-9X]$"),
        FieldKind::Choice { options } => {
            let option = |option: &Localized| json!({ "const": option.zh, "title": option.en });
            json!({ "oneOf": options.iter().map(option).collect::<Vec<_>>() })
        }
        FieldKind::Number { min, max, .. } => {
            json!({ "type": "integer", "minimum": min, "maximum": max })
        }
        FieldKind::List { max_items, max } => json!({
            "type": "array", "minItems": 1, "maxItems": max_items, "items": line(*max),
        }),
    }
}

fn described(mut schema: Value, field: &Field) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        // Labels of two characters are spread with ideographic spaces on the page.
        let zh = field.zh.replace('\u{3000}', "");
        let title = match &field.kind {
            FieldKind::Number { unit, .. } if !unit.is_empty() => {
                format!("{zh}（{unit}） / {}", field.en)
            }
            _ => format!("{zh} / {}", field.en),
        };
        schema.insert("title".to_owned(), title.into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_is_closed() {
        fn visit(schema: &Value, place: &str) {
            if schema.get("properties").is_some() {
                assert_eq!(schema["additionalProperties"], false, "{place}");
            }
            match schema {
                Value::Object(map) => {
                    map.iter().for_each(|(key, value)| visit(value, &format!("{place}/{key}")));
                }
                Value::Array(items) => items.iter().for_each(|item| visit(item, place)),
                _ => {}
            }
        }
        let types = Types::built_in().unwrap();
        let schemas = all(&types);
        // Two of each type, and report, problem and office.
        assert_eq!(schemas.len(), 2 * types.iter().count() + 3);
        for (file, schema) in schemas {
            visit(&schema, &file);
        }
    }
}
