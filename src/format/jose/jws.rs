//! JWS compact serialisation (RFC 7515), ES256, key in `x5c`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::json;
use super::numericdate::NumericDate;
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::crypto::algorithm::{Algorithm, PublicKey};
use crate::crypto::signer::{SignError, Signer};
use crate::crypto::verify::{self, Form, SignatureValid};

/// Why a token was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// The token is malformed.
    #[error("malformed token: {0}")]
    Malformed(&'static str),
    /// A rule of the profile is broken.
    #[error("{0}")]
    Rule(String),
    /// A standard allows the form, and this profile does not support it; the token may be valid.
    #[error("{0}")]
    Unsupported(String),
    /// The budget is exhausted.
    #[error(transparent)]
    Budget(#[from] OverBudget),
}

/// A parsed token, its signature unchecked; its key is in `x5c`.
#[derive(Clone, Debug)]
pub struct Unverified<'a> {
    parts: JwsParts<'a>,
    chain: Vec<Vec<u8>>,
}

/// The parts of any token, before any rule is applied.
#[derive(Clone, Debug)]
pub(super) struct JwsParts<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    pub(super) head: Map<String, Value>,
    pub(super) payload: Map<String, Value>,
}

/// Members of a header besides `alg`.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// `typ`.
    pub kind: &'a str,
    /// DER certificates, leaf first, never the root.
    pub chain: &'a [&'a [u8]],
}

/// A serialised header: mostly certificates, the same for every token.
#[derive(Clone, Debug)]
pub struct Head(String);

impl Head {
    /// Serialises a header.
    pub fn new(header: Header<'_>) -> Self {
        let x5c: Vec<String> = header.chain.iter().map(|der| STANDARD.encode(der)).collect();
        let head = json!({ "alg": "ES256", "typ": header.kind, "x5c": x5c });
        Self(encode(head.to_string().as_bytes()))
    }
}

/// Signs a payload; returns the compact form.
pub fn sign(
    header: Header<'_>,
    payload: &Map<String, Value>,
    signer: &dyn Signer,
) -> Result<String, SignError> {
    sign_under(&Head::new(header), payload, signer)
}

/// Signs a payload under a serialised header.
pub fn sign_under(
    head: &Head,
    payload: &Map<String, Value>,
    signer: &dyn Signer,
) -> Result<String, SignError> {
    let sign = |message: &[u8]| signer.sign(message).map(|signature| *signature.as_fixed());
    sign_encoded(&head.0, payload, &sign)
}

/// Signs a payload under any header.
pub(super) fn sign_parts(
    head: &Value,
    payload: &Map<String, Value>,
    signer: &dyn Signer,
) -> Result<String, SignError> {
    sign_with(head, payload, &|message| signer.sign(message).map(|signature| *signature.as_fixed()))
}

/// Signs a message; the signature has 64 bytes.
pub(super) type Sign<'a> = &'a dyn Fn(&[u8]) -> Result<[u8; 64], SignError>;

/// Like [`sign_parts`], with any signing function.
pub(super) fn sign_with(
    head: &Value,
    payload: &Map<String, Value>,
    sign: Sign<'_>,
) -> Result<String, SignError> {
    sign_encoded(&encode(head.to_string().as_bytes()), payload, sign)
}

fn sign_encoded(
    head: &str,
    payload: &Map<String, Value>,
    sign: Sign<'_>,
) -> Result<String, SignError> {
    let body = serde_json::to_vec(payload).map_err(|error| SignError(error.to_string()))?;
    // Base64 has four characters for three bytes; the signature has 64 bytes.
    let length = head.len().saturating_add(body.len().div_ceil(3).saturating_mul(4));
    let mut token = String::with_capacity(length.saturating_add(96));
    token.push_str(head);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&body, &mut token);
    let signature = sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

impl<'a> Unverified<'a> {
    /// Reads a token whose `typ` must be `kind`.
    pub fn parse(token: &'a str, kind: &str, budget: &mut Budget) -> Result<Self, BadToken> {
        let parts = JwsParts::parse_any(token, budget)?;
        let chain = check_header(&parts.head, kind, budget.path_length)?;
        Ok(Self { parts: parts.of_64_bytes()?, chain })
    }

    /// The certificates of `x5c`, leaf first.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The payload, unverified.
    pub fn payload(&self) -> &Map<String, Value> {
        &self.parts.payload
    }

    /// A time among the claims.
    pub fn time(&self, name: &str) -> Option<NumericDate> {
        self.parts.time(name)
    }

    /// Checks the signature with the leaf's key.
    pub fn verify(&self, key: &PublicKey, budget: &mut Budget) -> Result<SignatureValid, BadToken> {
        self.parts.verify(Algorithm::ES256, key, budget)
    }
}

impl<'a> JwsParts<'a> {
    pub(super) fn parse(token: &'a str, budget: &mut Budget) -> Result<Self, BadToken> {
        Self::parse_any(token, budget)?.of_64_bytes()
    }

