//! Who may answer about a certificate: its issuer, or a responder that the issuer itself certified
//! for this (RFC 6960, 4.2.2.2).

use super::revocation::{Listed, Question, Sources};
use super::rules;
use super::signature_cache::{Link, Links};
use super::usage::Usage;
use crate::base::limits::OverBudget;
use crate::base::time::Timestamp;
use crate::format::revocation::OcspResponse;
use crate::format::x509::Certificate;

/// Whether a response about the question's subject comes from someone who may give it.
pub(super) fn may_answer(
    sources: &Sources<'_>,
    response: &OcspResponse,
    question: &Question<'_>,
    made: Timestamp,
    links: &mut Links<'_>,
) -> Result<bool, OverBudget> {
    let issuer = question.issuer;
    // An answer that repeats a list of yesterday may come from a responder of today.
    let made = made.max(response.produced_at());
    if response.responder().names(issuer) && signed(response, issuer, links)? {
        return Ok(true);
    }
    for delegate in response.certificates().iter().chain(&sources.material.certificates) {
        if response.responder().names(delegate)
            && is_delegate(sources, delegate, question, made, links)?
            && signed(response, delegate, links)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn signed(
    response: &OcspResponse,
    signer: &Certificate,
    links: &mut Links<'_>,
) -> Result<bool, OverBudget> {
    let Some(key) = signer.public_key() else { return Ok(false) };
    links.holds(response.fingerprint(), key, || response.signed_by(key).is_ok())
}

/// Whether `issuer` made this certificate for answering, and it was good when it did.
///
/// A certificate that need not be checked says so (4.2.2.2.1); without that, a list of the issuer
/// must clear it. A list that names it counts in any case and whatever the date: who stole the key
/// can date an answer back.
fn is_delegate(
    sources: &Sources<'_>,
    delegate: &Certificate,
    question: &Question<'_>,
    made: Timestamp,
    links: &mut Links<'_>,
) -> Result<bool, OverBudget> {
    let issuer = question.issuer;
    let fits = delegate.issuer() == issuer.subject()
        && Usage::OcspResponder.check_leaf(delegate, false).is_ok()
        && rules::check_extensions(delegate).is_ok()
        && rules::check_dates(delegate, made).is_ok();
    if !fits {
        return Ok(false);
    }
    if !matches!(links.signed(delegate, issuer)?, Link::Holds) {
        return Ok(false);
    }
    let about = Question { subject: delegate, at: made, stamps: false, ..*question };
    Ok(match sources.listed(&about, links)? {
        Listed::Named => false,
        Listed::Good => true,
        Listed::Unsaid => delegate.is_ocsp_no_check(),
    })
}
