//! Is an answer to a department genuine, and addressed to this client?
//!
//! ```text
//! header  {"alg":"ES256","typ":"yz-answer+jwt","x5c":[leaf, issuing CA]}
//! payload {"iss":office,"aud":client,"iat","exp","jti":query,"purpose","item","type",
//!          "results":[{"id","state","since","credential":SD-JWT}]}
//! ```
//! The office's signature covers the client and the query; a licence's data is signed by its
//! issuer, and each credential is checked separately ([`super::authenticate`]).

use serde_json::{Map, Value};

use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::domain::trust::Entitled;
use crate::domain::verify::context::{Context, SKEW};
use crate::domain::verify::credential::{CredentialError, trusted};
use crate::format::jose::jws::Unverified;
use crate::format::x509::{Certificate, Role};

/// `typ` of an answer.
pub const TYPE: &str = "yz-answer+jwt";
/// How long an answer may be presented, in seconds.
pub const ANSWER_SECONDS: i64 = 600;

/// An answer whose signature, path, entitlement, audience and times were checked.
#[derive(Clone, Debug)]
pub struct AnswerValid {
    payload: Map<String, Value>,
    signer: Certificate,
    issued: Timestamp,
    expires: Timestamp,
}

impl AnswerValid {
    /// Checks an answer to the client `audience` at the instant of `context`.
    pub fn check(
        text: &str,
        audience: &str,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> Result<Self, CredentialError> {
        let token = Unverified::parse(text, TYPE, budget)?;
        let (signer, path) = trusted(&token, context, budget, &mut None)?;
        if context.require_revocation && !path.unchecked().is_empty() {
            return Err(CredentialError::NoRevocationData(path.unchecked().to_vec()));
        }
        let payload = token.payload();
        let time = |name: &'static str| {
            token
                .time(name)
                .ok_or_else(|| CredentialError::claim(name, "is missing or no time in seconds"))
        };
        let (made, expires) = (time("iat")?, time("exp")?.ends());
        let issued = made.made();
        Entitled::role(&path, Role::Answer, issued)?;
        let text = |name: &'static str| {
            let text = payload.get(name).and_then(Value::as_str);
            text.ok_or_else(|| CredentialError::claim(name, "is missing or no text"))
        };
        let office = text("iss")?;
        if !signer.uris().iter().any(|uri| uri == office) {
            return Err(CredentialError::claim(
                "iss",
                "is no alternative name of the signer's certificate",
            ));
        }
        if text("aud")? != audience {
            return Err(CredentialError::claim("aud", format!("is not {audience:?}")));
        }
        if made.begins() > context.now.plus(SKEW) {
            return Err(CredentialError::claim("iat", "is in the future"));
        }
        if context.now >= expires || expires > issued.plus(ANSWER_SECONDS) {
            return Err(CredentialError::claim("exp", "is over, or too far from iat"));
        }
        for name in ["jti", "purpose", "item", "type"] {
            text(name)?;
        }
        Ok(Self { payload: payload.clone(), signer, issued, expires })
    }

    /// The whole payload.
    pub fn payload(&self) -> &Map<String, Value> {
        &self.payload
    }

    /// The enclosed credentials, to be checked separately.
    pub fn credentials(&self) -> impl Iterator<Item = &str> {
        let results = self.payload.get("results").and_then(Value::as_array);
        let credentials = results.into_iter().flatten().map(|result| result.get("credential"));
        credentials.filter_map(|credential| credential.and_then(Value::as_str))
    }

    /// The office's certificate for answers.
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// When it was made, and when it expires.
    pub fn times(&self) -> (Timestamp, Timestamp) {
        (self.issued, self.expires)
    }
}
