//! Object identifiers as DER content.

/// 1.2.840.113549.1.7.1
pub(super) const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
/// 1.2.840.113549.1.7.2
pub(super) const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
/// 1.2.840.113549.1.9.3
pub(super) const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3];
/// 1.2.840.113549.1.9.4
pub(super) const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4];
/// 1.2.840.113549.1.9.5
pub(super) const SIGNING_TIME: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 5];
/// 1.2.840.113549.1.9.52 (RFC 6211)
pub(super) const ALGORITHM_PROTECTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 52];
/// 1.2.840.113549.1.9.16.2.12
pub(super) const SIGNING_CERTIFICATE: &[u8] =
    &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 12];
/// 1.2.840.113549.1.9.16.2.14
pub(super) const SIGNATURE_TIMESTAMP: &[u8] =
    &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 14];
/// 1.2.840.113549.1.9.16.2.23
pub(super) const CERTIFICATE_VALUES: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 23];
/// 1.2.840.113549.1.9.16.2.24
pub(super) const REVOCATION_VALUES: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 24];
/// 1.2.840.113549.1.9.16.2.47
pub(super) const SIGNING_CERTIFICATE_V2: &[u8] =
    &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 47];
/// 1.2.840.113583.1.1.8
pub(super) const ADOBE_REVOCATION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x2F, 1, 1, 8];
/// 1.3.6.1.5.5.7.16.2
pub(super) const OCSP_RESPONSE: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 16, 2];
/// 1.3.6.1.5.5.7.48.1.1
pub(super) const BASIC_OCSP: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1];
/// 1.2.156.10197, the arc of SM2 and SM3
pub(super) const CHINESE_CIPHERS: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55];
/// 2.16.840.1.101.3.4.2.1
pub(super) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
/// 1.2.840.10045.4.3.2
pub(super) const ECDSA_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
