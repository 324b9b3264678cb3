//! Uses of a leaf's key, and which certificates allow them.

use super::error::PathError;
use crate::format::x509::Certificate;

/// The use of the leaf's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// A seal or signature on a document.
    Document,
    /// A credential or a status list.
    Token,
    /// A time stamp (RFC 3161).
    Timestamp,
    /// An answer about the status of a certificate (RFC 6960), for a delegated responder. The
    /// caller checks that its certificate was issued by the same authority as the certificate in
    /// question.
    OcspResponder,
}

impl Usage {
    /// Whether the leaf may be used for this. An anchor that is the signer is the caller's choice:
    /// it may also be an authority.
    pub(super) fn check_leaf(self, leaf: &Certificate, is_anchor: bool) -> Result<(), PathError> {
        let refuse = |rule| Err(PathError::rule(leaf, rule));
        if leaf.authority().is_some() && !is_anchor {
            return refuse("a certification authority's key may not sign documents");
        }
        let signs = |bits: crate::format::x509::KeyUsage| {
            bits.digital_signature() || bits.non_repudiation()
        };
        if !leaf.key_usage().is_none_or(signs) {
            return refuse("its key usage does not allow signatures");
        }
        match self {
            Self::Document if !allows_one_of(leaf, &DOCUMENT_PURPOSES) => {
                refuse("its extended key usage does not allow documents")
            }
            // RFC 3161, 2.3: critical, and nothing beside it.
            Self::Timestamp if leaf.purposes() != Some(&[TIME_STAMPING.to_owned()]) => {
                refuse("its extended key usage is not for time stamps alone")
            }
            Self::Timestamp if !leaf.extended_is_critical() => {
                refuse("its extended key usage for time stamps is not critical")
            }
            Self::OcspResponder if !leaf.ocsp_signing() => {
                refuse("its extended key usage does not allow OCSP answers")
            }
            _ => Ok(()),
        }
    }

    /// Whether an authority's own extended key usage lets it issue for this use.
    ///
    /// RFC 5280 leaves this open; the CA/Browser Forum, Mozilla and Microsoft treat it as a limit
    /// on everything issued below. Without this rule, an authority for web servers under a common
    /// root could issue certificates for seals. A responder's purpose need not be repeated: it is
    /// bound to its authority.
    pub(super) fn check_authority(self, authority: &Certificate) -> Result<(), PathError> {
        let allowed = match self {
            Self::Document | Self::Token => allows_one_of(authority, &DOCUMENT_PURPOSES),
            Self::Timestamp => allows_one_of(authority, &[TIME_STAMPING, ANY]),
            Self::OcspResponder => true,
        };
        if allowed {
            Ok(())
        } else {
            Err(PathError::rule(
                authority,
                "its extended key usage does not allow issuing for this",
            ))
        }
    }
}

/// Whether the extension is absent or names one of these purposes.
fn allows_one_of(certificate: &Certificate, purposes: &[&str]) -> bool {
    let named = |purpose: &&str| certificate.allows(purpose) == Some(true);
    certificate.allows(ANY).is_none() || purposes.iter().any(named)
}

/// RFC 9336 documentSigning, emailProtection (which is what most signers' certificates have), and
/// what Adobe and Microsoft used before there was a standard.
const DOCUMENT_PURPOSES: [&str; 5] = [
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.5.5.7.3.4",
    "1.2.840.113583.1.1.5",
    "1.3.6.1.4.1.311.10.3.12",
    ANY,
];
const ANY: &str = "2.5.29.37.0";
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
