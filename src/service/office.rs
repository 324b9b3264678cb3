//! The working office: everything that an act needs, assembled once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::access::state::Access;
use super::parts::OfficeParts;
use super::pki_setup::Certificates;
use super::sharing::holder_index::Marked;
use super::sharing::state::Sharing;
use super::state::{CurrentList, Hooks, StatusTokens, WitnessedHeads};
use super::tries::Tries;
use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::base::time::Timestamp;
use crate::domain::licence::kind::{Definition, Types};
use crate::domain::licence::sheet::Press;
use crate::domain::office::{Department, Profile};
use crate::domain::trust::{PathCache, TrustSnapshot};
use crate::format::pdf::write::FormXObject;
use crate::format::revocation::{BadCrl, Crl};
use crate::format::x509::Certificate;
use crate::store::{EventKind, Reservation, Store, StoreError, Transaction};

/// The working office.
pub struct Office {
    pub(super) parts: OfficeParts,
    pub(super) press: Press,
    pub(super) seals: BTreeMap<String, FormXObject>,
    pub(super) lists: RwLock<Lists>,
    /// Certificates in use; leaves are renewed while the office works.
    pub(super) certificates: RwLock<Arc<Certificates>>,
    pub(super) cache: PathCache,
    /// The rest of each range's reservation.
    pub(super) ranges: Mutex<HashMap<String, Reservation>>,
    /// The status list that new licences go into.
    pub(super) list: Mutex<CurrentList>,
    pub(super) status: StatusTokens,
    /// Failed look-ups by number.
    pub(super) tries: Mutex<Tries>,
    /// The latest log heads that witnesses cosigned.
    pub(super) witnessed: WitnessedHeads,
    /// Access tokens and used proofs of clients.
    pub(super) access: Access,
    /// Definitions of the types, by slug.
    pub(super) definitions: BTreeMap<String, Definition>,
    /// Grants, budgets and nonces.
    pub(super) sharing: Sharing,
    /// Counters of deliveries to destinations.
    pub(super) hooks: Hooks,
}

/// The revocation lists, and the trust built from them. Both change together.
pub(super) struct Lists {
    pub(super) trust: Arc<TrustSnapshot>,
    /// The list of the issuing CA, in DER.
    pub(super) crl: Arc<[u8]>,
    /// The list of the root, in DER.
    pub(super) root_crl: Arc<[u8]>,
}

impl Lists {
    pub(super) fn new(
        root: &Certificate,
        crl: Arc<[u8]>,
        root_crl: Arc<[u8]>,
    ) -> Result<Self, BadCrl> {
        let trust = TrustSnapshot::new(vec![root.clone()])
            .with_crl(Crl::parse(&crl)?)
            .with_crl(Crl::parse(&root_crl)?);
        Ok(Self { trust: Arc::new(trust), crl, root_crl })
    }
}

/// Why an office cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// Reading or writing the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A revocation list cannot be read.
    #[error(transparent)]
    Crl(#[from] BadCrl),
    /// A seal's text has a character that the font lacks.
    #[error("the seal of department {0} has a character that the font does not have")]
    Seal(String),
    /// A type was changed without a new version.
    #[error(
        "the licence type {0:?} was changed, but credentials with this version of it are in use: raise `version` in its file, or undo the change"
    )]
    TypeChanged(String),
    /// The embedded fonts cannot be read, which cannot happen in a tested build.
    #[error("the embedded fonts cannot be read")]
    Fonts,
}

impl Office {
    /// Assembles the office. New type definitions and missing index keys are written to the store.
    pub fn open(parts: OfficeParts) -> Result<Self, OfficeError> {
        let press = Press::new().ok_or(OfficeError::Fonts)?;
        let seals = seals(&press, &parts.profile)?;
        let lists = Lists::new(
            &parts.certificates.root,
            parts.crl.clone().into(),
            parts.root_crl.clone().into(),
        )?;
        let certificates = RwLock::new(Arc::new(parts.certificates.clone()));
        let list = Mutex::new(CurrentList::find(&*parts.store, parts.list_entries)?);
        let definitions = define(&parts)?;
        let access = Access::open(&parts)?;
        Marked::complete(&parts)?;
        let sharing = Sharing::open(&parts)?;
        Ok(Self {
            press,
            seals,
            lists: RwLock::new(lists),
            certificates,
            cache: PathCache::default(),
            ranges: Mutex::default(),
            list,
            status: Mutex::default(),
            tries: Mutex::default(),
            witnessed: WitnessedHeads::default(),
            access,
            definitions,
            sharing,
            hooks: Hooks::default(),
            parts,
        })
    }

