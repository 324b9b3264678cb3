//! Appends a revision to a file without changing the bytes before it (ISO 32000-1, 7.5.6).
//!
//! A revision (archive material, a further signature) adds objects and, where an old one must point
//! to them, rewrites that object.

use std::collections::BTreeMap;

use pdf_writer::{Chunk, Name, Obj, Ref, Str};

use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::format::pdf::read::{Dict, Document, Object, ReadError};

/// A revision under construction.
#[derive(Debug)]
pub struct Revision<'a> {
    base: &'a Document<'a>,
    /// The serialised objects, by number.
    objects: BTreeMap<i32, Vec<u8>>,
    next: i32,
}

impl<'a> Revision<'a> {
    /// Begins a revision of a file whose cross-references are tables, as ours are. `None` for one
    /// whose cross-references are streams: readers differ in how they handle a table after them.
    pub fn of(base: &'a Document<'a>) -> Option<Self> {
        let size = base.trailer().get("Size").and_then(Object::int)?;
        let next = i32::try_from(size).ok().filter(|next| *next > 0)?;
        base.trailer().get("Type").is_none().then(|| Self { base, objects: BTreeMap::new(), next })
    }

    /// An unused object number.
    pub fn id(&mut self) -> Ref {
        let id = Ref::new(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    /// Writes one object, new or in place of an old one.
    pub fn write(&mut self, id: Ref, content: impl FnOnce(&mut Chunk)) {
        let mut chunk = Chunk::new();
        content(&mut chunk);
        self.objects.insert(id.get(), chunk.as_bytes().to_vec());
    }

    /// Rewrites the catalog with further entries; an existing one is replaced.
    pub fn extend_catalog(
        &mut self,
        entries: &[(&str, Ref)],
        budget: &mut Budget,
    ) -> Result<(), ReadError> {
        let Some(Object::Ref(number, _)) = self.base.trailer().get("Root") else {
            return Err(missing("a catalog"));
        };
        let catalog = self.base.catalog(budget)?;
        if !catalog.iter().all(|(_, value)| is_first_generation(value)) {
            return Err(missing("a catalog whose references have the generation 0"));
        }
        let id = Ref::new(i32::try_from(*number).map_err(|_| missing("a catalog"))?);
        self.write(id, |chunk| {
            let mut dict = chunk.indirect(id).dict();
            for (key, value) in catalog.iter() {
                if !entries.iter().any(|(name, _)| name.as_bytes() == key) {
                    copy(dict.insert(Name(key)), value);
                }
            }
            for (name, target) in entries {
                dict.pair(Name(name.as_bytes()), *target);
            }
        });
        Ok(())
    }

    /// The whole file: the old bytes, the objects, their table, and a trailer with the offset of
    /// the previous table.
    pub fn finish(self) -> Vec<u8> {
        let mut file = self.base.bytes().to_vec();
        if file.last() != Some(&b'\n') {
            file.push(b'\n');
        }
        let mut offsets = Vec::new();
        for (number, bytes) in &self.objects {
            offsets.push((*number, file.len()));
            file.extend(bytes);
        }
        let table = file.len();
        file.extend(b"xref\n");
        for run in offsets.chunk_by(|(one, _), (next, _)| one.checked_add(1) == Some(*next)) {
            let first = run.first().map_or(0, |(number, _)| *number);
            file.extend(format!("{first} {}\n", run.len()).bytes());
            for (_, offset) in run {
                file.extend(format!("{offset:010} 00000 n\r\n").bytes());
            }
        }
        file.extend(b"trailer\n");
        file.extend(self.trailer());
        file.extend(format!("\nstartxref\n{table}\n%%EOF\n").bytes());
        file
    }

    fn trailer(&self) -> Vec<u8> {
        // A direct dictionary, cut out of an indirect object.
        let mut chunk = Chunk::new();
        let mut dict = chunk.indirect(Ref::new(1)).dict();
        dict.pair(Name(b"Size"), self.next);
        for key in ["Root", "Info"] {
            if let Some(value) = self.base.trailer().get(key) {
                copy(dict.insert(Name(key.as_bytes())), value);
            }
        }
        if let Some([Object::String { bytes, .. }, _]) =
            self.base.trailer().get("ID").and_then(Object::array)
        {
            // The first part stays with the file, the second changes with each revision.
            let new = Digest::of(&[
                self.base.bytes(),
                &self.objects.values().flatten().copied().collect::<Vec<_>>(),
            ]);
            let new = new.as_bytes().get(..16).unwrap_or_default().to_vec();
            dict.insert(Name(b"ID")).array().items([Str(bytes), Str(&new)]);
        }
        let last = self.base.revisions().last().map_or(0, |revision| revision.xref);
        dict.pair(Name(b"Prev"), i32::try_from(last).unwrap_or(i32::MAX));
        drop(dict);
        let text = chunk.as_bytes();
        let start = text.windows(2).position(|pair| pair == b"<<").unwrap_or(0);
        let end =
            text.windows(2).rposition(|pair| pair == b">>").map_or(0, |at| at.saturating_add(2));
        text.get(start..end).unwrap_or_default().to_vec()
    }
}

fn missing(what: &'static str) -> ReadError {
    ReadError::Structure { at: 0, what }
}

fn is_first_generation(object: &Object) -> bool {
    match object {
        Object::Ref(_, generation) => *generation == 0,
        Object::Array(items) => items.iter().all(is_first_generation),
        Object::Dict(dict) => dict.iter().all(|(_, value)| is_first_generation(value)),
        _ => true,
    }
}

/// Writes an object as it was read. Streams are indirect, and therefore only referenced.
fn copy(target: Obj<'_>, object: &Object) {
    match object {
        Object::Null | Object::Stream(_) => target.primitive(pdf_writer::Null),
        Object::Bool(value) => target.primitive(*value),
        Object::Int(value) => match i32::try_from(*value) {
            Ok(value) => target.primitive(value),
            #[expect(
                clippy::cast_precision_loss,
                clippy::as_conversions,
                reason = "beyond 32 bits a number is a real in PDF"
            )]
            Err(_) => target.primitive(*value as f32),
        },
        #[expect(
            clippy::cast_possible_truncation,
            clippy::as_conversions,
            reason = "PDF reals have single precision"
        )]
        Object::Real(value) => target.primitive(*value as f32),
        Object::Name(name) => target.primitive(Name(name)),
        Object::String { bytes, .. } => target.primitive(Str(bytes)),
        Object::Ref(number, _) => {
            target.primitive(Ref::new(i32::try_from(*number).unwrap_or(i32::MAX)));
        }
        Object::Array(items) => {
            let mut array = target.array();
            for item in items {
                copy(array.push(), item);
            }
        }
        Object::Dict(dict) => copy_dict(target, dict),
    }
}

fn copy_dict(target: Obj<'_>, dict: &Dict) {
    let mut copied = target.dict();
    for (key, value) in dict.iter() {
        copy(copied.insert(Name(key)), value);
    }
}
