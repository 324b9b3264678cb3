//! Untrusted input of the token endpoint: assertions, proofs, keys.

use yinzheng::base::limits::Budget;
use yinzheng::base::time::Timestamp;
use yinzheng::domain::access::assertion::{Assertion, Frame};
use yinzheng::domain::access::dpop::{Asked, Proof};
use yinzheng::format::jose::json;
use yinzheng::format::jose::client_jwk::SystemKey;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let now = Timestamp::from_unix(1_700_000_000).expect("a time");
    let (issuer, since) = ("https://a.example", Timestamp::EPOCH);
    let frame = Frame { issuer, now, since };
    if let Ok(assertion) = Assertion::parse(text, &frame, &mut Budget::default()) {
        // No client is registered.
        assert!(assertion.verify(None, now, &mut Budget::default()).is_err());
    }
    let address = "https://a.example/oauth/token";
    let asked = Asked { method: "POST", address, token: None, now, since };
    if let Ok(proof) = Proof::check(text, &asked, &mut Budget::default()) {
        assert_eq!(proof.thumbprint().len(), 43);
    }
    if let Ok(value) = json::parse(data, 8)
        && let Ok(key) = SystemKey::parse(&value)
    {
        assert_eq!(SystemKey::parse(&key.to_json()).as_ref(), Ok(&key));
    }
}
