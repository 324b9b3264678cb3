//! The office while it works: everything that an act needs, put together once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::establish::Certificates;
use super::keys::Keys;
use super::status::CachedStatus;
use crate::base::entropy::Entropy;
use crate::base::time::{Clock, Timestamp};
use crate::domain::licence::kind::Types;
use crate::domain::licence::sheet::Press;
use crate::domain::office::Profile;
use crate::domain::trust::{PathCache, TrustSnapshot};
use crate::format::pdf::write::FormXObject;
use crate::format::revocation::Crl;
use crate::store::{Reservation, Store, StoreError};

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
    /// The keys.
    pub keys: Arc<dyn Keys>,
    /// The certificates.
    pub certificates: Certificates,
    /// The revocation list of the issuing CA, in DER.
    pub crl: Vec<u8>,
    /// The revocation list of the root, in DER.
    pub root_crl: Vec<u8>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parts({})", self.profile.name.zh)
    }
}

/// An office at work.
pub struct Office {
    pub(super) parts: Parts,
    pub(super) press: Press,
    pub(super) seals: BTreeMap<String, FormXObject>,
    pub(super) trust: TrustSnapshot,
    pub(super) cache: PathCache,
    /// What is left of each reserved range.
    pub(super) ranges: Mutex<HashMap<String, Reservation>>,
    /// Status indices that were given out.
    pub(super) indices: Mutex<HashSet<u32>>,
    pub(super) status: Mutex<Option<CachedStatus>>,
}

/// Why an office cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The revocation list.
    #[error(transparent)]
    Crl(#[from] crate::format::revocation::BadCrl),
    /// A seal's text has a character that the font lacks.
    #[error("the seal of department {0} has a character that the font does not have")]
    Seal(String),
    /// The embedded fonts cannot be read, which a tested build never sees.
    #[error("the embedded fonts cannot be read")]
    Fonts,
}

impl Office {
    /// Puts the office together.
    pub fn open(parts: Parts) -> Result<Self, OfficeError> {
        let press = Press::new().ok_or(OfficeError::Fonts)?;
        let mut seals = BTreeMap::new();
        for department in parts.profile.departments.values() {
            let seal = press
                .seal(&department.seal)
                .ok_or_else(|| OfficeError::Seal(department.slug.clone()))?;
            seals.insert(department.slug.clone(), seal);
        }
        let trust = TrustSnapshot::new(vec![parts.certificates.root.clone()])
            .with_crl(Crl::parse(&parts.crl)?)
            .with_crl(Crl::parse(&parts.root_crl)?);
        let indices = parts.store.status(1)?.into_iter().map(|(index, _)| index).collect();
        Ok(Self {
            press,
            seals,
            trust,
            cache: PathCache::default(),
            ranges: Mutex::default(),
            indices: Mutex::new(indices),
            status: Mutex::default(),
            parts,
        })
    }

    /// Name, address, departments.
    pub fn profile(&self) -> &Profile {
        &self.parts.profile
    }

    /// The licence types.
    pub fn types(&self) -> &Types {
        &self.parts.types
    }

    /// Whether this is the demo.
    pub fn is_demo(&self) -> bool {
        self.parts.demo
    }

    /// The certificates.
    pub fn certificates(&self) -> &Certificates {
        &self.parts.certificates
    }

    /// The issuing CA's revocation list in DER.
    pub fn crl(&self) -> &[u8] {
        &self.parts.crl
    }

    /// The root's revocation list in DER.
    pub fn root_crl(&self) -> &[u8] {
        &self.parts.root_crl
    }

    /// The memory.
    pub fn store(&self) -> &dyn Store {
        &*self.parts.store
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The next number of a range, which was set aside durably before.
    pub(super) fn next(&self, range: &str, now: Timestamp) -> Result<u64, StoreError> {
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        let left = ranges.get(range).copied().filter(|left| left.next < left.end);
        let left = match left {
            Some(left) => left,
            None => self.parts.store.reserve(range, RESERVED_AT_ONCE, now)?,
        };
        ranges.insert(range.to_owned(), Reservation { next: left.next + 1, end: left.end });
        Ok(left.next)
    }
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Office({})", self.parts.profile.name.zh)
    }
}

/// A restart leaves the rest of a range unused: gaps, never a number twice.
const RESERVED_AT_ONCE: u64 = 1000;
