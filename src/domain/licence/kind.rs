//! A licence type: data in one TOML file, checked when it is read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::base::ids::TypeCode;
use crate::base::words::Words;

/// A licence type.
#[derive(Clone, Debug)]
pub struct LicenceType {
    /// Short name in addresses and commands.
    pub slug: String,
    /// 证照类型代码.
    pub code: TypeCode,
    /// Version of the definition.
    pub version: u16,
    /// Name, in Chinese and English.
    pub name: Words,
    /// Who holds such licences.
    pub holder: HolderKind,
    /// How its numbers are made.
    pub number: NumberPattern,
    /// How long it is valid.
    pub validity: ValidityRule,
    /// Name of the field with the holder's name.
    pub holder_name: String,
    /// The fields in the order of the page.
    pub fields: Vec<Field>,
}

/// Who holds licences of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderKind {
    /// An entry of a public register: anyone may know it.
    PublicRegister,
    /// A person.
    NaturalPerson,
}

/// How long a licence is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidityRule {
    /// Whole years from the first day.
    Years(i16),
    /// The application says it.
    Given {
        /// Whether it may be without end (长期).
        long_term: bool,
    },
}

/// One field.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "RawField")]
pub struct Field {
    /// Name in applications and credentials.
    pub name: String,
    /// Label in Chinese.
    pub zh: String,
    /// Label in English.
    pub en: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether an application must have it.
    pub required: bool,
    /// Whether the holder may keep it back.
    pub selective: bool,
}

/// What a field holds.
#[derive(Clone, Debug)]
pub enum FieldKind {
    /// One line.
    Text {
        /// Characters at the most.
        max: usize,
    },
    /// Several lines.
    Lines {
        /// Characters at the most.
        max: usize,
    },
    /// A day.
    Date,
    /// A 统一社会信用代码.
    Uscc,
    /// A 公民身份号码.
    CitizenId,
    /// One of a few.
    Choice {
        /// The values.
        options: Vec<String>,
    },
    /// A whole number.
    Number {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
        /// What is counted.
        unit: String,
    },
    /// Several short values.
    List {
        /// Items at the most.
        max_items: usize,
        /// Characters of each at the most.
        max: usize,
    },
}

/// A pattern such as `JY1{district}{serial:7}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    District,
    Year,
    Serial(usize),
}

/// A type file cannot be used: where, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {place}: {reason}")]
pub struct BadType {
    /// The file.
    pub file: String,
    /// The line or the key.
    pub place: String,
    /// What is wrong.
    pub reason: String,
}

