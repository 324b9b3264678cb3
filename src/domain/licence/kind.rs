//! A licence type: data in one TOML file, checked when it is read.

mod file;
mod number;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

pub use self::file::BadType;
pub use self::number::{NumberPattern, Origin};
use crate::base::digest::Digest;
use crate::base::ids::TypeCode;
use crate::base::localized::Localized;

/// A licence type, valid in itself.
#[derive(Clone, Debug)]
pub struct LicenceType {
    /// Short name in addresses and commands.
    pub slug: String,
    /// 证照类型代码, from the type's file.
    pub code: TypeCode,
    /// Version of the definition; raised with every change, since credentials name it.
    pub version: u16,
    /// Name of the type.
    pub name: Localized,
    /// Kind of the holders.
    pub holder: HolderKind,
    /// Pattern of its numbers.
    pub number: NumberPattern,
    /// Label of the number on this licence: 许可证编号, 登记号, ….
    pub number_label: Localized,
    /// How the term is determined.
    pub validity: ValidityRule,
    /// Name of the field with the holder's name.
    pub holder_name: String,
    /// Dimensions of the page.
    pub layout: Layout,
    /// The fields in the order of the page.
    pub fields: Vec<Field>,
}

/// Holders of a type's licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderKind {
    /// An entry of a public register: its data are public.
    PublicRegister,
    /// A person: public pages mask the name.
    NaturalPerson,
}

/// Rule for a licence's term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidityRule {
    /// Whole years from the first day.
    Years(i16),
    /// The application states it.
    Given {
        /// Whether it may have no end (长期).
        long_term: bool,
    },
}

/// Dimensions of the page of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Width of the column of labels in millimetres; a longer label wraps.
    pub label_mm: u8,
    /// Most pages; values that need more are refused.
    pub max_pages: u8,
}

impl Default for Layout {
    fn default() -> Self {
        Self { label_mm: 41, max_pages: 8 }
    }
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name in applications and credentials.
    pub name: String,
    /// Printed label in Chinese.
    pub zh: String,
    /// Printed label in English.
    pub en: String,
    /// Kind of its values.
    pub kind: FieldKind,
    /// Whether an application must have it.
    pub required: bool,
    /// Whether the holder may withhold it.
    pub selective: bool,
    /// How the value is masked on the public page for the code.
    pub mask: Mask,
}

/// How a value is masked on public pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// Not masked.
    None,
    /// A person's name: shows the family name and, from three characters on, the last.
    Name,
    /// A number: shows the first six and the last three characters, and fewer of short ones.
    Number,
    /// Not shown at all.
    Hidden,
}

impl Mask {
    /// The masked value; `None` when it is not shown at all.
    pub fn apply(self, text: &str) -> Option<String> {
        let count = text.chars().count();
        match self {
            Self::None => Some(text.to_owned()),
            Self::Name => Some(cover(text, 1, usize::from(count > 2))),
            Self::Number => Some(cover(text, 6.min(count / 2), 3.min(count / 4))),
            Self::Hidden => None,
        }
    }
}

/// Masks all but `head` and `tail` characters.
fn cover(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    let hidden = count.saturating_sub(head).saturating_sub(tail);
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count.saturating_sub(tail).max(head)).collect();
    format!("{start}{}{end}", "*".repeat(hidden))
}

/// An option of a choice. Its Chinese form is the value in applications and credentials.
pub type Choice = Localized;

/// Kind of a field's values.
#[derive(Clone, Debug)]
pub enum FieldKind {
    /// Text of one line.
    Text {
        /// Most characters.
        max: usize,
    },
    /// Text of several lines.
    Lines {
        /// Most characters.
        max: usize,
    },
    /// A calendar date.
    Date {
        /// Whether it may not be later than the day of issue, such as a birth or a founding.
        not_after_today: bool,
    },
    /// A 统一社会信用代码, checked.
    Uscc,
    /// A 公民身份号码. Date of birth and sex are in it; other fields that state them must agree.
    CitizenId {
        /// The field with the date of birth.
        born: Option<String>,
        /// The field with the sex, a choice of two.
        sex: Option<String>,
    },
    /// One of a list of values.
    Choice {
        /// The allowed values.
        options: Vec<Choice>,
    },
    /// A whole number within bounds.
    Number {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
        /// Unit, printed after the number.
        unit: String,
    },
    /// A list of short texts.
    List {
        /// Most items.
        max_items: usize,
        /// Most characters of each.
        max: usize,
    },
}

/// The type metadata document (SD-JWT VC, 6) as served, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Address of the document.
    pub vct: String,
    /// The JSON text, byte for byte.
    pub document: String,
    /// `vct#integrity`: credentials are bound to these bytes.
    pub integrity: String,
}

