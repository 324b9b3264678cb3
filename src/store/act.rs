//! What one act writes, and how it is found again.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A new epoch begins, because events of the last one may be lost.
    Opened,
    /// Numbers were set aside.
    Reserved,
    /// Numbers that were set aside will not be used.
    Void,
    /// Numbers that were set aside are free again: the process that had them ended in order.
    Returned,
    /// A version of a licence type's definition is in use from now on.
    Defined,
    /// A licence was issued.
    Issued,
    /// A licence's standing changed.
    #[serde(rename = "standing")]
    StatusChanged,
    /// An operator let an office seal again after a warning.
    Confirmed,
    /// An administrator changed what is registered: a client, a grant, a destination, a key.
    Registered,
    /// A licence was proposed, or a proposal was changed, approved or refused.
    Proposed,
    /// A verification report was sealed.
    Reported,
    /// Data were given to a department, or were refused.
    Accessed,
    /// A holder agreed, or took it back.
    Consented,
}

/// What an entry is about. Each room has keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Systems of departments, by name.
    Client,
    /// What a department may read of another's licences, by number.
    Grant,
    /// Licences that wait for a second person, by number.
    Proposal,
    /// Verification reports that were sealed, by the digest of their bytes.
    Report,
    /// Answers that were given to departments, by number.
    Access,
    /// Codes that holders gave out, by digest.
    Consent,
    /// Addresses from which a document can be fetched once, by digest.
    Ticket,
    /// Where systems of departments want to hear of changes, by name.
    Destination,
    /// The key that signs what is sent to destinations, since it was replaced once.
    WebhookKey,
}

impl EventKind {
    /// Its name, as it stands in the journal and in the leaves of the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reserved => "reserved",
            Self::Void => "void",
            Self::Returned => "returned",
            Self::Defined => "defined",
            Self::Issued => "issued",
            Self::StatusChanged => "standing",
            Self::Confirmed => "confirmed",
            Self::Registered => "registered",
            Self::Proposed => "proposed",
            Self::Reported => "reported",
            Self::Accessed => "accessed",
            Self::Consented => "consented",
        }
    }
}

/// The text under which a value is kept: the only way from a value into the journal, so that what
/// has no written form is refused and never kept as something else.
pub fn written<T: Serialize>(
    what: impl FnOnce() -> String,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Unwritable { what: what(), why: error.to_string() })
}

/// What bytes of the index say: the way back of [`written`].
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Index(error.to_string()))
}

impl Collection {
    /// Its name, as it stands in the journal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Grant => "grant",
            Self::Proposal => "proposal",
            Self::Report => "report",
            Self::Access => "access",
            Self::Consent => "consent",
            Self::Ticket => "ticket",
            Self::Destination => "destination",
            Self::WebhookKey => "webhook_key",
        }
    }
}

/// A value that is kept beside the licences: the last one under its key counts, the journal has all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What it is about.
    pub room: Collection,
    /// Its key: no zero byte.
    pub key: String,
    /// How often it was written, this time included; the store refuses any other number, so that
    /// nobody overwrites what they have not seen. The first is 1.
    pub revision: u64,
    /// The value, as the service wrote it.
    pub value: String,
}

impl Record {
    /// An entry that says this.
    pub fn new<T: Serialize>(
        room: Collection,
        key: String,
        revision: u64,
        what: &T,
    ) -> Result<Self, StoreError> {
        let value = written(|| format!("the {} {key}", room.name()), what)?;
        Ok(Self { room, key, revision, value })
    }

    /// The entry as it is written next.
    pub fn next<T: Serialize>(self, what: &T) -> Result<Self, StoreError> {
        Self::new(self.room, self.key, self.revision.saturating_add(1), what)
    }

    /// What the value says.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.value).map_err(|error| {
            StoreError::Index(format!("the {} {}: {error}", self.room.name(), self.key))
        })
    }
}

/// A line of the journal, without what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLine {
    /// Its place in the tree, from 0.
    #[serde(skip)]
    pub index: u64,
    /// What happened.
    pub kind: EventKind,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// The licence that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// The entries that it wrote: room and key.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub entries: Vec<(Collection, String)>,
    /// What was done, where the kind does not say it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// Which artefact of a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// The sealed PDF.
    SealedPdf,
    /// The holder credential.
    HolderCredential,
}

/// Everything that one act writes.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: EventKind,
    /// Identifier and record of the licence.
    pub licence: Option<(String, String)>,
    /// Its artefacts.
    pub documents: Vec<(DocumentKind, Vec<u8>)>,
    /// Digest of its verification code.
    pub code: Option<Digest>,
    /// Type and number.
    pub number: Option<(String, String)>,
    /// Which numbers of which ranges went into it.
    pub drawn: Vec<(String, u64)>,
    /// Address and bytes of a type's definition.
    pub definition: Option<(String, String)>,
    /// The epoch that begins.
    pub epoch: Option<u32>,
    /// Scope, key and digest of the request.
    pub idempotency: Option<(String, String, Digest)>,
    /// List, index, bits.
    pub status: Vec<(u32, u32, u8)>,
    /// What is kept beside the licences.
    pub entries: Vec<Record>,
    /// Further licences that it is about: it stands in their history too.
    pub about: Vec<String>,
    /// Marks under which licences are found again: the mark, and the identifier. A mark says
    /// nothing to the store; several licences may have the same.
    pub marks: Vec<(String, String)>,
    /// Digest of the record that is changed: when another is there by then, nothing is stored.
    pub expected_revision: Option<Digest>,
    /// What was done, where the kind does not say it: a word or two that programs read, and
    /// nothing of a person.
    pub note: Option<String>,
    /// 128 random bits, so that a leaf tells nothing of what it stands for.
    pub blinding: [u8; 16],
}