impl LicenceType {
    /// Reads a type file.
    pub fn parse(file: &str, text: &str) -> Result<Self, BadType> {
        let bad = |place: String, reason: String| BadType { file: file.to_owned(), place, reason };
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            bad(format!("line {}", before.matches('\n').count() + 1), error.message().to_owned())
        })?;
        let line_of = |needle: &str| {
            let at = text.lines().position(|line| line.contains(needle)).unwrap_or(0);
            format!("line {}", at + 1)
        };
        let slug_fits = |slug: &str, extra: u8| {
            let fits =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == extra;
            !slug.is_empty() && slug.len() <= 40 && slug.bytes().all(fits)
        };
        if !slug_fits(&raw.slug, b'-') {
            return Err(bad(
                line_of("slug"),
                "slug: lower-case letters, digits, hyphens".to_owned(),
            ));
        }
        let code = TypeCode::parse(&raw.code).ok_or_else(|| {
            bad(
                line_of("code"),
                "code: a USCC with right check characters and three digits".to_owned(),
            )
        })?;
        let number = NumberPattern::parse(&raw.number).ok_or_else(|| {
            bad(line_of("number"), "number: needs {serial:N}, N 4 to 12".to_owned())
        })?;
        let validity = match (raw.validity.years, raw.validity.given, raw.validity.long_term) {
            (Some(years @ 1..=100), false, false) => ValidityRule::Years(years),
            (None, true, long_term) => ValidityRule::Given { long_term },
            _ => {
                let reason = "validity: years = 1 to 100, or given = true".to_owned();
                return Err(bad(line_of("validity"), reason));
            }
        };
        let mut seen = Vec::new();
        for field in &raw.fields {
            let place = || line_of(&format!("\"{}\"", field.name));
            if !slug_fits(&field.name, b'_') || RESERVED.contains(&field.name.as_str()) {
                return Err(bad(
                    place(),
                    format!("the field name {:?} cannot be used", field.name),
                ));
            }
            if seen.contains(&&field.name) {
                return Err(bad(place(), format!("the field {:?} stands twice", field.name)));
            }
            seen.push(&field.name);
        }
        let holder = raw.fields.iter().find(|field| field.name == raw.holder_name);
        if !holder
            .is_some_and(|field| field.required && matches!(field.kind, FieldKind::Text { .. }))
        {
            let reason = "holder_name: must name a required text field".to_owned();
            return Err(bad(line_of("holder_name"), reason));
        }
        Ok(Self {
            slug: raw.slug,
            code,
            version: raw.version,
            name: Words::new(raw.name.zh, raw.name.en),
            holder: raw.holder,
            number,
            validity,
            holder_name: raw.holder_name,
            fields: raw.fields,
        })
    }

    /// The address of the type's definition for credentials.
    pub fn vct(&self, base: &str) -> String {
        format!("{base}/vct/{}/{}", self.slug, self.version)
    }

    /// The type metadata document (SD-JWT VC, 6).
    pub fn vct_document(&self, base: &str) -> serde_json::Value {
        let claims: Vec<_> = self
            .fields
            .iter()
            .map(|field| {
                serde_json::json!({
                    "path": [field.name],
                    "display": [
                        { "lang": "zh-CN", "label": field.zh },
                        { "lang": "en", "label": field.en },
                    ],
                    "sd": if field.selective { "always" } else { "never" },
                })
            })
            .collect();
        serde_json::json!({
            "vct": self.vct(base),
            "name": self.name.zh,
            "description": self.name.en,
            "display": [
                { "lang": "zh-CN", "name": self.name.zh },
                { "lang": "en", "name": self.name.en },
            ],
            "claims": claims,
        })
    }
}

impl NumberPattern {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (name, after) = after.split_once('}')?;
            parts.push(match name.split_once(':') {
                None if name == "district" => Part::District,
                None if name == "year" => Part::Year,
                Some(("serial", digits)) => {
                    Part::Serial(digits.parse().ok().filter(|n| (4..=12).contains(n))?)
                }
                _ => return None,
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let serials = parts.iter().filter(|part| matches!(part, Part::Serial(_))).count();
        (serials == 1 && !text.contains(char::is_whitespace)).then_some(Self(parts))
    }

    /// The number with this serial; `None` when the serial has more digits than the pattern.
    pub fn number(&self, serial: u64, district: &str, year: i16) -> Option<String> {
        let mut number = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => number.push_str(text),
                Part::District => number.push_str(district),
                Part::Year => number.push_str(&year.to_string()),
                Part::Serial(digits) => {
                    let text = format!("{serial:0digits$}");
                    if text.len() > *digits {
                        return None;
                    }
                    number.push_str(&text);
                }
            }
        }
        Some(number)
    }
}

/// The types that an office knows, by slug.
#[derive(Clone, Debug, Default)]
pub struct Types(BTreeMap<String, LicenceType>);

impl Types {
    /// The types that are built in.
    pub fn built_in() -> Result<Self, BadType> {
        let mut types = Self::default();
        for (file, text) in BUILT_IN {
            types.add(LicenceType::parse(file, text)?, file)?;
        }
        Ok(types)
    }

    /// Adds a type of the office. A slug or code that is taken is refused.
    pub fn add(&mut self, kind: LicenceType, file: &str) -> Result<(), BadType> {
        if self.0.values().any(|known| known.slug == kind.slug || known.code == kind.code) {
            let reason = format!("slug {:?} or its code is taken", kind.slug);
            return Err(BadType { file: file.to_owned(), place: "slug".to_owned(), reason });
        }
        self.0.insert(kind.slug.clone(), kind);
        Ok(())
    }

