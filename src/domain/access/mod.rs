//! Access control: systems of departments with their keys and rights, the data that departments may
//! read of each other, and the records of such accesses. Deny by default.

pub mod assertion;
mod caller;
mod client;
mod consent;
mod destination;
pub mod dpop;
mod event;
mod grant;
mod holder;
mod hook_key;
mod scope;
mod ticket;
pub mod token;

pub use caller::{Caller, NotPermitted, Permit};
pub use client::{BadClient, Client, ClientKey, ClientName};
pub use consent::{CONSENT_SECONDS, Consent, ConsentBy, ConsentCode};
pub use destination::{BadDestination, Destination, HookUrl, NotAllowed, State, Turn, may_lead_to};
pub use event::{Access, Asked};
pub use grant::{Allowed, BadGrant, Grant, NotGranted, Wanted, is_short};
pub use holder::{HolderCode, holder_mark};
pub use hook_key::{BadOverlap, Ending, HookKey, HookKeys, Overlap, StillTwo};
pub use scope::{BadScope, Kinds, Scope, Verb};
pub use ticket::{TICKET_SECONDS, Ticket, TicketCode};
