//! Content of a report, and its signature parameters.

use crate::base::digest::Digest;
use crate::base::localized::Localized;
use crate::domain::verify::report::Report;
use crate::format::x509::Certificate;

/// Content of the pages.
#[derive(Clone, Copy, Debug)]
pub struct ReportContent<'a> {
    /// The verification result.
    pub report: &'a Report,
    /// Length of the verified file in bytes.
    pub size: usize,
    /// SHA-256 of the file.
    pub digest: Digest,
    /// The trusted roots.
    pub roots: &'a [Certificate],
    /// Name of the answering office, if any.
    pub office: Option<&'a Localized>,
    /// Whether the demo office answers.
    pub demo: bool,
}

/// Signature parameters of a report.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Name of the sealing party.
    pub signer: &'a str,
    /// Largest size of the signature message.
    pub hole: usize,
}
