//! Where changes are sent, and the keys that sign the messages.

mod destination;
mod hook_key;

pub use destination::{BadDestination, Destination, HookUrl, NotAllowed, State, Turn, may_lead_to};
pub use hook_key::{BadOverlap, Ending, HookKey, HookKeys, Overlap, StillTwo};
