//! Lists that may grow: fields, annotations, resources.

use std::collections::BTreeSet;

use super::defaults::Defaults;
use super::{Comparison, number_of};
use crate::base::limits::Purse;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Array, Object, ReadError};

/// A list of both states: its old elements, and the added ones.
pub(super) struct Grown {
    pub(super) kept: Vec<Object>,
    pub(super) added: Vec<Object>,
}

impl Comparison<'_, '_> {
    /// Compares two lists that may be indirect objects. `None`, with a finding, when one is not a
    /// list, or an element was removed or moved.
    pub(super) fn grown(
        &mut self,
        before: &Object,
        after: &Object,
        what: &str,
    ) -> Result<Option<Grown>, ReadError> {
        let (old, new) = self.both(before, after)?;
        let cost = old.weight().saturating_add(new.weight());
        self.budget.pay(Purse::Steps, cost, "comparisons")?;
        let list = |object: Object| match object {
            Object::Array(items) => Some(items),
            Object::Null => Some(Array::default()),
            _ => None,
        };
        if let Some(number) = number_of(after).filter(|number| self.differs(*number)) {
            self.explained.insert(number);
        }
        let (Some(old), Some(new)) = (list(old), list(new)) else {
            self.refuse(Changed::Field, number_of(after), format!("{what} is no list"));
            return Ok(None);
        };
        let mut grown = Grown { kept: Vec::new(), added: Vec::new() };
        let mut rest = old.iter().peekable();
        for item in new {
            if rest.peek().is_some_and(|kept| kept.means(&item, self.bytes())) {
                rest.next();
                grown.kept.push(item);
            } else {
                grown.added.push(item);
            }
        }
        if rest.next().is_some() {
            self.refuse(
                Changed::Field,
                number_of(after),
                format!("something was taken out of {what}"),
            );
            return Ok(None);
        }
        Ok(Some(grown))
    }

    /// Resources to which names may be added, two levels deep: category, name. Form `XObject`s that
    /// `defaults` reports as unused may also be replaced by a new object.
    pub(super) fn resources(
        &mut self,
        before: &Object,
        after: &Object,
        depth: usize,
        drawings: Option<&Defaults>,
    ) -> Result<(), ReadError> {
        let (old, new) = self.both(before, after)?;
        if let Some(number) = number_of(after).filter(|number| self.differs(*number)) {
            self.explained.insert(number);
        }
        let (Some(old), Some(new)) = (old.dict().cloned(), new.dict().cloned()) else {
            self.permit(after)?;
            return Ok(());
        };
        self.pay(&old, &new)?;
        let differing: BTreeSet<_> = old.differing(&new, self.bytes()).into_iter().collect();
        for (key, value) in new.iter() {
            match old.find(key) {
                None => drop(self.permit(value)?),
                Some(known) if depth > 0 => {
                    let drawings = drawings.filter(|_| key == b"XObject");
                    self.resources(known, value, depth.saturating_sub(1), drawings)?;
                }
                Some(_)
                    if differing.contains(key)
                        && depth == 0
                        && drawings.is_some_and(|drawings| drawings.leave_idle(key))
                        && self.is_new(Some(value))? =>
                {
                    self.permit(value)?;
                }
                Some(_) if differing.contains(key) => {
                    let what = format!("the resource {} changed", super::name(key));
                    self.refuse(Changed::Field, number_of(value), what);
                }
                Some(_) => self.leave(key, value),
            }
        }
        if old.iter().any(|(key, _)| new.find(key).is_none()) {
            self.refuse(
                Changed::Field,
                number_of(after),
                "a resource of the form was taken out".to_owned(),
            );
        }
        Ok(())
    }

    /// Whether this is a reference to a new object.
    pub(super) fn is_new(&mut self, value: Option<&Object>) -> Result<bool, ReadError> {
        let Some(value) = value else { return Ok(false) };
        let was = self.old.resolve(value, self.budget)?;
        Ok(number_of(value).is_some() && matches!(was, Object::Null))
    }
}
