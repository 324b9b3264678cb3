//! Time stamps (RFC 3161): the time that is proved, and the authority.

use super::archive;
use super::details;
use super::evidence::TimeProved;
use super::judge::Judge;
use crate::base::time::Timestamp;
use crate::domain::trust::{self, Material, PathError, PathTrusted, Usage};
use crate::domain::verify::context::Context;
use crate::domain::verify::context::SKEW;
use crate::domain::verify::report::checks;
use crate::domain::verify::report::codes::Code;
use crate::domain::verify::report::{
    Outcome, Severity, SignatureKind, SignatureReport, TimeSource,
};
use crate::domain::verify::status::revocation;
use crate::format::cms::{BadCms, SignedData};
use crate::format::pdf::read::{Document, SignatureField};
use crate::format::timestamp::Token;
use crate::format::x509::Role;

/// Why a token proves nothing.
#[derive(Debug)]
pub(super) enum NoProof {
    /// The token covers other content: it was attached to deceive, or the file was changed.
    Broken(String),
    /// The token cannot be read or does not verify, its authority is not trusted, its certificate
    /// was not valid at the time, or required revocation data is missing: the finding, and its
    /// detail. The content is judged as if the token did not exist (ETSI EN 319 102-1, 5.5.4).
    Unusable {
        code: Code,
        detail: String,
        /// Whether the authority's key signed it, as far as that could be checked.
        signature: Outcome,
    },
}

