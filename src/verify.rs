//! Verification without an office, for programs that embed it: bytes, trust and time in, a report
//! out.
//!
//! Nothing is read from disk or network, and no state is kept. Addresses in a file are not fetched:
//! lists come from the caller. [`Report::unchecked`] names the certificates for which more data
//! exists, and where; a caller who fetches it verifies once more.

use std::cell::RefCell;

use crate::base::limits::Budget;
pub use crate::base::limits::{Interrupt, Interrupted};
use crate::domain::trust::{PathCache, TrustSnapshot};
use crate::domain::verify::assess::{self, NotKnown, Standing, Standings};
use crate::domain::verify::context::Context;
use crate::domain::verify::credential::licence_claims::StatusReference;
use crate::domain::verify::log;
use crate::domain::verify::status::status_lists::{StatusListValid, StatusLists};
use crate::format::revocation::{Crl, OcspResponse};
use crate::format::x509::Certificate;

pub use crate::base::time::Timestamp;
pub use crate::domain::trust::Unchecked;
pub use crate::domain::verify::credential::CredentialError;
pub use crate::domain::verify::credential::binding::Challenge;
pub use crate::domain::verify::log::LogPolicy;
pub use crate::domain::verify::report::{
    Answer, Check, Finding, LicenceSummary, LogReport, LogWitness, Outcome, Report, Severity,
    SignatureReport, Verdict,
};
pub use crate::format::note::key::NoteKey;
pub use crate::format::revocation::{BadCrl, BadOcsp};
pub use crate::format::x509::BadCertificate;

/// Configuration of verifications. Threads can share it; each file has a budget of its own.
#[derive(Debug, Default)]
pub struct Verifier {
    trust: TrustSnapshot,
    lists: StatusLists,
    require_revocation: bool,
    logs: LogPolicy,
    cache: PathCache,
    interrupt: Option<fn() -> Interrupt>,
}

impl Verifier {
    /// Trusts the root certificates of a PEM text, and no others.
    pub fn with_roots(pem: &str) -> Result<Self, BadCertificate> {
        let trust = TrustSnapshot::new(Certificate::from_pem(pem)?);
        Ok(Self { trust, ..Self::default() })
    }

    /// Uses a certificate revocation list in DER, once its issuer's signature verifies.
    pub fn add_crl(&mut self, der: &[u8]) -> Result<(), BadCrl> {
        let list = Crl::parse(der)?;
        self.trust = std::mem::take(&mut self.trust).with_crl(list);
        Ok(())
    }

    /// Uses an OCSP response in DER, once its responder's signature verifies.
    pub fn add_ocsp(&mut self, der: &[u8]) -> Result<(), BadOcsp> {
        let response = OcspResponse::parse(der)?;
        self.trust = std::mem::take(&mut self.trust).with_ocsp(response);
        Ok(())
    }

    /// Uses a status list token whose signer is good at `now`. Each verification checks whether it
    /// counts for its instant; of several that do, the newest decides. Reports on licences give the
    /// reason why a list was refused.
    pub fn add_status_list(&mut self, token: &str, now: Timestamp) -> Result<(), CredentialError> {
        let checked = StatusListValid::check(token, &self.context(now), &mut Budget::default());
        self.lists.take(token, checked)
    }

    /// Refuses files whose certificates have no revocation data.
    pub fn require_revocation(&mut self, require: bool) {
        self.require_revocation = require;
    }

    /// Sets the present time, for verification at another instant than now: lists, answers and
    /// witness signatures made later prove nothing good. Without it the instant is now.
    pub fn set_clock(&mut self, clock: Timestamp) {
        self.trust = std::mem::take(&mut self.trust).with_clock(clock);
        self.logs.clock = Some(clock);
    }

    /// Sets the requirements on logs of offices.
    pub fn set_log_policy(&mut self, policy: LogPolicy) {
        self.logs = LogPolicy { clock: policy.clock.or(self.logs.clock), ..policy };
    }

    /// Makes an interrupt for each file, which decides whether to continue. Without one a
    /// verification ends by its budget, within a second or two on any machine of today; there is no
    /// clock in here. `yinzheng::edge::clock::deadline` ends it by the time of [`Budget::time`].
    pub fn interrupt_with(&mut self, begin: fn() -> Interrupt) {
        self.interrupt = Some(begin);
    }

    /// Verifies a PDF or a credential as of `now`. `name` is only repeated in the report.
    pub fn verify(&self, name: &str, file: &[u8], now: Timestamp) -> Report {
        self.verify_with_proof(name, file, None, now)
    }

    /// The same, with the proof (`.tlog-proof`) from beside the file.
    pub fn verify_with_proof(
        &self,
        name: &str,
        file: &[u8],
        proof: Option<&str>,
        now: Timestamp,
    ) -> Report {
        self.verify_with_gap(name, file, proof, now).0
    }

    /// The same, and the address of the status list that has the status of a genuine licence, when
    /// none of the given lists has it. A caller who fetches it verifies once more.
    pub fn verify_with_gap(
        &self,
        name: &str,
        file: &[u8],
        proof: Option<&str>,
        now: Timestamp,
    ) -> (Report, Option<String>) {
        let (lists, budget) = (Noting::new(&self.lists), &mut self.budget());
        let report = assess::verify(name, file, &self.context(now), &lists, budget);
        let report = log::judge(report, file, proof, &self.logs, &mut Budget::default());
        (report, lists.missing.into_inner())
    }

    /// Verifies a presentation in answer to a challenge: a credential that its holder signed for
    /// this request and this audience. Anything else is refused, a genuine document too, for anyone
    /// can have a copy. The caller ensures that a nonce is used once.
    pub fn verify_answer(
        &self,
        name: &str,
        file: &[u8],
        challenge: &Challenge,
        now: Timestamp,
    ) -> Report {
        self.verify_answer_with_gap(name, file, challenge, now).0
    }

    /// The same, with the address that [`Self::verify_with_gap`] gives.
    pub fn verify_answer_with_gap(
        &self,
        name: &str,
        file: &[u8],
        challenge: &Challenge,
        now: Timestamp,
    ) -> (Report, Option<String>) {
        let (lists, budget) = (Noting::new(&self.lists), &mut self.budget());
        let context = self.context(now);
        let report = assess::verify_answer(name, file, challenge, &context, &lists, budget);
        (report, lists.missing.into_inner())
    }

    fn budget(&self) -> Budget {
        let begin = self.interrupt.unwrap_or(Interrupt::default);
        Budget::default().ended_by(begin())
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

/// Status lists that record the address of a missing one.
struct Noting<'a> {
    lists: &'a StatusLists,
    missing: RefCell<Option<String>>,
}

impl<'a> Noting<'a> {
    fn new(lists: &'a StatusLists) -> Self {
        Self { lists, missing: RefCell::new(None) }
    }
}

impl Standings for Noting<'_> {
    fn standing(
        &self,
        id: &str,
        reference: &StatusReference,
        at: Timestamp,
    ) -> Result<Standing, NotKnown> {
        let found = self.lists.standing(id, reference, at);
        self.missing.replace(found.is_err().then(|| reference.uri.clone()));
        found
    }

    fn refused_lists(&self) -> Vec<String> {
        self.lists.refused_lists()
    }
}
