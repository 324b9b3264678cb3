//! The record of every access and every refusal: names of claims, never values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::time::Timestamp;

/// One access in the access journal, under its identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Its identifier: `jti` of the answer.
    pub id: String,
    /// Time of the access.
    pub at: Timestamp,
    /// Kind of the request.
    pub act: Asked,
    /// Name of the calling client.
    pub client: String,
    /// Slug of its department.
    pub department: String,
    /// Slug of the licence type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Purpose, as stated.
    pub purpose: String,
    /// Service item or case, as stated.
    pub item: String,
    /// The grant that allowed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<u64>,
    /// Identifiers of the licences concerned.
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

/// Kind of a request for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Asked {
    /// Query for data.
    Query,
    /// Comparison of stated values.
    Match,
    /// Request for the sealed document.
    Document,
    /// Request for an address at which the sealed document can be fetched once.
    Link,
    /// Fetch of the sealed document at such an address.
    Fetch,
}

impl Asked {
    /// Whether the request is for the sealed document, which shows the whole licence.
    pub const fn wants_document(self) -> bool {
        matches!(self, Self::Document | Self::Link | Self::Fetch)
    }
}
