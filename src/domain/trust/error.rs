//! Why no path was accepted, and which of several reasons tells most.

use crate::base::limits::OverBudget;
use crate::base::time::Timestamp;
use crate::format::revocation::Reason;
use crate::format::x509::{Certificate, Unsupported};

/// Why no path was accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path, as far as it goes, ends at no anchor.
    #[error("no path to a trusted root; it ends at {}{}", told(.top), account(.gap.as_ref()))]
    Untrusted {
        /// The last certificate that was found, or that could be checked.
        top: Certificate,
        /// What keeps it from being checked that the path leads to a trusted root.
        gap: Option<Gap>,
    },
    /// A certificate was past its end.
    #[error("{name}: expired after {until}")]
    Expired {
        /// Whose.
        name: String,
        /// Its last second.
        until: Timestamp,
    },
    /// A certificate was before its beginning.
    #[error("{name}: not valid before {from}")]
    NotYetValid {
        /// Whose.
        name: String,
        /// Its first second.
        from: Timestamp,
    },
    /// A certificate was revoked before the instant.
    #[error("{name}: revoked on {when}")]
    Revoked {
        /// Whose.
        name: String,
        /// Since when it does not count: the revocation, or an earlier date from which its issuer
        /// takes it to be invalid.
        when: Timestamp,
        /// Why.
        reason: Reason,
    },
    /// A rule of the profile is broken.
    #[error("{name}: {rule}")]
    Rule {
        /// Whose certificate.
        name: String,
        /// Which rule.
        rule: &'static str,
    },
    /// Too many certificates or checks.
    #[error("over budget: {0}")]
    Budget(&'static str),
}

/// A certificate whose signature is of a kind that is not checked here, in a chain that would
/// otherwise arrive at a trusted root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Whose certificate.
    pub name: String,
    /// The algorithm or curve.
    pub algorithm: Unsupported,
}

impl PathError {
    pub(super) fn rule(certificate: &Certificate, rule: &'static str) -> Self {
        Self::Rule { name: certificate.name().to_owned(), rule }
    }

    /// How near the path came to being accepted.
    ///
    /// What is wrong with the dates alone can be put right by a time that is proved; a revoked path
    /// was one until then; one that breaks a rule never was; one that cannot be checked says
    /// little, and one that reached no anchor nothing at all. So an attacker who adds worthless paths does not change what is reported.
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

/// Which certificate it is: a reader compares its fingerprint with that of a root.
fn told(top: &Certificate) -> String {
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
