//! What one act writes, and how it is found again.

use serde::{Deserialize, Serialize};

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
    Standing,
    /// An operator let an office seal again after a warning.
    Confirmed,
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
pub struct Act {
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: EventKind,
    /// Identifier and record of the licence.
    pub licence: Option<(String, Vec<u8>)>,
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
    /// 128 random bits, so that a leaf tells nothing of what it stands for.
    pub blind: [u8; 16],
}

impl Act {
    /// An act that writes nothing yet but that it happened.
    pub const fn new(event: EventKind, actor: Actor, at: Timestamp, blind: [u8; 16]) -> Self {
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
            blind,
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
    pub(super) blind: String,
}
