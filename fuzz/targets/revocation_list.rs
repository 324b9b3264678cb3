//! Revocation lists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinzheng::format::revocation::Crl;

fuzz_target!(|data: &[u8]| {
    let Ok(list) = Crl::parse(data) else { return };
    let (from, until) = list.window();
    std::hint::black_box((from, until, list.revoked(&[1])));
});
