//! An application: values that were checked against their licence type, all faults at once.

mod agree;
mod key;
mod term;
mod value;

use serde_json::{Map, Value as Json};

use super::kind::LicenceType;
use crate::base::time::{Date, Validity};
use crate::base::words::Fault;

/// Checked values.
#[derive(Clone, Debug)]
pub struct Application {
    /// The values in the order of the type.
    pub values: Vec<Value>,
    /// From when until when.
    pub validity: Validity,
    /// The public key that the holder credential is bound to, as a bare JWK.
    pub holder_key: Option<Json>,
    /// What should be looked at twice, but is allowed.
    pub warnings: Vec<Fault>,
}

/// One checked value.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// Name of the field.
    pub name: String,
    /// As the page prints it.
    pub printed: String,
    /// As the credential has it.
    pub json: Json,
}

/// Checks `input`, `{"fields": {…}, "valid_from": "…", "valid_until": "…", "holder_key": {…}}`,
/// against a type.
///
/// `can_print` says whether the fonts have a character.
pub fn check(
    input: &Json,
    kind: &LicenceType,
    today: Date,
    can_print: &dyn Fn(char) -> bool,
) -> Result<Application, Vec<Fault>> {
    let mut checker = Checker { faults: Vec::new(), warnings: Vec::new(), can_print };
    let empty = Map::new();
    let Some(top) = input.as_object() else {
        return Err(vec![Fault::at(
            "",
            "not_an_object",
            "应为一个 JSON 对象",
            "Must be a JSON object",
        )]);
    };
    for key in top.keys() {
        let named = key == key::NAME && key::may_be_named(kind);
        if !named && !["fields", "valid_from", "valid_until"].contains(&key.as_str()) {
            checker.unknown(&format!("/{}", escape(key)));
        }
    }
    let fields = top.get("fields").and_then(Json::as_object).unwrap_or_else(|| {
        checker.fault("/fields", "missing", "缺少 fields 对象", "The object fields is missing");
        &empty
    });
    for key in fields.keys().filter(|key| !kind.fields.iter().any(|field| field.name == **key)) {
        checker.unknown(&format!("/fields/{}", escape(key)));
    }
    let mut values = Vec::new();
    for field in &kind.fields {
        let pointer = format!("/fields/{}", field.name);
        match fields.get(&field.name) {
            Some(json) if !json.is_null() => values.extend(checker.value(field, json, &pointer)),
            _ if field.required => checker.fault(
                &pointer,
                "required",
                &format!("“{}”必须填写", field.zh.replace('\u{3000}', "")),
                &format!("{} is required", field.en),
            ),
            _ => {}
        }
    }
    checker.agree(kind, &values);
    let holder_key = checker.holder_key(top, kind);
    let validity = checker.validity(top, kind.validity, today);
    match validity {
        Some(validity) if checker.faults.is_empty() => {
            Ok(Application { values, validity, holder_key, warnings: checker.warnings })
        }
        _ => Err(checker.faults),
    }
}

/// What should be looked at twice in values that were checked before.
pub fn warnings(values: &[Value], kind: &LicenceType) -> Vec<Fault> {
    let can_print = &|_| true;
    let mut checker = Checker { faults: Vec::new(), warnings: Vec::new(), can_print };
    for value in values {
        if let Some(field) = kind.field(&value.name) {
            checker.value(field, &value.json, &format!("/fields/{}", field.name));
        }
    }
    checker.warnings
}

struct Checker<'a> {
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
    can_print: &'a dyn Fn(char) -> bool,
}

impl Checker<'_> {
    fn fault(&mut self, pointer: &str, code: &'static str, zh: &str, en: &str) {
        self.faults.push(Fault::at(pointer, code, zh, en));
    }

    fn unknown(&mut self, pointer: &str) {
        self.fault(
            pointer,
            "unknown_key",
            "没有这个字段，请检查拼写",
            "No such field; check its spelling",
        );
    }
}

/// RFC 6901.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::licence::kind::Types;

    fn check_with(change: impl FnOnce(&mut Json)) -> Result<Application, Vec<Fault>> {
        check_type(
            "food-operation",
            include_str!("../../../schemas/examples/food-operation.json"),
            change,
        )
    }

    fn check_type(
        slug: &str,
        text: &str,
        change: impl FnOnce(&mut Json),
    ) -> Result<Application, Vec<Fault>> {
        let types = Types::built_in().unwrap();
        let mut input: Json = serde_json::from_str(text).unwrap();
        change(&mut input);
        let today = Date::parse("2026-11-24").unwrap();
        check(&input, types.get(slug).unwrap(), today, &|c| c != '𠮷')
    }

    #[test]
    fn birth_and_sex_agree_with_the_number() {
        let text = include_str!("../../../schemas/examples/residence-permit.json");
        assert!(check_type("residence-permit", text, |_| {}).is_ok());
        let faults = check_type("residence-permit", text, |input| {
            input["fields"]["born"] = "1990-01-02".into();
            input["fields"]["sex"] = "男".into();
        });
        let faults = faults.unwrap_err();
        let seen: Vec<_> = faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
        assert_eq!(seen, [("/fields/born", "disagrees"), ("/fields/sex", "disagrees")]);
    }

    #[test]
    fn the_example_passes() {
        let good = check_with(|_| {}).unwrap();
        assert_eq!(good.validity.until.unwrap().to_string(), "2031-11-23");
        assert_eq!(good.values.len(), 7);
    }

    #[test]
    fn all_faults_come_at_once_with_their_places() {
        let faults = check_with(|input| {
            input["fields"]["uscc"] = "91510100MA00000153".into();
            input["fields"]["operator"] = "a\u{202E}b".into();
            input["fields"]["premises"] = "𠮷".into();
            input["fields"]["extra"] = 1.into();
            input["more"] = 1.into();
            input["fields"].as_object_mut().unwrap().remove("legal_representative");
            input["valid_until"] = "2031-01-01".into();
        })
        .unwrap_err();
        let mut seen: Vec<_> = faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
        seen.sort_unstable();
        assert_eq!(
            seen,
            [
                ("/fields/extra", "unknown_key"),
                ("/fields/legal_representative", "required"),
                ("/fields/operator", "forbidden_character"),
                ("/fields/premises", "no_glyph"),
                ("/fields/uscc", "invalid"),
                ("/more", "unknown_key"),
                ("/valid_until", "not_allowed"),
            ]
        );
    }

    #[test]
    fn look_alikes_warn() {
        let good = check_with(|input| input["fields"]["operator"] = "示例Аpple".into()).unwrap();
        assert_eq!(good.warnings[0].code, "mixed_scripts");
        let types = Types::built_in().unwrap();
        let again = warnings(&good.values, types.get("food-operation").unwrap());
        assert_eq!(again, good.warnings);
    }
}
