//! A verification report on paper: the result, and how to repeat it by hand.
//!
//! It must not look like a licence, and has no licence metadata. Names and details come from the
//! verified file and are untrusted: invisible characters and those without a glyph are replaced by
//! their code, and text is limited by a [`Budget`](crate::base::limits::Budget). Verdicts have a
//! word and a symbol, not only a colour.

mod art;
mod content;
mod flow;
mod look;
mod page;
mod rows;
mod texts;

pub use content::{Plan, ReportContent};

use crate::base::digest::Digest;
use crate::domain::licence::sheet::Press;
use crate::format::pdf::write::{
    FormXObject, Plain, SignatureField, Unsealed, write_plain, write_plain_to_seal,
};

/// The report without a seal. The same content gives the same bytes. `None` when the fonts fail,
/// which tested ones never do.
pub fn compose(press: &Press, content: &ReportContent<'_>) -> Option<Vec<u8>> {
    write_plain(plain(press, content, None, &[])?)
}

/// The report with a hole for its seal.
pub fn compose_to_seal(
    press: &Press,
    content: &ReportContent<'_>,
    plan: &Plan<'_>,
) -> Option<Unsealed> {
    let mark = art::mark();
    let parts = plain(press, content, Some(plan), std::slice::from_ref(&mark))?;
    let signature = SignatureField {
        name: "Report",
        signer: plan.signer,
        reason: "核验报告",
        signed_at: content.report.as_of,
        permissions: 1,
        hole: plan.hole,
        appearance: art::MARK,
        place: art::MARK_PLACE,
    };
    write_plain_to_seal(parts, &signature)
}

fn plain<'a>(
    press: &'a Press,
    content: &ReportContent<'_>,
    plan: Option<&Plan<'_>>,
    forms: &'a [FormXObject],
) -> Option<Plain<'a>> {
    let (pages, fonts) = page::draw(press, content, plan)?;
    let report = serde_json::to_vec(content.report).ok()?;
    Some(Plain {
        drawn: press.drawn(pages, fonts, forms.iter().collect()),
        title: "核验报告 Verification report",
        digest: Digest::of(&[content.digest.as_bytes(), &report]),
        created: content.report.as_of,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::base::limits::Budget;
    use crate::base::localized::Localized;
    use crate::base::time::Timestamp;
    use crate::domain::verify::assess;
    use crate::domain::verify::report::Report;
    use crate::domain::verify::report::codes::Code;
    use crate::domain::verify::report::{
        Changes, Details, Finding, Outcome, Severity, SignatureKind, SignatureReport, TimeSource,
    };
    use crate::format::pdf::read::{Document, Object};

    /// Loading the fonts takes as long as composing a report.
    static PRESS: LazyLock<Press> = LazyLock::new(|| Press::new().unwrap());

    fn report(text: &str, count: usize) -> Report {
        let now = Timestamp::parse("2026-11-24T06:00:00Z").unwrap();
        let mut report = assess::unreadable(text, now, "文件打不开", text);
        // Equal findings would be listed once.
        let finding = |number| Finding {
            code: Code::ChangedAfterSeal,
            severity: Severity::Fatal,
            message: Localized::new(format!("改动 {number}"), "changed"),
            detail: text.to_owned(),
        };
        report.findings = (0..count).map(finding).collect();
        let signature = |number| SignatureReport {
            field: text.to_owned(),
            kind: SignatureKind::Seal,
            signer: format!("{number}{text}"),
            level: "B-B".to_owned(),
            digest: Outcome::Failed,
            signature: Outcome::Passed,
            trust: Outcome::Unknown,
            revocation: Outcome::Unknown,
            changes: Changes::Other,
            signed_at: None,
            time_source: TimeSource::SelfAsserted,
            details: Details::default(),
        };
        report.signatures = (0..count.min(16)).map(signature).collect();
        report
    }

    fn pages(report: &Report) -> usize {
        let content = ReportContent {
            report,
            size: 7,
            digest: Digest::of(&[b"x"]),
            roots: &[],
            office: None,
            demo: true,
        };
        let pdf = compose(&PRESS, &content).unwrap();
        let mut budget = Budget::default();
        let document = Document::parse(&pdf, &mut budget).unwrap();
        let catalog = document.catalog(&mut budget).unwrap();
        let Object::Dict(pages) = document.get(&catalog, "Pages", &mut budget).unwrap() else {
            panic!("no pages");
        };
        usize::try_from(pages.get("Count").and_then(Object::int).unwrap()).unwrap()
    }

    #[test]
    fn no_text_of_strangers_makes_it_fail_or_grow_without_end() {
        let every: String = (0..=0x10_FFFF_u32).step_by(97).filter_map(char::from_u32).collect();
        let long = ["一".repeat(1 << 20), " ".repeat(1 << 20), every];
        for text in long.iter().map(String::as_str).chain(["", "\u{1b}\0\u{202e}\r\n"]) {
            assert!(pages(&report(text, 1)) <= 6);
        }
        assert_eq!(pages(&report("x", 1)), 1);
        let most = pages(&report(&"十月".repeat(5000), 1000));
        assert!((10..60).contains(&most), "{most}");
    }

    #[test]
    fn the_same_content_gives_the_same_bytes() {
        let report = report("x", 2);
        let digest = Digest::of(&[b"x"]);
        let content = ReportContent {
            report: &report,
            size: 7,
            digest,
            roots: &[],
            office: None,
            demo: false,
        };
        assert_eq!(compose(&PRESS, &content), compose(&PRESS, &content));
    }
}
