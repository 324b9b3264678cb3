//! Why bytes are no certificate.

/// The bytes are no certificate that we can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an X.509 certificate: {0}")]
pub struct BadCertificate(pub &'static str);
