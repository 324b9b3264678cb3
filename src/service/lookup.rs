//! Look-up of a licence by its number, without the file and without the code on it.
//!
//! A number can be guessed, so another value from the paper must match. For a licence in a public
//! register the answer is the same as for the code; for a person it is yes or no. Wrong tries are
//! counted by number, whether it exists or not, so that the counts do not reveal which numbers
//! exist.

use std::sync::PoisonError;

use unicode_normalization::UnicodeNormalization as _;

use super::office::Office;
use crate::base::digest::Digest;
use crate::base::network::Network;
use crate::domain::licence::kind::{FieldKind, HolderKind, LicenceType};
use crate::domain::licence::record::Licence;
use crate::domain::verify::report::{Report, Verdict};
use crate::store::StoreError;

/// Values from the paper as typed by the user.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// 证照编号 as printed.
    pub number: &'a str,
    /// Name of the holder; optional for a public register.
    pub holder: &'a str,
    /// The last four of the USCC, or the last six of the citizen number.
    pub tail: &'a str,
}

/// Result of a look-up that was allowed.
#[derive(Debug)]
pub enum LookedUp {
    /// A licence of a public register, verified again, with its public fields.
    Shown(Box<Report>),
    /// Everything matches a person's licence that is in force now.
    Fits,
    /// Nothing in force matches; the answer does not say which part is wrong.
    DoesNotFit,
    /// The values entered are too few for any type. The answer is the same whether the number
    /// exists or not.
    Incomplete,
}

/// Why a look-up was not answered.
#[derive(Debug, thiserror::Error)]
pub enum LookUpError {
    /// Too many wrong tries with this number.
    #[error("too many wrong tries with this number: {0} seconds to wait")]
    Locked(i64),
    /// Reading the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// Looks up a licence by its number, for a user of this machine.
    pub fn look_up(&self, typed: &Typed<'_>) -> Result<LookedUp, LookUpError> {
        self.look_up_from(None, typed)
    }

    /// Looks up a licence by its number, for a user of this network, whose wrong tries are counted.
    pub fn look_up_from(
        &self,
        from: Option<Network>,
        typed: &Typed<'_>,
    ) -> Result<LookedUp, LookUpError> {
        let number = plain(typed.number);
        if number.is_empty() || is_incomplete(&plain(typed.holder), &plain(typed.tail)) {
            return Ok(LookedUp::Incomplete);
        }
        // A name, unlike a few digits, cannot be guessed, and for a person's licence it reveals
        // nothing without the digits.
        if plain(typed.tail).is_empty() {
            let found = self.found(&number, typed)?;
            let nothing = matches!(found, LookedUp::DoesNotFit);
            return Ok(if nothing { LookedUp::Incomplete } else { found });
        }
        let key = Digest::of(&[number.to_uppercase().as_bytes()]).to_hex();
        let tries = || self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        if !tries().begin(&key, from, now) {
            return Err(LookUpError::Locked(tries().wait(&key, from, now)));
        }
        let found = self.found(&number, typed);
        if !matches!(found, Ok(LookedUp::DoesNotFit)) {
            tries().take_back(&key, from);
        }
        Ok(found?)
    }

    /// The licence of a type with this number, whatever the case of the letters that were typed.
    pub(super) fn numbered(&self, kind: &str, typed: &str) -> Result<Option<String>, StoreError> {
        match self.store().reader().by_number(kind, typed)? {
            Some(id) => Ok(Some(id)),
            None => self.store().reader().by_number(kind, &typed.to_uppercase()),
        }
    }

    fn found(&self, number: &str, typed: &Typed<'_>) -> Result<LookedUp, StoreError> {
        for kind in self.types().iter() {
            let Some(id) = self.numbered(&kind.slug, number)? else { continue };
            let Some(stored) = self.store().reader().licence(&id)? else { continue };
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
        Ok(LookedUp::DoesNotFit)
    }
}

/// Whether no licence of any type can match: public registers need only the last four digits,
/// persons' licences a name and six.
fn is_incomplete(holder: &str, tail: &str) -> bool {
    match tail.chars().count() {
        0 | PERSON => holder.is_empty(),
        REGISTER => false,
        _ => true,
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
        HolderKind::PublicRegister => {
            same_name || ends(|kind| matches!(kind, FieldKind::Uscc), REGISTER)
        }
        HolderKind::NaturalPerson => {
            same_name && ends(|kind| matches!(kind, FieldKind::CitizenId { .. }), PERSON)
        }
    }
}

/// Removes spaces, full-width forms and the many dots used between names.
fn plain(text: &str) -> String {
    let dot = |character| match character {
        '\u{2022}' | '\u{2027}' | '\u{22C5}' | '\u{30FB}' => '\u{B7}',
        other => other,
    };
    // Truncated first: nothing on a licence is longer.
    let short = text.chars().take(TYPED_CHARACTERS);
    short.nfkc().filter(|character| !character.is_whitespace()).map(dot).collect()
}

/// Digits of the USCC, and of the citizen number.
const REGISTER: usize = 4;
const PERSON: usize = 6;
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
}
