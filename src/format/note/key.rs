//! Keys of logs and witnesses by name (C2SP signed-note, verifier keys), and what they sign.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Line, Note, is_name};
use crate::base::digest::{Digest, hex};
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::base::time::Timestamp;
use crate::crypto::algorithm::{Algorithm, KeyKind, PublicKey};
use crate::crypto::ed25519::LogSigner;
use crate::crypto::signer::SignError;
use crate::crypto::verify::{Form, SignatureValid, verify};

/// The form of a key's signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 0x01: Ed25519 over the text, used by logs.
    Log,
    /// 0x04: Ed25519 over a time and the text, used by witnesses.
    Witness,
}

/// A key that a reader trusts: `name+id+base64(kind || public key)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    name: String,
    kind: Kind,
    key: PublicKey,
}

/// The text is no verifier key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a verifier key (name+id+key) of an Ed25519 log or witness")]
pub struct BadKey;

/// A signature of a given key does not verify, so that the whole note is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// It does not verify, or is malformed.
    #[error("a signature under the name of a known key does not hold")]
    Signature,
    /// The budget is exhausted.
    #[error(transparent)]
    Budget(#[from] OverBudget),
}

/// A verified signature, and the time in a witness's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    /// The time stated by a witness; `None` for a log.
    pub(super) at: Option<Timestamp>,
    _valid: SignatureValid,
}

impl NoteKey {
    /// A key with its name; `None` when the name is malformed or the key is not Ed25519.
    pub fn new(name: &str, kind: Kind, key: PublicKey) -> Option<Self> {
        let fits = is_name(name) && key.kind() == KeyKind::Ed25519;
        fits.then(|| Self { name: name.to_owned(), kind, key })
    }

    /// Reads a verifier key. Its id must match the rest.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BadKey);
        };
        let bytes = STANDARD.decode(key).map_err(|_| BadKey)?;
        let (kind, public) = match bytes.split_first() {
            Some((1, public)) => (Kind::Log, public),
            Some((4, public)) => (Kind::Witness, public),
            _ => return Err(BadKey),
        };
        let public = PublicKey::new(KeyKind::Ed25519, public.to_vec()).ok_or(BadKey)?;
        let key = Self::new(name, kind, public).ok_or(BadKey)?;
        if hex(&key.id()) == id { Ok(key) } else { Err(BadKey) }
    }

    /// Name of the key, as in signature lines.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The form of its signatures.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether both are the same key, under any name.
    pub(super) fn is_same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Whether a signature line has its name and id.
    pub(super) fn is_of(&self, line: &Line) -> bool {
        line.name == self.name && line.id == self.id()
    }

    /// The key's id in hexadecimal, as in the verifier key.
    pub fn id_hex(&self) -> String {
        hex(&self.id())
    }

    /// First four bytes of SHA-256 over name, line feed, kind and key.
    fn id(&self) -> [u8; 4] {
        let digest =
            Digest::of(&[self.name.as_bytes(), b"\n", &[self.kind.byte()], self.key.bits()]);
        let [a, b, c, d, ..] = *digest.as_bytes();
        [a, b, c, d]
    }

    /// This key's signature on a note; `None` when it did not sign. When several lines have its
    /// name and id, all of them must verify, and the latest counts.
    pub(super) fn signed(
        &self,
        note: &Note,
        budget: &mut Budget,
    ) -> Result<Option<Signed>, Forged> {
        let mut found: Option<Signed> = None;
        for line in note.lines().iter().filter(|line| self.is_of(line)) {
            budget.pay(Purse::SignatureChecks, 1, "signature checks")?;
            let (at, signature, message) = match self.kind {
                Kind::Log => (None, line.signature.as_slice(), note.text().to_owned()),
                Kind::Witness => {
                    let (time, signature) =
                        line.signature.split_first_chunk::<8>().ok_or(Forged::Signature)?;
                    let time = i64::try_from(u64::from_be_bytes(*time)).ok();
                    let at = time.and_then(Timestamp::from_unix).ok_or(Forged::Signature)?;
                    (Some(at), signature, cosigned(at, note.text()))
                }
            };
            let valid =
                verify(Algorithm::Ed25519, Form::Fixed, &self.key, message.as_bytes(), signature)
                    .map_err(|_| Forged::Signature)?;
            if found.is_none_or(|known| known.at < at) {
                found = Some(Signed { at, _valid: valid });
            }
        }
        Ok(found)
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.byte()], self.key.bits()].concat();
        write!(f, "{}+{}+{}", self.name, hex(&self.id()), STANDARD.encode(key))
    }
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Witness => 4,
        }
    }
}

/// Signs the text as a log.
pub(super) fn sign_as_log(
    note: &mut Note,
    name: &str,
    key: &dyn LogSigner,
) -> Result<(), SignError> {
    let signature = key.sign(note.text().as_bytes())?.to_vec();
    note.add(line(name, Kind::Log, key, signature)?);
    Ok(())
}

