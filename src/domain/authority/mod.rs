//! Certificates and lists that the office issues.
