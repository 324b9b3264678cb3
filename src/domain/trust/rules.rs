//! RFC 5280, 6.1 rules for a chain from a leaf to an anchor, revocation aside.
//!
//! The anchor is judged like the others (as RFC 5937 allows and openssl does): its dates, path
//! length, names, purposes and unknown critical extensions count. One exception: a certificate of
//! version 1, which has no extensions, is an authority because the caller names it as an anchor.

use super::error::PathError;
use super::usage::Usage;
use super::{names, policies};
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::format::x509::{Certificate, KeyUsage};

/// Checks everything but dates and revocation of a chain, leaf first, anchor last.
pub(super) fn check(
    chain: &[Certificate],
    usage: Usage,
    budget: &mut Budget,
) -> Result<(), PathError> {
    let top = chain.len().saturating_sub(1);
    for (depth, certificate) in chain.iter().enumerate() {
        if depth == 0 {
            usage.check_leaf(certificate, top == 0)?;
        } else {
            let below = chain.get(1..depth).unwrap_or_default();
            check_authority(certificate, below, depth == top)?;
            usage.check_authority(certificate)?;
        }
        check_extensions(certificate)?;
    }
    names::check(chain, budget)?;
    policies::check(chain)
}

/// Checks that `at` is within a certificate's validity, first and last second included.
pub(super) fn check_dates(certificate: &Certificate, at: Timestamp) -> Result<(), PathError> {
    let (from, until) = certificate.validity();
    let name = || certificate.name().to_owned();
    if at < from {
        return Err(PathError::NotYetValid { name: name(), from });
    }
    if at > until {
        return Err(PathError::Expired { name: name(), until });
    }
    Ok(())
}

/// 6.1.4 (k) to (n). `below`: the certificates between this one and the leaf.
fn check_authority(
    certificate: &Certificate,
    below: &[Certificate],
    is_anchor: bool,
) -> Result<(), PathError> {
    if is_anchor && certificate.version() == 1 {
        return Ok(());
    }
    let Some(path_len) = certificate.authority() else {
        return Err(PathError::rule(
            certificate,
            "signed a certificate without being an authority",
        ));
    };
    if !certificate.key_usage().is_none_or(KeyUsage::key_cert_sign) {
        let rule = "its key usage does not allow signing certificates";
        return Err(PathError::rule(certificate, rule));
    }
    let counted = below.iter().filter(|one| !one.is_self_issued()).count();
    if path_len.is_some_and(|most| u32::try_from(counted).is_ok_and(|counted| counted > most)) {
        let rule = "more authorities below it than its path length allows";
        return Err(PathError::rule(certificate, rule));
    }
    Ok(())
}

/// Refuses unknown critical extensions, and extensions that the version does not allow.
pub(super) fn check_extensions(certificate: &Certificate) -> Result<(), PathError> {
    if certificate.version() < 3 && certificate.has_extensions() {
        return Err(PathError::rule(
            certificate,
            "has extensions, which its version does not know",
        ));
    }
    if !certificate.unknown_critical().is_empty() {
        return Err(PathError::rule(certificate, "has a critical extension that is not known"));
    }
    Ok(())
}
