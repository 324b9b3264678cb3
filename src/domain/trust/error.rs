//! Why no path was accepted, and which of several reasons is reported.

use crate::base::limits::OverBudget;
use crate::base::time::Timestamp;
use crate::format::revocation::Reason;
use crate::format::x509::{Certificate, Unsupported};

/// Why no path was accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path ends at no anchor.
    #[error("no path to a trusted root; it ends at {}{}", describe(.top), account(.gap.as_ref()))]
    Untrusted {
        /// The last certificate that was found or could be checked.
        top: Certificate,
        /// Why it cannot be checked whether the path leads to a trusted root.
        gap: Option<Gap>,
    },
    /// A certificate had expired.
    #[error("{name}: expired after {until}")]
    Expired {
        /// Name of the certificate's subject.
        name: String,
        /// Last second of validity.
        until: Timestamp,
    },
    /// A certificate was not yet valid.
    #[error("{name}: not valid before {from}")]
    NotYetValid {
        /// Name of the certificate's subject.
        name: String,
        /// First second of validity.
        from: Timestamp,
    },
    /// A certificate was revoked before the instant.
    #[error("{name}: revoked on {when}")]
    Revoked {
        /// Name of the certificate's subject.
        name: String,
        /// When its validity ended: the revocation, or an earlier date of invalidity stated by its
        /// issuer.
        when: Timestamp,
        /// Reason given by the issuer.
        reason: Reason,
    },
    /// A rule of the profile is broken.
    #[error("{name}: {rule}")]
    Rule {
        /// Name of the certificate's subject.
        name: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// Too many certificates or checks.
    #[error("over budget: {0}")]
    Budget(&'static str),
}

/// A certificate whose signature has an unsupported algorithm, in a chain that would otherwise
/// reach a trusted root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Name of the certificate's subject.
    pub name: String,
    /// The unsupported algorithm or curve.
    pub algorithm: Unsupported,
}

impl PathError {
    pub(super) fn rule(certificate: &Certificate, rule: &'static str) -> Self {
        Self::Rule { name: certificate.name().to_owned(), rule }
    }

    /// How near the path came to being accepted.
    ///
    /// A proved time can remedy a fault of dates alone; a revoked path was valid before; a path
    /// that breaks a rule never was; one that cannot be checked proves little, and one without an
    /// anchor nothing. So an attacker cannot change the report by adding worthless paths.
    pub(super) fn nearness(&self) -> u8 {
        match self {
            Self::Untrusted { gap: None, .. } => 0,
            Self::Untrusted { gap: Some(_), .. } => 1,
            Self::Budget(_) => 2,
            Self::Rule { .. } => 3,
            Self::Revoked { .. } => 4,
            Self::Expired { .. } | Self::NotYetValid { .. } => 5,
        }
    }
}

impl From<OverBudget> for PathError {
    fn from(over: OverBudget) -> Self {
        Self::Budget(over.0)
    }
}

/// Name and fingerprint: a reader compares the fingerprint with that of a root.
fn describe(top: &Certificate) -> String {
    let name = top.name();
    if top.is_self_issued() {
        return format!("the root {name}, which is not trusted");
    }
    let root = top.issuer().label();
    format!("{name}, which is no root: it was issued by {root}, whose certificate is not at hand")
}

fn account(gap: Option<&Gap>) -> String {
    gap.map_or_else(String::new, |Gap { algorithm, .. }| {
        format!(", whose certificate is signed with {algorithm}, which is not checked here")
    })
}
