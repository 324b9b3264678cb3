//! Signature messages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinzheng::base::limits::Budget;
use yinzheng::format::cms::SignedData;

fuzz_target!(|data: &[u8]| {
    let mut budget = Budget::default();
    let Ok(message) = SignedData::parse(data, &mut budget) else { return };
    if let Some(signer) = message.signer().cloned() {
        drop(message.verify(&signer, &mut budget));
    }
});
