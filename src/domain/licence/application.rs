//! An application: values checked against their licence type, all faults at once.

mod term;
mod value;

use serde_json::{Map, Value as Json};

use super::kind::{FieldKind, HolderKind, LicenceType};
use crate::base::codes::{CitizenId, ListedCodes};
use crate::base::localized::Fault;
use crate::base::time::{Date, Timestamp, Validity};
use crate::format::jose::jwk::Jwk;

/// An application without faults.
#[derive(Clone, Debug)]
pub struct Application {
    /// The values in the order of the type.
    pub values: Vec<Value>,
    /// First and last day of the term.
    pub validity: Validity,
    /// The public key that the holder credential is bound to, as a bare JWK.
    pub holder_key: Option<Json>,
    /// Warnings: unusual values that are allowed.
    pub warnings: Vec<Fault>,
}

/// A value without faults, in its two forms.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Value {
    /// Name of the field.
    pub name: String,
    /// The printed form.
    pub printed: String,
    /// The form in the credential.
    pub json: Json,
}

/// The office's side of the check.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The day in China.
    pub today: Date,
    /// Whether the fonts have a character.
    pub can_print: &'a dyn Fn(char) -> bool,
    /// Holders' codes that are accepted unchecked.
    pub listed_codes: &'a ListedCodes,
}

impl std::fmt::Debug for Terms<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Terms({})", self.today)
    }
}

/// Checks `input`, `{"fields": {…}, "valid_from": "…", "valid_until": "…", "holder_key": {…}}`,
/// against a type.
pub fn check(
    input: &Json,
    kind: &LicenceType,
    terms: &Terms<'_>,
) -> Result<Application, Vec<Fault>> {
    let mut checker = Checker { faults: Vec::new(), warnings: Vec::new(), terms };
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
        let named = key == NAME && may_be_named(kind);
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
    let validity = checker.validity(top, kind.validity);
    match validity {
        Some(validity) if checker.faults.is_empty() => {
            Ok(Application { values, validity, holder_key, warnings: checker.warnings })
        }
        _ => Err(checker.faults),
    }
}

/// Warnings about values that passed the check earlier.
pub fn warnings(values: &[Value], kind: &LicenceType) -> Vec<Fault> {
    // Only warnings are returned, so the day does not matter.
    let terms = &Terms {
        today: Timestamp::EPOCH.date_in_china(),
        can_print: &|_| true,
        listed_codes: &ListedCodes::default(),
    };
    let mut checker = Checker { faults: Vec::new(), warnings: Vec::new(), terms };
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
    terms: &'a Terms<'a>,
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

/// Escapes a key for a JSON pointer (RFC 6901).
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Checker<'_> {
    /// Date of birth and sex must match the citizen number.
    fn agree(&mut self, kind: &LicenceType, values: &[Value]) {
        let stated = |name: &str| values.iter().find(|one| one.name == name)?.json.as_str();
        for field in &kind.fields {
            let FieldKind::CitizenId { born, sex } = &field.kind else { continue };
            let Some(number) = stated(&field.name).and_then(CitizenId::parse) else { continue };
            if let Some(name) = born
                && let Some(day) = stated(name)
                && number.born().is_some_and(|born| born.to_string() != day)
            {
                self.disagrees(name, "出生日期", "date of birth");
            }
            if let Some(name) = sex
                && let Some(chosen) = stated(name)
                && let Some(FieldKind::Choice { options }) = kind.field(name).map(|one| &one.kind)
                && options.get(usize::from(!number.is_male())).is_some_and(|one| one.zh != chosen)
            {
                self.disagrees(name, "性别", "sex");
            }
        }
    }

    fn disagrees(&mut self, name: &str, zh: &str, en: &str) {
        let zh = format!("{zh}与公民身份号码不一致，请核对两者");
        let en = format!("The {en} is not the one in the citizen number; check both");
        self.fault(&format!("/fields/{name}"), "disagrees", &zh, &en);
    }
}

/// Name of the key in an application.
const NAME: &str = "holder_key";

/// Whether applications for this type may name a holder key: an entry of a register has no wallet.
fn may_be_named(kind: &LicenceType) -> bool {
    kind.holder == HolderKind::NaturalPerson
}

