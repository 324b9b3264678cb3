//! Verifying without an office, for programs that embed it: bytes, trust and time in, a report out.
//!
//! Nothing is read from disk or network, and nothing is kept. What a file asks to be fetched is
//! not fetched: lists come from the caller. [`Report::unchecked`] names the certificates about which
//! more could be learnt, and where; a caller who fetches it verifies once more.

use crate::base::limits::Budget;
use crate::domain::trust::{PathCache, TrustSnapshot};
use crate::domain::verify::assess;
use crate::domain::verify::credential::{Context, StatusListValid};
use crate::format::revocation::{Crl, OcspResponse};
use crate::format::x509::Certificate;

pub use crate::base::time::Timestamp;
pub use crate::domain::trust::Unchecked;
pub use crate::domain::verify::binding::Challenge;
pub use crate::domain::verify::credential::Refused;
pub use crate::domain::verify::report::{
    Answer, Check, Finding, LicenceSummary, Report, Severity, SignatureReport, Verdict,
};
pub use crate::format::revocation::{BadCrl, BadOcsp};
pub use crate::format::x509::BadCertificate;

/// What a verification works with. It can be shared by threads; each file has a budget of its own.
#[derive(Debug, Default)]
pub struct Verifier {
    trust: TrustSnapshot,
    lists: Vec<StatusListValid>,
    require_revocation: bool,
    cache: PathCache,
}

impl Verifier {
    /// Trusts the root certificates of a PEM text, and nobody else.
    pub fn with_roots(pem: &str) -> Result<Self, BadCertificate> {
        let trust = TrustSnapshot::new(Certificate::from_pem(pem)?);
        Ok(Self { trust, ..Self::default() })
    }

    /// Uses a certificate revocation list in DER, once its issuer's signature holds.
    pub fn add_crl(&mut self, der: &[u8]) -> Result<(), BadCrl> {
        let list = Crl::parse(der)?;
        self.trust = std::mem::take(&mut self.trust).with_crl(list);
        Ok(())
    }

    /// Uses an OCSP response in DER, once its responder's signature holds.
    pub fn add_ocsp(&mut self, der: &[u8]) -> Result<(), BadOcsp> {
        let response = OcspResponse::parse(der)?;
        self.trust = std::mem::take(&mut self.trust).with_ocsp(response);
        Ok(())
    }

    /// Uses a status list token whose signer is good at `now`. Whether it speaks for the instant of
    /// a verification is asked then; of several that do, the newest decides.
    pub fn add_status_list(&mut self, token: &str, now: Timestamp) -> Result<(), Refused> {
        let list = StatusListValid::check(token, &self.context(now), &mut Budget::default())?;
        self.lists.push(list);
        Ok(())
    }

    /// Refuses files about whose certificates no revocation data is at hand.
    pub fn require_revocation(&mut self, require: bool) {
        self.require_revocation = require;
    }

    /// Verifies a PDF or a credential as it stands at `now`. `name` is only repeated in the report.
    pub fn verify(&self, name: &str, file: &[u8], now: Timestamp) -> Report {
        let lists = self.lists.as_slice();
        assess::verify(name, file, &self.context(now), lists, &mut Budget::default())
    }

    /// Verifies what someone shows in answer to a challenge: a credential that its holder signed
    /// for this request and this audience. Anything else is refused, a genuine document too, for
    /// anyone can have a copy. That a nonce is used once is the caller's duty.
    pub fn verify_answer(
        &self,
        name: &str,
        file: &[u8],
        challenge: &Challenge,
        now: Timestamp,
    ) -> Report {
        let (context, budget) = (self.context(now), &mut Budget::default());
        assess::verify_answer(name, file, challenge, &context, self.lists.as_slice(), budget)
    }

    fn context(&self, now: Timestamp) -> Context<'_> {
        Context {
            trust: &self.trust,
            now,
            cache: Some(&self.cache),
            require_revocation: self.require_revocation,
        }
    }
}
