//! Values to repeat the checks of a signature by hand.

use crate::domain::trust::{PathTrusted, RevocationKnown};
use crate::domain::verify::report::{Details, SignatureReport};
use crate::format::cms::SignedData;
use crate::format::x509::Certificate;

/// Values to repeat the checks by hand.
pub(super) fn details(
    report: &mut SignatureReport,
    message: &SignedData,
    path: Option<&PathTrusted>,
) {
    report.details.algorithm = Some(message.signature_algorithm());
    if let Some(signer) = message.signer() {
        report.details.signer(signer);
    }
    if let Some(path) = path {
        report.details.path(path);
    }
}

impl Details {
    /// Enters the signer's certificate.
    pub(in crate::domain::verify) fn signer(&mut self, signer: &Certificate) {
        self.serial = Some(signer.serial_hex());
        self.fingerprint = Some(signer.fingerprint().to_string());
        let (from, until) = signer.validity();
        self.certificate_from = Some(from);
        self.certificate_until = Some(until);
    }

    /// Enters the path to a root, and the instant at which it was judged.
    pub(in crate::domain::verify) fn path(&mut self, path: &PathTrusted) {
        let name = |one: &Certificate| format!("{} (SHA-256 {})", one.name(), one.fingerprint());
        self.path = path.chain().iter().skip(1).map(name).collect();
        self.judged_at = Some(path.at());
        self.revocation_as_of = match path.revocation() {
            RevocationKnown::Checked { as_of } => Some(as_of),
            RevocationKnown::NoData => None,
        };
    }
}
