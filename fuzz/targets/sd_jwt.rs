//! Credentials, with and without a key binding token.

use yinzheng::base::digest::Digest;
use yinzheng::base::limits::Budget;
use yinzheng::format::jose::jwk::Jwk;
use yinzheng::format::jose::keybinding::KeyBinding;
use yinzheng::format::jose::sdjwt::Credential;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut budget = Budget::default();
    if let Ok(credential) = Credential::parse(text, &mut budget) {
        for name in credential.disclosed() {
            assert!(credential.claims().contains_key(name));
        }
        // What a holder signs ends with the last `~`; nothing else may follow it.
        let shown = &text[..=text.rfind('~').expect("a credential has one")];
        assert_eq!(credential.presented, Digest::of(&[shown.as_bytes()]));
        assert_eq!(credential.binding.is_some(), shown.len() < text.len());
        if let Some(key) = &credential.holder_key {
            assert_eq!(Jwk::parse(&key.to_json()).as_ref(), Ok(key));
            // Arithmetic on keys that an attacker chooses: any result, but no panic.
            let _ = credential.binding.map(|binding| binding.verify(key, &mut budget).is_ok());
        }
    }
    // Reached more often without a credential in front.
    if let Ok(binding) = KeyBinding::parse(text, &mut Budget::default()) {
        assert!(!binding.nonce.is_empty() && !binding.audience.is_empty());
    }
}
