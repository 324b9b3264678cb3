//! Sharing: data for other departments, never more than a grant allows, and always recorded.
//!
//! ```text
//! budget → right → purpose → grant → consent → licences
//!        → the whole credential, verified once → the part that is given, its end and path checked
//!        → the access journal → signature → out
//! ```
//! The access journal is a separate store. Of its tree only the hashes are public. No answer and no
//! refusal leaves before its line is durable there. Consents are stored in it too, so that the
//! commit that records the access also uses up the code.

mod batch;
mod budget;
mod code;
mod compare;
mod consents;
mod credential_cache;
mod document;
mod error;
mod feed;
mod grants;
mod holder;
pub(super) mod holder_index;
mod prepare;
mod query;
mod request;
pub(super) mod state;

pub use batch::BATCH;
pub use budget::Limits;
pub use compare::{Compared, Match};
pub use consents::Agreed;
pub use document::{Link, Sealed};
pub use error::SharingError;
pub use feed::{Change, Changes};
pub use grants::{GrantError, NewGrant};
pub use holder::{AccessLine, HolderError, Nonce};
pub use query::Answered;
pub use request::{Query, Subject};
pub use state::{Agreement, Intent};

use super::office::Office;
use crate::store::Store;

impl Office {
    /// The access journal.
    pub fn accesses(&self) -> &dyn Store {
        &*self.parts.accesses
    }
}
