//! Revocation data: revocation lists (RFC 5280, 5) and OCSP responses (RFC 6960).
//!
//! Parsing judges syntax, and a signature is checked with the caller's key; `domain::trust` decides
//! whose key that must be, and for which instant the data counts.

mod crl;
mod ocsp;
mod scope;
#[cfg(test)]
mod tests;

pub use crl::{BadCrl, Crl, RevokedCertificate};
pub use ocsp::{BadOcsp, OcspResponse, ResponderId, SingleResponse, Status, request};

/// Why a certificate was revoked (RFC 5280, 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// unspecified, or no reason given.
    Unspecified,
    /// keyCompromise.
    KeyCompromise,
    /// cACompromise.
    AuthorityCompromise,
    /// affiliationChanged.
    AffiliationChanged,
    /// superseded.
    Superseded,
    /// cessationOfOperation.
    CessationOfOperation,
    /// certificateHold: for a time; a later list may leave the certificate out.
    Hold,
    /// privilegeWithdrawn.
    PrivilegeWithdrawn,
    /// aACompromise.
    AttributeAuthorityCompromise,
}

impl Reason {
    /// The reason of a `CRLReason`; `None` for removeFromCRL, which is for delta lists only, and
    /// for unassigned numbers.
    fn of_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Unspecified,
            1 => Self::KeyCompromise,
            2 => Self::AuthorityCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::Hold,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AttributeAuthorityCompromise,
            _ => return None,
        })
    }

    /// Whether signatures before the revocation may be forged too: another party had the key, since
    /// an unknown time.
    pub fn is_compromise(self) -> bool {
        matches!(
            self,
            Self::KeyCompromise | Self::AuthorityCompromise | Self::AttributeAuthorityCompromise
        )
    }
}
