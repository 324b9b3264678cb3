//! OCSP responses.

use yinzheng::format::revocation::OcspResponse;

pub fn run(data: &[u8]) {
    let Ok(response) = OcspResponse::parse(data) else { return };
    for certificate in response.certificates() {
        std::hint::black_box(response.responder().names(certificate));
        std::hint::black_box(response.answer(certificate.serial(), certificate));
        if let Some(key) = certificate.public_key() {
            std::hint::black_box(response.signed_by(key).is_ok());
        }
    }
}
