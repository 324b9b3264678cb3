//! What departments may read of each other: grants, holders' consents, one-time addresses of
//! documents, and the record of each access.

mod consent;
mod event;
mod grant;
mod holder;
mod ticket;

pub use consent::{CONSENT_SECONDS, Consent, ConsentBy, ConsentCode};
pub use event::{Access, Asked};
pub use grant::{Allowed, BadGrant, Grant, NotGranted, Wanted, is_short};
pub use holder::{HolderCode, holder_mark};
pub use ticket::{TICKET_SECONDS, Ticket, TicketCode};
