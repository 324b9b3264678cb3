//! JSON Schemas (draft 2020-12) of what comes in and of what goes out, made from the same data and
//! types that do the work.
//!
//! A schema says less than the check behind it: check characters, dates that exist, glyphs, and
//! what Unicode hides are found by [`application::check`] alone. What it does say is closed: no
//! object has a key that the schema does not name.
//!
//! [`application::check`]: crate::domain::licence::application::check

mod office;

use serde_json::{Map, Value, json};

use crate::base::words::Words;
use crate::domain::licence::kind::{
    Field, FieldKind, HolderKind, LicenceType, Types, ValidityRule,
};
use crate::domain::verify::report::{
    Answer, Changes, FileKind, Outcome, SCHEMA, Severity, SignatureKind, TimeSource, Verdict,
};

pub use office::office;

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

/// What an applicant sends for a licence of this type.
pub fn application(kind: &LicenceType) -> Value {
    let mut fields = Closed::default();
    for field in &kind.fields {
        let schema = described(value(&field.kind), field);
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

/// The claims of a credential of this type after its disclosures were put in their places.
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

/// What a verification answers.
pub fn report() -> Value {
    let mut report = Closed::default();
    report.required("schema", json!({ "const": SCHEMA }));
    report.required("file", string());
    report.required("kind", one_of(&[FileKind::Pdf, FileKind::Credential, FileKind::Other]));
    report.required("verdict", one_of(&Verdict::ALL));
    report.required("authentic", answer());
    report.required("in_force", answer());
    report.required("as_of", timestamp());
    report.required("headline", words());
    report.required("licence", or_null(licence_summary()));
    report.required("log", or_null(log_report()));
    report.required("signatures", list_of(signature_report()));
    let mut check = Closed::default();
    check.required("check", name());
    check.required("outcome", outcome());
    check.required("message", words());
    report.required("checks", list_of(check.into_schema()));
    let mut finding = Closed::default();
    finding.required("code", name());
    let severities = [Severity::Info, Severity::Warning, Severity::Fatal];
    finding.required("severity", one_of(&severities));
    finding.required("message", words());
    finding.required("detail", string());
    report.required("findings", list_of(finding.into_schema()));
    titled(report.into_schema(), "核验报告 / Verification report".to_owned())
}

/// What an HTTP error says, RFC 9457.
pub fn problem() -> Value {
    let mut problem = Closed::default();
    problem.required("type", json!({ "const": "about:blank" }));
    problem.required("status", json!({ "type": "integer", "minimum": 400, "maximum": 599 }));
    problem.required("code", name());
    problem.required("title", words());
    titled(problem.into_schema(), "错误 / Problem".to_owned())
}

fn licence_summary() -> Value {
    let mut licence = Closed::default();
    licence.required("id", licence_id());
    licence.required("number", text());
    licence.required("version", version());
    licence.required("type", text());
    licence.required("type_name", words());
    licence.required("issuer", text());
    // Empty when the holder kept the name back.
    licence.required("holder", string());
    let mut shown = Closed::default();
    shown.required("name", name());
    shown.required("label", words());
    shown.required("value", text());
    // Filled in for a verification code only.
    licence.required("values", list_of(shown.into_schema()));
    licence.required("valid_from", date());
    licence.required("valid_until", or_null(date()));
    licence.required("status_since", or_null(date()));
    licence.required("status_reason", or_null(words()));
    licence.required("superseded_by", or_null(text()));
    licence.into_schema()
}

fn log_report() -> Value {
    let mut log = Closed::default();
    log.required("origin", text());
    log.required("index", json!({ "type": "integer", "minimum": 0 }));
    log.required("size", json!({ "type": "integer", "minimum": 1 }));
    log.required("root", pattern("^[0-9a-f]{64}$"));
    let mut witness = Closed::default();
    witness.required("name", text());
    witness.required("at", timestamp());
    log.required("witnesses", list_of(witness.into_schema()));
    log.into_schema()
}

fn signature_report() -> Value {
    let mut signature = Closed::default();
    signature.required("field", string());
    let kinds = [SignatureKind::Seal, SignatureKind::Signature, SignatureKind::Timestamp];
    signature.required("kind", one_of(&kinds));
    signature.required("signer", string());
    signature.required("level", string());
    for part in ["digest", "signature", "trust", "revocation"] {
        signature.required(part, outcome());
    }
    let changes = [
        Changes::None,
        Changes::Archive,
        Changes::Signature,
        Changes::Form,
        Changes::Annotation,
        Changes::Other,
    ];
    signature.required("changes", one_of(&changes));
    signature.required("signed_at", or_null(timestamp()));
    let sources = [TimeSource::SelfAsserted, TimeSource::OfficeTsa, TimeSource::IndependentTsa];
    signature.required("time_source", one_of(&sources));
    signature.required("details", details());
    signature.into_schema()
}

fn details() -> Value {
    let mut details = Closed::default();
    let number = || json!({ "type": "integer", "minimum": 0 });
    let bytes = json!({ "type": "array", "items": number(), "minItems": 4, "maxItems": 4 });
    details.required("bytes", or_null(bytes));
    for name in ["object", "revision", "revisions"] {
        details.required(name, or_null(number()));
    }
    for name in ["algorithm", "serial", "fingerprint", "time_authority"] {
        details.required(name, or_null(string()));
    }
    for name in ["certificate_from", "certificate_until", "judged_at", "revocation_as_of"] {
        details.required(name, or_null(timestamp()));
    }
    details.required("path", list_of(string()));
    details.into_schema()
}

/// A public key, with the members that make it and no others.
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
        FieldKind::Date => date(),
        FieldKind::Uscc => pattern(USCC),
        FieldKind::CitizenId { .. } => pattern("^[0-9]{17}[0-9X]$"),
        FieldKind::Choice { options } => {
            let option = |option: &Words| json!({ "const": option.zh, "title": option.en });
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

/// An object that has no other keys than those that were named.
#[derive(Default)]
struct Closed {
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl Closed {
    fn required(&mut self, name: &str, schema: Value) {
        self.required.push(name.into());
        self.optional(name, schema);
    }

    fn optional(&mut self, name: &str, schema: Value) {
        self.properties.insert(name.to_owned(), schema);
    }

    fn into_schema(self) -> Value {
        json!({
            "type": "object",
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        })
    }
}

fn titled(schema: Value, title: String) -> Value {
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    whole.insert("title".to_owned(), title.into());
    if let Value::Object(schema) = schema {
        whole.extend(schema);
    }
    Value::Object(whole)
}

fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn list_of(schema: Value) -> Value {
    json!({ "type": "array", "items": schema })
}

fn one_of<T: serde::Serialize>(values: &[T]) -> Value {
    json!({ "enum": values })
}

fn line(max: usize) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": ONE_LINE })
}

fn words() -> Value {
    let mut words = Closed::default();
    words.required("zh", text());
    words.required("en", text());
    words.into_schema()
}

fn answer() -> Value {
    one_of(&[Answer::Yes, Answer::No, Answer::Unknown, Answer::NotApplicable])
}

fn outcome() -> Value {
    one_of(&[Outcome::Passed, Outcome::Failed, Outcome::Unknown])
}

fn string() -> Value {
    json!({ "type": "string" })
}

fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn uri() -> Value {
    pattern("^https?://")
}

fn name() -> Value {
    pattern("^[a-z][a-z0-9_]*$")
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn date() -> Value {
    pattern("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
}

fn timestamp() -> Value {
    pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
}

fn instant() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn version() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 999 })
}

fn licence_id() -> Value {
    pattern(
        r"^1\.2\.156\.3005\.2\.[0-9A-Z]{18}[0-9]{3}\.[0-9A-Z]{18}\.[0-9A-Z]{1,32}\.[0-9]{3}\.[0-9A-Z]$",
    )
}

/// GB 32100: no I, O, S, V, Z.
const USCC: &str = "^[0-9A-HJ-NPQRTUWXY]{18}$";
/// No control characters, line breaks among them.
const ONE_LINE: &str = r"^[^\x00-\x1F\x7F-\x9F]+$";

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
        let schemas = all(&Types::built_in().unwrap());
        assert_eq!(schemas.len(), 15);
        for (file, schema) in schemas {
            visit(&schema, &file);
        }
    }
}
