//! A holder's consent to give a department more than it may have otherwise: a code, used once.

use serde::{Deserialize, Serialize};

use super::grant::Wanted;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::format::jose::jws;

/// The scope of a consent. Its JSON form is stored under the digest of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Identifier of the licence.
    pub licence: String,
    /// Slug of the department that may read.
    pub department: String,
    /// The only purpose for which it is valid.
    pub purpose: String,
    /// Names of the claims that may be read.
    pub fields: Vec<String>,
    /// Whether the sealed document, with all that it shows, may be given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub document: bool,
    /// Who recorded it.
    pub by: ConsentBy,
    /// When it ends.
    pub until: Timestamp,
    /// Whether it was used.
    #[serde(default)]
    pub used: bool,
}

/// Who recorded a consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentBy {
    /// The holder, with the key that the credential is bound to.
    Holder,
    /// A client of the issuing department, for a holder at the counter.
    Counter(String),
}

/// The code itself. Only its digest is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentCode(String);

impl ConsentCode {
    /// The code of 128 random bits.
    pub fn from_entropy(bytes: [u8; 16]) -> Self {
        Self(jws::encode(&bytes))
    }

    /// Parses a code; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = jws::decode(text).ok()?;
        (bytes.len() == 16).then(|| Self(text.to_owned()))
    }

    /// The code, for the holder.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Store key of the consent: a digest. 128 random bits need no salt and no slow hash.
    pub fn key(&self) -> String {
        Digest::of(&[b"consent\0", self.0.as_bytes()]).to_hex()
    }
}

impl Consent {
    /// Whether it covers a request in which these claims need consent. A document shows more than
    /// those, so consent to claims does not permit the document.
    pub fn covers(&self, wanted: &Wanted<'_>, fields: &[String]) -> bool {
        let is_agreed = || fields.iter().all(|field| self.fields.contains(field));
        !self.used
            && wanted.now < self.until
            && self.department == wanted.department
            && self.purpose == wanted.purpose
            && if wanted.document { self.document } else { is_agreed() }
    }
}

/// Lifetime of a code in seconds.
pub const CONSENT_SECONDS: i64 = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_is_for_one_department_one_purpose_and_its_fields_or_the_document() {
        let fields = vec!["born".to_owned()];
        let until = Timestamp::EPOCH.plus(CONSENT_SECONDS);
        let mut consent = Consent {
            licence: "1".to_owned(),
            department: "social".to_owned(),
            purpose: "入学".to_owned(),
            fields: fields.clone(),
            document: false,
            by: ConsentBy::Holder,
            until,
            used: false,
        };
        let wanted = Wanted {
            department: "social",
            kind: "residence-permit",
            purpose: "入学",
            item: "1",
            fields: None,
            document: false,
            now: until.plus(-1),
        };
        let document = Wanted { document: true, ..wanted };
        assert!(consent.covers(&wanted, &fields) && consent.covers(&wanted, &[]));
        assert!(!consent.covers(&Wanted { department: "health", ..wanted }, &fields));
        assert!(!consent.covers(&Wanted { purpose: "社保", ..wanted }, &fields));
        assert!(!consent.covers(&wanted, &["name".to_owned()]));
        assert!(!consent.covers(&Wanted { now: until, ..wanted }, &fields));
        assert!(!consent.covers(&document, &fields) && !consent.covers(&document, &[]));
        let written = serde_json::to_string(&consent).unwrap();
        assert!(!written.contains("document"), "{written}");
        let whole = Consent { document: true, fields: Vec::new(), ..consent.clone() };
        assert!(whole.covers(&document, &fields) && !whole.covers(&wanted, &fields));
        assert!(!whole.covers(&Wanted { purpose: "社保", ..document }, &fields));
        consent.used = true;
        assert!(!consent.covers(&wanted, &fields));
    }

    #[test]
    fn codes_have_128_bits_and_keys_are_not_codes() {
        let code = ConsentCode::from_entropy([7; 16]);
        assert_eq!(ConsentCode::parse(code.as_str()), Some(code.clone()));
        assert!(!code.key().contains(code.as_str()));
        for bad in ["", "BwcH", "BwcHBwcHBwcHBwcHBwcHBw==", "BwcHBwcHBwcHBwcHBwcHBx"] {
            assert_eq!(ConsentCode::parse(bad), None, "{bad}");
        }
    }
}
