//! Selective disclosure for JWTs (RFC 9901), flat: every disclosure is a claim of the payload.
//!
//! Digests inside values (`_sd` below the top, `...` in arrays) are refused: no licence type needs
//! them, and verifiers handle nested disclosures differently.

mod disclosure;

use serde_json::{Map, Value, json};

use self::disclosure::{digest_of, disclose, take_digests};
use super::jwk::Jwk;
use super::jws::{self, BadToken, Header, Unverified};
use super::keybinding::KeyBinding;
use crate::base::digest::Digest;
use crate::base::limits::{Budget, Purse};
use crate::crypto::signer::{SignError, Signer};

/// `typ` of an SD-JWT VC (draft-ietf-oauth-sd-jwt-vc).
pub const TYPE: &str = "dc+sd-jwt";

/// A claim that its holder may withhold.
#[derive(Clone, Debug)]
pub struct Selective {
    /// Name of the claim.
    pub name: String,
    /// Value of the claim.
    pub value: Value,
    /// Salt of 128 random bits.
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
        // Sorted, so that their order reveals nothing about the claims.
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

/// A parsed credential, its signature unchecked.
#[derive(Clone, Debug)]
pub struct Credential<'a> {
    /// The issuer-signed token, its signature unchecked.
    pub token: Unverified<'a>,
    /// The key that the credential is bound to (`cnf`).
    pub holder_key: Option<Jwk>,
    /// The key binding token of the presentation.
    pub binding: Option<KeyBinding<'a>>,
    /// SHA-256 over everything up to and including the last `~`: the holder signs it.
    pub presented: Digest,
    claims: Map<String, Value>,
    disclosed: Vec<String>,
    hidden: usize,
}

impl<'a> Credential<'a> {
    /// Parses the compact form, with or without a key binding token, and inserts the disclosed
    /// claims.
    pub fn parse(text: &'a str, budget: &mut Budget) -> Result<Self, BadToken> {
        let (shown, binding) =
            text.rsplit_once('~').ok_or(BadToken::Malformed("no ~ after the token"))?;
        let presented = Digest::of(&[shown.as_bytes(), b"~"]);
        let mut parts = shown.split('~');
        let token = parts.next().unwrap_or_default();
        let token = Unverified::parse(token, TYPE, budget)?;
        let holder_key = holder_key(token.payload())?;
        let binding = match binding {
            "" => None,
            binding => Some(KeyBinding::parse(binding, budget)?),
        };
        let mut claims = token.payload().clone();
        let mut digests = take_digests(&mut claims)?;
        let mut disclosed = Vec::new();
        for disclosure in parts {
            budget.pay(Purse::Steps, 1, "disclosures")?;
            let (name, value) = disclose(disclosure, &mut digests, budget.depth)?;
            if claims.contains_key(&name) {
                return Err(BadToken::Rule(format!("the claim {name:?} is there already")));
            }
            claims.insert(name.clone(), value);
            disclosed.push(name);
        }
        let hidden = digests.values().filter(|used| !**used).count();
        Ok(Self { token, holder_key, binding, presented, claims, disclosed, hidden })
    }

    /// All claims, disclosed ones included.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The names of the disclosed claims.
    pub fn disclosed(&self) -> &[String] {
        &self.disclosed
    }

    /// Number of signed digests without a disclosure: withheld claims, or decoys.
    pub fn hidden(&self) -> usize {
        self.hidden
    }
}

/// The signed token and the disclosures of the compact form, in the order of
/// [`Credential::disclosed`]. The text must have been parsed as a credential; nothing is checked
/// here.
pub fn split(text: &str) -> (&str, impl Iterator<Item = &str>) {
    let mut parts = text.rsplit_once('~').map_or(text, |(shown, _)| shown).split('~');
    (parts.next().unwrap_or_default(), parts)
}

