//! The dependencies of an office.

use std::sync::Arc;

use super::access::door::LastTime;
use super::keys::Keys;
use super::pki_setup::Certificates;
use crate::base::entropy::Entropy;
use crate::base::time::Clock;
use crate::domain::licence::kind::Types;
use crate::domain::office::Profile;
use crate::store::Store;

/// The dependencies of an office, passed to [`super::office::Office::open`].
pub struct OfficeParts {
    /// The content of `office.toml`: name, address, departments.
    pub profile: Profile,
    /// The licence types that it issues.
    pub types: Types,
    /// Whether it is the demo office, which uses published keys.
    pub demo: bool,
    /// The store of licences and of the office's acts.
    pub store: Arc<dyn Store>,
    /// The store of accesses, apart from that of acts.
    pub accesses: Arc<dyn Store>,
    /// Unlocks private keys.
    pub keys: Arc<dyn Keys>,
    /// The certificates of these keys.
    pub certificates: Certificates,
    /// The revocation list of the issuing CA, in DER.
    pub crl: Vec<u8>,
    /// The revocation list of the root, in DER.
    pub root_crl: Vec<u8>,
    /// Entries of a status list; a new list is begun when one is half full.
    pub list_entries: u32,
    /// The only source of time.
    pub clock: Arc<dyn Clock>,
    /// When a client was last admitted, across restarts.
    pub last_time: Arc<dyn LastTime>,
    /// The only source of randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for OfficeParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OfficeParts({})", self.profile.name.zh)
    }
}
