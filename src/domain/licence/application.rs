//! An application: values that were checked against their licence type, all faults at once.

mod agree;
mod key;
mod term;

use serde_json::{Map, Value as Json, json};

use super::kind::{Field, FieldKind, LicenceType};
use crate::base::codes::{CitizenId, Uscc};
use crate::base::text::{BadText, Text};
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

    fn value(&mut self, field: &Field, json: &Json, pointer: &str) -> Option<Value> {
        let (printed, json) = match &field.kind {
            FieldKind::Text { max } => self.text(json, pointer, *max, false)?,
            FieldKind::Lines { max } => self.text(json, pointer, *max, true)?,
            FieldKind::Number { min, max, unit } => {
                self.number(json, pointer, (*min, *max), unit)?
            }
            FieldKind::List { max_items, max } => self.list(json, pointer, *max_items, *max)?,
            FieldKind::Date => self.parsed(
                json,
                pointer,
                "应为存在的日期，如 2026-11-24",
                "Must be a date that exists, such as 2026-11-24",
                |text| Date::parse(text).map(Date::to_chinese),
            )?,
            FieldKind::Uscc => self.parsed(
                json,
                pointer,
                "统一社会信用代码的位数或校验码不对",
                "Not a unified social credit code: length or check characters are wrong",
                |text| Uscc::parse(text).map(|uscc| uscc.to_string()),
            )?,
            FieldKind::CitizenId { .. } => self.parsed(
                json,
                pointer,
                "公民身份号码的位数、日期或校验码不对",
                "Not a citizen number: length, date or check character is wrong",
                |text| CitizenId::parse(text).map(|id| id.as_str().to_owned()),
            )?,
            FieldKind::Choice { options } => {
                let zh: Vec<_> = options.iter().map(|option| option.zh.as_str()).collect();
                let en: Vec<_> =
                    options.iter().map(|option| format!("{} ({})", option.zh, option.en)).collect();
                let zh = format!("应为其中之一：{}", zh.join("、"));
                let en = format!("Must be one of: {}", en.join(", "));
                self.parsed(json, pointer, &zh, &en, |text| {
                    options.iter().find(|option| option.zh == text).map(|option| option.zh.clone())
                })?
            }
        };
        Some(Value { name: field.name.clone(), printed, json })
    }

    fn parsed(
        &mut self,
        json: &Json,
        pointer: &str,
        zh: &str,
        en: &str,
        read: impl Fn(&str) -> Option<String>,
    ) -> Option<(String, Json)> {
        let printed = json.as_str().and_then(read);
        if printed.is_none() {
            self.fault(pointer, "invalid", zh, en);
        }
        printed.map(|printed| (printed, json.clone()))
    }

    fn text(
        &mut self,
        json: &Json,
        pointer: &str,
        max: usize,
        lines: bool,
    ) -> Option<(String, Json)> {
        let Some(raw) = json.as_str() else {
            self.fault(pointer, "not_text", "应为文字", "Must be text");
            return None;
        };
        let text = if lines { Text::lines(raw, max) } else { Text::line(raw, max) };
        match text {
            Ok(text) => {
                if !self.glyphs(text.as_str(), pointer) {
                    return None;
                }
                if text.mixes_scripts() {
                    let (zh, en) = (
                        "混用了不同文字的字母，或用部首代替了汉字，请核对是否冒用相似字符",
                        "Mixes letters of several scripts, or has a radical for a character; check for look-alikes",
                    );
                    self.warnings.push(Fault::at(pointer, "mixed_scripts", zh, en));
                }
                Some((text.to_string(), json!(text)))
            }
            Err(bad) => {
                let (code, zh, en) = describe(bad);
                self.fault(pointer, code, &zh, &en);
                None
            }
        }
    }

    /// Whether every character has a glyph.
    fn glyphs(&mut self, text: &str, pointer: &str) -> bool {
        let missing = text.chars().find(|character| !(self.can_print)(*character));
        if let Some(missing) = missing {
            let code = format!("U+{:04X}", u32::from(missing));
            let zh =
                format!("字库里没有“{missing}”字（{code}），印不出来；请按登记机关确认的写法填写");
            let en = format!(
                "No font has {missing:?} ({code}), so it cannot be printed; write it as the register that keeps the name has agreed"
            );
            self.fault(pointer, "no_glyph", &zh, &en);
        }
        missing.is_none()
    }

    fn number(
        &mut self,
        json: &Json,
        pointer: &str,
        (min, max): (i64, i64),
        unit: &str,
    ) -> Option<(String, Json)> {
        match json.as_i64().filter(|number| (min..=max).contains(number)) {
            Some(number) => Some((format!("{}{unit}", grouped(number)), json.clone())),
            None => {
                let zh = format!("应为 {min} 到 {max} 的整数");
                let en = format!("Must be a whole number from {min} to {max}");
                self.fault(pointer, "out_of_range", &zh, &en);
                None
            }
        }
    }

    fn list(
        &mut self,
        json: &Json,
        pointer: &str,
        max_items: usize,
        max: usize,
    ) -> Option<(String, Json)> {
        let items = json.as_array().filter(|items| (1..=max_items).contains(&items.len()));
        let Some(items) = items else {
            let (zh, en) = (
                format!("应为 1 到 {max_items} 项的列表"),
                format!("Must be a list of 1 to {max_items} items"),
            );
            self.fault(pointer, "invalid_list", &zh, &en);
            return None;
        };
        let mut printed = Vec::new();
        for (index, item) in items.iter().enumerate() {
            printed.extend(self.text(item, &format!("{pointer}/{index}"), max, false));
        }
        let texts: Vec<&str> = printed.iter().map(|(text, _)| text.as_str()).collect();
        (texts.len() == items.len()).then(|| (texts.join("；"), json!(texts)))
    }
}

/// Groups of three from five digits on, GB/T 15835: `18,600`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len() > 4 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn describe(bad: BadText) -> (&'static str, String, String) {
    match bad {
        BadText::Empty => ("empty", "不能为空".to_owned(), "Must not be empty".to_owned()),
        BadText::TooLong { max } => {
            ("too_long", format!("最多 {max} 个字"), format!("At most {max} characters"))
        }
        BadText::Forbidden(character) => {
            let code = format!("U+{:04X}", u32::from(character));
            (
                "forbidden_character",
                format!("含有看不见的控制字符 {code}"),
                format!("Has the invisible or control character {code}"),
            )
        }
        BadText::LineBreak => ("line_break", "不能换行".to_owned(), "Must be one line".to_owned()),
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
    fn long_numbers_are_grouped() {
        for (number, text) in
            [(0, "0"), (9999, "9999"), (18_600, "18,600"), (-1_000_000, "-1,000,000")]
        {
            assert_eq!(grouped(number), text);
        }
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
