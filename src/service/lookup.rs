//! Looking a licence up by its number, without the file and without the code on it.
//!
//! A number can be guessed, so something else that stands on the paper must fit. Of an entry of a
//! public register the answer is what the code would show; of a person it is yes or no. Wrong tries are
//! counted by number, whether there is such a number or not, so that nobody learns which there are.

use std::collections::HashMap;
use std::sync::PoisonError;

use unicode_normalization::UnicodeNormalization as _;

use super::office::Office;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::domain::licence::kind::{FieldKind, HolderKind, LicenceType};
use crate::domain::licence::record::Licence;
use crate::domain::verify::report::{Report, Verdict};
use crate::store::StoreError;

/// What stands on the paper, as somebody typed it.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// 证照编号.
    pub number: &'a str,
    /// Name of the holder; of a public register it may be left out.
    pub holder: &'a str,
    /// The last four of the USCC, or the last six of the citizen number.
    pub tail: &'a str,
}

/// The answer.
#[derive(Debug)]
pub enum LookedUp {
    /// A licence of a public register, verified anew; what everyone may see of it.
    Shown(Box<Report>),
    /// Everything fits a person's licence that is in force now.
    Fits,
    /// Nothing that is in force fits; which part is wrong is not said.
    DoesNotFit,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum LookUpError {
    /// Too many wrong tries with this number.
    #[error("too many wrong tries with this number")]
    Locked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// Looks a licence up by its number.
    pub fn look_up(&self, typed: &Typed<'_>) -> Result<LookedUp, LookUpError> {
        let number = plain(typed.number);
        let large = number.to_uppercase();
        let (key, now) = (Digest::of(&[large.as_bytes()]).to_hex(), self.now());
        let tries = || self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries().is_locked(&key, now) {
            return Err(LookUpError::Locked);
        }
        for kind in self.types().iter() {
            let found = match self.store().by_number(&kind.slug, &number)? {
                Some(id) => Some(id),
                None => self.store().by_number(&kind.slug, &large)?,
            };
            let Some(id) = found else { continue };
            let Some(stored) = self.store().licence(&id)? else { continue };
            let licence: Licence = stored.read()?;
            if !fits(&licence, kind, typed) {
                continue;
            }
            let Some(report) = self.report_on(&stored)? else { continue };
            match kind.holder {
                HolderKind::PublicRegister => return Ok(LookedUp::Shown(Box::new(report))),
                HolderKind::NaturalPerson if report.verdict == Verdict::Valid => {
                    return Ok(LookedUp::Fits);
                }
                HolderKind::NaturalPerson => {}
            }
        }
        tries().note(key, now);
        Ok(LookedUp::DoesNotFit)
    }
}

fn fits(licence: &Licence, kind: &LicenceType, typed: &Typed<'_>) -> bool {
    let (holder, tail) = (plain(typed.holder), plain(typed.tail).to_uppercase());
    let same_name = !holder.is_empty() && holder == plain(&licence.holder);
    let ends = |is: fn(&FieldKind) -> bool, count: usize| {
        let mut fields = kind.fields.iter().filter(|field| is(&field.kind));
        let value = fields.find_map(|field| licence.values.iter().find(|v| v.name == field.name));
        tail.chars().count() == count && value.is_some_and(|value| value.printed.ends_with(&tail))
    };
    match kind.holder {
        HolderKind::PublicRegister => same_name || ends(|kind| matches!(kind, FieldKind::Uscc), 4),
        HolderKind::NaturalPerson => {
            same_name && ends(|kind| matches!(kind, FieldKind::CitizenId { .. }), 6)
        }
    }
}

/// Without spaces, full-width forms and the many dots that stand between names.
fn plain(text: &str) -> String {
    let dot = |character| match character {
        '\u{2022}' | '\u{2027}' | '\u{22C5}' | '\u{30FB}' => '\u{B7}',
        other => other,
    };
    // Bounded before: nothing longer stands on a licence.
    let short = text.chars().take(TYPED_CHARACTERS);
    short.nfkc().filter(|character| !character.is_whitespace()).map(dot).collect()
}

/// Wrong tries by the digest of a number.
#[derive(Debug, Default)]
pub(super) struct Tries(HashMap<String, (u32, Timestamp)>);

impl Tries {
    fn is_locked(&self, key: &str, now: Timestamp) -> bool {
        self.0.get(key).is_some_and(|(count, since)| *count >= TRIES && now < since.plus(LOCKED))
    }

    fn note(&mut self, key: String, now: Timestamp) {
        if self.0.len() >= NUMBERS {
            self.0.retain(|_, (_, since)| now < since.plus(LOCKED));
        }
        // Still full: somebody tries many numbers, and the oldest try is forgotten.
        if self.0.len() >= NUMBERS
            && let Some(oldest) = self.0.iter().min_by_key(|(_, (_, since))| *since)
        {
            let oldest = oldest.0.clone();
            self.0.remove(&oldest);
        }
        let entry = self.0.entry(key).or_insert((0, now));
        if entry.1.plus(LOCKED) <= now {
            *entry = (0, now);
        }
        entry.0 += 1;
    }
}

/// The last six of a citizen number are one of some 330,000; five tries an hour are 44,000 a year.
const TRIES: u32 = 5;
/// Seconds.
const LOCKED: i64 = 3600;
/// About a megabyte.
const NUMBERS: usize = 10_000;
/// The longest holder's name that a type allows.
const TYPED_CHARACTERS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read_alike() {
        assert_eq!(plain(" ＪＹ２５　（示例）阿卜·杜•热・合 "), plain("JY25(示例)阿卜·杜·热·合"));
        assert_eq!(plain(&"长".repeat(10_000)).chars().count(), TYPED_CHARACTERS);
    }

    #[test]
    fn a_number_is_locked_for_an_hour_and_the_table_stays_small() {
        let mut tries = Tries::default();
        let at = |seconds| Timestamp::EPOCH.plus(seconds);
        for second in 0..5 {
            assert!(!tries.is_locked("a", at(second)));
            tries.note("a".to_owned(), at(second));
        }
        assert!(tries.is_locked("a", at(5)) && !tries.is_locked("b", at(5)));
        assert!(!tries.is_locked("a", at(LOCKED)));
        tries.note("a".to_owned(), at(LOCKED));
        assert!(!tries.is_locked("a", at(LOCKED)));
        for other in 0..NUMBERS + 10 {
            tries.note(other.to_string(), at(LOCKED + 1));
        }
        assert_eq!(tries.0.len(), NUMBERS);
    }
}
