//! Type files: TOML parsed into a valid type, or refused with file, line and reason.

use serde::Deserialize;
use toml::Spanned;

use super::{
    Choice, Field, FieldKind, HolderKind, Layout, LicenceType, Mask, NumberPattern, ValidityRule,
};
use crate::base::ids::TypeCode;
use crate::base::localized::Localized;
use crate::domain::toml_place;

/// A type file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}: {}", place.en, reason.en)]
pub struct BadType {
    /// Name of the type file.
    pub file: String,
    /// The line and the field.
    pub place: Localized,
    /// The rule that it breaks.
    pub reason: Localized,
}

impl LicenceType {
    /// Reads a type file.
    pub fn parse(file: &str, text: &str) -> Result<Self, BadType> {
        let bad = |place, reason| BadType { file: file.to_owned(), place, reason };
        let raw: Raw = toml::from_str(text).map_err(|error| {
            bad(toml_place::place(text, &error), toml_place::reason(text, &error))
        })?;
        let starts: Vec<_> = raw.fields.iter().map(|field| field.span().start).collect();
        let kind = raw.into_type().and_then(|kind| check_fields(&kind).map(|()| kind));
        kind.map_err(|Fault { at, reason }| {
            let offset = match at {
                At::Key(key) => toml_place::key_at(text, 0, key),
                At::Field(index, key) => {
                    let start = starts.get(index).copied().unwrap_or(0);
                    key.map_or(start, |key| toml_place::key_at(text, start, key))
                }
            };
            bad(toml_place::place_at(text, offset), reason)
        })
    }
}

/// A rule that a type breaks.
struct Fault {
    at: At,
    reason: Localized,
}

