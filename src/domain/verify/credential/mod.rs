//! Is a credential genuine?

pub mod answer;
pub mod binding;
pub(super) mod credential_report;
pub mod licence_claims;
pub mod verified_credential;

use crate::domain::verify::context::{Context, SKEW};
use crate::domain::verify::status::revocation;
use serde_json::{Map, Value};

use crate::base::limits::Budget;
use crate::base::time::{DAY, Timestamp};
use crate::domain::trust::{self, Entitled, PathError, PathTrusted, Unchecked, Usage};
use crate::format::jose::jws::{BadToken, Unverified};
use crate::format::jose::numericdate::NumericDate;
use crate::format::jose::sdjwt::Credential;
use crate::format::x509::{Certificate, Role};
use binding::{BadBinding, Challenge, Holder};
use licence_claims::LicenceClaims;

/// How a credential is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use<'a> {
    /// Attached to a sealed PDF.
    Document,
    /// Presented by itself.
    Presentation,
    /// Presented in answer to a challenge, which its holder must have signed.
    Answer(&'a Challenge),
}

/// A credential whose signature, path, entitlement, rules and key binding were checked.
#[derive(Clone, Debug)]
pub struct CredentialValid {
    claims: LicenceClaims,
    signer: Certificate,
    path: PathTrusted,
    times: Times,
    holder: Holder,
    disclosed: Vec<String>,
    hidden: usize,
    _entitled: Entitled,
}

/// The times of a credential, which are not the term of the licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it was signed, `iat`.
    pub issued: Timestamp,
    /// First second of use, `nbf`.
    pub not_before: Timestamp,
    /// End of use, `exp`.
    pub expires: Timestamp,
}

impl CredentialValid {
    /// The licence claims, typed.
    pub fn claims(&self) -> &LicenceClaims {
        &self.claims
    }

    /// The issuer's certificate.
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// The path that was trusted.
    pub fn path(&self) -> &PathTrusted {
        &self.path
    }

    /// When it was signed, and when it can be used.
    pub fn times(&self) -> Times {
        self.times
    }

    /// State of the holder binding.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Names of the disclosed claims, and how many digests have no disclosure.
    pub fn disclosures(&self) -> (&[String], usize) {
        (&self.disclosed, self.hidden)
    }
}