impl Transaction {
    /// An act that writes nothing yet but that it happened.
    pub const fn new(event: EventKind, actor: Actor, at: Timestamp, blinding: [u8; 16]) -> Self {
        Self {
            actor,
            at,
            event,
            licence: None,
            documents: Vec::new(),
            code: None,
            number: None,
            drawn: Vec::new(),
            definition: None,
            epoch: None,
            idempotency: None,
            status: Vec::new(),
            entries: Vec::new(),
            about: Vec::new(),
            marks: Vec::new(),
            expected_revision: None,
            note: None,
            blinding,
        }
    }
}

/// Where a document lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locator {
    /// Which artefact.
    pub kind: DocumentKind,
    /// Number of the segment.
    pub segment: u32,
    /// Offset of its first byte.
    pub offset: u64,
    /// How many bytes.
    pub length: u64,
    /// SHA-256.
    pub sha256: String,
}

/// The end of the journal and the tree over it, at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Number of the last segment.
    pub segment: u32,
    /// The offset behind its last durable group.
    pub offset: u64,
    /// Events.
    pub size: u64,
    /// Root over them, in hexadecimal.
    pub root: String,
}

/// A licence as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The record, as the service wrote it.
    pub record: String,
    /// Its documents.
    pub documents: Vec<Locator>,
}

impl Stored {
    /// What the record says.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        read(self.record.as_bytes())
    }
}

/// Numbers that were set aside: from `next` up to `end`, which is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The first.
    pub next: u64,
    /// One past the last.
    pub end: u64,
}

/// An event as the journal holds it; documents follow it in frames of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    /// What its leaf is made of.
    #[serde(skip_serializing_if = "is_first", default)]
    pub(super) form: LeafFormat,
    pub(super) kind: EventKind,
    pub(super) actor: Actor,
    pub(super) at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) record: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) documents: Vec<(DocumentKind, u64, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) number: Option<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) idempotency: Option<(String, String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) status: Vec<(u32, u32, u8)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) range: Option<(String, u64, u64)>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) drawn: Vec<(String, u64)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) definition: Option<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) epoch: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) entries: Vec<Record>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) note: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) about: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) marks: Vec<(String, String)>,
    #[serde(rename = "blind")]
    pub(super) blinding: String,
}

/// What the leaf of an event is made of, by its number in the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub(super) enum LeafFormat {
    /// 0: artefacts, record, definition and entries.
    #[default]
    Parts,
    /// 1: all that it says.
    All,
    /// 2: all that it says, with a digest of its own for each access.
    Lines,
}

impl LeafFormat {
    /// The number of the newest that this program knows.
    pub(super) const NEWEST: u8 = 2;
}

impl TryFrom<u8> for LeafFormat {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Parts),
            1 => Ok(Self::All),
            Self::NEWEST => Ok(Self::Lines),
            _ => Err("a form of a newer program"),
        }
    }
}

impl From<LeafFormat> for u8 {
    fn from(form: LeafFormat) -> Self {
        match form {
            LeafFormat::Parts => 0,
            LeafFormat::All => 1,
            LeafFormat::Lines => LeafFormat::NEWEST,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_first(form: &LeafFormat) -> bool {
    *form == LeafFormat::Parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_events_are_those_of_the_journal() {
        for (name, kind) in [
            ("opened", EventKind::Opened),
            ("reserved", EventKind::Reserved),
            ("void", EventKind::Void),
            ("returned", EventKind::Returned),
            ("defined", EventKind::Defined),
            ("issued", EventKind::Issued),
            ("standing", EventKind::StatusChanged),
            ("confirmed", EventKind::Confirmed),
            ("registered", EventKind::Registered),
            ("proposed", EventKind::Proposed),
            ("reported", EventKind::Reported),
            ("accessed", EventKind::Accessed),
            ("consented", EventKind::Consented),
        ] {
            assert_eq!(kind.name(), name);
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
    }

    #[test]
    fn what_has_no_written_form_is_refused() {
        let map = std::collections::BTreeMap::from([(vec![1], 2)]);
        let refused = written(|| "the licence 1".to_owned(), &map).unwrap_err();
        assert!(matches!(refused, StoreError::Unwritable { .. }), "{refused}");
        assert!(Record::new(Collection::Report, "1".to_owned(), 1, &map).is_err());
    }
}
