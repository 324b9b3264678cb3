//! Texts in the two languages of the product; Chinese first.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// From its code in ISO 639: `zh` or `en`.
    pub fn of_code(code: &str) -> Option<Self> {
        match code {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// The same sentence in Chinese and in English.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Localized {
    /// Simplified Chinese, full-width punctuation.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Localized {
    /// Both languages, given together so that neither is forgotten.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The sentence for a reader of one language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// An error that operators see. Its own text is English: it stands in logs too.
pub trait Bilingual: fmt::Display {
    /// The same in Chinese.
    fn chinese(&self) -> String;

    /// The text in both languages.
    fn both(&self) -> Localized {
        Localized::new(self.chinese(), self.to_string())
    }
}

/// A labelled value of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Labelled {
    /// Name of the field.
    pub name: String,
    /// Label of the field, for readers.
    pub label: Localized,
    /// The displayed value.
    pub value: String,
}

/// A fault in input: place, stable code, and message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fault {
    /// RFC 6901 JSON pointer to the faulty value; empty for the whole.
    pub pointer: String,
    /// Stable code that programs may match on.
    pub code: &'static str,
    /// The fault and its remedy.
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
