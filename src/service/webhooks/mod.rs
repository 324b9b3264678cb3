//! Telling systems of departments what changed, at addresses that an administrator registered.
//!
//! ```text
//! journal → feed, as the destination's client may read it → parcel → signed → destination
//!                                   Progress: where it goes on, kept before and after each attempt
//! ```
//! **At least once, in order.** What a parcel covers is kept before it is sent. Whatever happens
//! then, the next attempt covers the same events, and its id is a digest of what it says: a receiver
//! that drops ids it has seen loses nothing. When a grant changes in between, the same events may
//! say something else; that is another id.
//!
//! **Where progress is kept.** Not in a journal: those keep every value for ever, and a line and its
//! leaf for each message would grow with the changes for nothing, since progress proves nothing to
//! anybody. It is a small file for each destination that is replaced whole. When one is lost,
//! everything since the registration is sent again: too much, never too little.
//!
//! Here is what is decided: what is next, when, and how it is signed. What leaves the machine, and
//! the files, are in `edge::hooks`.

mod error;
mod message;
mod progress;
mod registry;
mod signing;

use std::collections::BTreeMap;
use std::sync::PoisonError;

pub use error::HookError;
pub use message::{Looked, Parcel};
pub use progress::{CEILING, FAILING, Progress, wait};
pub use registry::{DestinationError, NewDestination, Registered};
pub use signing::{NotReplaced, Replaced, WebhookHeaders, kept_webhook_keys, signature};

use super::office::Office;
pub use super::state::Health;

impl Office {
    /// Notes how a delivery went.
    pub fn note_delivery(&self, name: &str, note: impl FnOnce(&mut Health)) {
        let mut all = self.hooks.0.lock().unwrap_or_else(PoisonError::into_inner);
        note(all.entry(name.to_owned()).or_default());
    }

    /// How deliveries go, by the name of the destination.
    pub fn deliveries(&self) -> BTreeMap<String, Health> {
        self.hooks.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets destinations that are no longer sent to.
    pub fn forget_deliveries(&self, keep: impl Fn(&str) -> bool) {
        let mut all = self.hooks.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|name, _| keep(name));
    }
}
