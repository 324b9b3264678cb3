//! Is a credential genuine? And is a status list?

use super::licence::LicenceClaims;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::domain::trust::{
    self, Entitled, PathCache, PathError, PathTrusted, TrustSnapshot, Usage,
};
use crate::format::jose::jws::{BadToken, Unverified};
use crate::format::jose::sdjwt::Credential;
use crate::format::jose::statuslist::{Status, StatusList, StatusToken};
use crate::format::x509::{Certificate, Role};

/// What a credential is shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is attached to a sealed PDF.
    Document,
    /// It is presented by itself.
    Presentation,
}

/// What trust, time and bounds a check works with.
#[derive(Debug)]
pub struct Context<'a> {
    /// Whom to believe.
    pub trust: &'a TrustSnapshot,
    /// The instant for which is asked.
    pub now: Timestamp,
    /// Links that were checked before.
    pub cache: Option<&'a PathCache>,
    /// Whether missing revocation data is refused.
    pub require_revocation: bool,
}

/// A credential whose signature, path, entitlement and rules were checked.
#[derive(Clone, Debug)]
pub struct CredentialValid {
    claims: LicenceClaims,
    signer: Certificate,
    path: PathTrusted,
    _entitled: Entitled,
}

impl CredentialValid {
    /// What it says.
    pub fn claims(&self) -> &LicenceClaims {
        &self.claims
    }

    /// Who signed it.
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// The path that was trusted.
    pub fn path(&self) -> &PathTrusted {
        &self.path
    }
}

/// Why a credential or list was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not the form, or the signature does not hold.
    #[error(transparent)]
    Token(#[from] BadToken),
    /// No path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The signer may not sign this.
    #[error(transparent)]
    NotEntitled(#[from] trust::NotEntitled),
    /// A claim is missing or wrong.
    #[error("the claim {0:?} is missing or wrong")]
    Claim(&'static str),
    /// Not for this use.
    #[error("{0}")]
    Use(&'static str),
}

/// Checks a credential.
pub fn authenticate(
    text: &str,
    wanted: Use,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<CredentialValid, Refused> {
    let credential = Credential::parse(text, budget)?;
    let (signer, path) = trusted(&credential.token, context, budget)?;
    let signed = credential.token.payload();
    let time = |name: &'static str| {
        let seconds = signed.get(name).and_then(serde_json::Value::as_i64);
        seconds.and_then(Timestamp::from_unix).ok_or(Refused::Claim(name))
    };
    let (issued, not_before, expires) = (time("iat")?, time("nbf")?, time("exp")?);
    if context.now >= expires || expires > signer.validity().1.plus(1) {
        return Err(Refused::Claim("exp"));
    }
    if not_before > context.now.plus(SKEW) {
        return Err(Refused::Claim("nbf"));
    }
    let iss = signed.get("iss").and_then(serde_json::Value::as_str);
    if !iss.is_some_and(|iss| signer.uris().iter().any(|uri| uri == iss)) {
        return Err(Refused::Claim("iss"));
    }
    let is_document = signed.get("use").is_some_and(|value| value == "document");
    match (wanted, is_document) {
        (Use::Document, false) => {
            return Err(Refused::Use("it is not the credential of a document"));
        }
        (Use::Presentation, true) => {
            return Err(Refused::Use("the credential of a document is not a presentation"));
        }
        _ => {}
    }
    let claims = LicenceClaims::read(credential.claims()).map_err(Refused::Claim)?;
    let (department, kind) = (claims.id.issuer(), claims.id.type_code());
    let entitled = Entitled::check(&signer, Role::Credential, department, kind, issued)?;
    Ok(CredentialValid { claims, signer, path, _entitled: entitled })
}

/// A status list that its office signed.
#[derive(Clone, Debug)]
pub struct StatusListValid {
    list: StatusList,
    uri: String,
    issued: Timestamp,
    expires: Timestamp,
}

impl StatusListValid {
    /// Checks a status list token. Whether it is fresh is asked of [`Self::status`].
    pub fn check(text: &str, context: &Context<'_>, budget: &mut Budget) -> Result<Self, Refused> {
        let read = StatusToken::parse(text, budget)?;
        let (signer, _) = trusted(&read.token, context, budget)?;
        Entitled::role(&signer, Role::Status, read.issued)?;
        let StatusToken { list, uri, issued, expires, .. } = read;
        if !signer.uris().iter().any(|office| {
            uri.strip_prefix(office.as_str()).is_some_and(|rest| rest.starts_with('/'))
        }) {
            return Err(Refused::Claim("sub"));
        }
        Ok(Self { list, uri, issued, expires })
    }

    /// The entry, when this list is the one at `uri` and speaks for `now`.
    pub fn status(&self, uri: &str, index: u32, now: Timestamp) -> Option<Status> {
        let speaks = self.issued <= now.plus(SKEW) && now < self.expires;
        (self.uri == uri && speaks).then(|| self.list.get(index)).flatten()
    }

    /// When it was made.
    pub fn issued(&self) -> Timestamp {
        self.issued
    }
}

fn trusted(
    token: &Unverified<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<(Certificate, PathTrusted), Refused> {
    let chain = token
        .chain()
        .iter()
        .map(|der| Certificate::parse(der))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| BadToken::Malformed("a certificate of x5c cannot be read"))?;
    let Some((leaf, pool)) = chain.split_first() else {
        return Err(BadToken::Malformed("x5c is empty").into());
    };
    let key = leaf.public_key().ok_or(BadToken::Malformed("an unknown kind of key"))?;
    token.verify(key, budget)?;
    let pool = &trust::Material::of(pool);
    let path =
        trust::build(leaf, pool, context.trust, Usage::Token, context.now, budget, context.cache)?;
    Ok((leaf.clone(), path))
}

/// Clocks differ by a few minutes.
const SKEW: i64 = 300;
