//! One message in the two languages that people see; Chinese first.

use serde::{Deserialize, Serialize};

/// The same sentence in Chinese and in English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    /// Simplified Chinese, full-width punctuation.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Localized {
    /// Both languages, given together so that neither is forgotten.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A value as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Labelled {
    /// Name of the field.
    pub name: String,
    /// Its label.
    pub label: Localized,
    /// What is shown.
    pub value: String,
}

/// A fault in what a person or a system sent: where, a stable code, and words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// RFC 6901 JSON pointer to the value at fault; empty for the whole.
    pub pointer: String,
    /// Stable name that programs may match on.
    pub code: &'static str,
    /// What is wrong and how to mend it.
    pub message: Localized,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn at(
        pointer: impl Into<String>,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { pointer: pointer.into(), code, message: Localized::new(zh, en) }
    }
}
