//! Selective disclosure for JWTs (RFC 9901), flat: every disclosure is a claim of the payload.

use serde_json::{Map, Value, json};

use super::json;
use super::jws::{self, BadToken, Header, Unverified};
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::crypto::signer::{SignError, Signer};

/// `typ` of an SD-JWT VC (draft-ietf-oauth-sd-jwt-vc).
pub const TYPE: &str = "dc+sd-jwt";

/// A claim that its holder may keep back.
#[derive(Clone, Debug)]
pub struct Selective {
    /// Name of the claim.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// 128 random bits.
    pub salt: [u8; 16],
}

/// Issues a credential with all of its disclosures.
pub fn issue(
    chain: &[&[u8]],
    mut open: Map<String, Value>,
    selective: &[Selective],
    signer: &dyn Signer,
) -> Result<String, SignError> {
    let mut disclosures = Vec::with_capacity(selective.len());
    let mut digests = Vec::with_capacity(selective.len());
    for claim in selective {
        let content = json!([jws::encode(&claim.salt), claim.name, claim.value]);
        let disclosure = jws::encode(content.to_string().as_bytes());
        digests.push(digest_of(&disclosure));
        disclosures.push(disclosure);
    }
    if !digests.is_empty() {
        // Sorted, so that their order says nothing about the claims.
        digests.sort();
        open.insert("_sd".to_owned(), digests.into());
        open.insert("_sd_alg".to_owned(), "sha-256".into());
    }
    let mut token = jws::sign(Header { kind: TYPE, chain }, &open, signer)?;
    token.push('~');
    for disclosure in disclosures {
        token.push_str(&disclosure);
        token.push('~');
    }
    Ok(token)
}

/// A credential that was read and not yet believed.
#[derive(Clone, Debug)]
pub struct Credential<'a> {
    /// The signed part.
    pub token: Unverified<'a>,
    claims: Map<String, Value>,
    disclosed: Vec<String>,
}

impl<'a> Credential<'a> {
    /// Reads the compact form and puts the disclosures in their places.
    pub fn parse(text: &'a str, budget: &mut Budget) -> Result<Self, BadToken> {
        let rule = |text: &str| BadToken::Rule(text.to_owned());
        let (token, rest) =
            text.split_once('~').ok_or(BadToken::Malformed("no ~ after the token"))?;
        let Some(rest) = rest.strip_suffix('~').or_else(|| rest.is_empty().then_some("")) else {
            return Err(rule("a key binding token is not expected here"));
        };
        let token = Unverified::parse(token, TYPE, budget)?;
        let mut claims = token.payload().clone();
        let wanted = take_digests(&mut claims)?;
        let mut disclosed = Vec::new();
        let mut used = Vec::new();
        for disclosure in rest.split('~').filter(|_| !rest.is_empty()) {
            Budget::spend(&mut budget.steps, 1, "disclosures")?;
            let digest = digest_of(disclosure);
            if !wanted.contains(&digest) {
                return Err(rule("a disclosure that the issuer did not sign"));
            }
            if used.contains(&digest) {
                return Err(rule("a disclosure stands twice"));
            }
            used.push(digest);
            let (name, value) = read_disclosure(disclosure, budget.depth)?;
            if RESERVED.contains(&name.as_str()) {
                return Err(BadToken::Rule(format!("the claim {name:?} may not be disclosed")));
            }
            if claims.contains_key(&name) {
                return Err(BadToken::Rule(format!("the claim {name:?} is there already")));
            }
            claims.insert(name.clone(), value);
            disclosed.push(name);
        }
        Ok(Self { token, claims, disclosed })
    }

    /// All claims, disclosed ones in their places.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The names of the disclosed claims.
    pub fn disclosed(&self) -> &[String] {
        &self.disclosed
    }
}

fn take_digests(claims: &mut Map<String, Value>) -> Result<Vec<String>, BadToken> {
    let rule = |text: &str| BadToken::Rule(text.to_owned());
    match claims.shift_remove("_sd_alg") {
        None => {}
        Some(name) if name == "sha-256" => {}
        Some(_) => return Err(rule("an unknown _sd_alg")),
    }
    let digests = match claims.shift_remove("_sd") {
        None => Vec::new(),
        Some(Value::Array(items)) => items
            .into_iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| rule("a malformed _sd")))
            .collect::<Result<Vec<String>, _>>()?,
        Some(_) => return Err(rule("a malformed _sd")),
    };
    let mut sorted = digests.clone();
    sorted.sort();
    sorted.dedup();
    if sorted.len() != digests.len() {
        return Err(rule("a digest stands twice in _sd"));
    }
    if claims.values().any(hides_digests) {
        return Err(rule("nested _sd or ... is not used by this profile"));
    }
    Ok(digests)
}

