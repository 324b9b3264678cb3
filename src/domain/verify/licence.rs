//! The claims of a licence of ours, read from a credential whose signature holds.

use serde_json::{Map, Value};

use super::report::LicenceSummary;
use crate::base::ids::LicenceId;
use crate::base::time::Date;
use crate::base::words::Words;

/// Where a credential's standing is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReference {
    /// Address of the list.
    pub uri: String,
    /// Index in it.
    pub index: u32,
}

/// What the claims say, typed.
#[derive(Clone, Debug)]
pub struct LicenceClaims {
    /// 证照标识.
    pub id: LicenceId,
    /// For the report.
    pub summary: LicenceSummary,
    /// Issuing department in English.
    pub issuer_en: String,
    /// Where the standing is published.
    pub status: StatusReference,
}

impl LicenceClaims {
    /// Reads the claims; the error names the one that is missing or wrong.
    pub(super) fn read(claims: &Map<String, Value>) -> Result<Self, &'static str> {
        let text = |name: &'static str| claims.get(name).and_then(Value::as_str).ok_or(name);
        let id = LicenceId::parse(text("id")?).ok_or("id")?;
        let date = |name: &'static str| Date::parse(text(name)?).ok_or(name);
        let valid_until = match claims.get("valid_until") {
            Some(Value::Null) => None,
            _ => Some(date("valid_until")?),
        };
        let version = claims.get("version").and_then(Value::as_u64);
        let version = version.and_then(|version| u16::try_from(version).ok()).ok_or("version")?;
        let words = |name: &'static str| -> Result<Words, &'static str> {
            let object = claims.get(name).ok_or(name)?;
            let part = |key| object.get(key).and_then(Value::as_str).ok_or(name);
            Ok(Words::new(part("zh")?, part("en")?))
        };
        let issuer = words("issuer")?;
        let uscc = claims.get("issuer").and_then(|issuer| issuer.get("uscc"));
        if uscc.and_then(Value::as_str) != Some(id.issuer()) {
            return Err("issuer");
        }
        if text("type_code")? != id.type_code() {
            return Err("type_code");
        }
        let list = claims.get("status").and_then(|s| s.get("status_list")).ok_or("status")?;
        let index = list.get("idx").and_then(Value::as_u64).and_then(|i| u32::try_from(i).ok());
        let uri = list.get("uri").and_then(Value::as_str).ok_or("status")?.to_owned();
        let summary = LicenceSummary {
            id: id.to_string(),
            number: text("number")?.to_owned(),
            version,
            kind: text("type")?.to_owned(),
            type_name: words("type_name")?,
            issuer: issuer.zh,
            // A presentation may keep its holder back.
            holder: text("holder").unwrap_or_default().to_owned(),
            values: Vec::new(),
            valid_from: date("valid_from")?,
            valid_until,
            status_since: None,
            status_reason: None,
            superseded_by: None,
        };
        let status = StatusReference { uri, index: index.ok_or("status")? };
        Ok(Self { id, summary, issuer_en: issuer.en, status })
    }
}