impl LicenceType {
    /// The address of the type's definition for credentials.
    pub fn vct(&self, base: &str) -> String {
        format!("{base}/vct/{}/{}", self.slug, self.version)
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that identifies the holder: the first that is a 统一社会信用代码 or a 公民身份号码.
    pub fn holder_code(&self) -> Option<&Field> {
        let identifies =
            |kind: &FieldKind| matches!(kind, FieldKind::Uscc | FieldKind::CitizenId { .. });
        self.fields.iter().find(|field| identifies(&field.kind))
    }

    /// Names of the claims that a holder credential may withhold.
    pub fn withheld_claims(&self) -> Vec<&str> {
        let fields = self.fields.iter().filter(|field| field.selective);
        let names = fields.map(|field| field.name.as_str());
        let hides_name = self.field(&self.holder_name).is_some_and(|field| field.selective);
        hides_name.then_some("holder").into_iter().chain(names).collect()
    }

    /// The type metadata document.
    pub fn definition(&self, base: &str) -> Definition {
        use base64::Engine as _;
        let claim = |name: &str, zh: &str, en: &str, selective: bool| {
            json!({
                "path": [name],
                "display": [
                    { "lang": "zh-CN", "label": zh.replace('\u{3000}', "") },
                    { "lang": "en", "label": en },
                ],
                "sd": if selective { "always" } else { "never" },
            })
        };
        let label = &self.number_label;
        let mut claims = vec![claim("number", &label.zh, &label.en, false)];
        claims.extend(
            self.fields
                .iter()
                .map(|field| claim(&field.name, &field.zh, &field.en, field.selective)),
        );
        let vct = self.vct(base);
        let document: Value = json!({
            "vct": vct,
            "name": self.name.zh,
            "description": self.name.en,
            "display": [
                { "lang": "zh-CN", "name": self.name.zh },
                { "lang": "en", "name": self.name.en },
            ],
            "claims": claims,
        });
        let document = document.to_string();
        let digest = Digest::of(&[document.as_bytes()]);
        let digest = base64::engine::general_purpose::STANDARD.encode(digest.as_bytes());
        Definition { vct, document, integrity: format!("sha256-{digest}") }
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
            let slug = &kind.slug;
            let reason = Localized::new(
                format!("slug {slug:?} 或其代码已被使用"),
                format!("slug {slug:?} or its code is taken"),
            );
            return Err(BadType {
                file: file.to_owned(),
                place: Localized::new("slug", "slug"),
                reason,
            });
        }
        self.0.insert(kind.slug.clone(), kind);
        Ok(())
    }

    /// The type with this slug.
    pub fn get(&self, slug: &str) -> Option<&LicenceType> {
        self.0.get(slug)
    }

    /// All types, in the order of their slugs.
    pub fn iter(&self) -> impl Iterator<Item = &LicenceType> {
        self.0.values()
    }
}

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
    fn faults_name_file_and_line() {
        assert_eq!(Types::built_in().unwrap().iter().count(), 6);
        let fault = |good: &str, from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            LicenceType::parse("a.toml", &good.replacen(from, to, 1)).unwrap_err().to_string()
        };
        let food = BUILT_IN[1].1;
        assert!(fault(food, "version = 1", "version = x").starts_with("a.toml: line 4"));
        assert!(fault(food, "version = 1", "version = 0").starts_with("a.toml: line 4"));
        assert!(fault(food, "max = 80", "maximum = 80").contains("maximum"));
        assert!(fault(food, "{serial:6}", "7").contains("{serial:N}"));
        assert!(fault(food, "{option:business_form}", "{option:items}").contains("choice"));
        assert!(
            fault(food, "[[fields]]", "[layout]\nlabel_mm = 90\n[[fields]]").contains("25 to 60")
        );
        let name = "]]\nname = \"operator\"";
        assert!(fault(food, name, "]]\nname = \"iss\"").contains("cannot be used"));
        let residence = BUILT_IN[5].1;
        assert!(fault(residence, "born = \"born\"", "born = \"sex\"").contains("date field"));
        assert!(fault(residence, "sex = \"sex\"", "sex = \"born\"").contains("two options"));
        assert!(
            fault(residence, "not_after = \"today\"", "not_after = \"now\"").contains("`today`")
        );
        let dated = "kind = \"text\"\nnot_after = \"today\"";
        let refused = fault(residence, "kind = \"text\"", dated);
        assert!(refused.contains("kind = \"text\" does not take `not_after`"), "{refused}");
        for (from, to, why) in [
            ("max = 80\n", "", "`max` is missing"),
            ("max = 80", "max = 0", "`max` must be 1 or more"),
            ("kind = \"text\"", "kind = \"words\"", "must be one of text, lines"),
            ("en = \"Operator\"\n", "", "missing field `en`"),
        ] {
            let refused = fault(food, from, to);
            assert!(refused.contains(why), "{refused}");
            assert!(refused.contains(", [[fields]] entry 1 (name = \"operator\")"), "{refused}");
        }
        let named = food.lines().find(|line| line.starts_with("name = {")).unwrap();
        let refused = fault(food, named, "name = \"流动摊贩\"");
        assert!(refused.contains("expected { zh = \"…\", en = \"…\" }"), "{refused}");
        let mut types = Types::built_in().unwrap();
        let again = LicenceType::parse("b.toml", food).unwrap();
        assert!(types.add(again, "b.toml").unwrap_err().to_string().contains("taken"));
    }

    #[test]
    fn masks_cover() {
        let shown = |mask: Mask, text: &str| mask.apply(text).unwrap();
        assert_eq!(shown(Mask::Name, "张示例"), "张*例");
        assert_eq!(shown(Mask::Name, "张示"), "张*");
        assert_eq!(shown(Mask::Name, "示"), "示");
        assert_eq!(shown(Mask::Name, ""), "");
        assert_eq!(shown(Mask::Number, "51999920200101123X"), "519999*********23X");
        assert_eq!(shown(Mask::Number, "1234"), "12*4");
        assert_eq!(Mask::Hidden.apply("张示例"), None);
    }
}