fn hides_digests(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.contains_key("_sd") || map.contains_key("...") || map.values().any(hides_digests)
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

fn digest_of(disclosure: &str) -> String {
    jws::encode(Digest::of(&[disclosure.as_bytes()]).as_bytes())
}

/// Never selectively disclosable (SD-JWT VC, 2.2.2.2), and the names of the mechanism itself.
const RESERVED: [&str; 10] =
    ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "_sd", "_sd_alg", "..."];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::software::SoftwareKey;

    fn key() -> SoftwareKey {
        SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap()
    }

    fn claim(name: &str) -> Selective {
        Selective { name: name.to_owned(), value: "值".into(), salt: [7; 16] }
    }

    fn open() -> Map<String, Value> {
        json!({ "iss": "https://a.example", "vct": "v" }).as_object().unwrap().clone()
    }

    fn parse(text: &str) -> Result<Map<String, Value>, BadToken> {
        Credential::parse(text, &mut Budget::default()).map(|read| read.claims().clone())
    }

    #[test]
    fn what_we_issue_we_read_and_a_part_of_it_too() {
        let key = key();
        let token = issue(&[b"leaf"], open(), &[claim("a"), claim("b")], &key).unwrap();
        let mut budget = Budget::default();
        let read = Credential::parse(&token, &mut budget).unwrap();
        assert_eq!(read.disclosed(), ["a", "b"]);
        assert_eq!(read.token.chain(), [b"leaf".to_vec()]);
        assert!(read.token.verify(key.public_key(), &mut budget).is_ok());
        let parts: Vec<&str> = token.split('~').collect();
        let some = parse(&format!("{}~{}~", parts[0], parts[2])).unwrap();
        assert!(some.contains_key("b") && !some.contains_key("a") && !some.contains_key("_sd"));
        assert!(parse(&format!("{}~", parts[0])).is_ok());
    }

    #[test]
    fn refusals() {
        let key = key();
        let token = issue(&[b"leaf"], open(), &[claim("a")], &key).unwrap();
        let parts: Vec<&str> = token.split('~').collect();
        let other = jws::encode(br#"["AAAA","x",1]"#);
        let why = |text: &str| parse(text).unwrap_err().to_string();
        assert!(why(&format!("{}~{}~{}~", parts[0], parts[1], parts[1])).contains("twice"));
        assert!(why(&format!("{}~{other}~", parts[0])).contains("did not sign"));
        assert!(why(&format!("{}~{}~kb", parts[0], parts[1])).contains("key binding"));
        for name in ["_sd", "...", "exp", "status", "iss"] {
            let bad = issue(&[b"leaf"], Map::new(), &[claim(name)], &key).unwrap();
            assert!(why(&bad).contains("may not be disclosed"), "{name}");
        }
        let colliding = json!({ "a": 1 }).as_object().unwrap().clone();
        assert!(why(&issue(&[b"l"], colliding, &[claim("a")], &key).unwrap()).contains("already"));
        let weak = json!({ "_sd_alg": "md5" }).as_object().unwrap().clone();
        assert!(why(&issue(&[b"l"], weak, &[], &key).unwrap()).contains("_sd_alg"));
    }

    #[test]
    fn headers_that_bring_their_own_keys_or_rules_are_refused() {
        let key = key();
        let token = issue(&[b"leaf"], open(), &[], &key).unwrap();
        let rest = token.split_once('.').unwrap().1;
        for head in [
            r#"{"alg":"none","typ":"dc+sd-jwt","x5c":["AA=="]}"#,
            r#"{"alg":"HS256","typ":"dc+sd-jwt","x5c":["AA=="]}"#,
            r#"{"alg":"ES256","typ":"jwt","x5c":["AA=="]}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt"}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA=="],"jwk":{}}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA=="],"kid":"1"}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA=="],"crit":["exp"]}"#,
            r#"{"alg":"ES256","alg":"none","typ":"dc+sd-jwt","x5c":["AA=="]}"#,
        ] {
            let bad = format!("{}.{rest}", jws::encode(head.as_bytes()));
            assert!(parse(&bad).is_err(), "{head}");
        }
        // The same bytes in another spelling: trailing bits that are not zero.
        let canonical = jws::encode(b"a");
        assert_eq!(canonical, "YQ");
        assert!(jws::decode("YR").is_err() && jws::decode("YQ==").is_err());
    }
}
