//! Content of a leaf of an office's log, from which a holder of the artefacts computes its hash.
//!
//! `SHA-256(0x00 || "kind" || blinding || digest … || hex(SHA-256 of an artefact) …)`: the kind in
//! quotation marks, the blinding and the artefacts' digests in hexadecimal, the other digests as
//! bytes. The blinding has 128 random bits, so that the hash does not allow guesses of the content
//! to be tested; the other digests are blinded too. Kind and blinding have known lengths, and no
//! digest consists of hexadecimal digits (2^-128), so that one hash has one meaning.

use serde::{Deserialize, Serialize};

use super::leaf;
use crate::base::digest::Digest;

/// The fields that a leaf's hash covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafContent {
    /// Kind of the event: lower-case letters and `_`.
    pub kind: String,
    /// 32 hexadecimal digits; empty where nothing can be guessed.
    pub blinding: String,
    /// Digests of the records written; in journals of the present format one, over the whole event.
    pub parts: Vec<Digest>,
    /// Digests of the artefacts.
    pub artefacts: Vec<Digest>,
}

/// The text is not the content of a leaf of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the content of a leaf ({FORM})")]
pub struct BadLeafContent;

impl LeafContent {
    /// Hash of the leaf, as in RFC 6962.
    pub fn hash(&self) -> Digest {
        let artefacts: Vec<String> = self.artefacts.iter().map(|one| one.to_hex()).collect();
        let mut bytes: Vec<&[u8]> =
            vec![b"\"", self.kind.as_bytes(), b"\"", self.blinding.as_bytes()];
        bytes.extend(self.parts.iter().map(|part| part.as_bytes().as_slice()));
        bytes.extend(artefacts.iter().map(String::as_bytes));
        leaf(&bytes)
    }

    /// The JSON that a proof carries as its extra data.
    pub fn to_json(&self) -> String {
        let hex = |all: &[Digest]| all.iter().map(|one| one.to_hex()).collect();
        let written = Written {
            leaf: FORM.to_owned(),
            kind: self.kind.clone(),
            blinding: self.blinding.clone(),
            parts: hex(&self.parts),
            artefacts: hex(&self.artefacts),
        };
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Parses the output of [`LeafContent::to_json`].
    pub fn parse(json: &[u8]) -> Result<Self, BadLeafContent> {
        let written: Written = serde_json::from_slice(json).map_err(|_| BadLeafContent)?;
        let read = |all: &[String]| -> Option<Vec<Digest>> {
            all.iter()
                .map(|text| Digest::from_hex(text).filter(|digest| digest.to_hex() == *text))
                .collect()
        };
        let word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let (parts, artefacts) = (read(&written.parts), read(&written.artefacts));
        let (Some(parts), Some(artefacts)) = (parts, artefacts) else { return Err(BadLeafContent) };
        let fits = written.leaf == FORM
            && (1..=32).contains(&written.kind.len())
            && written.kind.bytes().all(word)
            && [0, 32].contains(&written.blinding.len())
            && written.blinding.bytes().all(digit);
        let content = Self { kind: written.kind, blinding: written.blinding, parts, artefacts };
        if fits { Ok(content) } else { Err(BadLeafContent) }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    leaf: String,
    kind: String,
    #[serde(rename = "blind")]
    blinding: String,
    parts: Vec<String>,
    artefacts: Vec<String>,
}

/// Name and version of the form.
const FORM: &str = "yinzheng-leaf/1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let content = LeafContent {
            kind: "issued".to_owned(),
            blinding: "0123456789abcdef0123456789abcdef".to_owned(),
            parts: vec![Digest::of(&[b"record"])],
            artefacts: vec![Digest::of(&[b"pdf"]), Digest::of(&[b"credential"])],
        };
        let json = content.to_json();
        assert_eq!(LeafContent::parse(json.as_bytes()).as_ref(), Ok(&content));
        let hex = |text: &[u8]| Digest::of(&[text]).to_hex();
        let bytes = [
            &b"\"issued\"0123456789abcdef0123456789abcdef"[..],
            Digest::of(&[b"record"]).as_bytes(),
            hex(b"pdf").as_bytes(),
            hex(b"credential").as_bytes(),
        ]
        .concat();
        assert_eq!(content.hash(), Digest::of(&[&[0], &bytes]));
        for (from, to) in [
            ("leaf/1", "leaf/2"),
            ("issued", "Issued"),
            ("\"blind\":\"0", "\"blind\":\""),
            ("\"blind\":\"0", "\"blind\":\"G"),
            ("\"parts\"", "\"more\":1,\"parts\""),
            ("\"parts\":[\"", "\"parts\":[\"0"),
        ] {
            assert!(json.contains(from), "{from}");
            assert_eq!(
                LeafContent::parse(json.replacen(from, to, 1).as_bytes()),
                Err(BadLeafContent)
            );
        }
        let upper = json.replace(&hex(b"pdf"), &hex(b"pdf").to_uppercase());
        assert_eq!(LeafContent::parse(upper.as_bytes()), Err(BadLeafContent));
    }
}
