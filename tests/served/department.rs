//! A department's system: signs assertions and proofs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use yinzheng::base::digest::Digest;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::format::jose::client_jwk::SystemKey;
use yinzheng::format::jose::{jws, signed};

/// A department's system: its name, its key, and the office's address.
pub(crate) struct Department {
    pub(crate) name: String,
    pub(crate) base: String,
    pub(crate) key: SoftwareKey,
}

impl Department {
    pub(crate) fn claims(&self) -> Value {
        self.claims_at(now())
    }

    /// Claims for an office with its own clock.
    pub(crate) fn claims_at(&self, now: i64) -> Value {
        let name = &self.name;
        json!({ "iss": name, "sub": name, "aud": self.base, "iat": now, "exp": now + 60, "jti": fresh() })
    }

    pub(crate) fn form(&self) -> String {
        self.form_with(&self.claims(), "")
    }

    pub(crate) fn form_with(&self, claims: &Value, more: &str) -> String {
        form(&self.assertion(claims), more)
    }

    pub(crate) fn assertion(&self, claims: &Value) -> String {
        signed::sign(&json!({ "alg": "ES256" }), claims, &self.key).unwrap()
    }

    pub(crate) fn proof_claims(&self, method: &str, path: &str, token: Option<&str>) -> Value {
        self.proof_claims_at(now(), method, path, token)
    }

    pub(crate) fn proof_claims_at(
        &self,
        now: i64,
        method: &str,
        path: &str,
        token: Option<&str>,
    ) -> Value {
        let mut claims = json!({
            "htm": method, "htu": format!("{}{path}", self.base), "iat": now, "jti": fresh(),
        });
        if let Some(token) = token {
            let hash = jws::encode(Digest::of(&[token.as_bytes()]).as_bytes());
            claims["ath"] = hash.into();
        }
        claims
    }

    pub(crate) fn proof(&self, claims: &Value) -> (&'static str, String) {
        let head = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk(&self.key).to_json() });
        ("DPoP", signed::sign(&head, claims, &self.key).unwrap())
    }

    pub(crate) fn proof_for_token(&self) -> (&'static str, String) {
        self.proof(&self.proof_claims("POST", "/oauth/token", None))
    }

    pub(crate) fn headers(&self, token: &str) -> Vec<(&'static str, String)> {
        let proof = self.proof(&self.proof_claims("GET", "/v1/whoami", Some(token)));
        vec![("Authorization", format!("DPoP {token}")), proof]
    }
}

pub(crate) fn new_key() -> SoftwareKey {
    SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap()
}

pub(crate) fn jwk(key: &SoftwareKey) -> SystemKey {
    SystemKey::new(key.public_key()).unwrap()
}

pub(crate) fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the program under test reads the same clock")]
    let now = SystemTime::now();
    i64::try_from(now.duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

pub(crate) fn fresh() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("jti-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn form(assertion: &str, more: &str) -> String {
    format!(
        "grant_type=client_credentials&client_assertion_type=\
         urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}{more}"
    )
}
