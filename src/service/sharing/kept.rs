//! Holder credentials that were checked lately: whoever asks for one asks again, for another part.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::verify::kept::Kept;

/// Credentials by the SHA-256 of the document. Two sets, of which the older is forgotten whole, so
/// that none needs a time of its own.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    fresh: HashMap<String, Arc<Kept>>,
    older: HashMap<String, Arc<Kept>>,
}

impl Credentials {
    pub(super) fn find(&mut self, sha256: &str) -> Option<Arc<Kept>> {
        if let Some(kept) = self.fresh.get(sha256) {
            return Some(Arc::clone(kept));
        }
        let (digest, kept) = self.older.remove_entry(sha256)?;
        self.keep(digest, Arc::clone(&kept));
        Some(kept)
    }

    pub(super) fn keep(&mut self, sha256: String, kept: Arc<Kept>) {
        if self.fresh.len() >= MOST {
            self.older = std::mem::take(&mut self.fresh);
        }
        self.fresh.insert(sha256, kept);
    }
}

/// Of each set; a credential has some 6 KB.
const MOST: usize = 1_000;
