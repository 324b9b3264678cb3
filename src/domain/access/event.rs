//! What is written down of every access and every refusal: names of claims, never values.

use serde::{Deserialize, Serialize};

use crate::base::time::Timestamp;

/// One access as the access journal holds it, under its identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Its identifier: what the answer carries as `jti`.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What was asked.
    pub act: Asked,
    /// The client.
    pub client: String,
    /// Slug of its department.
    pub department: String,
    /// Slug of the licence type.
    #[serde(rename = "type")]
    pub kind: String,
    /// For which purpose, as it was said.
    pub purpose: String,
    /// For which item or case, as it was said.
    pub item: String,
    /// The grant that allowed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<u64>,
    /// Identifiers of the licences that it concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<String>,
    /// Names of the withheld claims that were given or compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Whether the holder's code was used.
    #[serde(default)]
    pub consent: bool,
    /// `answered`, or the code of the refusal; of a comparison its result.
    pub result: String,
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// For data.
    Query,
    /// Whether data are right.
    Match,
    /// For the sealed document.
    Document,
    /// For an address from which the sealed document can be fetched once.
    Link,
    /// For the sealed document, at such an address.
    Fetch,
}

impl Asked {
    /// Whether the sealed document is wanted, which shows all that the licence says.
    pub const fn wants_document(self) -> bool {
        matches!(self, Self::Document | Self::Link | Self::Fetch)
    }
}