/// Signs the text and a time as a witness.
pub(super) fn cosign(
    note: &mut Note,
    name: &str,
    key: &dyn LogSigner,
    at: Timestamp,
) -> Result<(), SignError> {
    let time = u64::try_from(at.unix()).map_err(|_| SignError("a time before 1970".to_owned()))?;
    let signature = key.sign(cosigned(at, note.text()).as_bytes())?;
    let signature = [time.to_be_bytes().as_slice(), &signature].concat();
    note.add(line(name, Kind::Witness, key, signature)?);
    Ok(())
}

/// What a witness signs (C2SP tlog-cosignature, Ed25519 signed message).
fn cosigned(at: Timestamp, text: &str) -> String {
    format!("cosignature/v1\ntime {}\n{text}", at.unix())
}

fn line(
    name: &str,
    kind: Kind,
    key: &dyn LogSigner,
    signature: Vec<u8>,
) -> Result<Line, SignError> {
    let key = NoteKey::new(name, kind, key.public_key().clone())
        .ok_or_else(|| SignError(format!("{name:?} is no name of a key")))?;
    Ok(Line { id: key.id(), name: key.name, signature })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::Secret;
    use crate::crypto::ed25519::Ed25519Key;

    /// The example of the specification.
    const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    /// The example of Go's package, whose key is published with it.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const PETER_KEY: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const PETER_NOTE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn read(note: &str) -> Note {
        Note::parse(note, &mut Budget::default()).unwrap()
    }

    #[test]
    fn the_published_examples_hold_and_changed_ones_do_not() {
        for (key, note) in [(KEY, NOTE), (PETER, PETER_NOTE)] {
            let parsed = NoteKey::parse(key).unwrap();
            assert_eq!(parsed.to_string(), key);
            let signed = |note: &str| parsed.signed(&read(note), &mut Budget::default());
            assert!(matches!(signed(note), Ok(Some(_))));
            assert_eq!(signed(&note.replacen("is", "was", 1)), Err(Forged::Signature));
            // Under another name it is the signature of an unknown key.
            assert_eq!(signed(&note.replace("\u{2014} ", "\u{2014} x")), Ok(None));
        }
    }

    #[test]
    fn a_note_of_go_is_made_byte_for_byte() {
        // The head of PKCS#8, which is the same for every key.
        let head = Ed25519Key::generate().unwrap().expose()[..16].to_vec();
        let seed = STANDARD.decode(PETER_KEY).unwrap()[1..].to_vec();
        let key = Ed25519Key::from_pkcs8(&Secret::new([head, seed].concat())).unwrap();
        let (text, _) = PETER_NOTE.rsplit_once("\n\n").unwrap();
        let mut note = Note::new(format!("{text}\n")).unwrap();
        let signature = key.sign(note.text().as_bytes()).unwrap().to_vec();
        note.add(line("PeterNeumann", Kind::Log, &key, signature).unwrap());
        assert_eq!(note.to_string(), PETER_NOTE);
    }

    #[test]
    fn only_whole_keys_with_their_id_are_read() {
        for cut in 0..PETER.len() {
            assert_eq!(NoteKey::parse(&PETER[..cut]), Err(BadKey), "{cut}");
            if cut > 0 {
                assert_eq!(NoteKey::parse(&PETER[cut..]), Err(BadKey), "{cut}");
            }
        }
        for bad in [
            PETER.replace("c74f20a3", "C74F20A3"),
            PETER.replace("c74f20a3", "c74f20a4"),
            PETER.replace("+ARpc", "+BRpc"),
            PETER.replace("Peter", "Peter Paul"),
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".to_owned(),
        ] {
            assert_eq!(NoteKey::parse(&bad), Err(BadKey), "{bad}");
        }
    }

    #[test]
    fn a_log_s_signature_is_no_witness_s_and_the_other_way_round() {
        let key = Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap();
        let as_kind = |kind| NoteKey::new("a.example", kind, key.public_key().clone()).unwrap();
        let mut note = Note::new("a.example\n0\n".to_owned()).unwrap();
        sign_as_log(&mut note, "a.example", &key).unwrap();
        let signed = |note: &Note, kind| as_kind(kind).signed(note, &mut Budget::default());
        assert!(matches!(signed(&note, Kind::Log), Ok(Some(Signed { at: None, .. }))));
        assert_eq!(signed(&note, Kind::Witness), Ok(None));
        let at = Timestamp::parse("2026-11-24T06:00:00Z").unwrap();
        cosign(&mut note, "a.example", &key, at).unwrap();
        let cosigned = signed(&note, Kind::Witness).unwrap().unwrap();
        assert_eq!(cosigned.at, Some(at));
        // The time is signed too.
        let mut moved = note.clone();
        let last = moved.signatures.last_mut().unwrap();
        last.signature[7] ^= 1;
        assert_eq!(signed(&moved, Kind::Witness), Err(Forged::Signature));
        let mut budget = Budget { signature_checks: 0, ..Budget::default() };
        assert!(matches!(as_kind(Kind::Log).signed(&note, &mut budget), Err(Forged::Budget(_))));
        assert_eq!(read(&note.to_string()), note);
    }
}