    /// Why an office with this profile and these types would not open, as far as it can be checked
    /// without changing anything. `is_other` tells whether credentials with a definition's address
    /// are bound to a different definition.
    pub fn would_open(
        profile: &Profile,
        types: &Types,
        is_other: &dyn Fn(&Definition) -> Result<bool, StoreError>,
    ) -> Result<(), OfficeError> {
        seals(&Press::new().ok_or(OfficeError::Fonts)?, profile)?;
        for kind in types.iter() {
            if is_other(&kind.definition(profile.public_base_url.as_str()))? {
                return Err(OfficeError::TypeChanged(kind.slug.clone()));
            }
        }
        Ok(())
    }

    /// The definitions of its types.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.values()
    }

    /// The content of `office.toml`: name, address, departments.
    pub fn profile(&self) -> &Profile {
        &self.parts.profile
    }

    /// The licence types that it issues.
    pub fn types(&self) -> &Types {
        &self.parts.types
    }

    /// Whether this is the demo office, with published keys.
    pub fn is_demo(&self) -> bool {
        self.parts.demo
    }

    /// The certificates in use.
    pub fn certificates(&self) -> Arc<Certificates> {
        Arc::clone(&self.certificates.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The store of licences and of the office's acts.
    pub fn store(&self) -> &dyn Store {
        &*self.parts.store
    }

    /// The present instant, from the office's clock.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The next number of a range, durably reserved before.
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

    /// Returns reserved numbers that were not used. Called when the process ends in order; after a
    /// crash they are void. Acts remain possible.
    pub fn close(&self) -> Result<(), StoreError> {
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        for (range, left) in ranges.drain() {
            self.parts.store.give_back(&range, left, now)?;
        }
        self.parts.store.close()?;
        self.parts.accesses.close()
    }
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Office({})", self.parts.profile.name.zh)
    }
}

/// The pictures of the departments' seals.
fn seals(press: &Press, profile: &Profile) -> Result<BTreeMap<String, FormXObject>, OfficeError> {
    let draw = |department: &Department| {
        let seal = press.seal(&department.seal);
        let seal = seal.ok_or_else(|| OfficeError::Seal(department.slug.clone()))?;
        Ok((department.slug.clone(), seal))
    };
    profile.departments.values().map(draw).collect()
}

/// Records every new definition. Credentials carry a digest of theirs, so a definition must not
/// change once it is in use.
fn define(parts: &OfficeParts) -> Result<BTreeMap<String, Definition>, OfficeError> {
    let base = parts.profile.public_base_url.as_str();
    let mut definitions = BTreeMap::new();
    let mut is_new = parts.store.head().0 == 0;
    for kind in parts.types.iter() {
        let definition = kind.definition(base);
        match parts.store.reader().definition(&definition.vct)? {
            Some(known) if known == definition.document => {}
            Some(_) => return Err(OfficeError::TypeChanged(kind.slug.clone())),
            None => {
                let blinding = draw(&*parts.entropy);
                let mut act = Transaction::new(
                    EventKind::Defined,
                    Actor::System,
                    parts.clock.now(),
                    blinding,
                );
                if std::mem::take(&mut is_new) {
                    act.marks.push(Marked::from_the_start());
                }
                act.definition = Some((definition.vct.clone(), definition.document.clone()));
                parts.store.commit(act)?;
            }
        }
        definitions.insert(kind.slug.clone(), definition);
    }
    Ok(definitions)
}

/// Numbers reserved at a time. A crash leaves the rest unused: gaps, never a repeated number.
const RESERVED_AT_ONCE: u64 = 1000;
