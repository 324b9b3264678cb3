//! Recently verified credentials, and parsed licences: a department often queries the same licence
//! again for other claims.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::licence::record::Licence;
use crate::domain::verify::credential::verified_credential::VerifiedCredential;
use crate::store::{StoreError, Stored};

/// Verified credentials by the SHA-256 of the document.
pub(super) type Credentials = TwoGenerationCache<VerifiedCredential>;

/// Licences by identifier, each with the record that it was parsed from: the entry is ignored once
/// the record has changed.
#[derive(Debug, Default)]
pub(super) struct Licences(Mutex<TwoGenerationCache<(String, Arc<Licence>)>>);

impl Licences {
    /// The stored licence, parsed.
    pub(super) fn read(&self, id: &str, stored: &Stored) -> Result<Arc<Licence>, StoreError> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = known().find(id).filter(|kept| kept.0 == stored.record) {
            return Ok(Arc::clone(&kept.1));
        }
        let licence = Arc::new(stored.read()?);
        let kept = Arc::new((stored.record.clone(), Arc::clone(&licence)));
        known().keep(id.to_owned(), stored.record.len(), kept);
        Ok(licence)
    }
}

/// Recently used values. There are two generations, and the older is dropped as a whole, so that
/// entries need no time.
#[derive(Debug)]
pub(super) struct TwoGenerationCache<T> {
    fresh: HashMap<String, Arc<T>>,
    older: HashMap<String, Arc<T>>,
}

impl<T> TwoGenerationCache<T> {
    pub(super) fn find(&mut self, key: &str) -> Option<Arc<T>> {
        if let Some(kept) = self.fresh.get(key) {
            return Some(Arc::clone(kept));
        }
        let (key, kept) = self.older.remove_entry(key)?;
        self.insert(key, Arc::clone(&kept));
        Some(kept)
    }

    /// Caches a value of this many bytes, unless it exceeds the limit.
    pub(super) fn keep(&mut self, key: String, bytes: usize, kept: Arc<T>) {
        if bytes <= LONGEST {
            self.insert(key, kept);
        }
    }

    fn insert(&mut self, key: String, kept: Arc<T>) {
        if self.fresh.len() >= MOST {
            self.older = std::mem::take(&mut self.fresh);
        }
        self.fresh.insert(key, kept);
    }
}

impl<T> Default for TwoGenerationCache<T> {
    fn default() -> Self {
        Self { fresh: HashMap::new(), older: HashMap::new() }
    }
}

/// Entries of a generation; a credential has some 6 KB, a record 2 KB.
const MOST: usize = 1_000;
/// Bytes of one entry; the longest example has 12 KB. So both generations have at most 64 MB of
/// text, and with parsed licences some 200 MB; without a bound credentials alone could take a
/// gigabyte, since one may have 512 KB.
const LONGEST: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_a_bound_in_number_and_in_bytes() {
        let mut kept = TwoGenerationCache::default();
        kept.keep("long".to_owned(), LONGEST + 1, Arc::new(0));
        assert!(kept.find("long").is_none());
        for number in 0..=2 * MOST {
            kept.keep(number.to_string(), LONGEST, Arc::new(number));
        }
        assert!(kept.fresh.len() + kept.older.len() <= 2 * MOST);
        assert_eq!(kept.find("0"), None);
        assert_eq!(kept.find("1500").as_deref(), Some(&1500));
        // A value that is used again stays longer.
        assert!(kept.fresh.contains_key("1500") && !kept.older.contains_key("1500"));
    }
}
