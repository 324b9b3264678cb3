//! What the report says of a credential: its signatures, each check, and for a colleague who
//! repeats them by hand every key, digest and time.

use super::binding::{BadBinding, Holder, KeyHeld};
use super::credential::{CredentialValid, Refused};
use super::report::{
    Changes, Check, Details, Finding, Outcome, Severity, SignatureKind, SignatureReport,
    TimeSource, Verdict,
};
use super::words;
use crate::base::time::Timestamp;
use crate::domain::trust::{PathError, PathTrusted, RevocationKnown, Unchecked};
use crate::format::x509::Certificate;

/// The signature of the issuer, and of the holder when there is one.
pub(super) fn signatures(credential: &CredentialValid) -> Vec<SignatureReport> {
    let mut issuer = signature("credential", "dc+sd-jwt", credential.signer().name());
    issuer.trust = Outcome::Passed;
    issuer.revocation = revocation(credential.path());
    issuer.signed_at = Some(credential.times().issued);
    issuer.details.signer(credential.signer());
    issuer.details.path(credential.path());
    let mut all = vec![issuer];
    if let Holder::Shown(held) = credential.holder() {
        let mut holder = signature("key_binding", "kb+jwt", held.key());
        // The issuer signed the key; a key that holders make has no certificate to revoke.
        holder.trust = Outcome::Passed;
        holder.signed_at = Some(held.issued());
        all.push(holder);
    }
    all
}

fn signature(field: &str, level: &str, signer: &str) -> SignatureReport {
    SignatureReport {
        field: field.to_owned(),
        kind: SignatureKind::Signature,
        signer: signer.to_owned(),
        level: level.to_owned(),
        digest: Outcome::Passed,
        signature: Outcome::Passed,
        trust: Outcome::Unknown,
        revocation: Outcome::Unknown,
        changes: Changes::None,
        signed_at: None,
        time_source: TimeSource::SelfAsserted,
        details: Details::default(),
    }
}

/// The checks that a credential passed.
pub(super) fn checks(credential: &CredentialValid) -> Vec<Check> {
    let mut checks = vec![passed("signature"), passed("trust")];
    checks.push(check("revocation", revocation(credential.path())));
    checks.push(passed("entitlement"));
    if let Holder::Shown(held) = credential.holder() {
        let outcome = if held.answers() { Outcome::Passed } else { Outcome::Unknown };
        checks.push(check("key_binding", outcome));
    }
    checks
}

/// What else is to be said of a credential that passed.
pub(super) fn findings(credential: &CredentialValid) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(no_revocation(Severity::Warning, "credential", credential.path().unchecked()));
    match credential.holder() {
        Holder::Unbound => {}
        Holder::NotShown(key) => {
            let detail = format!("cnf names the key {key} (RFC 7638, SHA-256)");
            found.push(finding(Severity::Warning, "key_binding_not_shown", detail));
        }
        Holder::Shown(held) => found.extend(binding(held)),
    }
    found.push(finding(Severity::Info, "credential_account", account(credential)));
    found
}

fn binding(held: &KeyHeld) -> Vec<Finding> {
    let account = finding(Severity::Info, "key_binding_account", held.account());
    if held.answers() {
        return vec![account];
    }
    vec![finding(Severity::Warning, "key_binding_not_compared", held.account())]
}

/// That nothing is known of the revocation of these certificates, in the place that is named;
/// `None` when there are none.
pub(super) fn no_revocation(
    severity: Severity,
    place: &str,
    unchecked: &[Unchecked],
) -> Option<Finding> {
    let accounts: Vec<_> = unchecked.iter().map(Unchecked::account).collect();
    let detail = format!("{place}: {}", accounts.join("; "));
    let message = words::no_revocation(&names(unchecked));
    let finding = Finding { code: NO_REVOCATION, severity, message, detail };
    (!unchecked.is_empty()).then_some(finding)
}

/// The names of certificates, in Chinese and in English.
pub(super) fn names(unchecked: &[Unchecked]) -> (String, String) {
    let names: Vec<_> = unchecked.iter().map(Unchecked::name).collect();
    (names.join("、"), names.join(", "))
}

/// How each check can be made again.
fn account(credential: &CredentialValid) -> String {
    let (signer, times) = (credential.signer(), credential.times());
    let path: Vec<String> = credential.path().chain().iter().map(named).collect();
    let (disclosed, hidden) = credential.disclosures();
    let revocation = match credential.path().revocation() {
        RevocationKnown::Checked { as_of } => format!("the list of {as_of} does not name the leaf"),
        RevocationKnown::NoData => "no list about the leaf".to_owned(),
    };
    let entitlement = signer.entitlement().map_or_else(String::new, |known| {
        format!("{:?} of {} for {:?}", known.role, known.department, known.types)
    });
    let key_use = signer
        .key_use()
        .map_or_else(String::new, |(from, until)| format!("from {from} until {until}"));
    let claims = credential.claims();
    format!(
        "ES256 over the first two parts of the token; path {}; checked for {}; revocation: \
         {revocation}; leaf good until {}, its key signs {key_use}, entitled as {entitlement}; \
         iat {}, nbf {}, exp {}; vct {} with SHA-256 {}; status entry {} of {}; disclosed {:?}, \
         each by SHA-256 of its text in _sd; {hidden} digests kept back",
        path.join(" < "),
        credential.path().at(),
        signer.validity().1,
        times.issued,
        times.not_before,
        times.expires,
        claims.definition.vct,
        claims.definition.digest,
        claims.status.index,
        claims.status.uri,
        disclosed,
    )
}

