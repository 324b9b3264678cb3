//! Proofs that accompany a document (C2SP tlog-proof): the index of its leaf, the hashes from the
//! leaf to the root, and the checkpoint with that root.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::SignedCheckpoint;
use super::{BadNote, base64, hash, number};
use crate::base::digest::Digest;
use crate::base::limits::{Budget, Purse};
use crate::format::merkle::proof::{BadProof, Included, verify_inclusion};

/// A parsed or unfinished proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// What is needed besides the document to compute the leaf's hash. It is not signed.
    pub extra: Option<Vec<u8>>,
    /// Index of the leaf, from 0.
    pub index: u64,
    /// The hashes from the leaf's sibling up to the root's child.
    pub path: Vec<Digest>,
    /// The head of the tree.
    pub checkpoint: SignedCheckpoint,
}

impl LogProof {
    /// Parses a proof; nothing in it is checked.
    pub fn parse(text: &str, budget: &mut Budget) -> Result<Self, BadNote> {
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(BadNote::Form("no checkpoint in the proof"))?;
        budget.pay(Purse::NoteBytes, head.len(), "bytes of signed notes")?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FORM) {
            return Err(BadNote::Form("not a proof of the form c2sp.org/tlog-proof@v1"));
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            None => None,
            Some(line) => {
                let text = line.strip_prefix("extra ").unwrap_or_default();
                let bytes = STANDARD.decode(text);
                Some(bytes.map_err(|_| BadNote::Form("extra data that are not in base64"))?)
            }
        };
        let index = lines.next().and_then(|line| number(line.strip_prefix("index ")?));
        let index = index.ok_or(BadNote::Form("no index in the proof"))?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() >= PATH_LENGTH {
                return Err(BadNote::Form("more hashes than any tree has levels"));
            }
            path.push(hash(line).ok_or(BadNote::Form("a line that is no hash"))?);
        }
        let checkpoint = SignedCheckpoint::parse(checkpoint, budget)?;
        Ok(Self { extra, index, path, checkpoint })
    }

    /// Checks that the hashes lead from this leaf to the root of the checkpoint. The signatures on
    /// the checkpoint are not checked.
    pub fn verify(&self, leaf: &Digest) -> Result<Included, BadProof> {
        let head = self.checkpoint.unproved();
        verify_inclusion(leaf, self.index, head.size(), &self.path, head.root())
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORM}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", base64(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

const FORM: &str = "c2sp.org/tlog-proof@v1";
/// Levels of a tree of 2^64 leaves.
const PATH_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::ed25519::Ed25519Key;
    use crate::format::merkle::leaf;
    use crate::format::merkle::proof::inclusion;
    use crate::format::merkle::proof::tests::Levels;
    use crate::format::note::checkpoint::Checkpoint;

    fn proof(size: u8, index: u64) -> (LogProof, Vec<Digest>) {
        let leaves: Vec<Digest> = (0..size).map(|number| leaf(&[&[number]])).collect();
        let (levels, tree) = Levels::of(leaves.iter().copied());
        let key = Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap();
        let head = Checkpoint::new("a.example/log", tree.size(), tree.root()).unwrap();
        let checkpoint = head.sign(&key).unwrap();
        let path = inclusion(&levels, index, tree.size()).unwrap();
        (LogProof { extra: Some(b"{}".to_vec()), index, path, checkpoint }, leaves)
    }

    fn parse(text: &str) -> Result<LogProof, BadNote> {
        LogProof::parse(text, &mut Budget::default())
    }

    #[test]
    fn a_proof_is_read_as_it_was_written_and_holds_for_its_leaf() {
        let (proof, leaves) = proof(100, 42);
        let text = proof.to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra e30=\nindex 42\n"));
        let read = parse(&text).unwrap();
        assert_eq!(read, proof);
        assert!(read.verify(&leaves[42]).is_ok());
        assert!(read.verify(&leaves[41]).is_err());
        let bare = LogProof { extra: None, ..proof };
        assert_eq!(parse(&bare.to_string()).unwrap(), bare);
    }

    #[test]
    fn a_single_leaf_needs_no_hashes() {
        let (proof, leaves) = proof(1, 0);
        assert!(proof.path.is_empty());
        assert!(parse(&proof.to_string()).unwrap().verify(&leaves[0]).is_ok());
    }

    #[test]
    fn what_is_no_proof_is_refused() {
        let (proof, _) = proof(100, 42);
        let text = proof.to_string();
        let hash = base64(proof.path[0].as_bytes());
        for (from, to) in [
            ("@v1", "@v2"),
            ("extra e30=", "extra e30"),
            ("extra e30=", "extra e30=\nextra e30="),
            ("index 42", "index 042"),
            ("index 42", "index"),
            ("index 42\n", ""),
            (hash.as_str(), "AAAA"),
            (hash.as_str(), ""),
            ("\n\n", "\n"),
        ] {
            assert!(text.contains(from), "{from}");
            let changed = text.replacen(from, to, 1);
            assert!(matches!(parse(&changed), Err(BadNote::Form(_))), "{from:?} → {to:?}");
        }
        let long = text.replacen(&hash, &vec![hash.as_str(); 100].join("\n"), 1);
        assert!(matches!(parse(&long), Err(BadNote::Form(_))));
    }
}
