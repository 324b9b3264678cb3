//! The schema of the report.

use serde_json::{Value, json};

use super::parts::{
    Closed, date, licence_id, list_of, name, one_of, or_null, pattern, string, text, timestamp,
    titled, version, words,
};
use crate::domain::verify::report::codes::Code;
use crate::domain::verify::report::{
    Answer, Changes, FileKind, Outcome, SCHEMA, Severity, SignatureKind, TimeSource, Verdict,
};

/// The schema of a verification report.
pub fn report() -> Value {
    let mut report = Closed::default();
    report.required("schema", json!({ "const": SCHEMA }));
    report.required("file", string());
    report.required("kind", one_of(&[FileKind::Pdf, FileKind::Credential, FileKind::Other]));
    report.required("verdict", one_of(&Verdict::ALL));
    report.required("authentic", answer());
    report.required("in_force", answer());
    report.required("as_of", timestamp());
    report.required("headline", words());
    report.required("licence", or_null(licence_summary()));
    report.required("log", or_null(log_report()));
    report.required("signatures", list_of(signature_report()));
    let mut check = Closed::default();
    check.required("check", name());
    check.required("outcome", outcome());
    check.required("message", words());
    report.required("checks", list_of(check.into_schema()));
    let mut finding = Closed::default();
    finding.required("code", one_of(Code::ALL));
    let severities = [Severity::Info, Severity::Warning, Severity::Fatal];
    finding.required("severity", one_of(&severities));
    finding.required("message", words());
    finding.required("detail", string());
    report.required("findings", list_of(finding.into_schema()));
    // In the answer about a verification code: no file of the caller was examined.
    report.optional("examined", json!({ "const": "copy_on_file" }));
    titled(report.into_schema(), "核验报告 / Verification report".to_owned())
}

fn licence_summary() -> Value {
    let mut licence = Closed::default();
    licence.required("id", licence_id());
    licence.required("number", text());
    licence.required("version", version());
    licence.required("type", text());
    licence.required("type_name", words());
    licence.required("issuer", text());
    // Empty when the holder withheld the name.
    licence.required("holder", string());
    let mut shown = Closed::default();
    shown.required("name", name());
    shown.required("label", words());
    shown.required("value", text());
    // Filled in for a verification code only.
    licence.required("values", list_of(shown.into_schema()));
    licence.required("valid_from", date());
    licence.required("valid_until", or_null(date()));
    licence.required("status_since", or_null(date()));
    licence.required("status_reason", or_null(words()));
    licence.required("superseded_by", or_null(text()));
    licence.into_schema()
}

fn log_report() -> Value {
    let mut log = Closed::default();
    log.required("origin", text());
    log.required("index", json!({ "type": "integer", "minimum": 0 }));
    log.required("size", json!({ "type": "integer", "minimum": 1 }));
    log.required("root", pattern("^[0-9a-f]{64}$"));
    let mut witness = Closed::default();
    witness.required("name", text());
    witness.required("at", timestamp());
    log.required("witnesses", list_of(witness.into_schema()));
    log.into_schema()
}

fn signature_report() -> Value {
    let mut signature = Closed::default();
    signature.required("field", string());
    let kinds = [SignatureKind::Seal, SignatureKind::Signature, SignatureKind::Timestamp];
    signature.required("kind", one_of(&kinds));
    signature.required("signer", string());
    signature.required("level", string());
    for part in ["digest", "signature", "trust", "revocation"] {
        signature.required(part, outcome());
    }
    let changes = [
        Changes::None,
        Changes::Archive,
        Changes::Signature,
        Changes::Form,
        Changes::Annotation,
        Changes::Other,
    ];
    signature.required("changes", one_of(&changes));
    signature.required("signed_at", or_null(timestamp()));
    let sources = [TimeSource::SelfAsserted, TimeSource::OfficeTsa, TimeSource::IndependentTsa];
    signature.required("time_source", one_of(&sources));
    signature.required("details", details());
    signature.into_schema()
}

fn details() -> Value {
    let mut details = Closed::default();
    let number = || json!({ "type": "integer", "minimum": 0 });
    let bytes = json!({ "type": "array", "items": number(), "minItems": 4, "maxItems": 4 });
    details.required("bytes", or_null(bytes));
    for name in ["object", "revision", "revisions"] {
        details.required(name, or_null(number()));
    }
    for name in ["algorithm", "serial", "fingerprint", "time_authority"] {
        details.required(name, or_null(string()));
    }
    for name in ["certificate_from", "certificate_until", "judged_at", "revocation_as_of"] {
        details.required(name, or_null(timestamp()));
    }
    details.required("path", list_of(string()));
    details.into_schema()
}

fn answer() -> Value {
    one_of(&[Answer::Yes, Answer::No, Answer::Unknown, Answer::NotApplicable])
}

fn outcome() -> Value {
    one_of(&[Outcome::Passed, Outcome::Failed, Outcome::Unknown])
}
