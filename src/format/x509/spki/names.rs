//! Identifiers of keys and algorithms: supported ones, and others that are only named in messages.

/// 1.2.840.10045.2.1
pub(super) const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1];
/// 1.2.840.10045.3.1.7
pub(super) const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];
/// 1.3.132.0.34
pub(super) const P384: &[u8] = &[0x2B, 0x81, 4, 0, 34];
/// 1.3.132.0.35
pub(super) const P521: &[u8] = &[0x2B, 0x81, 4, 0, 35];
/// 1.3.36.3.3.2.8.1.1.7
pub(super) const BRAINPOOL_P256R1: &[u8] = &[0x2B, 0x24, 3, 3, 2, 8, 1, 1, 7];
/// 1.3.36.3.3.2.8.1.1.11
pub(super) const BRAINPOOL_P384R1: &[u8] = &[0x2B, 0x24, 3, 3, 2, 8, 1, 1, 11];
/// 1.2.840.10045.4.3.2
pub(super) const ECDSA_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
/// 1.2.840.10045.4.3.3
pub(super) const ECDSA_SHA384: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 3];
/// 1.2.840.10045.4.3.4
pub(super) const ECDSA_SHA512: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 4];
/// 1.3.101.112
pub(super) const ED25519: &[u8] = &[0x2B, 0x65, 112];
/// 1.2.840.113549.1.1.1
pub(super) const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1];
/// 1.2.840.113549.1.1.8
pub(super) const MGF1: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 8];
/// 1.2.840.113549.1.1.10
pub(super) const RSA_PSS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 10];
/// 1.2.840.113549.1.1.11
pub(super) const RSA_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11];
/// 1.2.840.113549.1.1.12
pub(super) const RSA_SHA384: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 12];
/// 1.2.840.113549.1.1.13
pub(super) const RSA_SHA512: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 13];
/// 1.3.14.3.2.26
pub(super) const SHA1: &[u8] = &[0x2B, 0x0E, 3, 2, 26];
/// 2.16.840.1.101.3.4.2.1
pub(super) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
/// 2.16.840.1.101.3.4.2.2
pub(super) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
/// 2.16.840.1.101.3.4.2.3
pub(super) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];

/// Unsupported algorithms that occur in files, so that a refusal names them; and whether each is
/// broken.
pub(super) const NAMES: [(&str, &str, bool); 20] = [
    ("1.2.156.10197.1.301", "SM2: not checked here", false),
    ("1.2.156.10197.1.301.1", "SM2: not checked here", false),
    ("1.2.156.10197.1.401", "SM3: not checked here", false),
    ("1.2.156.10197.1.501", "SM2 with SM3: not checked here", false),
    ("1.2.156.10197.1.504", "RSA with SM3: not checked here", false),
    ("1.2.156.10197.6.1.4.2.2", "SM2 SignedData (GM/T 0010): not checked here", false),
    ("1.3.132.0.10", "ECDSA secp256k1", false),
    ("1.3.36.3.3.2.8.1.1.13", "ECDSA brainpoolP512r1", false),
    ("1.2.840.10045.4.1", "ECDSA with SHA-1", true),
    ("1.2.840.10045.4.3.1", "ECDSA with SHA-224", false),
    ("1.3.101.113", "Ed448", false),
    ("1.2.840.10040.4.1", "DSA", false),
    ("1.2.840.10040.4.3", "DSA with SHA-1", true),
    ("2.16.840.1.101.3.4.3.2", "DSA with SHA-256", false),
    ("1.2.840.113549.1.1.4", "RSA with MD5", true),
    ("1.2.840.113549.1.1.5", "RSA with SHA-1", true),
    ("1.2.840.113549.1.1.14", "RSA with SHA-224", false),
    ("1.2.840.113549.2.5", "MD5", true),
    ("1.3.14.3.2.26", "SHA-1", true),
    ("2.16.840.1.101.3.4.2.4", "SHA-224", false),
];
