//! The claims of a licence of this profile, read from a credential whose signature was verified.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::base::digest::Digest;
use crate::base::ids::LicenceId;
use crate::base::localized::Localized;
use crate::base::time::Date;
use crate::domain::verify::report::LicenceSummary;

/// The published place of a credential's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReference {
    /// Address of the status list.
    pub uri: String,
    /// Index of the entry in the list.
    pub index: u32,
}

/// The licence claims, typed.
#[derive(Clone, Debug)]
pub struct LicenceClaims {
    /// 证照标识, its check character verified.
    pub id: LicenceId,
    /// The data that a report shows.
    pub summary: LicenceSummary,
    /// Issuing department in English.
    pub issuer_en: String,
    /// The published place of the status.
    pub status: StatusReference,
    /// Definition of the licence type.
    pub definition: DefinitionReference,
}

/// The definition of a licence type that a credential is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionReference {
    /// Address of the definition, `vct`.
    pub vct: String,
    /// SHA-256 over its bytes, `vct#integrity`.
    pub digest: Digest,
}

impl LicenceClaims {
    /// Reads the claims; the error names the one that is missing or wrong, and says why.
    ///
    /// Everything but the holder's name is read from claims that cannot be withheld: without them
    /// it is not a licence. `iss` is the address of the issuing department.
    pub(super) fn read(
        signed: &Map<String, Value>,
        claims: &Map<String, Value>,
        iss: &str,
    ) -> Result<Self, Wrong> {
        let text = |name: &'static str| {
            signed.get(name).and_then(Value::as_str).ok_or((name, "is missing or no text"))
        };
        let id = LicenceId::parse(text("id")?).ok_or(("id", "is no 证照标识"))?;
        let date = |name: &'static str| Date::parse(text(name)?).ok_or((name, "is no date"));
        let valid_until = match signed.get("valid_until") {
            Some(Value::Null) => None,
            _ => Some(date("valid_until")?),
        };
        let version = signed.get("version").and_then(Value::as_u64);
        let version = version.and_then(|version| u16::try_from(version).ok());
        let version = version.ok_or(("version", "is no version number"))?;
        let words = |name: &'static str| -> Result<Localized, Wrong> {
            let object = signed.get(name).ok_or((name, "is missing"))?;
            let part = |key| object.get(key).and_then(Value::as_str);
            let both = part("zh").zip(part("en")).ok_or((name, "has not zh and en"))?;
            Ok(Localized::new(both.0, both.1))
        };
        let issuer = words("issuer")?;
        let uscc = signed.get("issuer").and_then(|issuer| issuer.get("uscc"));
        if uscc.and_then(Value::as_str) != Some(id.issuer()) {
            return Err(("issuer", "has another uscc than the identifier"));
        }
        if text("type_code")? != id.type_code() {
            return Err(("type_code", "is another than in the identifier"));
        }
        let kind = text("type")?;
        let office = iss.rsplit_once("/dept/").map_or("", |(office, _)| office);
        let summary = LicenceSummary {
            id: id.to_string(),
            number: text("number")?.to_owned(),
            version,
            kind: kind.to_owned(),
            type_name: words("type_name")?,
            issuer: issuer.zh,
            // A presentation may withhold the holder's name.
            holder: claims.get("holder").and_then(Value::as_str).unwrap_or_default().to_owned(),
            values: Vec::new(),
            valid_from: date("valid_from")?,
            valid_until,
            status_since: None,
            status_reason: None,
            superseded_by: None,
        };
        let status = status(signed, office).map_err(|why| ("status", why))?;
        let vct = definition_address(text("vct")?, office, kind).map_err(|why| ("vct", why))?;
        let digest = integrity(text("vct#integrity")?)
            .ok_or(("vct#integrity", "is not sha256- and 32 bytes in base64"))?;
        let definition = DefinitionReference { vct, digest };
        Ok(Self { id, summary, issuer_en: issuer.en, status, definition })
    }
}

/// A claim, and what is wrong with it.
type Wrong = (&'static str, &'static str);

fn status(signed: &Map<String, Value>, office: &str) -> Result<StatusReference, &'static str> {
    let list = signed.get("status").and_then(|status| status.get("status_list"));
    let list = list.ok_or("names no status list")?;
    let index = list.get("idx").and_then(Value::as_u64).and_then(|i| u32::try_from(i).ok());
    let index = index.ok_or("has no index")?;
    let uri = list.get("uri").and_then(Value::as_str).ok_or("has no uri")?;
    if !is_list_of(uri, office) {
        return Err("is in a list of another office");
    }
    Ok(StatusReference { uri: uri.to_owned(), index })
}

/// `{office}/vct/{type}/{version}`: a credential cannot borrow the definition of another type.
fn definition_address(vct: &str, office: &str, kind: &str) -> Result<String, &'static str> {
    let rest = vct.strip_prefix(office).and_then(|rest| rest.strip_prefix("/vct/"));
    let (named, version) =
        rest.and_then(|rest| rest.split_once('/')).ok_or("is at another office than its issuer")?;
    if named != kind {
        return Err("is of another type than the claim type");
    }
    let number = version.parse::<u16>().ok().filter(|number| number.to_string() == version);
    number.filter(|number| *number > 0).ok_or("has no version of the type")?;
    Ok(vct.to_owned())
}

/// Subresource integrity with the supported digest: `sha256-` and padded base64.
fn integrity(text: &str) -> Option<Digest> {
    let bytes = STANDARD.decode(text.strip_prefix("sha256-")?).ok()?;
    <[u8; 32]>::try_from(bytes).ok().map(Digest::from_bytes)
}

/// Whether an address is that of a list of this office: `{office}/status/{number}`, exactly. The
/// address of an office may be below that of another.
pub(in crate::domain::verify) fn is_list_of(uri: &str, office: &str) -> bool {
    let number = uri.strip_prefix(office).and_then(|rest| rest.strip_prefix("/status/"));
    number.is_some_and(|digits| {
        (1..=10).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
