//! Signature messages.

use yinzheng::base::limits::Budget;
use yinzheng::format::cms::SignedData;

pub fn run(data: &[u8]) {
    let mut budget = Budget::default();
    let Ok(message) = SignedData::parse(data, &mut budget) else { return };
    std::hint::black_box(message.signature_algorithm());
    if let Some(signer) = message.signer().cloned() {
        drop(message.verify(&signer, &mut budget));
        drop(message.verify_over(&signer, &[b"content"], &mut budget));
    }
}
