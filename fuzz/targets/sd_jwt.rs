//! Credentials.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinzheng::base::limits::Budget;
use yinzheng::format::jose::sdjwt::Credential;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(credential) = Credential::parse(text, &mut Budget::default()) {
        for name in credential.disclosed() {
            assert!(credential.claims().contains_key(name));
        }
    }
});
