//! Heads of a log's tree as signed notes (C2SP tlog-checkpoint), with the cosignatures of witnesses
//! (C2SP tlog-cosignature).

use std::fmt;

use super::key::{self, Forged, NoteKey};
use super::{BadNote, Note, base64, hash, is_name, number};
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::crypto::ed25519::LogSigner;
use crate::crypto::signer::SignError;

/// Size of a log's tree, and its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Digest,
}

/// A checkpoint and its signature lines. Nothing in it is trusted before a signature is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: Note,
    checkpoint: Checkpoint,
}

/// Proof that a log signed this checkpoint with a trusted key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSigned(Checkpoint);

/// Proof that a trusted witness signed a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    name: String,
    at: Timestamp,
}

/// Why a checkpoint is not accepted as a log's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// None of the given keys signed it under the name that is its origin.
    #[error("no key that is trusted signed this checkpoint")]
    Unknown,
    /// A signature under the name of a given key does not verify.
    #[error(transparent)]
    Forged(#[from] Forged),
}

impl Checkpoint {
    /// The head of a log of this name. `None` when the name has spaces, a plus or a line feed.
    pub fn new(origin: &str, size: u64, root: Digest) -> Option<Self> {
        is_name(origin).then(|| Self { origin: origin.to_owned(), size, root })
    }

    /// Name of its log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree over them.
    pub const fn root(&self) -> &Digest {
        &self.root
    }

    /// Signs it with the log's key, whose name is the origin.
    pub fn sign(self, key: &dyn LogSigner) -> Result<SignedCheckpoint, SignError> {
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, base64(self.root.as_bytes()));
        let mut note = Note::new(text).map_err(|error| SignError(error.to_string()))?;
        key::sign_as_log(&mut note, &self.origin, key)?;
        Ok(SignedCheckpoint { note, checkpoint: self })
    }

    fn read(text: &str) -> Option<Self> {
        // Further lines are extensions, which only their log understands.
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        if origin.is_empty() || lines.any(str::is_empty) {
            return None;
        }
        Some(Self { origin: origin.to_owned(), size: number(size)?, root: hash(root)? })
    }
}

impl SignedCheckpoint {
    /// Parses a signed checkpoint; no signature is checked.
    pub fn parse(text: &str, budget: &mut Budget) -> Result<Self, BadNote> {
        let note = Note::parse(text, budget)?;
        let checkpoint = Checkpoint::read(note.text());
        let checkpoint = checkpoint.ok_or(BadNote::Form("no origin, size and root"))?;
        Ok(Self { note, checkpoint })
    }

