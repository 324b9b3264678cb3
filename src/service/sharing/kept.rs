//! Holder credentials that were checked lately: whoever asks for one asks again, for another part.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::verify::kept::Kept;

/// Credentials by the SHA-256 of the document. Two sets, of which the older is forgotten whole, so
/// that none needs a time of its own.
#[derive(Debug)]
pub(super) struct Credentials<T = Kept> {
    fresh: HashMap<String, Arc<T>>,
    older: HashMap<String, Arc<T>>,
}

impl<T> Credentials<T> {
    pub(super) fn find(&mut self, sha256: &str) -> Option<Arc<T>> {
        if let Some(kept) = self.fresh.get(sha256) {
            return Some(Arc::clone(kept));
        }
        let (digest, kept) = self.older.remove_entry(sha256)?;
        self.insert(digest, Arc::clone(&kept));
        Some(kept)
    }

    /// Keeps one that has so many bytes, unless it is so long that it is cheaper to check again.
    pub(super) fn keep(&mut self, sha256: String, bytes: usize, kept: Arc<T>) {
        if bytes <= LONGEST {
            self.insert(sha256, kept);
        }
    }

    fn insert(&mut self, sha256: String, kept: Arc<T>) {
        if self.fresh.len() >= MOST {
            self.older = std::mem::take(&mut self.fresh);
        }
        self.fresh.insert(sha256, kept);
    }
}

impl<T> Default for Credentials<T> {
    fn default() -> Self {
        Self { fresh: HashMap::new(), older: HashMap::new() }
    }
}

/// Of each set; a credential has some 6 KB.
const MOST: usize = 1_000;
/// The longest example has 12 KB. So both sets are 64 MB of credentials at the most; without a bound
/// they could be 500 MB, since a credential may have 256 KB.
const LONGEST: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_a_bound_in_number_and_in_bytes() {
        let mut kept = Credentials::default();
        kept.keep("long".to_owned(), LONGEST + 1, Arc::new(0));
        assert!(kept.find("long").is_none());
        for number in 0..=2 * MOST {
            kept.keep(number.to_string(), LONGEST, Arc::new(number));
        }
        assert!(kept.fresh.len() + kept.older.len() <= 2 * MOST);
        assert_eq!(kept.find("0"), None);
        assert_eq!(kept.find("1500").as_deref(), Some(&1500));
        // Whoever is asked for again stays longer.
        assert!(kept.fresh.contains_key("1500") && !kept.older.contains_key("1500"));
    }
}
