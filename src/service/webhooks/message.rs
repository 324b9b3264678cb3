//! The messages: which changes, under which id.

use serde_json::json;

use super::error::HookError;
use super::{Office, Progress};
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::limits::Delivering;
use crate::base::time::Timestamp;
use crate::domain::access::{Caller, Destination};
use crate::service::access::RegistryError;
use crate::service::sharing::{Change, SharingError};
use crate::store::EventKind;

/// A message for one destination, unsigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
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
    pub parcel: Option<Parcel>,
    /// Number of the first event not read.
    pub next: u64,
    /// Whether there may be more now.
    pub more: bool,
}

impl Office {
    /// The next message for a destination: exactly what the feed would show its client now, from
    /// where it stopped and, when a message was sent before, up to the end of that one.
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
        let parcel = found.changes.last().map(|last| {
            let office = self.profile().public_base_url.as_str();
            let body = body(office, destination, &found.changes, last.at, found.next);
            Parcel { id: id_of(destination, &body), body, next: found.next }
        });
        let more = found.more || progress.sending.is_some();
        Ok(Looked { parcel, next: found.next, more })
    }

    /// A message without changes, to test a destination.
    pub fn try_out(&self, destination: &Destination) -> Parcel {
        let data = json!({
            "office": self.profile().public_base_url.as_str(),
            "destination": destination.name,
        });
        let body = json!({ "type": "destination.test", "timestamp": self.now(), "data": data });
        let chance: [u8; 16] = draw(&*self.parts.entropy);
        let id = message_id(Digest::of(&[&chance]));
        Parcel { id, body: body.to_string(), next: 0 }
    }

    /// A value that spreads the next attempt.
    pub fn spread(&self) -> u32 {
        u32::from_le_bytes(draw(&*self.parts.entropy))
    }
}

/// Identifiers, types and times: no personal data, and no state, which may have changed by the time
/// that it is read.
fn body(
    office: &str,
    destination: &Destination,
    changes: &[Change],
    at: Timestamp,
    next: u64,
) -> String {
    let change = |change: &Change| {
        let what = if change.event == EventKind::Issued { "issued" } else { "standing" };
        json!({
            "event": change.number.to_string(),
            "id": change.id,
            "type": change.kind,
            "change": what,
            "at": change.at,
        })
    };
    let changes: Vec<_> = changes.iter().map(change).collect();
    let data = json!({
        "office": office,
        "destination": destination.name,
        "changes": changes,
        "next": next.to_string(),
    });
    json!({ "type": "licences.changed", "timestamp": at, "data": data }).to_string()
}

fn id_of(destination: &Destination, body: &str) -> String {
    let first = destination.first.to_be_bytes();
    message_id(Digest::of(&[b"yinzheng webhook", &first, body.as_bytes()]))
}

/// 128 bits are enough that no two bodies ever have the same.
fn message_id(digest: Digest) -> String {
    let hex = digest.to_hex();
    format!("msg_{}", hex.get(..32).unwrap_or(&hex))
}
