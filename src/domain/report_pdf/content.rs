//! What a report shows, and how it is sealed.

use crate::base::digest::Digest;
use crate::base::localized::Localized;
use crate::domain::verify::report::Report;
use crate::format::x509::Certificate;

/// What the pages show.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// What was found.
    pub report: &'a Report,
    /// Bytes of the file that was verified.
    pub size: usize,
    /// Their digest.
    pub digest: Digest,
    /// The roots that were trusted.
    pub roots: &'a [Certificate],
    /// The office that answers, when it is one that does.
    pub office: Option<&'a Localized>,
    /// Whether the answer is of the demo.
    pub demo: bool,
}

/// How a report will be sealed.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Who seals.
    pub signer: &'a str,
    /// Size of the signature message at the most.
    pub hole: usize,
}
