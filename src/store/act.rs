//! The content of one commit, and its stored form.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::place::FramePosition;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;

/// What an event records; the name is part of the journal format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum EventKind {
    /// A new epoch begins because events of the last one may be lost.
    Opened,
    /// Numbers were reserved.
    Reserved,
    /// Reserved numbers will not be used.
    Void,
    /// Reserved numbers are free again: the process that had them ended in order.
    Returned,
    /// A version of a licence type's definition is in use from now on.
    Defined,
    /// A licence was issued.
    Issued,
    /// A licence's status changed.
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
    /// Data were given to a department, or refused.
    Accessed,
    /// A holder gave or withdrew consent.
    Consented,
}

/// What a record is about. Each collection has keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Systems of departments, by name.
    Client,
    /// What a department may read of another's licences, by number.
    Grant,
    /// Licences that wait for a second person, by number.
    Proposal,
    /// Sealed verification reports, by the digest of their bytes.
    Report,
    /// Answers given to departments, by number.
    Access,
    /// Consent codes that holders gave out, by digest.
    Consent,
    /// Addresses from which a document can be fetched once, by digest.
    Ticket,
    /// Addresses to which systems of departments want changes sent, by name.
    Destination,
    /// The key that signs webhook messages, once it was replaced.
    WebhookKey,
}

impl EventKind {
    /// Its name in the journal and in the leaves of the log.
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

/// The stored text of a value. Every value enters the journal through this function, so that one
/// that cannot be serialised is refused instead of stored in another form.
pub fn written<T: Serialize>(
    what: impl FnOnce() -> String,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Unwritable { what: what(), why: error.to_string() })
}

/// Parses a value of the index, as written by [`written`].
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Index(error.to_string()))
}

impl Collection {
    /// Its name in the journal.
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

/// A value stored besides the licences: the last one under its key is in force, and the journal has
/// all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The collection that it belongs to.
    pub room: Collection,
    /// Its key, without a zero byte.
    pub key: String,
    /// Number of writes, this one included. The first is 1; the store refuses any number but the
    /// next, so that no writer overwrites a value that it has not read.
    pub revision: u64,
    /// The serialised value.
    pub value: String,
}

impl Record {
    /// A record with this value, serialised.
    pub fn new<T: Serialize>(
        room: Collection,
        key: String,
        revision: u64,
        what: &T,
    ) -> Result<Self, StoreError> {
        let value = written(|| format!("the {} {key}", room.name()), what)?;
        Ok(Self { room, key, revision, value })
    }

    /// The record's next revision.
    pub fn next<T: Serialize>(self, what: &T) -> Result<Self, StoreError> {
        Self::new(self.room, self.key, self.revision.saturating_add(1), what)
    }

    /// The value, parsed.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.value).map_err(|error| {
            StoreError::Index(format!("the {} {}: {error}", self.room.name(), self.key))
        })
    }
}

/// A line of the journal, without the values written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLine {
    /// Index of its leaf in the tree, from 0.
    #[serde(skip)]
    pub index: u64,
    /// Kind of the event.
    pub kind: EventKind,
    /// The person, client or system that caused it.
    pub actor: Actor,
    /// Time of the office's clock when it was committed.
    pub at: Timestamp,
    /// Identifier of the licence concerned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// The records written: collection and key.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub entries: Vec<(Collection, String)>,
    /// What was done, where the kind leaves it open.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// An artefact of a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// The PDF with the department's seal.
    SealedPdf,
    /// The SD-JWT that only the holder presents.
    HolderCredential,
}

/// Everything that one commit writes: all of it or nothing.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// The author named in the journal.
    pub actor: Actor,
    /// Time of the office's clock; written into the event.
    pub at: Timestamp,
    /// Kind of the event that is written.
    pub event: EventKind,
    /// Identifier and record of the licence.
    pub licence: Option<(String, String)>,
    /// Artefacts and their bytes; each gets a frame of its own.
    pub documents: Vec<(DocumentKind, Vec<u8>)>,
    /// Names what documents of this kind share a layout with: they are stored as differences from
    /// each other.
    pub layout: Option<String>,
    /// Digest of its verification code.
    pub code: Option<Digest>,
    /// Slug of the type and 证照编号, which must be unique.
    pub number: Option<(String, String)>,
    /// The numbers used, each with its range.
    pub drawn: Vec<(String, u64)>,
    /// Address and bytes of a type's definition.
    pub definition: Option<(String, String)>,
    /// The epoch that begins.
    pub epoch: Option<u32>,
    /// Scope, key and digest of the request.
    pub idempotency: Option<(String, String, Digest)>,
    /// Status entries to set: list, index, bits.
    pub status: Vec<(u32, u32, u8)>,
    /// Records stored besides the licences.
    pub entries: Vec<Record>,
    /// Further licences concerned: the event is part of their history too.
    pub about: Vec<String>,
    /// Keys of a secondary index: the key, and the identifier of the licence. The store does not
    /// interpret a key; several licences may share one.
    pub marks: Vec<(String, String)>,
    /// Digest of the record to be changed: when another is stored, nothing is written.
    pub expected_revision: Option<Digest>,
    /// What was done, where the kind leaves it open: a word or two for programs, without personal
    /// data.
    pub note: Option<String>,
    /// 128 random bits, so that a leaf reveals nothing of its event.
    pub blinding: [u8; 16],
}

impl Transaction {
    /// A transaction that writes its event and nothing else.
    pub const fn new(event: EventKind, actor: Actor, at: Timestamp, blinding: [u8; 16]) -> Self {
        Self {
            actor,
            at,
            event,
            licence: None,
            documents: Vec::new(),
            layout: None,
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

/// A document of the journal: what it is, and where it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locator {
    /// The artefact stored there.
    pub kind: DocumentKind,
    /// Length in bytes.
    pub length: u64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    pub(super) frame: FramePosition,
}

/// The end of the journal and the tree over it, at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Number of the last segment.
    pub segment: u32,
    /// The offset after its last durable group.
    pub offset: u64,
    /// Number of events.
    pub size: u64,
    /// Root over them, in hexadecimal.
    pub root: String,
}

/// A licence as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The serialised record.
    pub record: String,
    /// Positions of its documents.
    pub documents: Vec<Locator>,
}

impl Stored {
    /// The record, parsed.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.record).map_err(|error| StoreError::Index(error.to_string()))
    }
}

/// Reserved numbers: `next..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The first number not used yet.
    pub next: u64,
    /// One past the last number.
    pub end: u64,
}

/// An event as stored in the journal; its documents follow in separate frames.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    /// What the leaf covers.
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

/// What the leaf of an event covers, by its number in the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub(super) enum LeafFormat {
    /// 0: artefacts, record, definition and entries.
    #[default]
    Parts,
    /// 1: the whole event.
    All,
    /// 2: the whole event, with a digest of its own for each access.
    Lines,
}

impl LeafFormat {
    /// The newest number that this program knows.
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
        let names = [
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
        ];
        // The schema has every kind.
        let all = serde_json::json!(schemars::schema_for!(EventKind));
        let all = all["oneOf"].as_array().unwrap();
        assert_eq!(all.len(), names.len(), "{all:?}");
        for (name, kind) in names {
            assert!(all.iter().any(|one| one["const"] == name), "{name}");
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
