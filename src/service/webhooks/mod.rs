//! Webhooks: messages about changes, sent to addresses that an administrator registered.
//!
//! ```text
//! journal → feed, as the destination's client may read it → message → signed → destination
//!                     Progress: where to continue, stored before and after each attempt
//! ```
//! **At least once, in order.** The range of a message is stored before it is sent. Whatever
//! happens then, the next attempt covers the same events, and its id is a digest of its content: a
//! receiver that ignores repeated ids loses nothing. When a grant changes in between, the same
//! events may give another body, and so another id.
//!
//! **Where progress is stored.** Not in a journal: that keeps every value for ever, and a line and
//! a leaf for each message would be waste, since progress proves nothing. It is a small file for
//! each destination, which is replaced as a whole. When one is lost, everything since the
//! registration is sent again: too much, never too little.
//!
//! This module decides which message is next, when it is due, and how it is signed.
//! `edge::webhooks` sends it and writes the files.

mod error;
mod message;
mod progress;
mod registry;
mod signing;

use std::collections::BTreeMap;
use std::sync::PoisonError;

pub use error::HookError;
pub use message::{Changed, Looked, Message, Payload, Tested};
pub use progress::{CEILING, FAILING, Progress, wait};
pub use registry::{DestinationError, NewDestination, Registered};
pub use signing::{NotReplaced, Replaced, WebhookHeaders, kept_webhook_keys, signature};

use super::office::Office;
pub use super::state::Health;

impl Office {
    /// Records the result of a delivery.
    pub fn note_delivery(&self, name: &str, note: impl FnOnce(&mut Health)) {
        let mut all = self.hooks.0.lock().unwrap_or_else(PoisonError::into_inner);
        note(all.entry(name.to_owned()).or_default());
    }

    /// The counters, by the name of the destination.
    pub fn deliveries(&self) -> BTreeMap<String, Health> {
        self.hooks.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Removes destinations that no longer exist.
    pub fn forget_deliveries(&self, keep: impl Fn(&str) -> bool) {
        let mut all = self.hooks.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|name, _| keep(name));
    }
}
