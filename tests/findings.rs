//! Every code of a finding is provoked: by a file among the test data, or by the test that is named
//! here. A code without either is untested.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use yinzheng::base::digest::Digest;
use yinzheng::base::limits::Budget;
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::assess::{self, Gap, NotKnown, Standing, Standings};
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::credential::licence_claims::StatusReference;
use yinzheng::domain::verify::report::LogReport;
use yinzheng::domain::verify::report::codes::Code;
use yinzheng::format::x509::Certificate;
use yinzheng::verify::{Timestamp, Verifier};

/// Codes that need more than a file and a root, such as lists, a log, an answer, or a file that is
/// too large, with the test that provokes each.
const ELSEWHERE: &[(Code, &str, &str)] = &[
    (Code::UnsupportedCredential, "tests/credentials.rs", "nested_digests_and_unknown_sd_alg"),
    (
        Code::CredentialSignerRevoked,
        "tests/credential_rules.rs",
        "a_signer_that_was_revoked_has_expired_or_is_unknown",
    ),
    (
        Code::DefinitionMismatch,
        "tests/credential_rules.rs",
        "vct_and_integrity_that_do_not_fit_the_type",
    ),
    (
        Code::NotOnRecord,
        "tests/restore.rs",
        "what_was_issued_after_the_copy_is_not_called_unknown_or_never_looked_up",
    ),
    (Code::KeyBindingMissing, "tests/key_binding.rs", "who_asks_gets_an_answer_or_refuses"),
    (Code::KeyBindingReplayed, "tests/key_binding.rs", "a_replayed_answer_is_refused"),
    (
        Code::KeyBindingRefused,
        "tests/key_binding.rs",
        "a_signature_by_anyone_but_the_holder_is_refused",
    ),
    (
        Code::KeyBindingNotCompared,
        "tests/key_binding.rs",
        "who_does_not_ask_is_told_what_was_not_compared",
    ),
    (
        Code::KeyBindingNotShown,
        "tests/key_binding.rs",
        "who_does_not_ask_is_told_what_was_not_compared",
    ),
    (
        Code::KeyBindingAccount,
        "tests/key_binding.rs",
        "an_answer_is_accepted_and_its_account_is_complete",
    ),
    (
        Code::NotSearched,
        "src/domain/verify/pdf/hidden_content.rs",
        "a_document_that_is_too_costly_is_looked_through_for_what_is_in_no_list",
    ),
    (Code::LogAccount, "tests/log.rs", LOG),
    (Code::LogNotWitnessed, "tests/log.rs", LOG),
    (Code::LogKeyUnknown, "tests/log.rs", LOG),
    (Code::LogProofRefused, "tests/log.rs", LOG),
    (Code::NotInLog, "tests/log.rs", LOG),
    (
        Code::StatusAccount,
        "tests/status_lists.rs",
        "a_list_of_the_future_waits_and_an_aged_one_says_so",
    ),
    (
        Code::StatusAged,
        "tests/status_lists.rs",
        "a_list_of_the_future_waits_and_an_aged_one_says_so",
    ),
    (
        Code::StatusContradicted,
        "tests/status_lists.rs",
        "a_revocation_is_final_whatever_a_later_list_says",
    ),
    (
        Code::StatusOtherTime,
        "tests/status_lists.rs",
        "a_list_that_does_not_cover_the_time_is_no_status",
    ),
    (
        Code::StatusNoEntry,
        "tests/status_lists.rs",
        "an_index_beyond_the_list_or_a_value_without_a_meaning_is_no_status",
    ),
    (
        Code::StatusListRefused,
        "tests/faults_inputs.rs",
        "a_list_that_cannot_be_used_is_told_in_the_report",
    ),
    (Code::RecordsUnreadable, "tests/findings.rs", "records_that_cannot_be_read_are_told"),
];
const NOW: &str = "2026-11-30T08:00:00Z";
const LOG: &str = "a_reader_who_requires_the_log_takes_nothing_without_a_proof";

/// The folders below this one that have files to verify, with these files.
fn folders(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<PathBuf>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            folders(&path, found);
        } else if path.extension().is_some_and(|end| end == "pdf" || end == "sd-jwt") {
            found.entry(folder.to_owned()).or_default().push(path);
        }
    }
}

/// A verifier with every root in a folder, and with its lists.
fn verifier(folder: &Path, with_lists: bool) -> Verifier {
    let files = |end: &'static str| {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(move |path| path.extension().is_some_and(|found| found == end))
    };
    let roots: String = files("pem").map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut verifier = Verifier::with_roots(&roots).unwrap_or_default();
    for list in files("crl").filter(|_| with_lists) {
        // Some lists are damaged on purpose.
        drop(verifier.add_crl(&fs::read(list).unwrap()));
    }
    verifier
}