    /// ECDSA on P-256 as `r` and `s`, and Ed25519: both have 64 bytes. DER has another form.
    fn of_64_bytes(self) -> Result<Self, BadToken> {
        if self.signature.len() != 64 {
            return Err(BadToken::Malformed("the signature has not 64 bytes"));
        }
        Ok(self)
    }

    /// Parses a token with a signature of any length.
    pub(super) fn parse_any(token: &'a str, budget: &mut Budget) -> Result<Self, BadToken> {
        budget.pay(Purse::TokenBytes, token.len(), "token size")?;
        let (signed, signature) =
            token.rsplit_once('.').ok_or(BadToken::Malformed("not three parts"))?;
        let (head, body) = signed.split_once('.').ok_or(BadToken::Malformed("not three parts"))?;
        let signature = decode(signature)?;
        let object = |part: &str| {
            json::parse_object(&decode(part)?, budget.depth)
                .map_err(|error| BadToken::Rule(error.to_string()))
        };
        let (head, payload) = (object(head)?, object(body)?);
        Ok(Self { signed, signature, head, payload })
    }

    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        key: &PublicKey,
        budget: &mut Budget,
    ) -> Result<SignatureValid, BadToken> {
        budget.pay(Purse::SignatureChecks, 1, "signature checks")?;
        verify::verify(algorithm, Form::Fixed, key, self.signed.as_bytes(), &self.signature)
            .map_err(|error| BadToken::Rule(error.to_string()))
    }

    /// A time among the claims.
    pub(super) fn time(&self, name: &str) -> Option<NumericDate> {
        self.payload.get(name).and_then(NumericDate::read)
    }
}

fn check_header(
    head: &Map<String, Value>,
    kind: &str,
    most: usize,
) -> Result<Vec<Vec<u8>>, BadToken> {
    let rule = |text: &str| BadToken::Rule(text.to_owned());
    check_parameters(head, &["x5c"])?;
    if let Some(name) = THUMBPRINTS.iter().find(|name| head.contains_key(**name)) {
        return Err(BadToken::Rule(format!("the header has the parameter {name:?} beside x5c")));
    }
    let algorithm = head.get("alg").and_then(Value::as_str).unwrap_or_default();
    if OTHER_ALGORITHMS.contains(&algorithm) {
        return Err(BadToken::Unsupported(format!("the algorithm is not ES256 but {algorithm}")));
    }
    if algorithm != "ES256" {
        return Err(rule("the algorithm is not ES256"));
    }
    let typ = head.get("typ").and_then(Value::as_str);
    if kind == "dc+sd-jwt" && typ == Some(OLDER_NAME) {
        let why = format!("the type is not {kind} but {OLDER_NAME}, its older name");
        return Err(BadToken::Unsupported(why));
    }
    if typ != Some(kind) {
        return Err(BadToken::Rule(format!("the type is not {kind}")));
    }
    let chain = head.get("x5c").and_then(Value::as_array).ok_or_else(|| rule("x5c is missing"))?;
    if chain.is_empty() || chain.len() > most {
        return Err(rule("x5c is empty or too long"));
    }
    chain
        .iter()
        .map(|one| one.as_str().and_then(|text| STANDARD.decode(text).ok()))
        .collect::<Option<_>>()
        .ok_or_else(|| rule("x5c is not base64"))
}

/// Ignores header parameters without a meaning here (RFC 7515, 4), but refuses those that would
/// choose another key or another way to read the token, unless the reader knows them; and every
/// `crit`, since no extension is supported.
pub(super) fn check_parameters(head: &Map<String, Value>, known: &[&str]) -> Result<(), BadToken> {
    let decides = |name: &&String| DECIDING.contains(&name.as_str());
    match head.keys().filter(decides).find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(BadToken::Rule(format!("the header has the parameter {name:?}"))),
        None => Ok(()),
    }
}

/// Key sources (RFC 7515, 4.1), extensions that must be understood (4.1.11), another payload
/// (RFC 7797), and what belongs to encryption (RFC 7516).
const DECIDING: [&str; 9] = ["jwk", "jku", "x5u", "x5c", "kid", "crit", "b64", "zip", "enc"];

/// Public-key algorithms that other issuers use (RFC 7518, 3.1; RFC 8037; RFC 8812).
const OTHER_ALGORITHMS: [&str; 11] = [
    "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA", "Ed25519",
    "ES256K",
];
/// The name of `dc+sd-jwt` in earlier drafts of SD-JWT VC.
const OLDER_NAME: &str = "vc+sd-jwt";
/// References to a certificate, which are redundant beside `x5c`.
const THUMBPRINTS: [&str; 2] = ["x5t", "x5t#S256"];

/// Base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Base64url in its one canonical form.
pub fn decode(text: &str) -> Result<Vec<u8>, BadToken> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| BadToken::Malformed("not canonical base64url"))
}
