//! Certificates.

use yinzheng::format::x509::Certificate;

pub fn run(data: &[u8]) {
    let Ok(certificate) = Certificate::parse(data) else { return };
    assert_eq!(certificate.der(), data);
    let again = Certificate::from_pem(&certificate.to_pem()).expect("what was read is written");
    assert_eq!(again, [certificate.clone()]);
    if let Some(key) = certificate.public_key() {
        std::hint::black_box(certificate.signed_by(key).is_ok());
    }
}
