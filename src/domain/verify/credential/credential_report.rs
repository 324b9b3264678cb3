//! Report on a credential: its signatures, each check, and every key, digest and time needed to
//! repeat the checks by hand.

use super::binding::{BadBinding, Holder, KeyHeld};
use crate::base::time::Timestamp;
use crate::domain::trust::{Gap, PathError, RevocationKnown};
use crate::domain::verify::credential::{CredentialError, CredentialValid};
use crate::domain::verify::report::checks;
use crate::domain::verify::report::codes::Code;
use crate::domain::verify::report::words;
use crate::domain::verify::report::{
    Changes, Check, Details, Finding, Outcome, Severity, SignatureKind, SignatureReport,
    TimeSource, Verdict,
};
use crate::domain::verify::status::revocation;
use crate::format::jose::jws::BadToken;
use crate::format::x509::Certificate;

/// The signature of the issuer, and of the holder when there is one.
pub(in crate::domain::verify) fn signatures(credential: &CredentialValid) -> Vec<SignatureReport> {
    let mut issuer = signature("credential", "dc+sd-jwt", credential.signer().name());
    issuer.trust = Outcome::Passed;
    issuer.revocation = revocation::revocation(credential.path());
    issuer.signed_at = Some(credential.times().issued);
    issuer.details.signer(credential.signer());
    issuer.details.path(credential.path());
    let mut all = vec![issuer];
    if let Holder::Shown(held) = credential.holder() {
        let mut holder = signature("key_binding", "kb+jwt", held.key());
        // The issuer signed the key; a holder's key has no certificate that could be revoked.
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
pub(in crate::domain::verify) fn checks(credential: &CredentialValid) -> Vec<Check> {
    let mut made = vec![
        checks::SIGNATURE.outcome(Outcome::Passed),
        checks::TRUST.outcome(Outcome::Passed),
        checks::REVOCATION.outcome(revocation::revocation(credential.path())),
        checks::ENTITLEMENT.outcome(Outcome::Passed),
    ];
    if let Holder::Shown(held) = credential.holder() {
        let outcome = if held.answers() { Outcome::Passed } else { Outcome::Unknown };
        made.push(checks::KEY_BINDING.outcome(outcome));
    }
    made
}

/// Further findings about a credential that passed.
pub(in crate::domain::verify) fn findings(credential: &CredentialValid) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(revocation::no_revocation(
        Severity::Warning,
        "credential",
        credential.path().unchecked(),
    ));
    for one in credential.path().unused() {
        found.push(revocation::unused("credential", one));
    }
    found.extend(revocation::of_others(credential.path().strangers().iter()));
    match credential.holder() {
        Holder::Unbound => {}
        Holder::NotShown(key) => {
            let detail = format!("cnf names the key {key} (RFC 7638, SHA-256)");
            found.push(Code::KeyBindingNotShown.finding(Severity::Warning, detail));
        }
        Holder::Shown(held) => found.extend(binding(held)),
    }
    found.push(Code::CredentialAccount.finding(Severity::Info, account(credential)));
    found
}

fn binding(held: &KeyHeld) -> Vec<Finding> {
    let account = Code::KeyBindingAccount.finding(Severity::Info, held.account());
    if held.answers() {
        return vec![account];
    }
    vec![Code::KeyBindingNotCompared.finding(Severity::Warning, held.account())]
}

/// How to repeat each check.
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

/// The report's parts for a refused credential.
#[derive(Debug)]
pub(in crate::domain::verify) struct Refusal {
    pub(in crate::domain::verify) verdict: Verdict,
    pub(in crate::domain::verify) signatures: Vec<SignatureReport>,
    pub(in crate::domain::verify) checks: Vec<Check>,
    pub(in crate::domain::verify) findings: Vec<Finding>,
    /// What is missing, for the headline.
    pub(in crate::domain::verify) reason: (String, String),
    /// The headline, when only the holder's part is wrong.
    pub(in crate::domain::verify) instead: Option<words::Fixed>,
}

impl Refusal {
    /// The first of several refusals decides.
    pub(in crate::domain::verify) fn of(
        refusals: &[CredentialError],
        signer: Option<&Certificate>,
        now: Timestamp,
    ) -> Self {
        let mut refusal = Self {
            verdict: refusals.first().map_or(Verdict::Invalid, verdict),
            signatures: Vec::new(),
            checks: Vec::new(),
            findings: Vec::new(),
            reason: refusals.first().map_or_else(Default::default, reason),
            instead: match refusals.first() {
                Some(CredentialError::Binding(BadBinding::Unbound | BadBinding::Missing)) => {
                    Some(words::HOLDER_NOT_SHOWN)
                }
                Some(CredentialError::Binding(_)) => Some(words::HOLDER_REFUSED),
                _ => None,
            },
        };
        let trust = refusals.first().map_or(Outcome::Unknown, trust);
        match signer {
            None if refusal.verdict == Verdict::NotEnoughEvidence => {
                refusal.checks.push(checks::SIGNATURE.outcome(Outcome::Unknown));
            }
            None => refusal.checks.push(checks::SIGNATURE.outcome(Outcome::Failed)),
            Some(signer) => {
                let mut one = signature("credential", "dc+sd-jwt", signer.name());
                one.trust = trust;
                refusal.checks.push(checks::SIGNATURE.outcome(Outcome::Passed));
                refusal.checks.push(checks::TRUST.outcome(trust));
                if matches!(refusals, [CredentialError::Path(PathError::Revoked { .. })]) {
                    one.revocation = Outcome::Failed;
                    refusal.checks.push(checks::REVOCATION.outcome(Outcome::Failed));
                }
                refusal.signatures.push(one);
            }
        }
        for refused in refusals {
            match refused {
                CredentialError::NotEntitled(_) => {
                    refusal.checks.push(checks::ENTITLEMENT.outcome(Outcome::Failed));
                }
                CredentialError::Binding(_) => {
                    refusal.checks.push(checks::KEY_BINDING.outcome(Outcome::Failed));
                }
                _ => {}
            }
            let signer = signer.map(named).unwrap_or_default();
            let mut detail = refused.to_string();
            if let CredentialError::Path(PathError::Untrusted { top, .. }) = refused {
                detail = format!("{detail}; SHA-256 {}", top.fingerprint().to_fingerprint());
            } else if !signer.is_empty() {
                detail = format!("{detail}; signed by {signer}; checked for {now}");
            }
            refusal.findings.push(code(refused).finding(Severity::Fatal, detail));
        }
        refusal
    }
}

/// Whether a signature above the signer uses a broken algorithm.
fn is_weak(refused: &CredentialError) -> bool {
    matches!(refused, CredentialError::Path(PathError::Untrusted { gap: Some(gap), .. })
        if gap.algorithm.is_broken())
}

fn verdict(refused: &CredentialError) -> Verdict {
    match refused {
        _ if is_weak(refused) => Verdict::Invalid,
        CredentialError::Path(PathError::Untrusted { gap: None, .. }) => Verdict::UnknownIssuer,
        CredentialError::Path(
            PathError::Expired { .. }
            | PathError::NotYetValid { .. }
            | PathError::Untrusted { gap: Some(_), .. },
        )
        | CredentialError::NoRevocationData(_)
        | CredentialError::Binding(BadBinding::Unbound | BadBinding::Missing)
        | CredentialError::Token(BadToken::Unsupported(_)) => Verdict::NotEnoughEvidence,
        _ => Verdict::Invalid,
    }
}

fn reason(refused: &CredentialError) -> (String, String) {
    match refused {
        CredentialError::Path(PathError::Untrusted {
            gap: Some(Gap { name, algorithm }), ..
        }) => words::unsupported_path(name, algorithm),
        CredentialError::Path(error) => words::outside_validity(error).into_parts(),
        CredentialError::Token(BadToken::Unsupported(what)) => words::unsupported_credential(what),
        _ => <(String, String)>::default(),
    }
}

fn trust(refused: &CredentialError) -> Outcome {
    match refused {
        _ if is_weak(refused) => Outcome::Failed,
        CredentialError::Path(
            PathError::Untrusted { .. } | PathError::Expired { .. } | PathError::NotYetValid { .. },
        ) => Outcome::Unknown,
        CredentialError::Path(_) | CredentialError::Chain(_) => Outcome::Failed,
        _ => Outcome::Passed,
    }
}

fn code(refused: &CredentialError) -> Code {
    match refused {
        _ if is_weak(refused) => Code::WeakAlgorithm,
        CredentialError::Path(PathError::Untrusted { gap: None, .. }) => Code::UnknownIssuer,
        CredentialError::Path(PathError::Expired { .. } | PathError::NotYetValid { .. }) => {
            Code::CertificateExpired
        }
        CredentialError::Path(PathError::Revoked { .. }) => Code::CredentialSignerRevoked,
        CredentialError::Path(PathError::Untrusted { gap: Some(_), .. }) => Code::UnsupportedPath,
        CredentialError::Path(_) => Code::PathRule,
        CredentialError::NoRevocationData(_) => Code::NoRevocationData,
        CredentialError::NotEntitled(_) => Code::NotEntitled,
        CredentialError::Binding(BadBinding::Unbound | BadBinding::Missing) => {
            Code::KeyBindingMissing
        }
        CredentialError::Binding(error) if error.is_replay() => Code::KeyBindingReplayed,
        CredentialError::Binding(_) => Code::KeyBindingRefused,
        CredentialError::Token(BadToken::Unsupported(_)) => Code::UnsupportedCredential,
        CredentialError::Token(_)
        | CredentialError::Chain(_)
        | CredentialError::Claim { .. }
        | CredentialError::Use(_) => Code::CredentialRefused,
    }
}
