//! What an office is put together from.

use std::sync::Arc;

use super::access::LastTime;
use super::keys::Keys;
use super::pki_setup::Certificates;
use crate::base::entropy::Entropy;
use crate::base::time::Clock;
use crate::domain::licence::kind::Types;
use crate::domain::office::Profile;
use crate::store::Store;

/// What an office is put together from.
pub struct Parts {
    /// Name, address, departments.
    pub profile: Profile,
    /// Licence types.
    pub types: Types,
    /// Whether it uses the published keys.
    pub demo: bool,
    /// The memory.
    pub store: Arc<dyn Store>,
    /// The memory of who read what, a store of its own.
    pub accesses: Arc<dyn Store>,
    /// The keys.
    pub keys: Arc<dyn Keys>,
    /// The certificates.
    pub certificates: Certificates,
    /// The revocation list of the issuing CA, in DER.
    pub crl: Vec<u8>,
    /// The revocation list of the root, in DER.
    pub root_crl: Vec<u8>,
    /// Entries of a status list; a new one is begun when it is half full.
    pub list_entries: u32,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// When a client was let in last, across restarts.
    pub last_time: Arc<dyn LastTime>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parts({})", self.profile.name.zh)
    }
}
