//! Type files: TOML parsed into a valid type, or refused with file, line and reason.

use serde::Deserialize;

use super::{
    Choice, Field, FieldKind, HolderKind, Layout, LicenceType, Mask, NumberPattern, ValidityRule,
};
use crate::base::foreign_words;
use crate::base::ids::TypeCode;
use crate::base::localized::Localized;
use crate::domain::toml_place;

/// A type file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}: {}", place.en, reason.en)]
pub struct BadType {
    /// Name of the type file.
    pub file: String,
    /// The line or the key.
    pub place: Localized,
    /// The rule that it breaks.
    pub reason: Localized,
}

impl LicenceType {
    /// Reads a type file.
    pub fn parse(file: &str, text: &str) -> Result<Self, BadType> {
        let bad = |(needle, reason): Fault| {
            let at = text.lines().position(|line| line.contains(&needle)).unwrap_or(0);
            BadType { file: file.to_owned(), place: toml_place::line_of(at + 1), reason }
        };
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let place = toml_place::place(text, &error);
            let reason = foreign_words::of_parser(error.message());
            BadType { file: file.to_owned(), place, reason }
        })?;
        let kind = raw.into_type().map_err(bad)?;
        check_fields(&kind).map_err(bad)?;
        Ok(kind)
    }
}

/// The faulty line, and its fault.
type Fault = (String, Localized);

fn fault<T>(needle: &str, zh: impl Into<String>, en: impl Into<String>) -> Result<T, Fault> {
    Err((needle.to_owned(), Localized::new(zh, en)))
}

/// Rules between fields, and allowed names.
fn check_fields(kind: &LicenceType) -> Result<(), Fault> {
    let mut seen = Vec::new();
    for field in &kind.fields {
        let place = format!("\"{}\"", field.name);
        if !is_name(&field.name, b'_') || RESERVED.contains(&field.name.as_str()) {
            let name = &field.name;
            return fault(
                &place,
                format!("字段名 {name:?} 不能使用"),
                format!("the field name {name:?} cannot be used"),
            );
        }
        if seen.contains(&&field.name) {
            let name = &field.name;
            return fault(
                &place,
                format!("字段 {name:?} 出现两次"),
                format!("the field {name:?} stands twice"),
            );
        }
        seen.push(&field.name);
        if let FieldKind::CitizenId { born, sex } = &field.kind {
            let of = |name: &String| kind.field(name).map(|field| &field.kind);
            if !born.as_ref().is_none_or(|name| matches!(of(name), Some(FieldKind::Date { .. }))) {
                return fault(&place, "born：须为日期字段的名称", "born: must name a date field");
            }
            let two = |name| matches!(of(name), Some(FieldKind::Choice { options }) if options.len() == 2);
            if !sex.as_ref().is_none_or(two) {
                return fault(
                    &place,
                    "sex：须为两个选项的单选字段的名称，男在前",
                    "sex: must name a choice of two options, male first",
                );
            }
        }
    }
    let holder = kind.field(&kind.holder_name);
    if !holder.is_some_and(|field| field.required && matches!(field.kind, FieldKind::Text { .. })) {
        return fault(
            "holder_name",
            "holder_name：须为必填的文字字段的名称",
            "holder_name: must name a required text field",
        );
    }
    for name in kind.number.choices() {
        let field = kind.field(name).filter(|field| field.required).map(|field| &field.kind);
        if !matches!(field, Some(FieldKind::Choice { options }) if options.len() < 10) {
            return fault(
                "number",
                format!("number：{{option:{name}}} 须为必填、至多九个选项的单选字段"),
                format!(
                    "number: {{option:{name}}} must name a required choice of at most nine options"
                ),
            );
        }
    }
    Ok(())
}

fn is_name(name: &str, extra: u8) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == extra;
    !name.is_empty() && name.len() <= 40 && name.bytes().all(fits)
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
    number_label: RawWords,
    validity: RawValidity,
    holder_name: String,
    #[serde(default)]
    layout: RawLayout,
    fields: Vec<Field>,
}

impl Raw {
    fn into_type(self) -> Result<LicenceType, Fault> {
        if !is_name(&self.slug, b'-') {
            return fault(
                "slug",
                "slug：小写字母、数字、连字符",
                "slug: lower-case letters, digits, hyphens",
            );
        }
        if self.version == 0 {
            return fault("version", "version：从 1 起", "version: counts from 1");
        }
        let Some(code) = TypeCode::parse(&self.code) else {
            return fault(
                "code",
                "code：校验位正确的统一社会信用代码加三位数字",
                "code: a USCC with right check characters and three digits",
            );
        };
        let Some(number) = NumberPattern::parse(&self.number) else {
            let zh = "number：须有 {serial:N}，N 为 4 至 12；可有 {district}、{year}、{option:FIELD}，末尾可有 \
                      {check}";
            let en = "number: needs {serial:N}, N 4 to 12; may have {district}, {year}, \
                      {option:FIELD} and, at its end, {check}";
            return fault("number", zh, en);
        };
        let validity = match (self.validity.years, self.validity.given, self.validity.long_term) {
            (Some(years @ 1..=100), false, false) => ValidityRule::Years(years),
            (None, true, long_term) => ValidityRule::Given { long_term },
            _ => {
                return fault(
                    "validity",
                    "validity：years = 1 至 100，或 given = true",
                    "validity: years = 1 to 100, or given = true",
                );
            }
        };
        let usual = Layout::default();
        let layout = Layout {
            label_mm: self.layout.label_mm.unwrap_or(usual.label_mm),
            max_pages: self.layout.max_pages.unwrap_or(usual.max_pages),
        };
        if !(25..=60).contains(&layout.label_mm) || !(1..=8).contains(&layout.max_pages) {
            return fault(
                "layout",
                "layout：label_mm 为 25 至 60，max_pages 为 1 至 8",
                "layout: label_mm 25 to 60, max_pages 1 to 8",
            );
        }
        Ok(LicenceType {
            slug: self.slug,
            code,
            version: self.version,
            name: self.name.into(),
            holder: self.holder,
            number,
            number_label: self.number_label.into(),
            validity,
            holder_name: self.holder_name,
            layout,
            fields: self.fields,
        })
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ zh = \"…\", en = \"…\" }")]
struct RawWords {
    zh: String,
    en: String,
}