/// Where a fault is.
enum At {
    /// At a key of the type.
    Key(&'static str),
    /// In a field, at one of its keys or in the whole of it.
    Field(usize, Option<&'static str>),
}

fn fault<T>(at: At, zh: impl Into<String>, en: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { at, reason: Localized::new(zh, en) })
}

/// Rules between fields, and allowed names.
fn check_fields(kind: &LicenceType) -> Result<(), Fault> {
    let mut seen = Vec::new();
    for (index, field) in kind.fields.iter().enumerate() {
        let at = |key| At::Field(index, Some(key));
        if !is_name(&field.name, b'_') || RESERVED.contains(&field.name.as_str()) {
            let name = &field.name;
            return fault(
                at("name"),
                format!("字段名 {name:?} 不能使用"),
                format!("the field name {name:?} cannot be used"),
            );
        }
        if seen.contains(&&field.name) {
            let name = &field.name;
            return fault(
                at("name"),
                format!("字段 {name:?} 出现两次"),
                format!("the field {name:?} stands twice"),
            );
        }
        seen.push(&field.name);
        if let FieldKind::CitizenId { born, sex } = &field.kind {
            let of = |name: &String| kind.field(name).map(|field| &field.kind);
            if !born.as_ref().is_none_or(|name| matches!(of(name), Some(FieldKind::Date { .. }))) {
                return fault(
                    at("born"),
                    "born：须为日期字段的名称",
                    "born: must name a date field",
                );
            }
            let two = |name| matches!(of(name), Some(FieldKind::Choice { options }) if options.len() == 2);
            if !sex.as_ref().is_none_or(two) {
                return fault(
                    at("sex"),
                    "sex：须为两个选项的单选字段的名称，男在前",
                    "sex: must name a choice of two options, male first",
                );
            }
        }
    }
    let holder = kind.field(&kind.holder_name);
    if !holder.is_some_and(|field| field.required && matches!(field.kind, FieldKind::Text { .. })) {
        return fault(
            At::Key("holder_name"),
            "holder_name：须为必填的文字字段的名称",
            "holder_name: must name a required text field",
        );
    }
    for name in kind.number.choices() {
        let field = kind.field(name).filter(|field| field.required).map(|field| &field.kind);
        if !matches!(field, Some(FieldKind::Choice { options }) if options.len() < 10) {
            return fault(
                At::Key("number"),
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
    fields: Vec<Spanned<RawField>>,
}

impl Raw {
    fn into_type(self) -> Result<LicenceType, Fault> {
        if !is_name(&self.slug, b'-') {
            return fault(
                At::Key("slug"),
                "slug：小写字母、数字、连字符",
                "slug: lower-case letters, digits, hyphens",
            );
        }
        if self.version == 0 {
            return fault(At::Key("version"), "version：从 1 起", "version: counts from 1");
        }
        let Some(code) = TypeCode::parse(&self.code) else {
            return fault(
                At::Key("code"),
                "code：校验位正确的统一社会信用代码加三位数字",
                "code: a USCC with right check characters and three digits",
            );
        };
        let Some(number) = NumberPattern::parse(&self.number) else {
            let zh = "number：须有 {serial:N}，N 为 4 至 12；可有 {district}、{year}、{option:FIELD}，末尾可有 \
                      {check}";
            let en = "number: needs {serial:N}, N 4 to 12; may have {district}, {year}, \
                      {option:FIELD} and, at its end, {check}";
            return fault(At::Key("number"), zh, en);
        };
        let validity = match (self.validity.years, self.validity.given, self.validity.long_term) {
            (Some(years @ 1..=100), false, false) => ValidityRule::Years(years),
            (None, true, long_term) => ValidityRule::Given { long_term },
            _ => {
                return fault(
                    At::Key("validity"),
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
                At::Key("layout"),
                "layout：label_mm 为 25 至 60，max_pages 为 1 至 8",
                "layout: label_mm 25 to 60, max_pages 1 to 8",
            );
        }
        let fields = self.fields.into_iter().map(Spanned::into_inner).enumerate();
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
            fields: fields.map(|(index, raw)| raw.into_field(index)).collect::<Result<_, _>>()?,
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

/// The key at fault, when there is one, and what is wrong.
type KindFault = (Option<&'static str>, String, String);

impl RawField {
    fn into_field(self, index: usize) -> Result<Field, Fault> {
        let kind = self.kind().or_else(|(key, zh, en)| fault(At::Field(index, key), zh, en))?;
        let selective = self.selective.unwrap_or(false);
        // A value that the holder may withhold is masked, unless the file says otherwise.
        let usual = if selective { Mask::Hidden } else { Mask::None };
        Ok(Field {
            name: self.name,
            zh: self.zh,
            en: self.en,
            kind,
            required: self.required.unwrap_or(true),
            selective,
            mask: self.mask.unwrap_or(usual),
        })
    }

    /// The kind that the keys define; a key that does not belong to the kind is a fault.
    fn kind(&self) -> Result<FieldKind, KindFault> {
        let kind = self.kind.as_str();
        let Some((_, needed, allowed)) = KINDS.iter().find(|(name, ..)| *name == kind) else {
            let known = KINDS.map(|(name, ..)| name).join(", ");
            return Err((
                Some("kind"),
                format!("kind = {kind:?}：须为 {known} 之一"),
                format!("kind = {kind:?}: must be one of {known}"),
            ));
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
                return Err((
                    None,
                    format!("缺少 `{key}`：kind = {kind:?} 须写明它"),
                    format!("`{key}` is missing; kind = {kind:?} takes it"),
                ));
            }
            if is_there && !is_needed && !is_allowed {
                return Err((
                    Some(key),
                    format!("kind = {kind:?} 没有 `{key}` 这个键"),
                    format!("kind = {kind:?} does not take `{key}`"),
                ));
            }
        }
        let (max, min) = (self.max.unwrap_or(0), self.min.unwrap_or(0));
        let length = usize::try_from(max).unwrap_or(0);
        if length == 0 && needed.contains(&"max") && !needed.contains(&"min") {
            let (zh, en) = ("`max` 须为 1 或更大", "`max` must be 1 or more");
            return Err((Some("max"), zh.to_owned(), en.to_owned()));
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
                    return Err((
                        Some("options"),
                        "`options` 至少有一项，每项写作 { zh = \"…\", en = \"…\" }".to_owned(),
                        "`options` must have one or more, each { zh = \"…\", en = \"…\" }"
                            .to_owned(),
                    ));
                }
                FieldKind::Choice { options }
            }
            "number" if min > max => {
                let (zh, en) = ("`min` 大于 `max`", "`min` is more than `max`");
                return Err((Some("min"), zh.to_owned(), en.to_owned()));
            }
            "number" => FieldKind::Number { min, max, unit: self.unit.clone().unwrap_or_default() },
            _ => {
                let en = format!("kind = {kind:?} has no arm in RawField::kind");
                return Err((Some("kind"), en.clone(), en));
            }
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