fn named(certificate: &Certificate) -> String {
    format!(
        "{} (serial {}, SHA-256 {})",
        certificate.name(),
        certificate.serial_hex(),
        certificate.fingerprint()
    )
}

/// What a refused credential is called.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) verdict: Verdict,
    pub(super) signatures: Vec<SignatureReport>,
    pub(super) checks: Vec<Check>,
    pub(super) findings: Vec<Finding>,
}

impl Refusal {
    /// Of several refusals the first decides.
    pub(super) fn of(refusals: &[Refused], signer: Option<&Certificate>, now: Timestamp) -> Self {
        let mut refusal = Self {
            verdict: refusals.first().map_or(Verdict::Invalid, verdict),
            signatures: Vec::new(),
            checks: Vec::new(),
            findings: Vec::new(),
        };
        let trust = refusals.first().map_or(Outcome::Unknown, trust);
        match signer {
            None => refusal.checks.push(check("signature", Outcome::Failed)),
            Some(signer) => {
                let mut one = signature("credential", "dc+sd-jwt", signer.name());
                one.trust = trust;
                refusal.checks.push(passed("signature"));
                refusal.checks.push(check("trust", trust));
                if matches!(refusals, [Refused::Path(PathError::Revoked { .. })]) {
                    one.revocation = Outcome::Failed;
                    refusal.checks.push(check("revocation", Outcome::Failed));
                }
                refusal.signatures.push(one);
            }
        }
        for refused in refusals {
            match refused {
                Refused::NotEntitled(_) => {
                    refusal.checks.push(check("entitlement", Outcome::Failed));
                }
                Refused::Binding(_) => refusal.checks.push(check("key_binding", Outcome::Failed)),
                _ => {}
            }
            let signer = signer.map(named).unwrap_or_default();
            let mut detail = refused.to_string();
            if let Refused::Path(PathError::Untrusted { top }) = refused {
                detail = format!("{detail}; SHA-256 {}", top.fingerprint().to_fingerprint());
            } else if !signer.is_empty() {
                detail = format!("{detail}; signed by {signer}; checked for {now}");
            }
            refusal.findings.push(finding(Severity::Fatal, code(refused), detail));
        }
        refusal
    }
}

fn verdict(refused: &Refused) -> Verdict {
    match refused {
        Refused::Path(PathError::Untrusted { .. }) => Verdict::UnknownIssuer,
        Refused::Path(PathError::Expired { .. } | PathError::NotYetValid { .. })
        | Refused::NoRevocationData(_) => Verdict::NotEnoughEvidence,
        _ => Verdict::Invalid,
    }
}

fn trust(refused: &Refused) -> Outcome {
    match refused {
        Refused::Path(
            PathError::Untrusted { .. } | PathError::Expired { .. } | PathError::NotYetValid { .. },
        ) => Outcome::Unknown,
        Refused::Path(_) | Refused::Chain(_) => Outcome::Failed,
        _ => Outcome::Passed,
    }
}

fn code(refused: &Refused) -> &'static str {
    match refused {
        Refused::Path(PathError::Untrusted { .. }) => "unknown_issuer",
        Refused::Path(PathError::Expired { .. } | PathError::NotYetValid { .. }) => {
            "certificate_expired"
        }
        Refused::Path(PathError::Revoked { .. }) => "credential_signer_revoked",
        Refused::Path(_) => "path_rule",
        Refused::NoRevocationData(_) => NO_REVOCATION,
        Refused::NotEntitled(_) => "not_entitled",
        Refused::Binding(BadBinding::Unbound | BadBinding::Missing) => "key_binding_missing",
        Refused::Binding(error) if error.is_replay() => "key_binding_replayed",
        Refused::Binding(_) => "key_binding_refused",
        Refused::Token(_) | Refused::Chain(_) | Refused::Claim { .. } | Refused::Use(_) => {
            "credential_refused"
        }
    }
}

/// Whether enough is known of the revocation of the whole path, and it is good.
pub(super) fn revocation(path: &PathTrusted) -> Outcome {
    if path.unchecked().is_empty() { Outcome::Passed } else { Outcome::Unknown }
}

fn check(check: &'static str, outcome: Outcome) -> Check {
    Check { check, outcome, message: words::check(check, outcome) }
}

fn passed(name: &'static str) -> Check {
    check(name, Outcome::Passed)
}

fn finding(severity: Severity, code: &'static str, detail: String) -> Finding {
    Finding { code, severity, message: words::finding(code), detail }
}

/// The finding that names certificates of whose revocation nothing is known.
pub(super) const NO_REVOCATION: &str = "no_revocation_data";
