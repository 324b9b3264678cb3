//! Signed notes of transparency logs (C2SP signed-note): checkpoints with the cosignatures of
//! witnesses, and the proofs that accompany a document.
//!
//! A note is text, an empty line, and a line for each signature. Signatures of unknown keys are
//! ignored; one of a known key must verify, or the whole note is refused. Ed25519 signatures (0x01)
//! and timestamped Ed25519 cosignatures (0x04) are read.

pub mod checkpoint;
pub mod key;
pub mod proof;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::digest::Digest;
use crate::base::limits::{Budget, OverBudget, Purse};

/// A parsed or unfinished note. Nothing in it is trusted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Line>,
}

/// A line with a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Name of the key.
    pub(super) name: String,
    /// First four bytes of a digest of name, kind and key.
    pub(super) id: [u8; 4],
    /// What the key signed, in the form of its kind.
    pub(super) signature: Vec<u8>,
}

/// Why a text is no note, checkpoint or proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// Not text, an empty line and signature lines.
    #[error("not a signed note: {0}")]
    Form(&'static str),
    /// Larger than what is read.
    #[error(transparent)]
    Budget(#[from] OverBudget),
}

impl Note {
    /// A note without signatures. The text ends with a line feed and has no control characters.
    pub fn new(text: String) -> Result<Self, BadNote> {
        let control = |character: char| character < ' ' && character != '\n';
        if !text.ends_with('\n') || text.contains(control) {
            return Err(BadNote::Form("lines of plain text, each with its line feed"));
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Parses a note; no signature is checked.
    pub fn parse(note: &str, budget: &mut Budget) -> Result<Self, BadNote> {
        budget.pay(Purse::NoteBytes, note.len(), "bytes of signed notes")?;
        // The last empty line: the text may have some of its own.
        let (text, lines) =
            note.rsplit_once("\n\n").ok_or(BadNote::Form("no empty line before signatures"))?;
        let mut parsed = Self::new(format!("{text}\n"))?;
        let lines = lines.strip_suffix('\n').ok_or(BadNote::Form("no line feed at the end"))?;
        for line in lines.split('\n') {
            budget.pay(Purse::NoteSignatures, 1, "signatures of notes")?;
            let line = Line::parse(line).ok_or(BadNote::Form("a line that is no signature"))?;
            parsed.signatures.push(line);
        }
        Ok(parsed)
    }

    /// The text. It is not trusted until a signature on it is verified.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.signatures
    }

    /// Adds a signature after the others, unless it is there already.
    pub(super) fn add(&mut self, line: Line) {
        if !self.signatures.contains(&line) {
            self.signatures.push(line);
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for Line { name, id, signature } in &self.signatures {
            let bytes = [id.as_slice(), signature].concat();
            writeln!(f, "\u{2014} {name} {}", STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        let fits = is_name(name) && !signature.is_empty();
        fits.then(|| Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
    }
}

/// A SHA-256 digest in canonical base64.
pub(super) fn hash(text: &str) -> Option<Digest> {
    let bytes = STANDARD.decode(text).ok()?;
    Some(Digest::from_bytes(bytes.try_into().ok()?))
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A decimal number without leading zeros.
pub(super) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text == "0" || !text.starts_with('0');
    (digits && plain).then(|| text.parse().ok()).flatten()
}

/// Not empty, no spaces of any kind, no plus, no control characters.
fn is_name(name: &str) -> bool {
    let fits = |one: char| !one.is_whitespace() && !one.is_control() && one != '+';
    !name.is_empty() && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Note, BadNote> {
        Note::parse(text, &mut Budget::default())
    }

    #[test]
    fn a_note_is_written_as_it_was_read() {
        let note = "One\n\nTwo\n\n\u{2014} a.example/x AAAAAAE=\n\u{2014} b AAAAAAEC\n";
        let read = parse(note).unwrap();
        assert_eq!(read.text(), "One\n\nTwo\n");
        assert_eq!(read.lines().len(), 2);
        assert_eq!(read.to_string(), note);
    }

    #[test]
    fn what_is_no_note_is_refused() {
        for bad in [
            "",
            "text\n",
            "text\n\n",
            "text\n\n\u{2014} a AAAAAAE=",
            "text\n\n- a AAAAAAE=\n",
            "text\n\n\u{2014} a AAAAAA==\n",
            "text\n\n\u{2014} a AAAAAAF=\n",
            "text\n\n\u{2014} a AAAAAAE\n",
            "text\n\n\u{2014}  AAAAAAE=\n",
            "text\n\n\u{2014} a+b AAAAAAE=\n",
            "text\n\n\u{2014} a\u{a0}b AAAAAAE=\n",
            "text\n\n\u{2014} a  AAAAAAE=\n",
            "te\txt\n\n\u{2014} a AAAAAAE=\n",
            "text\r\n\n\u{2014} a AAAAAAE=\n",
            "text\n\n\u{2014} a AAAAAAE=\n\n",
            "text\n\n\u{2014} a AAAAAAE=\nmore\n",
        ] {
            assert!(matches!(parse(bad), Err(BadNote::Form(_))), "{bad:?}");
        }
        let many = format!("text\n\n{}", "\u{2014} a AAAAAAE=\n".repeat(100));
        assert!(matches!(parse(&many), Err(BadNote::Budget(_))));
        let sixteen = format!("text\n\n{}", "\u{2014} a AAAAAAE=\n".repeat(16));
        assert_eq!(parse(&sixteen).unwrap().lines().len(), 16);
        let long = format!("{}\n\n\u{2014} a AAAAAAE=\n", "x".repeat(1 << 20));
        assert!(matches!(parse(&long), Err(BadNote::Budget(_))));
    }
}
