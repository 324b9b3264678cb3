//! Disclosures, and their digests in the signed payload.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::base::digest::Digest;
use crate::format::jose::json;
use crate::format::jose::jws::{self, BadToken};

/// Removes the digests from the payload; none of them is used yet.
pub(super) fn take_digests(
    claims: &mut Map<String, Value>,
) -> Result<BTreeMap<String, bool>, BadToken> {
    let rule = |text: &str| BadToken::Rule(text.to_owned());
    match claims.shift_remove("_sd_alg") {
        None => {}
        Some(name) if name == "sha-256" => {}
        Some(Value::String(name)) if OTHER_DIGESTS.contains(&name.as_str()) => {
            return Err(BadToken::Unsupported(format!("the digests (_sd_alg) are {name}")));
        }
        Some(_) => return Err(rule("an unknown _sd_alg")),
    }
    let listed = match claims.shift_remove("_sd") {
        None => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(rule("a malformed _sd")),
    };
    let mut digests = BTreeMap::new();
    for digest in listed {
        let Value::String(digest) = digest else { return Err(rule("a malformed _sd")) };
        if digests.insert(digest, false).is_some() {
            return Err(rule("a digest stands twice in _sd"));
        }
    }
    if claims.contains_key("...") {
        return Err(rule(NESTED));
    }
    if claims.values().any(hides_digests) {
        return Err(BadToken::Unsupported(NESTED.to_owned()));
    }
    Ok(digests)
}

/// Adds the claim of one disclosure. Its digest must be a signed one that was not used before.
pub(super) fn disclose(
    disclosure: &str,
    digests: &mut BTreeMap<String, bool>,
    depth: usize,
) -> Result<(String, Value), BadToken> {
    let rule = |text: &str| BadToken::Rule(text.to_owned());
    let used = digests
        .get_mut(&digest_of(disclosure))
        .ok_or_else(|| rule("a disclosure that the issuer did not sign"))?;
    if std::mem::replace(used, true) {
        return Err(rule("a disclosure stands twice"));
    }
    let (name, value) = read_disclosure(disclosure, depth)?;
    if RESERVED.contains(&name.as_str()) {
        return Err(BadToken::Rule(format!("the claim {name:?} may not be disclosed")));
    }
    if hides_digests(&value) {
        return Err(BadToken::Unsupported(NESTED.to_owned()));
    }
    Ok((name, value))
}

fn hides_digests(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            ["_sd", "_sd_alg", "..."].iter().any(|name| map.contains_key(*name))
                || map.values().any(hides_digests)
        }
        Value::Array(items) => items.iter().any(hides_digests),
        _ => false,
    }
}

fn read_disclosure(disclosure: &str, depth: usize) -> Result<(String, Value), BadToken> {
    let malformed = BadToken::Malformed("a disclosure is not [salt, name, value]");
    let value = json::parse(&jws::decode(disclosure)?, depth)
        .map_err(|error| BadToken::Rule(error.to_string()))?;
    let Value::Array(parts) = value else { return Err(malformed) };
    let Ok([Value::String(_), Value::String(name), value]) = <[Value; 3]>::try_from(parts) else {
        return Err(malformed);
    };
    Ok((name, value))
}

pub(super) fn digest_of(disclosure: &str) -> String {
    jws::encode(Digest::of(&[disclosure.as_bytes()]).as_bytes())
}

/// Digests of other issuers (the registry of RFC 9901, 4.1.1).
const OTHER_DIGESTS: [&str; 5] = ["sha-384", "sha-512", "sha3-256", "sha3-384", "sha3-512"];
const NESTED: &str = "nested _sd or ... is not used by this profile";

/// Never selectively disclosable (SD-JWT VC, 2.2.2.2; `iat` and `use` by our profile), and the
/// names of the mechanism itself.
pub(super) const RESERVED: [&str; 12] = [
    "iss",
    "iat",
    "nbf",
    "exp",
    "cnf",
    "vct",
    "vct#integrity",
    "status",
    "use",
    "_sd",
    "_sd_alg",
    "...",
];