impl Checker<'_> {
    /// The key in its bare form; `None` when there is none, or a fault.
    fn holder_key(&mut self, top: &Map<String, Json>, kind: &LicenceType) -> Option<Json> {
        let value = top.get(NAME).filter(|value| !value.is_null() && may_be_named(kind))?;
        match Jwk::parse(value) {
            Ok(key) => Some(key.to_json()),
            Err(error) => {
                self.fault(
                    "/holder_key",
                    "holder_key",
                    "应为 P-256 或 Ed25519 公钥的 JWK，只含 kty、crv、x（和 y）",
                    &format!("Must be the JWK of a public key on P-256 or Ed25519, with kty, crv, x (and y) alone: {error}"),
                );
                None
            }
        }
    }
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
        let listed = ListedCodes::new(&["91519999MA0000031Y".to_owned()]).unwrap();
        let terms = Terms { today, can_print: &|c| c != '𠮷', listed_codes: &listed };
        check(&input, types.get(slug).unwrap(), &terms)
    }

    /// The one fault of an application, by place, code and English words.
    fn fault_of(slug: &str, text: &str, change: impl FnOnce(&mut Json)) -> (String, String) {
        let faults = check_type(slug, text, change).unwrap_err();
        let [fault] = faults.as_slice() else { panic!("{faults:?}") };
        (format!("{} {}", fault.pointer, fault.code), fault.message.en.clone())
    }

    const BUSINESS: &str = include_str!("../../../schemas/examples/business.json");
    const RESIDENCE: &str = include_str!("../../../schemas/examples/residence-permit.json");

    #[test]
    fn nobody_is_born_and_nothing_founded_after_today() {
        for (day, fits) in [("2026-11-24", true), ("2026-11-25", false), ("2099-12-31", false)] {
            let founded = |input: &mut Json| input["fields"]["founded"] = day.into();
            match check_type("business", BUSINESS, founded) {
                Ok(_) => assert!(fits, "{day}"),
                Err(faults) => {
                    assert!(!fits, "{day} {faults:?}");
                    assert_eq!(
                        (faults[0].pointer.as_str(), faults[0].code),
                        ("/fields/founded", "in_future")
                    );
                }
            }
        }
        let faults = check_type("residence-permit", RESIDENCE, |input| {
            input["fields"]["born"] = "2099-12-31".into();
            input["fields"]["citizen_id"] = "999999209912310024".into();
        });
        let faults = faults.unwrap_err();
        let seen: Vec<_> = faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
        let expected = [("/fields/born", "in_future"), ("/fields/citizen_id", "in_future")];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_term_without_end_and_days_that_do_not_exist_are_explained() {
        for text in ["长期", " 长期有效", "无固定期限", "永久", "9999-12-31"] {
            let (place, en) = fault_of("business", BUSINESS, |input| {
                input["valid_until"] = text.into();
            });
            assert_eq!(place, "/valid_until invalid", "{text}");
            assert!(en.contains("null"), "{text}: {en}");
        }
        for (name, day) in [("valid_until", "2030-02-30"), ("valid_from", "2026-02-29")] {
            let (place, en) = fault_of("business", BUSINESS, |input| input[name] = day.into());
            assert_eq!(place, format!("/{name} invalid"));
            assert!(en.contains(&format!("no day {day}")), "{en}");
        }
        let (place, en) = fault_of("business", BUSINESS, |input| {
            input["fields"]["founded"] = "2026-02-30".into();
        });
        assert_eq!(place, "/fields/founded invalid");
        assert!(en.contains("no day 2026-02-30"), "{en}");
        let (_, en) = fault_of("business", BUSINESS, |input| {
            input["fields"]["founded"] = "2026/02/03".into();
        });
        assert!(en.contains("YYYY-MM-DD"), "{en}");
    }

    #[test]
    fn private_use_characters_are_named_with_the_code_point_to_write() {
        let name = |text: &str| {
            let (place, en) = fault_of("residence-permit", RESIDENCE, |input| {
                input["fields"]["name"] = text.into();
            });
            assert_eq!(place, "/fields/name private_use");
            en
        };
        let en = name("张\u{E863}");
        assert!(en.contains("U+E863") && en.contains("䶮 (U+4DAE)"), "{en}");
        let en = name("张\u{E000}");
        assert!(en.contains("U+E000") && !en.contains("write"), "{en}");
    }

    #[test]
    fn a_code_with_other_check_characters_is_accepted_when_the_office_listed_it() {
        let with = |code: &str| check_with(|input| input["fields"]["uscc"] = code.into());
        let good = with("91519999MA0000031Y").unwrap();
        assert!(good.values.iter().any(|value| value.printed == "91519999MA0000031Y"));
        assert_eq!(with("91519999MA0000032Y").unwrap_err()[0].pointer, "/fields/uscc");
        // A wrong form is reported differently from a wrong digit.
        let names_capitals =
            |code: &str| with(code).unwrap_err()[0].message.en.contains("capital letters");
        assert!(names_capitals("91519999ma0000031y") && names_capitals(" 91519999MA0000031Y"));
        assert!(!names_capitals("91519999ma0000032y") && !names_capitals("91519999MA0000032Y"));
    }

    #[test]
    fn birth_and_sex_agree_with_the_number() {
        let text = RESIDENCE;
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
