//! Why bytes are no certificate.

/// The bytes are not a certificate that can be read; the text says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an X.509 certificate: {0}")]
pub struct BadCertificate(pub &'static str);
