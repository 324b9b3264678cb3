//! The numbers of each licence type: which comes next, and how many are left.

use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::office::Office;
use crate::domain::licence::kind::{LicenceType, Types};
use crate::store::StoreError;

/// The numbers of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// Slug of the type.
    pub kind: String,
    /// The serial that comes next.
    pub next: u64,
    /// The last serial that its pattern has room for.
    pub last: u64,
}

impl Numbers {
    /// How many licences can still be issued.
    pub const fn left(&self) -> u64 {
        self.last.saturating_add(1).saturating_sub(self.next)
    }

    /// Whether so few are left that somebody should give the type a longer serial.
    pub const fn are_few(&self) -> bool {
        self.left() < self.last / 10
    }

    /// The same when `count` of them stay unused.
    #[must_use]
    pub fn without(&self, count: u64) -> Self {
        Self { next: self.next.saturating_add(count), ..self.clone() }
    }

    /// Whether the type can issue, and could not when `count` of them stay unused.
    pub fn end_without(&self, count: u64) -> bool {
        self.left() > 0 && self.without(count).left() == 0
    }
}

/// The numbers of every type; `next` is the first of a range's next reservation.
pub fn of_types<E>(
    types: &Types,
    mut next: impl FnMut(&str) -> Result<u64, E>,
) -> Result<Vec<Numbers>, E> {
    let numbers = |kind: &LicenceType| {
        let next = next(&range(&kind.slug))?;
        Ok(Numbers { kind: kind.slug.clone(), next, last: kind.number.last_serial() })
    };
    types.iter().map(numbers).collect()
}

/// Name of the range that the serials of a type's numbers are drawn from.
pub(super) fn range(slug: &str) -> String {
    format!("number/{slug}")
}

impl Office {
    /// The numbers of every type.
    pub fn numbers(&self) -> Result<Vec<Numbers>, StoreError> {
        let ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        of_types(self.types(), |range| match ranges.get(range) {
            Some(left) => Ok(left.next),
            None => self.store().reader().next_number(range),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_is_left_too() {
        let numbers = Numbers { kind: "a".to_owned(), next: 9000, last: 9999 };
        assert_eq!((numbers.left(), numbers.are_few()), (1000, false));
        assert_eq!((numbers.without(1).left(), numbers.without(1).are_few()), (999, false));
        assert!(numbers.without(2).are_few());
        assert!(!numbers.end_without(999) && numbers.end_without(1000));
        assert!(!numbers.without(1000).end_without(1), "it has ended before");
        assert!(numbers.end_without(u64::MAX));
    }
}
