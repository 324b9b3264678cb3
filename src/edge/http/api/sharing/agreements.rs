//! What a holder agrees to, and the code for it.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bodies::private;
use crate::base::time::Timestamp;
use crate::edge::http::openapi::Words;
use crate::service::sharing::{Agreed, Agreement};

/// What is agreed to: fields, or the sealed document.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Agreement", extend("anyOf" = [
    { "required": ["fields"], "properties": { "fields": { "minItems": 1 } } },
    { "required": ["document"], "properties": { "document": { "const": true } } },
]))]
pub(super) struct AgreedTo {
    department: String,
    #[schemars(length(min = 1, max = 64))]
    purpose: String,
    #[serde(default)]
    fields: Vec<String>,
    /// The sealed document, with all that it shows.
    #[serde(default)]
    document: bool,
}

impl From<AgreedTo> for Agreement {
    fn from(agreed: AgreedTo) -> Self {
        let AgreedTo { department, purpose, fields, document } = agreed;
        Self { department, purpose, fields, document }
    }
}

/// The code of an agreement.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Agreed")]
pub(super) struct Code<'a> {
    /// 128 random bits in base64url; only its digest is kept.
    code: &'a str,
    expires: Timestamp,
}

pub(super) fn created(agreed: &Agreed) -> Response {
    let code = Code { code: agreed.code.as_str(), expires: agreed.until };
    (StatusCode::CREATED, private(&code)).into_response()
}

pub(super) const CODE: Words = ("授权码，由持证人转交", "The code, for the holder to hand on");
