//! Webhook messages: their changes and their ids.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::error::HookError;
use super::{Office, Progress};
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::limits::Delivering;
use crate::base::time::Timestamp;
use crate::domain::access::{Caller, ClientName};
use crate::domain::webhooks::Destination;
use crate::service::access::RegistryError;
use crate::service::sharing::{Change, SharingError};
use crate::store::EventKind;

/// A message for one destination, unsigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Message id: the same for the same body to the same destination, in every attempt.
    pub id: String,
    /// The JSON that is signed and sent, byte for byte.
    pub body: String,
    /// Number of the first event after it.
    pub next: u64,
}

/// The result of reading the feed for a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The next message, if there is one.
    pub message: Option<Message>,
    /// Number of the first event not read.
    pub next: u64,
    /// Whether there may be more now.
    pub more: bool,
}

impl Office {
    /// The next message for a destination: exactly what the feed would show its client now, from
    /// its last position and, when a message was sent and not acknowledged, up to the end of that
    /// one.
    pub fn look_for(
        &self,
        destination: &Destination,
        progress: &Progress,
    ) -> Result<Looked, HookError> {
        let client = match self.client(destination.client.as_str()) {
            Ok(client) if !client.disabled => client,
            Err(RegistryError::Store(error)) => return Err(SharingError::Store(error).into()),
            _ => return Err(HookError::NoClient(destination.client.to_string())),
        };
        let caller = Caller::new(client.name, client.department, client.scopes);
        let (since, end) = (progress.next, progress.sending.unwrap_or(u64::MAX));
        let most = Delivering::default().changes;
        let found = self.changes_before(&caller, since, end, most)?;
        let message = found.changes.last().map(|last| {
            let office = self.profile().public_base_url.as_str();
            let body = body(office, destination, &found.changes, last.at, found.next);
            Message { id: id_of(destination, &body), body, next: found.next }
        });
        let more = found.more || progress.sending.is_some();
        Ok(Looked { message, next: found.next, more })
    }

    /// A message without changes, to test a destination.
    pub fn try_out(&self, destination: &Destination) -> Message {
        let office = self.profile().public_base_url.as_str();
        let data = Tested { office, destination: &destination.name };
        let body = json!(Payload::Test { timestamp: self.now(), data });
        let chance: [u8; 16] = draw(&*self.parts.entropy);
        let id = message_id(Digest::of(&[&chance]));
        Message { id, body: body.to_string(), next: 0 }
    }

    /// A random value that spreads the next attempts of destinations.
    pub fn spread(&self) -> u32 {
        u32::from_le_bytes(draw(&*self.parts.entropy))
    }
}

/// Identifiers, types and times: no personal data, and no state, which may have changed by the time
/// the message is read.
fn body(
    office: &str,
    destination: &Destination,
    changes: &[Change],
    at: Timestamp,
    next: u64,
) -> String {
    let change = |change: &Change| OneChange {
        event: change.number.to_string(),
        id: change.id.clone(),
        kind: change.kind.clone(),
        change: word(change.event),
        at: change.at,
    };
    let changes = changes.iter().map(change).collect();
    let data = Changed { office, destination: &destination.name, changes, next: next.to_string() };
    json!(Payload::Changed { timestamp: at, data }).to_string()
}

/// What a message calls a change. The feed has no other kinds than the first two.
const fn word(event: EventKind) -> &'static str {
    match event {
        EventKind::Issued => "issued",
        EventKind::StatusChanged
        | EventKind::Opened
        | EventKind::Reserved
        | EventKind::Void
        | EventKind::Returned
        | EventKind::Defined
        | EventKind::Confirmed
        | EventKind::Registered
        | EventKind::Proposed
        | EventKind::Reported
        | EventKind::Accessed
        | EventKind::Consented => "standing",
    }
}

/// A message to a destination.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type")]
#[schemars(rename = "WebhookMessage")]
pub enum Payload<'a> {
    /// Licences were issued, or their standing changed.
    #[serde(rename = "licences.changed")]
    Changed {
        /// When the last of the changes happened.
        timestamp: Timestamp,
        /// The changes.
        data: Changed<'a>,
    },
    /// Nothing changed: an administrator tries whether messages arrive.
    #[serde(rename = "destination.test")]
    Test {
        /// When it was tried.
        timestamp: Timestamp,
        /// Who sends it, and to whom.
        data: Tested<'a>,
    },
}

/// Changes, in the order of the journal.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Changed<'a> {
    /// Public address of the office.
    office: &'a str,
    /// Name of the destination; refuse what is not for you.
    #[schemars(with = "String")]
    destination: &'a ClientName,
    #[schemars(length(min = 1, max = 100))]
    changes: Vec<OneChange>,
    /// What `GET /v1/changes` takes as `since` to go on behind this message.
    #[schemars(extend("pattern" = "^[0-9]{1,20}$"))]
    next: String,
}

/// A message without changes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Tested<'a> {
    /// Public address of the office.
    office: &'a str,
    /// Name of the destination.
    #[schemars(with = "String")]
    destination: &'a ClientName,
}

/// One change.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct OneChange {
    /// Number of the event in the journal; it grows.
    #[schemars(extend("pattern" = "^[0-9]{1,20}$"))]
    event: String,
    /// Identifier of the licence.
    id: String,
    /// Slug of its type.
    #[serde(rename = "type")]
    kind: String,
    /// It was issued, or its standing changed; ask for the present state.
    #[schemars(extend("enum" = ["issued", "standing"]))]
    change: &'static str,
    at: Timestamp,
}

fn id_of(destination: &Destination, body: &str) -> String {
    let first = destination.first.to_be_bytes();
    message_id(Digest::of(&[b"yinzheng webhook", &first, body.as_bytes()]))
}

/// 128 bits, so that two bodies never have the same id.
fn message_id(digest: Digest) -> String {
    let hex = digest.to_hex();
    format!("msg_{}", hex.get(..32).unwrap_or(&hex))
}
