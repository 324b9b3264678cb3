//! An issued licence, as stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::application::{Application, Value};
use super::kind::{HolderKind, LicenceType, Mask};
use super::sheet::{SheetContent, SheetRow};
use super::standing::LicenceStatus;
use crate::base::ids::{Code, LicenceId, Version};
use crate::base::localized::{Labelled, Localized};
use crate::base::time::{Date, Timestamp, Validity};
use crate::domain::office::{Department, Profile};

/// A licence. Its JSON form has a version of its own, `record`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Version of this form.
    #[schemars(extend("const" = 1))]
    pub record: u16,
    /// 证照标识, the key in the store.
    pub id: LicenceId,
    /// 证照编号, unique within the type.
    pub number: String,
    /// 证照版本号, from 1.
    pub version: Version,
    /// Slug of the type.
    pub kind: String,
    /// Version of the type's definition.
    pub kind_version: u16,
    /// Name of the type.
    pub type_name: Localized,
    /// Slug of the department.
    pub department: String,
    /// Name of the department.
    pub issuer: Localized,
    /// The holder as printed.
    pub holder: String,
    /// The values, in the order of the page.
    pub values: Vec<Value>,
    /// First and last day of the term.
    pub validity: Validity,
    /// The day of issue.
    pub issued_on: Date,
    /// The instant of issue.
    pub issued_at: Timestamp,
    /// Number of the status list that has both credentials.
    #[serde(default = "first_list")]
    pub status_list: u32,
    /// Index of the document credential in the status list.
    pub document_index: u32,
    /// Index of the holder credential in the status list.
    pub holder_index: u32,
    /// The public key that the holder credential is bound to, as a bare JWK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Map<String, Json>>")]
    pub holder_key: Option<Json>,
    /// Present status.
    pub standing: LicenceStatus,
}

/// Values that the service allocated for a new licence.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Serial inside the 证照标识.
    pub serial: u128,
    /// 证照编号, from its range.
    pub number: String,
    /// Number of the status list.
    pub status_list: u32,
    /// Indices of document and holder credential in the status list.
    pub indices: (u32, u32),
    /// Time of issue.
    pub now: Timestamp,
}

impl Licence {
    /// A new licence of the first version.
    pub fn new(
        application: Application,
        kind: &LicenceType,
        department: &Department,
        drawn: Drawn,
    ) -> Self {
        let holder = application.values.iter().find(|value| value.name == kind.holder_name);
        let holder = holder.map(|value| value.printed.clone()).unwrap_or_default();
        Self {
            record: 1,
            id: LicenceId::new(&kind.code, &department.uscc, drawn.serial, Version::FIRST),
            number: drawn.number,
            version: Version::FIRST,
            kind: kind.slug.clone(),
            kind_version: kind.version,
            type_name: kind.name.clone(),
            department: department.slug.clone(),
            issuer: department.name.clone(),
            holder,
            values: application.values,
            validity: application.validity,
            issued_on: drawn.now.date_in_china(),
            issued_at: drawn.now,
            status_list: drawn.status_list,
            document_index: drawn.indices.0,
            holder_index: drawn.indices.1,
            holder_key: application.holder_key,
            standing: LicenceStatus::Active,
        }
    }

    /// Content of the page.
    pub fn sheet(
        &self,
        kind: &LicenceType,
        office: &Profile,
        code: &Code,
        demo: bool,
    ) -> SheetContent {
        let mut rows = vec![SheetRow {
            label: kind.number_label.zh.clone(),
            value: self.number.clone(),
            tabular: true,
            pointer: "/number".to_owned(),
        }];
        for value in &self.values {
            let Some(field) = kind.field(&value.name) else { continue };
            let plain = value.printed.bytes().all(|byte| byte.is_ascii_alphanumeric());
            rows.push(SheetRow {
                label: field.zh.clone(),
                value: value.printed.clone(),
                tabular: plain,
                pointer: format!("/fields/{}", field.name),
            });
        }
        let until = self.validity.until.map_or_else(|| "长期".to_owned(), Date::to_chinese);
        rows.push(SheetRow {
            label: "有效期限".to_owned(),
            value: format!("{}至{until}", self.validity.from.to_chinese()),
            tabular: false,
            pointer: "/valid_until".to_owned(),
        });
        SheetContent {
            id: self.id.to_string(),
            version: self.version.to_string(),
            title: self.type_name.zh.clone(),
            title_en: self.type_name.en.clone(),
            organ: format!("{}政务服务 · 电子证照", office.name.zh),
            rows,
            issuer: self.issuer.zh.clone(),
            issued_on: self.issued_on.to_chinese(),
            code: code.grouped(),
            verify_url: format!("{}/v/{}", office.public_base_url, code.as_str()),
            host: office.public_base_url.host().to_owned(),
            sealed_at: self.issued_at,
            layout: kind.layout,
            demo,
        }
    }

    /// The holder for a public page: a person's name is masked in the middle.
    pub fn masked_holder(&self, kind: Option<&LicenceType>) -> String {
        public_or(kind, Mask::Name).apply(&self.holder).unwrap_or_default()
    }

    /// The number for a public page.
    pub fn masked_number(&self, kind: Option<&LicenceType>) -> String {
        public_or(kind, Mask::Number).apply(&self.number).unwrap_or_default()
    }

    /// The values for the public, as the type masks them.
    pub fn masked_values(&self, kind: &LicenceType) -> Vec<Labelled> {
        let shown = |value: &Value| {
            let field = kind.field(&value.name)?;
            Some(Labelled {
                name: field.name.clone(),
                label: Localized::new(field.zh.replace('\u{3000}', ""), field.en.clone()),
                value: field.mask.apply(&value.printed)?,
            })
        };
        self.values.iter().filter_map(shown).collect()
    }
}

/// The status list of records of an earlier form, which had only one.
const fn first_list() -> u32 {
    1
}

/// Data of a public register is not masked: readers need it to compare a paper.
fn public_or(kind: Option<&LicenceType>, mask: Mask) -> Mask {
    match kind.map(|kind| kind.holder) {
        Some(HolderKind::PublicRegister) => Mask::None,
        Some(HolderKind::NaturalPerson) | None => mask,
    }
}
