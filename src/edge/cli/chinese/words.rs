//! The texts, as they stand in `words.toml`.

use std::collections::BTreeMap;

/// The texts of `words.toml`: by command, then by argument or value.
pub(super) struct Words(BTreeMap<String, BTreeMap<String, String>>);

impl Words {
    pub(super) fn read() -> Self {
        // A test reads the same file: it is well formed.
        Self(toml::from_str(WORDS).unwrap_or_default())
    }

    /// What a key of a command says. Arguments that are the same everywhere have one text.
    pub(super) fn of(&self, command: &str, key: &str) -> &str {
        let found = [command, SHARED].into_iter().find_map(|table| self.0.get(table)?.get(key));
        found.map_or("", String::as_str)
    }
}

pub(super) const WORDS: &str = include_str!("words.toml");
pub(super) const SHARED: &str = "shared";
