//! X.509 certificates (RFC 5280).
