//! Fields that a signature locks: `FieldMDP` (ISO 32000-1, 12.8.2.4) and the lock of its field
//! (12.7.4.5, table 233).

use crate::base::limits::Budget;
use crate::domain::verify::certification::Permitted;
use crate::format::pdf::read::{Dict, Document, Object, ReadError, SignatureField};

/// Which fields must keep their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Locks {
    locks: Vec<Lock>,
    /// What the lock of the field permits besides (ISO 32000-2, table 236).
    permitted: Option<Permitted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Lock {
    All,
    Include(Vec<String>),
    Exclude(Vec<String>),
}

impl Locks {
    /// The locks of one signature. What cannot be read is an error: a reader that overlooks it
    /// would permit what another refuses.
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

    /// What the lock permits at the most.
    pub(super) fn permit(&self) -> Option<Permitted> {
        self.permitted
    }

    /// Whether the field with this full name must keep its value.
    pub(super) fn hold(&self, name: &str) -> bool {
        self.locks.iter().any(|lock| match lock {
            Lock::All => true,
            Lock::Include(names) => names.iter().any(|known| within(name, known)),
            Lock::Exclude(names) => !names.iter().any(|known| within(name, known)),
        })
    }
}

impl Lock {
    fn read(
        document: &Document<'_>,
        lock: &Dict,
        budget: &mut Budget,
    ) -> Result<Option<Self>, ReadError> {
        let mut names = Vec::new();
        if let Object::Array(fields) = document.get(lock, "Fields", budget)? {
            for field in fields {
                let Some(name) = document.resolve(&field, budget)?.text() else { return Ok(None) };
                names.push(name);
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

/// Whether a field is the named one, or stands below it.
fn within(name: &str, known: &str) -> bool {
    name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_holds_what_is_below_a_name() {
        let names = || vec!["person".to_owned()];
        let of = |lock| Locks { locks: vec![lock], permitted: None };
        let include = of(Lock::Include(names()));
        let exclude = of(Lock::Exclude(names()));
        for (name, held) in [("person", true), ("person.name", true), ("personal", false)] {
            assert_eq!(include.hold(name), held, "{name}");
            assert_eq!(exclude.hold(name), !held, "{name}");
            assert!(of(Lock::All).hold(name));
            assert!(!Locks::default().hold(name));
        }
    }
}
