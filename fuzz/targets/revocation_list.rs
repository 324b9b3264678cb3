//! Revocation lists.

use yinzheng::format::revocation::Crl;

pub fn run(data: &[u8]) {
    let Ok(list) = Crl::parse(data) else { return };
    let (from, until) = list.window();
    std::hint::black_box((from, until, list.revoked(&[1])));
}