/// Why a credential or list was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Malformed, or the signature does not verify.
    #[error(transparent)]
    Token(#[from] BadToken),
    /// The certificates in its header do not form its path.
    #[error("x5c: {0}")]
    Chain(String),
    /// No path to a trusted root.
    #[error(transparent)]
    Path(#[from] PathError),
    /// No revocation data, and the caller requires it.
    #[error("nothing is known of the revocation of {}", revocation::names(.0).1)]
    NoRevocationData(Vec<Unchecked>),
    /// The signer is not entitled to sign this.
    #[error(transparent)]
    NotEntitled(#[from] trust::NotEntitled),
    /// A claim is missing or wrong.
    #[error("the claim {claim:?} {why}")]
    Claim {
        /// Name of the claim.
        claim: &'static str,
        /// The rule that it breaks.
        why: String,
    },
    /// Not allowed for this use.
    #[error("{0}")]
    Use(&'static str),
    /// The holder did not sign, or signed something else.
    #[error(transparent)]
    Binding(#[from] BadBinding),
}

impl CredentialError {
    pub(super) fn claim(claim: &'static str, why: impl Into<String>) -> Self {
        Self::Claim { claim, why: why.into() }
    }
}

/// The full result of checking a credential.
#[derive(Debug)]
pub struct Examined {
    /// The proof, or every refusal, the deciding one first.
    pub result: Result<CredentialValid, Vec<CredentialError>>,
    /// Certificate of the signing key, as soon as the signature verified.
    pub signer: Option<Certificate>,
}

/// Checks a credential; of several refusals the deciding one is returned.
pub fn authenticate(
    text: &str,
    wanted: Use<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<CredentialValid, CredentialError> {
    examine(text, wanted, context, budget).result.map_err(|refusals| {
        refusals
            .into_iter()
            .next()
            .unwrap_or(CredentialError::Use("it was refused without a reason"))
    })
}

/// Checks a credential and keeps every refusal. Without a verified signature and a trusted path the
/// claims are untrusted and are not judged.
pub fn examine(
    text: &str,
    wanted: Use<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Examined {
    let mut signer = None;
    let result = Credential::parse(text, budget)
        .map_err(CredentialError::from)
        .and_then(|credential| {
            let path = trusted(&credential.token, context, budget, &mut signer)?;
            Ok((credential, path))
        })
        .map_err(|refused| vec![refused])
        .and_then(|(credential, (leaf, path))| {
            judge(&credential, leaf, path, wanted, context, budget)
        });
    Examined { result, signer }
}

fn judge(
    credential: &Credential<'_>,
    signer: Certificate,
    path: PathTrusted,
    wanted: Use<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<CredentialValid, Vec<CredentialError>> {
    let signed = credential.token.payload();
    let mut refusals = Vec::new();
    let times = keep(Times::check(signed, &signer, context.now), &mut refusals);
    let issuer = keep(issuer(signed, &signer), &mut refusals);
    keep(check_use(signed, wanted), &mut refusals);
    // The issuer's address determines which lists and definitions the credential may name.
    let claims = issuer.and_then(|iss| {
        let claims = LicenceClaims::read(signed, credential.claims(), iss);
        keep(claims.map_err(|(claim, why)| CredentialError::claim(claim, why)), &mut refusals)
    });
    let entitled = claims.as_ref().zip(times).and_then(|(claims, times)| {
        let (department, kind) = (claims.id.issuer(), claims.id.type_code());
        let role = Role::Credential;
        let entitled = Entitled::check(&path, role, department, kind, times.issued);
        keep(entitled.map_err(CredentialError::from), &mut refusals)
    });
    let holder = match (wanted, &credential.binding) {
        (Use::Document, Some(_)) => {
            Err(CredentialError::Use("the credential of a document is signed by no holder"))
        }
        (Use::Document | Use::Presentation, _) => {
            binding::check(credential, None, context.now, budget).map_err(CredentialError::from)
        }
        (Use::Answer(challenge), _) => {
            binding::check(credential, Some(challenge), context.now, budget)
                .map_err(CredentialError::from)
        }
    };
    let holder = keep(holder, &mut refusals);
    match (times, claims, entitled, holder) {
        (Some(times), Some(claims), Some(entitled), Some(holder)) if refusals.is_empty() => {
            let disclosed = credential.disclosed().to_vec();
            let hidden = credential.hidden();
            Ok(CredentialValid {
                claims,
                signer,
                path,
                times,
                holder,
                disclosed,
                hidden,
                _entitled: entitled,
            })
        }
        _ => Err(refusals),
    }
}

/// Returns a success; adds a failure to the refusals.
fn keep<T>(result: Result<T, CredentialError>, refusals: &mut Vec<CredentialError>) -> Option<T> {
    result.map_err(|refused| refusals.push(refused)).ok()
}

impl Times {
    fn check(
        signed: &Map<String, Value>,
        signer: &Certificate,
        now: Timestamp,
    ) -> Result<Self, CredentialError> {
        let time = |name: &'static str| {
            let value =
                signed.get(name).ok_or_else(|| CredentialError::claim(name, "is missing"))?;
            NumericDate::read(value)
                .ok_or_else(|| CredentialError::claim(name, "is no time in seconds"))
        };
        let (made, not_before) = (time("iat")?, time("nbf")?.begins());
        let (issued, expires) = (made.made(), time("exp")?.ends());
        let ends = signer.validity().1;
        for (claim, at) in [("iat", made.begins()), ("nbf", not_before)] {
            if at > now.plus(SKEW) {
                return Err(CredentialError::claim(claim, format!("is {at}, after {now}")));
            }
        }
        Self { issued, not_before, expires }.is_not_over(now)?;
        if expires > ends.plus(1) {
            let why = format!("is {expires}, after {ends}, the end of the signer's certificate");
            return Err(CredentialError::claim("exp", why));
        }
        if expires > issued.plus(LONGEST) {
            let why = format!("is {expires}, more than five years after {issued}");
            return Err(CredentialError::claim("exp", why));
        }
        Ok(Self { issued, not_before, expires })
    }

    /// Checks the expiry, the only rule whose result can change later.
    pub(super) fn is_not_over(self, now: Timestamp) -> Result<(), CredentialError> {
        let expires = self.expires;
        if now >= expires {
            return Err(CredentialError::claim("exp", format!("is {expires}, over at {now}")));
        }
        Ok(())
    }
}

/// The issuer's address, which its certificate must carry too.
fn issuer<'a>(
    signed: &'a Map<String, Value>,
    signer: &Certificate,
) -> Result<&'a str, CredentialError> {
    let iss = signed.get("iss").and_then(Value::as_str);
    let iss = iss.ok_or_else(|| CredentialError::claim("iss", "is missing or no text"))?;
    if !signer.uris().iter().any(|uri| uri == iss) {
        let why = format!(
            "is {iss:?}, which is no alternative name of the signer's certificate; it has {:?}",
            signer.uris()
        );
        return Err(CredentialError::claim("iss", why));
    }
    Ok(iss)
}

fn check_use(signed: &Map<String, Value>, wanted: Use<'_>) -> Result<(), CredentialError> {
    let is_document = match signed.get("use") {
        None => false,
        Some(value) if value == "document" => true,
        Some(_) => return Err(CredentialError::claim("use", "is unknown")),
    };
    match (wanted, is_document) {
        (Use::Document, false) => {
            Err(CredentialError::Use("it is not the credential of a document"))
        }
        (Use::Presentation | Use::Answer(_), true) => {
            Err(CredentialError::Use("the credential of a document is not a presentation"))
        }
        _ => Ok(()),
    }
}

pub(super) fn trusted(
    token: &Unverified<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
    signer: &mut Option<Certificate>,
) -> Result<(Certificate, PathTrusted), CredentialError> {
    let chain = token
        .chain()
        .iter()
        .map(|der| match context.cache {
            Some(cache) => cache.certificates().read(der),
            None => Certificate::parse(der),
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| CredentialError::Chain(error.to_string()))?;
    let Some((leaf, pool)) = chain.split_first() else {
        return Err(CredentialError::Chain("it is empty".to_owned()));
    };
    let key = leaf.public_key();
    let key = key
        .ok_or_else(|| CredentialError::Chain("the leaf's key is of an unknown kind".to_owned()))?;
    token.verify(key, budget)?;
    *signer = Some(leaf.clone());
    check_order(&chain)?;
    let pool = &trust::Material::of(pool);
    let (asked, cache) = (context.asked(context.now), context.cache);
    let path = trust::build(leaf, pool, context.trust, Usage::Token, asked, budget, cache)?;
    Ok((leaf.clone(), path))
}

/// Leaf first, each signed by the next, and never a root (RFC 7515, 4.1.6; our profile): there must
/// be no certificate that another reader could take for the leaf.
fn check_order(chain: &[Certificate]) -> Result<(), CredentialError> {
    if let Some(root) = chain.iter().find(|certificate| certificate.is_self_issued()) {
        return Err(CredentialError::Chain(format!(
            "{} is a root, which never comes along",
            root.name()
        )));
    }
    let broken = chain
        .iter()
        .zip(chain.iter().skip(1))
        .find(|(subject, issuer)| subject.issuer() != issuer.subject());
    match broken {
        None => Ok(()),
        Some((subject, issuer)) => Err(CredentialError::Chain(format!(
            "{} stands behind {}, whose issuer it is not",
            issuer.name(),
            subject.name()
        ))),
    }
}

/// Five years with two leap days.
const LONGEST: i64 = (5 * 365 + 2) * DAY;