/// `cnf` with the key itself; another form (`kid`, `jku`, `jwe`) would be another source of keys.
fn holder_key(payload: &Map<String, Value>) -> Result<Option<Jwk>, BadToken> {
    let Some(cnf) = payload.get("cnf") else { return Ok(None) };
    let members = cnf.as_object().filter(|members| members.len() == 1);
    let key = members.and_then(|members| members.get("jwk"));
    let key = key.ok_or_else(|| BadToken::Rule("cnf has not a jwk alone".to_owned()))?;
    Jwk::parse(key).map(Some)
}

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
        let (signed, disclosures) = split(&token);
        assert_eq!((signed, disclosures.collect::<Vec<_>>()), (parts[0], vec![parts[1], parts[2]]));
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
        assert!(why(&format!("{}~{}~kb", parts[0], parts[1])).contains("three parts"));
        assert!(why(&format!("{}~~{}~", parts[0], parts[1])).contains("did not sign"));
        assert!(why(parts[0]).contains("no ~"));
        for name in disclosure::RESERVED {
            let bad = issue(&[b"leaf"], Map::new(), &[claim(name)], &key).unwrap();
            assert!(why(&bad).contains("may not be disclosed"), "{name}");
        }
        let same = issue(&[b"l"], Map::new(), &[claim("a"), claim("a")], &key).unwrap();
        assert!(why(&same).contains("twice in _sd"));
        let colliding = json!({ "a": 1 }).as_object().unwrap().clone();
        assert!(why(&issue(&[b"l"], colliding, &[claim("a")], &key).unwrap()).contains("already"));
        let weak = json!({ "_sd_alg": "md5" }).as_object().unwrap().clone();
        assert!(why(&issue(&[b"l"], weak, &[], &key).unwrap()).contains("_sd_alg"));
    }

    #[test]
    fn hidden_claims_below_the_top_are_refused() {
        let key = key();
        let why = |open: Value, claims: &[Selective]| {
            let open = open.as_object().unwrap().clone();
            parse(&issue(&[b"l"], open, claims, &key).unwrap()).unwrap_err().to_string()
        };
        for hidden in [
            json!({ "a": { "_sd": [] } }),
            json!({ "a": [{ "...": "AAAA" }] }),
            json!({ "a": [[{ "b": { "...": 1 } }]] }),
            json!({ "a": { "_sd_alg": "sha-256" } }),
            json!({ "...": "AAAA" }),
        ] {
            assert!(why(hidden, &[]).contains("nested"));
        }
        for value in [json!({ "_sd": ["AAAA"] }), json!([{ "...": "AAAA" }])] {
            let claim = Selective { value, ..claim("a") };
            assert!(why(json!({}), &[claim]).contains("nested"));
        }
        for bad in [json!("AAAA"), json!([1]), json!({ "a": "AAAA" })] {
            assert!(why(json!({ "_sd": bad }), &[]).contains("malformed _sd"));
        }
    }

    #[test]
    fn disclosures_that_are_no_triple_are_refused() {
        let key = key();
        for content in [
            r#"["AAAA","a"]"#,
            r#"["AAAA","a",1,2]"#,
            r#"["AAAA",1,2]"#,
            r#"[1,"a",2]"#,
            r#"{"a":1}"#,
            r#"["AAAA","a",{"b":1,"b":2}]"#,
            r#"["AAAA","a",1] "x""#,
        ] {
            let disclosure = jws::encode(content.as_bytes());
            let mut open = open();
            open.insert("_sd".to_owned(), json!([digest_of(&disclosure)]));
            let token = issue(&[b"l"], open, &[], &key).unwrap();
            assert!(parse(&token).is_ok());
            assert!(parse(&format!("{token}{disclosure}~")).is_err(), "{content}");
        }
    }

    #[test]
    fn a_holder_key_is_a_jwk_and_nothing_else() {
        let key = key();
        let jwk = Jwk::new(key.public_key()).unwrap().to_json();
        let with = |cnf: Value| {
            let mut open = open();
            open.insert("cnf".to_owned(), cnf);
            let token = issue(&[b"l"], open, &[], &key).unwrap();
            Credential::parse(&token, &mut Budget::default()).map(|read| read.holder_key)
        };
        assert_eq!(with(json!({ "jwk": jwk })).unwrap().unwrap().to_json(), jwk);
        for bad in [
            json!({}),
            json!({ "kid": "1" }),
            json!({ "jku": "https://a.example/keys", "kid": "1" }),
            json!({ "jwk": jwk, "kid": "1" }),
            json!({ "jwk": {} }),
            json!([jwk]),
            Value::Null,
        ] {
            assert!(with(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn headers_that_bring_their_own_keys_or_rules_are_refused() {
        let key = key();
        let token = issue(&[b"leaf"], open(), &[], &key).unwrap();
        let rest = token.split_once('.').unwrap().1;
        for head in [
            r#"{"alg":"none","typ":"dc+sd-jwt","x5c":["AA=="]}"#,
            r#"{"alg":"HS256","typ":"dc+sd-jwt","x5c":["AA=="]}"#,
            r#"{"alg":"es256","typ":"dc+sd-jwt","x5c":["AA=="]}"#,
            r#"{"alg":"ES256","typ":"jwt","x5c":["AA=="]}"#,
            r#"{"alg":"ES256","typ":"vc+sd-jwt","x5c":["AA=="]}"#,
            r#"{"alg":"ES256","typ":"DC+SD-JWT","x5c":["AA=="]}"#,
            r#"{"alg":"ES256","x5c":["AA=="]}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt"}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":[]}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":"AA=="}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA"]}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AB=="]}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["A-=="]}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA=="],"jwk":{}}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA=="],"jku":"https://a.example"}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA=="],"x5u":"https://a.example"}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA=="],"kid":"1"}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA=="],"crit":["exp"]}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5c":["AA=="],"b64":false}"#,
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