    /// A type.
    pub fn get(&self, slug: &str) -> Option<&LicenceType> {
        self.0.get(slug)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &LicenceType> {
        self.0.values()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    slug: String,
    code: String,
    version: u16,
    name: RawWords,
    holder: HolderKind,
    number: String,
    validity: RawValidity,
    holder_name: String,
    fields: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawValidity {
    years: Option<i16>,
    #[serde(default)]
    given: bool,
    #[serde(default)]
    long_term: bool,
}

/// The keys of a field; each kind has its own and refuses the others'.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    name: String,
    zh: String,
    en: String,
    kind: String,
    required: Option<bool>,
    selective: Option<bool>,
    max: Option<i64>,
    min: Option<i64>,
    unit: Option<String>,
    options: Option<Vec<String>>,
    max_items: Option<usize>,
}

impl TryFrom<RawField> for Field {
    type Error = String;

    fn try_from(raw: RawField) -> Result<Self, String> {
        let length = || raw.max.and_then(|max| usize::try_from(max).ok()).filter(|max| *max > 0);
        let present = (
            raw.max.is_some(),
            raw.min.is_some() || raw.unit.is_some(),
            raw.options.is_some(),
            raw.max_items.is_some(),
        );
        let kind = match (raw.kind.as_str(), present) {
            ("text", (true, false, false, false)) => length().map(|max| FieldKind::Text { max }),
            ("lines", (true, false, false, false)) => length().map(|max| FieldKind::Lines { max }),
            ("date", (false, false, false, false)) => Some(FieldKind::Date),
            ("uscc", (false, false, false, false)) => Some(FieldKind::Uscc),
            ("citizen_id", (false, false, false, false)) => Some(FieldKind::CitizenId),
            ("choice", (false, false, true, false)) => raw
                .options
                .clone()
                .filter(|options| !options.is_empty())
                .map(|options| FieldKind::Choice { options }),
            ("number", (true, true, false, false)) => {
                raw.max.zip(raw.min).filter(|(max, min)| min <= max).map(|(max, min)| {
                    FieldKind::Number { min, max, unit: raw.unit.clone().unwrap_or_default() }
                })
            }
            ("list", (true, false, false, true)) => length()
                .zip(raw.max_items)
                .map(|(max, max_items)| FieldKind::List { max_items, max }),
            _ => None,
        };
        let kind = kind.ok_or_else(|| {
            format!(
                "the field {:?}: text and lines take max; choice takes options; number takes min, \
                 max, unit; list takes max_items, max; date, uscc and citizen_id take nothing",
                raw.name
            )
        })?;
        Ok(Self {
            name: raw.name,
            zh: raw.zh,
            en: raw.en,
            kind,
            required: raw.required.unwrap_or(true),
            selective: raw.selective.unwrap_or(false),
        })
    }
}

/// Claims that every credential has; a field of the same name would replace them.
const RESERVED: [&str; 20] = [
    "iss",
    "iat",
    "nbf",
    "exp",
    "cnf",
    "vct",
    "status",
    "use",
    "id",
    "number",
    "version",
    "type",
    "type_name",
    "type_code",
    "issuer",
    "holder",
    "valid_from",
    "valid_until",
    "issued_on",
    "sub",
];

macro_rules! built_in {
    ($($name:literal),*) => {
        &[$((concat!($name, ".toml"), include_str!(concat!("../../../schemas/types/", $name, ".toml")))),*]
    };
}

const BUILT_IN: &[(&str, &str)] = built_in!(
    "business",
    "food-operation",
    "private-school",
    "medical-institution",
    "construction-permit",
    "residence-permit"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_types_read() {
        let types = Types::built_in().unwrap();
        assert_eq!(types.iter().count(), 6);
        let number = &types.get("food-operation").unwrap().number;
        assert_eq!(number.number(47, "519999", 2026).unwrap(), "JY15199990000047");
        assert_eq!(number.number(100_000_000, "519999", 2026), None);
    }

    #[test]
    fn faults_name_file_and_line() {
        let good = BUILT_IN[1].1;
        let fault = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            LicenceType::parse("a.toml", &good.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert!(fault("version = 1", "version = x").starts_with("a.toml: line 4"));
        assert!(fault("max = 80", "maximum = 80").contains("maximum"));
        assert!(fault("{serial:7}", "7").contains("{serial:N}"));
        assert!(fault("]]\nname = \"operator\"", "]]\nname = \"iss\"").contains("cannot be used"));
        let mut types = Types::built_in().unwrap();
        let again = LicenceType::parse("b.toml", good).unwrap();
        assert!(types.add(again, "b.toml").unwrap_err().to_string().contains("taken"));
    }
}
