//! Reachability: the walk through everything without a rule, and the walk through what a rule
//! permits.

use std::collections::BTreeSet;

use super::{Comparison, Value};
use crate::base::limits::Purse;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Dict, Object, ReadError};

impl Comparison<'_, '_> {
    /// Queues a value for the walk.
    pub(super) fn leave(&mut self, key: &[u8], value: &Object) {
        self.pending.push(Value { object: value.clone(), pointer: POINTERS.contains(&key) });
    }

    /// Queues every value of a dictionary for the walk, except those under some keys.
    pub(super) fn leave_all(&mut self, dict: &Dict, but: &[&[u8]]) {
        for (key, value) in dict.iter().filter(|(key, _)| !but.contains(key)) {
            self.leave(key, value);
        }
    }

    /// Walks the queue. No changed object may be reached, but objects judged key by key may be
    /// pointed to.
    pub(super) fn walk(&mut self) -> Result<(), ReadError> {
        let mut seen = BTreeSet::new();
        while let Some(Value { object, pointer }) = self.pending.pop() {
            self.budget.pay(Purse::Steps, 1, "values of the document")?;
            match object {
                Object::Ref(number, _) if self.judged.contains(&number) => {
                    let used = self.differs(number) && !pointer;
                    if used && seen.insert(number) {
                        self.refuse(
                            Changed::Content,
                            Some(number),
                            "it is used elsewhere too".to_owned(),
                        );
                    }
                }
                Object::Ref(number, _) if !seen.insert(number) => {}
                Object::Ref(number, _) if self.differs(number) => {
                    let what = self.describe(&object)?;
                    self.refuse(
                        Changed::Content,
                        Some(number),
                        format!("{what} of the document changed"),
                    );
                }
                Object::Ref(..) => {
                    let object = self.new.resolve(&object, self.budget)?;
                    self.pending.push(Value { object, pointer });
                }
                Object::Array(items) => {
                    // A destination points to its page, and uses the rest.
                    let destination = matches!(items.get(1), Some(Object::Name(_)));
                    let values = items.into_iter().enumerate().map(|(at, object)| Value {
                        object,
                        pointer: pointer || (destination && at == 0),
                    });
                    self.pending.extend(values);
                }
                Object::Dict(dict) => self.leave_all(&dict, &[]),
                Object::Stream(stream) => self.leave_all(&stream.dict, &[]),
                _ => {}
            }
        }
        Ok(())
    }

    /// Walks a value that a rule permits, and marks the changed objects in it as explained. Returns
    /// them.
    ///
    /// Actions are never permitted in filled-in or added objects.
    pub(super) fn permit(&mut self, value: &Object) -> Result<Vec<u32>, ReadError> {
        let mut differing = Vec::new();
        let mut seen = BTreeSet::new();
        let mut stack = vec![value.clone()];
        while let Some(object) = stack.pop() {
            self.budget.pay(Purse::Steps, 1, "values of the document")?;
            match object {
                Object::Ref(number, _) if self.judged.contains(&number) => {}
                Object::Ref(number, _) => {
                    if !seen.insert(number) {
                        continue;
                    }
                    let object = self.new.resolve(&object, self.budget)?;
                    if self.differs(number) {
                        self.explained.insert(number);
                        differing.push(number);
                        self.plain_stream(number, &object);
                    }
                    stack.push(object);
                }
                Object::Array(items) => stack.extend(items),
                Object::Dict(dict) => self.permit_values(&dict, &mut stack),
                Object::Stream(stream) => self.permit_values(&stream.dict, &mut stack),
                _ => {}
            }
        }
        Ok(differing)
    }

    /// Added streams contain their own content: no layer, no other document, no alternative content
    /// replaces it.
    fn plain_stream(&mut self, number: u32, object: &Object) {
        let Object::Stream(stream) = object else { return };
        if let Some((key, _)) = stream.dict.iter().find(|(key, _)| ELSEWHERE.contains(key)) {
            self.refuse(
                Changed::Content,
                Some(number),
                format!("a stream with {} was added", super::name(key)),
            );
        }
    }

    fn permit_values(&mut self, dict: &Dict, stack: &mut Vec<Object>) {
        for (key, value) in dict.iter() {
            if ACTIONS.contains(&key) {
                self.refuse(
                    Changed::Content,
                    None,
                    format!("an action, {}, was added", super::name(key)),
                );
            }
            if BACKWARDS.contains(&key) {
                self.leave(key, value);
            } else {
                stack.push(value.clone());
            }
        }
    }

    /// The kind of an object, for a finding.
    fn describe(&mut self, object: &Object) -> Result<String, ReadError> {
        let resolved = self.new.resolve(object, self.budget)?;
        let part =
            |key| resolved.dict().and_then(|dict: &Dict| dict.get(key)).and_then(Object::name);
        let parts: Vec<String> =
            ["Type", "Subtype"].into_iter().filter_map(part).map(super::name).collect();
        Ok(match (&resolved, parts.is_empty()) {
            (_, false) => parts.join(" "),
            (Object::Stream(_), true) => "a stream".to_owned(),
            (Object::Null, true) => "something that is gone now".to_owned(),
            _ => "something".to_owned(),
        })
    }
}

/// Keys under which one object points to another.
const POINTERS: [&[u8]; 14] = [
    b"P", b"Parent", b"Pg", b"Obj", b"Dest", b"D", b"Kids", b"Fields", b"Annots", b"CO", b"Data",
    b"IRT", b"Popup", b"K",
];
/// Keys that lead from added objects back into the document.
const BACKWARDS: [&[u8]; 8] = [b"P", b"Parent", b"Data", b"IRT", b"Popup", b"Pg", b"Obj", b"Dest"];
const ELSEWHERE: [&[u8]; 4] = [b"OC", b"Ref", b"OPI", b"AF"];
const ACTIONS: [&[u8]; 5] = [b"A", b"AA", b"JS", b"OpenAction", b"URI"];