impl From<RawWords> for Localized {
    fn from(raw: RawWords) -> Self {
        Self::new(raw.zh, raw.en)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ years = N } or { given = true }")]
struct RawValidity {
    years: Option<i16>,
    #[serde(default)]
    given: bool,
    #[serde(default)]
    long_term: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table [layout]")]
struct RawLayout {
    label_mm: Option<u8>,
    max_pages: Option<u8>,
}

/// The keys of a field; each kind has its own and refuses the others'.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table [[fields]]")]
struct RawField {
    name: String,
    zh: String,
    en: String,
    kind: String,
    required: Option<bool>,
    selective: Option<bool>,
    mask: Option<Mask>,
    max: Option<i64>,
    min: Option<i64>,
    unit: Option<String>,
    options: Option<Vec<RawWords>>,
    max_items: Option<usize>,
    born: Option<String>,
    sex: Option<String>,
    not_after: Option<Today>,
}

/// The only date that a type can name.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Today {
    Today,
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawField::deserialize(deserializer)?;
        Self::try_from(raw).map_err(serde::de::Error::custom)
    }
}

impl RawField {
    /// The kind that the keys define; a key that does not belong to the kind is a fault.
    fn kind(&self) -> Result<FieldKind, String> {
        let kind = self.kind.as_str();
        let Some((_, needed, allowed)) = KINDS.iter().find(|(name, ..)| *name == kind) else {
            let known = KINDS.map(|(name, ..)| name).join(", ");
            return Err(format!("kind = {kind:?}: must be one of {known}"));
        };
        let written = [
            ("max", self.max.is_some()),
            ("min", self.min.is_some()),
            ("unit", self.unit.is_some()),
            ("options", self.options.is_some()),
            ("max_items", self.max_items.is_some()),
            ("born", self.born.is_some()),
            ("sex", self.sex.is_some()),
            ("not_after", self.not_after.is_some()),
        ];
        for (key, is_there) in written {
            let (is_needed, is_allowed) = (needed.contains(&key), allowed.contains(&key));
            if is_needed && !is_there {
                return Err(format!("`{key}` is missing; kind = {kind:?} takes it"));
            }
            if is_there && !is_needed && !is_allowed {
                return Err(format!("kind = {kind:?} does not take `{key}`"));
            }
        }
        let (max, min) = (self.max.unwrap_or(0), self.min.unwrap_or(0));
        let length = usize::try_from(max).unwrap_or(0);
        if length == 0 && needed.contains(&"max") && !needed.contains(&"min") {
            return Err("`max` must be 1 or more".to_owned());
        }
        Ok(match kind {
            "text" => FieldKind::Text { max: length },
            "lines" => FieldKind::Lines { max: length },
            "list" => FieldKind::List { max_items: self.max_items.unwrap_or(0), max: length },
            "date" => FieldKind::Date { not_after_today: self.not_after.is_some() },
            "uscc" => FieldKind::Uscc,
            "citizen_id" => FieldKind::CitizenId { born: self.born.clone(), sex: self.sex.clone() },
            "choice" => {
                let options: Vec<Choice> =
                    self.options.iter().flatten().cloned().map(Localized::from).collect();
                if options.is_empty() {
                    return Err("`options` must have one or more, each { zh = \"…\", en = \"…\" }"
                        .to_owned());
                }
                FieldKind::Choice { options }
            }
            "number" if min > max => return Err("`min` is more than `max`".to_owned()),
            "number" => FieldKind::Number { min, max, unit: self.unit.clone().unwrap_or_default() },
            _ => return Err(format!("kind = {kind:?} has no arm in RawField::kind")),
        })
    }
}

impl TryFrom<RawField> for Field {
    type Error = String;

    fn try_from(raw: RawField) -> Result<Self, String> {
        let kind = raw.kind().map_err(|why| format!("the field {:?}: {why}", raw.name))?;
        let selective = raw.selective.unwrap_or(false);
        // A value that the holder may withhold is masked, unless the file says otherwise.
        let usual = if selective { Mask::Hidden } else { Mask::None };
        Ok(Self {
            name: raw.name,
            zh: raw.zh,
            en: raw.en,
            kind,
            required: raw.required.unwrap_or(true),
            selective,
            mask: raw.mask.unwrap_or(usual),
        })
    }
}

/// The kinds of fields, with the required and the allowed keys of each.
const KINDS: [(&str, &[&str], &[&str]); 8] = [
    ("text", &["max"], &[]),
    ("lines", &["max"], &[]),
    ("date", &[], &["not_after"]),
    ("uscc", &[], &[]),
    ("citizen_id", &[], &["born", "sex"]),
    ("choice", &["options"], &[]),
    ("number", &["max", "min"], &["unit"]),
    ("list", &["max", "max_items"], &[]),
];
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
