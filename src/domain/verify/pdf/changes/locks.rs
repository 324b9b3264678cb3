//! Fields that a signature locks: `FieldMDP` (ISO 32000-1, 12.8.2.4) and the lock of its field
//! (12.7.4.5, table 233).

use std::collections::BTreeSet;

use crate::base::limits::{Budget, OverBudget, Purse};
use crate::domain::verify::pdf::certification::Permitted;
use crate::format::pdf::read::{Dict, Document, Object, ReadError, SignatureField};

/// Fields that must keep their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Locks {
    locks: Vec<Lock>,
    /// Further changes that the lock of the field permits (ISO 32000-2, table 236).
    permitted: Option<Permitted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Lock {
    All,
    Include(FieldNames),
    Exclude(FieldNames),
}

/// Names of fields; each includes the fields below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FieldNames(BTreeSet<String>);

impl Locks {
    /// The locks of one signature. An unreadable lock is an error: a reader that overlooks it would
    /// permit what another refuses.
    pub(in super::super) fn of(
        document: &Document<'_>,
        field: &SignatureField,
        budget: &mut Budget,
    ) -> Result<Result<Self, &'static str>, ReadError> {
        let mut locks = Vec::new();
        if let Object::Array(references) = document.get(&field.dict, "Reference", budget)? {
            for reference in references {
                let Object::Dict(reference) = document.resolve(&reference, budget)? else {
                    return Ok(Err("a signature reference is no dictionary"));
                };
                let method = document.get(&reference, "TransformMethod", budget)?;
                if method.name() == Some(b"FieldMDP") {
                    locks.push(document.get(&reference, "TransformParams", budget)?);
                }
            }
        }
        locks.push(document.resolve(&field.lock, budget)?);
        let mut read = Self::default();
        for lock in locks {
            match lock {
                Object::Null => {}
                Object::Dict(lock) => {
                    let permission = match document.get(&lock, "P", budget)? {
                        Object::Null => Ok(None),
                        permission => Permitted::read(&permission).map(Some),
                    };
                    match (Lock::read(document, &lock, budget)?, permission) {
                        (Some(lock), Ok(permission)) => {
                            read.locks.push(lock);
                            read.permitted = read.permitted.into_iter().chain(permission).min();
                        }
                        _ => return Ok(Err("a lock of fields that cannot be read")),
                    }
                }
                _ => return Ok(Err("a lock of fields that cannot be read")),
            }
        }
        Ok(Ok(read))
    }

    /// The greatest change that the lock permits.
    pub(super) fn permit(&self) -> Option<Permitted> {
        self.permitted
    }

    /// Whether the field with this full name must keep its value.
    pub(super) fn hold(&self, name: &str, budget: &mut Budget) -> Result<bool, OverBudget> {
        for lock in &self.locks {
            let held = match lock {
                Lock::All => true,
                Lock::Include(names) => names.have(name, budget)?,
                Lock::Exclude(names) => !names.have(name, budget)?,
            };
            if held {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Lock {
    fn read(
        document: &Document<'_>,
        lock: &Dict,
        budget: &mut Budget,
    ) -> Result<Option<Self>, ReadError> {
        let mut names = FieldNames::default();
        if let Object::Array(fields) = document.get(lock, "Fields", budget)? {
            for field in fields {
                let Some(name) = document.resolve(&field, budget)?.text() else { return Ok(None) };
                budget.pay(
                    Purse::Memory,
                    name.len().saturating_add(NAME_BYTES),
                    "names of fields",
                )?;
                names.0.insert(name);
            }
        }
        let action = document.get(lock, "Action", budget)?;
        Ok(match action.name() {
            Some(b"All") => Some(Self::All),
            Some(b"Include") => Some(Self::Include(names)),
            Some(b"Exclude") => Some(Self::Exclude(names)),
            _ => None,
        })
    }
}

impl FieldNames {
    /// Whether a field is one of them, or below one.
    fn have(&self, name: &str, budget: &mut Budget) -> Result<bool, OverBudget> {
        let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
        for end in ends {
            // A few comparisons, at most of this length.
            budget.pay(Purse::Steps, (end / 16).saturating_add(4), "names of locked fields")?;
            if name.get(..end).is_some_and(|prefix| self.0.contains(prefix)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A text and its position in the set.
const NAME_BYTES: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_holds_what_is_below_a_name() {
        let names = || FieldNames(["person".to_owned()].into());
        let budget = &mut Budget::default();
        let of = |lock| Locks { locks: vec![lock], permitted: None };
        let include = of(Lock::Include(names()));
        let exclude = of(Lock::Exclude(names()));
        for (name, held) in [("person", true), ("person.name", true), ("personal", false)] {
            assert_eq!(include.hold(name, budget), Ok(held), "{name}");
            assert_eq!(exclude.hold(name, budget), Ok(!held), "{name}");
            assert_eq!(of(Lock::All).hold(name, budget), Ok(true));
            assert_eq!(Locks::default().hold(name, budget), Ok(false));
        }
    }
}
