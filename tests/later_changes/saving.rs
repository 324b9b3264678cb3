//! Incremental updates of a signed file, object by object.

use std::fs;
use std::path::Path;

use yinzheng::verify::{Severity, Timestamp, Verifier};

/// One of the files that `tests/data/faults/bases.py` signs.
pub(crate) struct Base {
    file: Vec<u8>,
}

/// The expected result for a changed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// Valid, without a warning about appearances or annotations.
    Valid,
    /// Valid, with the warning that a field's appearance could not be verified, or that an
    /// annotation may cover the page.
    Warned,
    Altered,
}

/// An object's number, and what it is.
pub(crate) type Written = (u32, String);

const UNSEEN: [&str; 2] = ["field_look_unknown", "annotation_paints"];
const FOLDER: &str = "tests/data/faults/bases";

impl Base {
    pub(crate) fn read(name: &str) -> Self {
        Self { file: fs::read(Path::new(FOLDER).join(name)).unwrap() }
    }

    /// The newest text of an object.
    pub(crate) fn object(&self, number: u32) -> String {
        let text = String::from_utf8_lossy(&self.file);
        let begin = format!("\n{number} 0 obj\n");
        let from = text.rfind(&begin).unwrap() + begin.len();
        text[from..from + text[from..].find("\nendobj").unwrap()].to_owned()
    }

    /// An object with one piece of its text replaced, which must be there.
    pub(crate) fn with(&self, number: u32, from: &str, to: &str) -> Written {
        let text = self.object(number);
        assert!(text.contains(from), "{from} is not in {text}");
        (number, text.replacen(from, to, 1))
    }

    /// The file with an incremental update of these objects.
    pub(crate) fn saved(&self, objects: &[Written]) -> Vec<u8> {
        let text = String::from_utf8_lossy(&self.file).into_owned();
        let number_behind = |word: &str| -> usize {
            let digits = text[text.rfind(word).unwrap() + word.len()..].trim_start();
            digits.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
        };
        let (table, size) = (number_behind("startxref"), number_behind("/Size"));
        let mut file = self.file.clone();
        let mut listed = String::from("xref\n");
        for (number, object) in objects {
            listed.extend([format!("{number} 1\n{:010} 00000 n \n", file.len())]);
            file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
        }
        let most = objects.iter().map(|(number, _)| number + 1).max().unwrap();
        let id = "<000102030405060708090a0b0c0d0e0f>";
        let end = format!(
            "{listed}trailer\n<</Size {}/Root 1 0 R/Prev {table}/Info 6 0 R/ID[{id}{id}]>>\n\
             startxref\n{}\n%%EOF\n",
            size.max(usize::try_from(most).unwrap()),
            file.len(),
        );
        file.extend(end.bytes());
        file
    }

    /// Checks the result of each row: a name, the expected result, and the objects to save.
    pub(crate) fn judge(&self, rows: &[(&str, Called, Vec<Written>)]) {
        let read = |name: &str| fs::read(Path::new(FOLDER).join(name)).unwrap();
        let mut verifier =
            Verifier::with_roots(&String::from_utf8(read("root.pem")).unwrap()).unwrap();
        for list in ["issuing.crl", "root.crl"] {
            verifier.add_crl(&read(list)).unwrap();
        }
        let at = Timestamp::parse("2026-07-01T00:00:00Z").unwrap();
        let mut wrong = Vec::new();
        for (name, right, objects) in rows {
            let report = verifier.verify(name, &self.saved(objects), at);
            let unseen = report
                .findings
                .iter()
                .any(|one| UNSEEN.contains(&one.code.name()) && one.severity == Severity::Warning);
            let called = match (report.verdict.code(), unseen) {
                ("valid", false) => Some(Called::Valid),
                ("valid", true) => Some(Called::Warned),
                ("altered", _) => Some(Called::Altered),
                _ => None,
            };
            if called != Some(*right) {
                let details = report.findings.iter().map(|one| (one.code, one.detail.as_str()));
                let details: Vec<_> = details.collect();
                wrong.push(format!("{name}: {called:?}, not {right:?}: {details:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

pub(crate) fn stream(entries: &str, data: &str) -> String {
    format!("<<{entries}/Length {}>>\nstream\n{data}\nendstream", data.len())
}