    /// The checkpoint, its signatures unchecked.
    pub fn unproved(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Checks that one of the keys signed it. The name of a log's key is its origin.
    pub fn by_log(&self, keys: &[NoteKey], budget: &mut Budget) -> Result<LogSigned, NotSigned> {
        let ours =
            |key: &&NoteKey| key.kind() == key::Kind::Log && key.name() == self.checkpoint.origin;
        let mut found = false;
        for key in keys.iter().filter(ours) {
            found |= key.signed(&self.note, budget)?.is_some();
        }
        if found { Ok(LogSigned(self.checkpoint.clone())) } else { Err(NotSigned::Unknown) }
    }

    /// The witnesses among the keys that signed it; one key counts once, whatever its names.
    pub fn by_witnesses(
        &self,
        keys: &[NoteKey],
        budget: &mut Budget,
    ) -> Result<Vec<Witnessed>, Forged> {
        let mut found: Vec<Witnessed> = Vec::new();
        let mut counted: Vec<&NoteKey> = Vec::new();
        for key in keys.iter().filter(|key| key.kind() == key::Kind::Witness) {
            let Some(at) = key.signed(&self.note, budget)?.and_then(|signed| signed.at) else {
                continue;
            };
            if counted.iter().all(|known| !known.is_same_key(key)) {
                counted.push(key);
                found.push(Witnessed { name: key.name().to_owned(), at });
            }
        }
        Ok(found)
    }

    /// Adds a witness's signature, which states that the log was append-only until this time. The
    /// caller must have checked that.
    pub fn cosign(
        &mut self,
        name: &str,
        key: &dyn LogSigner,
        at: Timestamp,
    ) -> Result<(), SignError> {
        key::cosign(&mut self.note, name, key, at)
    }

    /// Adds the signatures of these witnesses from a copy of the same checkpoint, once they verify.
    /// Returns those that `other` has.
    pub fn adopt(
        &mut self,
        other: &Self,
        witnesses: &[NoteKey],
        budget: &mut Budget,
    ) -> Result<Vec<Witnessed>, Forged> {
        if self.note.text() != other.note.text() {
            return Ok(Vec::new());
        }
        let found = other.by_witnesses(witnesses, budget)?;
        for line in other.note.lines() {
            if witnesses.iter().any(|key| key.is_of(line)) {
                self.note.add(line.clone());
            }
        }
        Ok(found)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl LogSigned {
    /// The checkpoint that the log signed.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.0
    }
}

impl Witnessed {
    /// Name of the witness's key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Time of the signature, by the witness's clock.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::ed25519::Ed25519Key;
    use key::Kind;

    struct Party(&'static str, Ed25519Key);

    impl Party {
        fn new(name: &'static str) -> Self {
            Self(name, Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap())
        }

        fn key(&self, kind: Kind) -> NoteKey {
            NoteKey::new(self.0, kind, self.1.public_key().clone()).unwrap()
        }
    }

    fn parse(text: &str) -> Result<SignedCheckpoint, BadNote> {
        SignedCheckpoint::parse(text, &mut Budget::default())
    }

    #[test]
    fn a_checkpoint_is_its_log_s_and_no_other_s() {
        let (log, other) = (Party::new("a.example/log"), Party::new("b.example/log"));
        let root = Digest::of(&[b"root"]);
        let signed = Checkpoint::new(log.0, 7, root).unwrap().sign(&log.1).unwrap();
        let text = signed.to_string();
        assert!(text.starts_with(&format!("a.example/log\n7\n{}\n\n", base64(root.as_bytes()))));
        let read = parse(&text).unwrap();
        assert_eq!(read, signed);
        let by =
            |read: &SignedCheckpoint, keys: &[NoteKey]| read.by_log(keys, &mut Budget::default());
        let keys = [other.key(Kind::Log), log.key(Kind::Log)];
        assert_eq!(by(&read, &keys).unwrap().checkpoint(), read.unproved());
        assert_eq!(by(&read, &keys[..1]), Err(NotSigned::Unknown));
        assert_eq!(by(&read, &[]), Err(NotSigned::Unknown));
        assert_eq!(by(&read, &[log.key(Kind::Witness)]), Err(NotSigned::Unknown));
        // The key of another log, under its own name, proves nothing about this log.
        let stolen = Checkpoint::new(log.0, 8, root).unwrap().sign(&other.1).unwrap();
        assert_eq!(by(&stolen, &keys), Err(NotSigned::Unknown));
        for (from, to) in [("\n7\n", "\n8\n"), ("a.example/log\n", "b.example/log\n")] {
            let changed = parse(&text.replacen(from, to, 1)).unwrap();
            assert!(by(&changed, &keys).is_err(), "{to}");
        }
    }

    #[test]
    fn witnesses_are_counted_once_and_only_those_that_are_known() {
        let log = Party::new("a.example/log");
        let (one, two, three) = (Party::new("w.one"), Party::new("w.two"), Party::new("w.three"));
        let root = Digest::of(&[b"root"]);
        let plain = Checkpoint::new(log.0, 7, root).unwrap().sign(&log.1).unwrap();
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let (early, late) = (at("2026-11-24T06:00:00Z"), at("2026-11-25T06:00:00Z"));
        let mut copy = plain.clone();
        copy.cosign(one.0, &one.1, early).unwrap();
        copy.cosign(one.0, &one.1, late).unwrap();
        copy.cosign(three.0, &three.1, late).unwrap();
        // The same key under another name is no second witness.
        copy.cosign("w.again", &one.1, late).unwrap();
        let again = NoteKey::new("w.again", Kind::Witness, one.1.public_key().clone()).unwrap();
        let keys = [one.key(Kind::Witness), two.key(Kind::Witness), again];
        let budget = &mut Budget::default();
        let found = copy.by_witnesses(&keys, budget).unwrap();
        assert_eq!(found, [Witnessed { name: "w.one".to_owned(), at: late }]);
        let mut kept = plain;
        assert_eq!(kept.adopt(&copy, &keys, budget).unwrap().len(), 1);
        assert_eq!(kept.by_witnesses(&keys, budget).unwrap(), found);
        assert!(!kept.to_string().contains("w.three"));
        // Signatures on another checkpoint are not adopted.
        let mut larger = Checkpoint::new(log.0, 8, root).unwrap().sign(&log.1).unwrap();
        assert!(larger.adopt(&copy, &keys, budget).unwrap().is_empty());
        assert!(!larger.to_string().contains("w.one"));
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let root = base64(&[7; 32]);
        let line = "\u{2014} a AAAAAAE=\n";
        for text in
            [format!("a\n7\n{root}\n\n{line}"), format!("a\n0\n{root}\nextension\nmore\n\n{line}")]
        {
            assert_eq!(parse(&text).unwrap().to_string(), text);
        }
        for text in [
            format!("a\n7\n\n{line}"),
            format!("\n7\n{root}\n\n{line}"),
            format!("a\n07\n{root}\n\n{line}"),
            format!("a\n-7\n{root}\n\n{line}"),
            format!("a\n18446744073709551616\n{root}\n\n{line}"),
            format!("a\n7\n{}\n\n{line}", &root[..42]),
            format!("a\n7\n{root}\n\nb\n\n{line}"),
        ] {
            assert!(matches!(parse(&text), Err(BadNote::Form(_))), "{text:?}");
        }
        assert_eq!(Checkpoint::new("a b", 0, Digest::of(&[])), None);
        assert_eq!(Checkpoint::new("a\nb", 0, Digest::of(&[])), None);
    }
}
