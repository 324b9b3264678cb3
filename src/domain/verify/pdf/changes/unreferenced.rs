//! Unreferenced objects of a revision. Signing programs leave objects that they no longer need: an
//! earlier security store, the widget of a field that was merged with it, the parameters of a font.
//! They are never drawn or executed.

use super::{Comparison, is_container};
use crate::domain::verify::report::Changes;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Dict, Object, ReadError};

impl Comparison<'_, '_> {
    /// Judges changed objects that were not reached.
    pub(super) fn unreferenced(&mut self) -> Result<(), ReadError> {
        let explained = |number: &u32| {
            self.judged.contains(number)
                || self.explained.contains(number)
                || self
                    .since
                    .unexplained
                    .iter()
                    .any(|one| one.object.map(|of| of.0) == Some(*number))
        };
        let left: Vec<u32> = self.changed.keys().copied().filter(|n| !explained(n)).collect();
        for number in left {
            match self.new.numbered(number, self.budget)?.0 {
                // A freed object, or a container of objects or their positions.
                object if is_container(&object) => {}
                // An empty leftover.
                Object::Stream(stream) if stream.span.is_empty() => {}
                object if self.is_leftover(number, &object)? => self.since.incidental = true,
                _ => self.refuse(Changed::Hidden, Some(number), "nothing refers to it".to_owned()),
            }
        }
        let ruled = |(number, _): &(&u32, &usize)| {
            self.judged.contains(number) || self.explained.contains(number)
        };
        let ruled =
            self.changed.iter().filter(ruled).map(|(number, revision)| (*number, *revision));
        self.since.explained.extend(ruled);
        Ok(())
    }

    /// Whether an object is a leftover: a rule explained it earlier, unchanged, while it was
    /// referenced; or it is new, came with a permitted change, and is not of a kind that programs
    /// search for when they repair a file, that acts, or that counts as signed.
    fn is_leftover(&mut self, number: u32, object: &Object) -> Result<bool, ReadError> {
        let known = self.since.explained.get(&number);
        if known.is_some() && known == self.changed.get(&number) {
            return Ok(true);
        }
        let (before, _) = self.old.numbered(number, self.budget)?;
        let beside = self.since.kind > Changes::None;
        let is_new = matches!(before, Object::Null);
        Ok(beside && is_new && object.dict().is_none_or(|dict| !is_sought(dict)))
    }
}

fn is_sought(dict: &Dict) -> bool {
    SOUGHT_TYPES.iter().any(|kind| dict.is(kind))
        || dict.iter().any(|(key, _)| SOUGHT_KEYS.contains(&key))
}

const SOUGHT_TYPES: [&str; 7] =
    ["Catalog", "Pages", "Page", "Sig", "DocTimeStamp", "Action", "Filespec"];
const SOUGHT_KEYS: [&[u8]; 8] =
    [b"Root", b"Kids", b"ByteRange", b"A", b"AA", b"JS", b"OpenAction", b"URI"];
