//! One value, by the kind of its field: printed form and credential form.

use serde_json::{Value as Json, json};

use super::{Checker, Value};
use crate::base::codes::{CitizenId, Uscc};
use crate::base::localized::Fault;
use crate::base::private_use::{assigned, is_private_use};
use crate::base::text::{BadText, Text};
use crate::base::time::Date;
use crate::domain::licence::kind::{Field, FieldKind};

impl Checker<'_> {
    pub(super) fn value(&mut self, field: &Field, json: &Json, pointer: &str) -> Option<Value> {
        let listed = self.terms.listed_codes;
        let (printed, json) = match &field.kind {
            FieldKind::Text { max } => self.text(json, pointer, *max, false)?,
            FieldKind::Lines { max } => self.text(json, pointer, *max, true)?,
            FieldKind::Number { min, max, unit } => {
                self.number(json, pointer, (*min, *max), unit)?
            }
            FieldKind::List { max_items, max } => self.list(json, pointer, *max_items, *max)?,
            FieldKind::Date { not_after_today } => self.day(json, pointer, *not_after_today)?,
            FieldKind::Uscc => self.code(
                json,
                pointer,
                "统一社会信用代码的位数或校验码不对",
                "Not a unified social credit code: length or check characters are wrong",
                |text| Uscc::parse_or_listed(text, listed).map(|uscc| uscc.to_string()),
            )?,
            FieldKind::CitizenId { .. } => self.citizen_id(json, pointer)?,
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

    /// A code with check characters. One that is correct except for lower case or surrounding
    /// spaces gets its own fault, so that the user does not look for a wrong digit.
    fn code(
        &mut self,
        json: &Json,
        pointer: &str,
        zh: &str,
        en: &str,
        read: impl Fn(&str) -> Option<String>,
    ) -> Option<(String, Json)> {
        let near =
            |text: &str| read(text).is_none() && read(&text.trim().to_ascii_uppercase()).is_some();
        if json.as_str().is_some_and(near) {
            let zh = "号码本身正确：字母须用大写，前后不能有空格";
            let en = "The code is right but for its form: capital letters, and no spaces around it";
            self.fault(pointer, "invalid", zh, en);
            return None;
        }
        self.parsed(json, pointer, zh, en, read)
    }

    fn day(&mut self, json: &Json, pointer: &str, not_after_today: bool) -> Option<(String, Json)> {
        let day = self.date(json, pointer)?;
        if not_after_today {
            self.not_after_today(day, pointer)?;
        }
        Some((day.to_chinese(), json.clone()))
    }

    /// A day that exists.
    pub(super) fn date(&mut self, json: &Json, pointer: &str) -> Option<Date> {
        let text = json.as_str().unwrap_or_default();
        let day = Date::parse(text);
        if day.is_none() {
            let (zh, en) = if Date::has_form(text) {
                (
                    format!("没有 {text} 这一天，请核对年月日"),
                    format!("There is no day {text}; check year, month and day"),
                )
            } else {
                (
                    "应为存在的日期，写作“年-月-日”，如 2026-11-24".to_owned(),
                    "Must be a date that exists, as YYYY-MM-DD, such as 2026-11-24".to_owned(),
                )
            };
            self.fault(pointer, "invalid", &zh, &en);
        }
        day
    }

    fn not_after_today(&mut self, day: Date, pointer: &str) -> Option<()> {
        if day <= self.terms.today {
            return Some(());
        }
        let zh = format!("{day} 还没有到，不能晚于今天（{}）", self.terms.today);
        let en = format!("{day} lies in the future; may not be after today ({})", self.terms.today);
        self.fault(pointer, "in_future", &zh, &en);
        None
    }

    fn citizen_id(&mut self, json: &Json, pointer: &str) -> Option<(String, Json)> {
        let checked = self.code(
            json,
            pointer,
            "公民身份号码的位数、日期或校验码不对",
            "Not a citizen number: length, date or check character is wrong",
            |text| CitizenId::parse(text).map(|id| id.as_str().to_owned()),
        )?;
        let born = CitizenId::parse(&checked.0).and_then(|id| id.born());
        if let Some(born) = born {
            self.not_after_today(born, pointer)?;
        }
        Some(checked)
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
        let missing = text.chars().find(|character| !(self.terms.can_print)(*character));
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
        BadText::Forbidden(character) if is_private_use(character) => private_use(character),
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

/// The fault for a private-use character, whose glyph depends on a computer's fonts.
fn private_use(character: char) -> (&'static str, String, String) {
    let code = format!("U+{:04X}", u32::from(character));
    let (zh, en) = match assigned(character) {
        Some(now) => {
            let new = format!("U+{:04X}", u32::from(now));
            (
                format!("含有旧编码的专用区字符 {code}；请改用“{now}”（{new}）"),
                format!(
                    "Has the private-use character {code} of an old encoding; write {now} ({new})"
                ),
            )
        }
        None => (
            format!("含有专用区字符 {code}，换一台电脑就可能显示成别的字；请改用国家标准编码的字"),
            format!(
                "Has the private-use character {code}, which other computers may show as another \
                 character; use the one that the standard assigned"
            ),
        ),
    };
    ("private_use", zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        for (number, text) in
            [(0, "0"), (9999, "9999"), (18_600, "18,600"), (-1_000_000, "-1,000,000")]
        {
            assert_eq!(grouped(number), text);
        }
    }
}