/// Replaces the algorithm of a signature, Ed25519, by an unsupported one, Ed448: no signature
/// covers the identifier.
fn of_another_algorithm(mut file: Vec<u8>) -> Vec<u8> {
    let (name, other) = (b"06032b6570", b"06032b6571");
    let place = file.windows(name.len()).rposition(|found| found.eq_ignore_ascii_case(name));
    file.splice(place.unwrap()..place.unwrap() + name.len(), *other);
    file
}

#[test]
fn every_code_is_provoked() {
    let mut found = BTreeMap::new();
    folders(Path::new("tests/data"), &mut found);
    let mut codes = BTreeSet::new();
    let mut judge = |verifier: &Verifier, bytes: &[u8], at: &str| {
        let report = verifier.verify("", bytes, Timestamp::parse(at).unwrap());
        codes.extend(report.findings.iter().map(|finding| finding.code));
    };
    for (folder, files) in &found {
        let verifiers = [false, true].map(|with_lists| verifier(folder, with_lists));
        for file in files {
            let bytes = fs::read(file).unwrap();
            for verifier in &verifiers {
                judge(verifier, &bytes, NOW);
            }
        }
    }
    let folder = Path::new("tests/data/foreign");
    let mut verifier = verifier(folder, false);
    // The signer's certificate has expired; then it is not valid yet; then the revocation state of
    // the time-stamping authority is unknown.
    let stamped = fs::read(folder.join("pades-b-t-expired.pdf")).unwrap();
    judge(&verifier, &stamped, "2031-01-01T00:00:00Z");
    judge(&verifier, &stamped, "2020-01-01T00:00:00Z");
    verifier.require_revocation(true);
    judge(&verifier, &stamped, NOW);
    let unknown = of_another_algorithm(fs::read(folder.join("algorithm-ed25519.pdf")).unwrap());
    judge(&verifier, &unknown, NOW);
    for (code, file, test) in ELSEWHERE {
        let source = fs::read_to_string(file).unwrap();
        assert!(source.contains(&format!("fn {test}()")), "{file} has no {test}");
        assert!(source.contains(&format!("\"{code}\"")), "{file} does not name {code}");
        codes.insert(*code);
    }
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !codes.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// `docs/reference/findings.md` is the table of codes.
#[test]
#[expect(clippy::disallowed_methods, reason = "rewrites a file of the source tree, when asked to")]
fn the_reference_has_every_code() {
    let mut page = "# Findings / 核验所见\n\n\
        Made from the table of codes: `YZ_BLESS=1 cargo test --features testing --test integration findings::`. \
        A finding is fatal, a warning or information; a fatal one leads to the verdict beside it, and of \
        several the worst counts. Names stay; new ones may be added.\n\n\
        | Code | 说明 | Meaning | Verdict when fatal |\n|---|---|---|---|\n"
        .to_owned();
    for code in Code::ALL {
        let (name, words) = (code.name(), code.message());
        let verdict = code.verdict().code();
        writeln!(page, "| `{name}` | {} | {} | `{verdict}` |", words.zh, words.en).unwrap();
    }
    let place = "docs/reference/findings.md";
    if std::env::var_os("YZ_BLESS").is_some() {
        fs::create_dir_all("docs/reference").unwrap();
        fs::write(place, &page).unwrap();
    }
    let kept = fs::read_to_string(place).unwrap_or_default();
    assert_eq!(kept, page, "{place} is out of date: run with YZ_BLESS=1");
}

/// A store that fails is not the same as a missing licence.
#[test]
fn records_that_cannot_be_read_are_told() {
    struct Failing;
    impl Standings for Failing {
        fn standing(
            &self,
            _: &str,
            _: &StatusReference,
            at: Timestamp,
        ) -> Result<Standing, NotKnown> {
            let detail = "the disk failed".to_owned();
            Err(NotKnown { last: Some(at), gap: Gap::Unreadable, detail })
        }

        fn in_log(
            &self,
            _: &str,
            _: &dyn Fn() -> Vec<Digest>,
        ) -> Result<Option<LogReport>, String> {
            Err("the disk failed".to_owned())
        }
    }
    let root = fs::read_to_string("tests/data/attacks/office-root.pem").unwrap();
    let trust = TrustSnapshot::new(Certificate::from_pem(&root).unwrap());
    let now = Timestamp::parse(NOW).unwrap();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let file = fs::read("tests/data/attacks/ok-ours.pdf").unwrap();
    let report = assess::verify("", &file, &context, &Failing, &mut Budget::default());
    let finding = report.findings.iter().find(|one| one.code == "records_unreadable").unwrap();
    assert!(finding.detail.contains("the disk failed"), "{finding:?}");
}