impl Judge<'_> {
    /// A document time stamp. It proves the time of everything before it in the file.
    pub(super) fn document_stamp(
        &mut self,
        document: &Document<'_>,
        field: &SignatureField,
        store: &Material,
        later: Option<&TimeProved>,
        report: &mut SignatureReport,
    ) -> Option<TimeProved> {
        report.kind = SignatureKind::Timestamp;
        "RFC 3161".clone_into(&mut report.level);
        let token = Token::parse(&field.contents, self.budget);
        // A value that is not a token may still be a message about other bytes.
        let altered = match &token {
            Ok(_) | Err(BadCms::Budget(_)) => Ok(false),
            Err(_) => self.differs(document, field),
        };
        let read = altered.map_err(BadCms::from).and_then(|altered| {
            let token = if altered { return Ok(None) } else { token? };
            Ok(Some((token, self.covered(document, field)?)))
        });
        let (token, covered) = match read {
            Ok(Some(both)) => both,
            Ok(None) => {
                report.digest = Outcome::Failed;
                self.check(checks::DIGEST, Outcome::Failed);
                let detail = format!("time stamp {}", field.name);
                self.fail(Code::DigestMismatch, detail);
                return None;
            }
            Err(error) => {
                self.check(checks::TIMESTAMP, Outcome::Unknown);
                let detail = format!("{}: {error}", field.name);
                self.note(Severity::Warning, Code::TimestampUnusable, detail);
                return None;
            }
        };
        report.signed_at = Some(token.time());
        let matches = token.covers(&covered);
        report.digest = if matches { Outcome::Passed } else { Outcome::Failed };
        self.check(checks::DIGEST, report.digest);
        if !matches {
            let detail = format!("time stamp {}", field.name);
            self.fail(Code::DigestMismatch, detail);
        }
        match self.token(&token, &field.name, store, later) {
            Ok((proved, path)) => {
                report.signature = Outcome::Passed;
                report.trust = Outcome::Passed;
                report.revocation = revocation::revocation(&path);
                report.time_source = proved.source;
                report.signer.clone_from(&proved.authority);
                details::details(report, token.signed(), Some(&path));
                self.check(checks::TIMESTAMP, Outcome::Passed);
                matches.then_some(proved)
            }
            Err(NoProof::Unusable { code, detail, signature }) => {
                report.signature = signature;
                report.signer = name_of(token.signed(), store);
                self.check(checks::TIMESTAMP, Outcome::Unknown);
                self.note(Severity::Warning, code, format!("{}: {detail}", field.name));
                None
            }
            Err(NoProof::Broken(detail)) => {
                report.signature = Outcome::Failed;
                self.check(checks::TIMESTAMP, Outcome::Failed);
                self.no_stamp(field, &detail);
                None
            }
        }
    }

    /// The value is not a time stamp, or one of other content.
    fn no_stamp(&mut self, field: &SignatureField, why: &str) {
        let detail = format!("{}: {why}", field.name);
        self.fail(Code::TimestampBroken, detail);
    }

    /// The time stamp inside a message, over its signature value.
    pub(super) fn signature_stamp(
        &mut self,
        message: &SignedData,
        field: &SignatureField,
        store: &Material,
        later: Option<&TimeProved>,
    ) -> Option<TimeProved> {
        let mut earliest: Option<TimeProved> = None;
        for stamp in message.signature_timestamps() {
            let proved = match Token::parse(stamp, self.budget) {
                Err(error) => Err(unusable(error)),
                Ok(token) if !token.covers(&[message.signature()]) => {
                    Err(NoProof::Broken("it is about another signature".to_owned()))
                }
                Ok(token) => self.token(&token, &field.name, store, later),
            };
            match proved {
                Ok((proved, _)) => {
                    self.check(checks::TIMESTAMP, Outcome::Passed);
                    if earliest.as_ref().is_none_or(|known| proved.at < known.at) {
                        earliest = Some(proved);
                    }
                }
                Err(NoProof::Unusable { code, detail, .. }) => {
                    self.check(checks::TIMESTAMP, Outcome::Unknown);
                    self.note(Severity::Warning, code, format!("{}: {detail}", field.name));
                }
                Err(NoProof::Broken(detail)) => {
                    self.check(checks::TIMESTAMP, Outcome::Failed);
                    self.no_stamp(field, &detail);
                }
            }
        }
        earliest
    }

    /// Checks a token and its authority: now, or at the time that a later token proves.
    fn token(
        &mut self,
        token: &Token,
        place: &str,
        store: &Material,
        later: Option<&TimeProved>,
    ) -> Result<(TimeProved, PathTrusted), NoProof> {
        let read = archive::with_message(store, token.signed(), self.budget);
        let (material, unreadable) = read.map_err(|over| unusable(over.into()))?;
        self.unreadable_evidence(&format!("{place}, time stamp"), &unreadable);
        let untrusted = |detail| signed_only(Code::TimestampUntrusted, detail);
        let signer = token.signed().signer_among(&material.certificates).cloned();
        let Some(signer) = signer else {
            return Err(untrusted("its authority's certificate is missing".to_owned()));
        };
        token.verify(&signer, self.budget).map_err(unusable)?;
        if token.time() > self.context.now.min(self.context.clock()).plus(SKEW) {
            return Err(untrusted(format!("it is of the future: {}", token.time())));
        }
        let path = self.path_at_best(&signer, &material, Usage::Timestamp, later.map(|one| one.at));
        let path = path.map_err(|error| match error {
            PathError::Rule { .. } | PathError::Untrusted { gap: Some(_), .. } => {
                NoProof::Unusable {
                    code: Code::TimestampUnusable,
                    detail: error.to_string(),
                    signature: Outcome::Unknown,
                }
            }
            error => untrusted(error.to_string()),
        })?;
        self.note_unused_material(place, &path);
        self.unchecked(place, &path, false);
        if self.context.require_revocation && !path.unchecked().is_empty() {
            let (_, names) = revocation::names(path.unchecked());
            return Err(signed_only(Code::TimestampUnchecked, names));
        }
        let office = signer.entitlement().is_some_and(|known| known.role == Role::Tsa);
        let source = if office { TimeSource::OfficeTsa } else { TimeSource::IndependentTsa };
        let authority = signer.name().to_owned();
        Ok((TimeProved { at: token.time(), source, authority }, path))
    }

    /// A path that is valid now; when dates or a revocation prevent that, one that was valid at a
    /// proved time.
    pub(super) fn path_at_best(
        &mut self,
        signer: &crate::format::x509::Certificate,
        material: &Material,
        usage: Usage,
        proved: Option<Timestamp>,
    ) -> Result<PathTrusted, PathError> {
        let context = self.context;
        let mut at = |at: Timestamp| {
            let Context { trust, cache, .. } = *context;
            trust::build(signer, material, trust, usage, context.asked(at), self.budget, cache)
        };
        match (at(context.now), proved) {
            (
                Err(
                    PathError::Expired { .. }
                    | PathError::NotYetValid { .. }
                    | PathError::Revoked { .. },
                ),
                Some(time),
            ) => at(time),
            (now, _) => now,
        }
    }
}

fn unusable(error: BadCms) -> NoProof {
    let (detail, signature) = match error {
        BadCms::Mismatch => {
            ("the signature of the time stamp does not hold".to_owned(), Outcome::Failed)
        }
        other => (other.to_string(), Outcome::Unknown),
    };
    NoProof::Unusable { code: Code::TimestampUnusable, detail, signature }
}

/// The authority's key signed it, but nothing else could be established.
fn signed_only(code: Code, detail: String) -> NoProof {
    NoProof::Unusable { code, detail, signature: Outcome::Passed }
}

fn name_of(message: &SignedData, store: &Material) -> String {
    let own = message.signer().or_else(|| message.signer_among(&store.certificates));
    own.map(|signer| signer.name().to_owned()).unwrap_or_default()
}
