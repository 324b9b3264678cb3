//! Credentials and lists built by hand with the office's keys, each valid except for one thing.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]
#![allow(dead_code, reason = "each test program and benchmark uses a part")]
#![allow(clippy::allow_attributes, reason = "whether a part is used differs by program")]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use yinzheng::base::limits::Budget;
use yinzheng::base::time::{Clock as _, Timestamp};
use yinzheng::crypto::signer::Signer;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::assess;
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::credential::CredentialError;
use yinzheng::domain::verify::credential::binding::Challenge;
use yinzheng::domain::verify::report::{Answer, Report, Severity, Verdict};
use yinzheng::domain::verify::status::status_lists::StatusListValid;
use yinzheng::edge::keys::ExampleKeys;
use yinzheng::format::jose::jws;
use yinzheng::format::revocation::Crl;
use yinzheng::format::x509::Certificate;
use yinzheng::service::issue_command::Issued;
use yinzheng::service::keys::{KeyName, Keys as _};
use yinzheng::store::Memory;

use crate::world::TestOffice;

/// An office, and one of its licences.
pub(crate) struct Forge {
    pub(crate) test: TestOffice,
    pub(crate) issued: Issued,
    pub(crate) trust: TrustSnapshot,
}

impl Forge {
    pub(crate) fn new() -> Self {
        Self::of("food-operation")
    }

    pub(crate) fn of(kind: &str) -> Self {
        let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
        let issued = test.issue(kind).unwrap();
        let root = test.parts.certificates.root.clone();
        let lists = [&test.parts.crl, &test.parts.root_crl].map(|der| Crl::parse(der).unwrap());
        let trust = lists.into_iter().fold(TrustSnapshot::new(vec![root]), TrustSnapshot::with_crl);
        Self { test, issued, trust }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.test.clock.now()
    }

    pub(crate) fn context(&self) -> Context<'_> {
        self.context_at(self.now())
    }

    pub(crate) fn context_at(&self, now: Timestamp) -> Context<'_> {
        Context { trust: &self.trust, now, cache: None, require_revocation: false }
    }

    /// The key of the department that issued the licence.
    pub(crate) fn key(&self) -> Arc<dyn Signer> {
        key(&format!("{}-credential", self.issued.licence.department))
    }

    /// The parts of the holder credential: token, then disclosures.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.issued.credential.trim_end_matches('~').split('~').collect()
    }

    pub(crate) fn head(&self) -> Value {
        part(self.parts()[0], 0)
    }

    pub(crate) fn payload(&self) -> Value {
        part(self.parts()[0], 1)
    }

    /// The credential with another token and the same disclosures.
    pub(crate) fn with_token(&self, token: &str) -> String {
        let disclosures = self.parts()[1..].join("~");
        format!("{token}~{disclosures}~")
    }

    /// The credential with changed claims, signed again by its department.
    pub(crate) fn reissued(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut payload = self.payload();
        change(&mut payload);
        self.with_token(&signed(&self.head(), &payload, &*self.key()))
    }

    /// The credential with a changed header, signed again by its department.
    pub(crate) fn headed(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut head = self.head();
        change(&mut head);
        self.with_token(&signed(&head, &self.payload(), &*self.key()))
    }

    pub(crate) fn leaf(&self, name: &str) -> &Certificate {
        &self.test.parts.certificates.leaves[name]
    }

    /// The present status list, as the office signs it.
    pub(crate) fn status(&self) -> String {
        self.test.office.status_token(1).unwrap()
    }

    /// The present status list with changed claims, signed again.
    pub(crate) fn relisted(&self, change: impl FnOnce(&mut Value)) -> String {
        let token = self.status();
        let mut payload = part(&token, 1);
        change(&mut payload);
        signed(&part(&token, 0), &payload, &*key("status"))
    }

    pub(crate) fn list(&self, token: &str) -> Result<StatusListValid, CredentialError> {
        StatusListValid::check(token, &self.context(), &mut Budget::default())
    }

    /// Verifies it offline: with root, revocation list and status list.
    pub(crate) fn verify(&self, text: &str, challenge: Option<&Challenge>) -> Report {
        let lists = [self.list(&self.status()).unwrap()];
        self.verify_with(text, challenge, &lists, self.now())
    }

    pub(crate) fn verify_with(
        &self,
        text: &str,
        challenge: Option<&Challenge>,
        lists: &[StatusListValid],
        now: Timestamp,
    ) -> Report {
        let (context, budget) = (self.context_at(now), &mut Budget::default());
        match challenge {
            None => assess::verify("", text.as_bytes(), &context, lists, budget),
            Some(challenge) => {
                assess::verify_answer("", text.as_bytes(), challenge, &context, lists, budget)
            }
        }
    }

    /// Checks that it is refused, offline and at the office, for the expected reason.
    pub(crate) fn refused(&self, name: &str, text: &str, code: &str, why: &str) {
        self.judged(Verdict::Invalid, name, text, code, why);
    }

    /// Checks that it is reported as unsupported, like an honest one of another profile.
    pub(crate) fn not_checked(&self, name: &str, text: &str, code: &str, why: &str) {
        self.judged(Verdict::NotEnoughEvidence, name, text, code, why);
    }

    fn judged(&self, verdict: Verdict, name: &str, text: &str, code: &str, why: &str) {
        let offline = self.verify(text, None);
        let office = self.test.office.verify("", text.as_bytes());
        for report in [offline, office] {
            assert_eq!(report.verdict, verdict, "{name}: {report:#?}");
            is_because(name, &report, code, why);
        }
    }
}

/// Checks that the report's leading finding has this code and text, and that it is not genuine.
pub(crate) fn is_because(name: &str, report: &Report, code: &str, why: &str) {
    assert_ne!(report.authentic, Answer::Yes, "{name}: {report:#?}");
    assert_ne!(report.in_force, Answer::Yes, "{name}: {report:#?}");
    let first = &report.findings[0];
    assert_eq!((first.severity, first.code.name()), (Severity::Fatal, code), "{name}: {report:#?}");
    assert!(first.detail.contains(why), "{name}: {why:?} is not in {:?}", first.detail);
    assert!(report.licence.is_none(), "{name}");
}

/// One of the office's published keys.
pub(crate) fn key(name: &str) -> Arc<dyn Signer> {
    let name = match name.rsplit_once('-') {
        None => KeyName::Status,
        Some((department, "seal")) => KeyName::Seal(department.to_owned()),
        Some((department, _)) => KeyName::Credential(department.to_owned()),
    };
    ExampleKeys.signer(&name).unwrap()
}

/// A key that the office does not know.
pub(crate) fn stranger() -> SoftwareKey {
    SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap()
}

/// A header or payload of a token.
pub(crate) fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&jws::decode(text).unwrap()).unwrap()
}

/// A token over exactly these values.
pub(crate) fn signed(head: &Value, payload: &Value, signer: &dyn Signer) -> String {
    signed_text(&head.to_string(), &payload.to_string(), signer)
}

/// A token over exactly these texts.
pub(crate) fn signed_text(head: &str, payload: &str, signer: &dyn Signer) -> String {
    let message = format!("{}.{}", jws::encode(head.as_bytes()), jws::encode(payload.as_bytes()));
    let signature = signer.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", jws::encode(signature.as_fixed()))
}

/// `x5c` of these certificates.
pub(crate) fn x5c(chain: &[&Certificate]) -> Value {
    json!(chain.iter().map(|one| STANDARD.encode(one.der())).collect::<Vec<_>>())
}
