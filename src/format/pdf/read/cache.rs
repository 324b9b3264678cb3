//! Cache of parsed objects, shared by all states of a file: the states after each signature are
//! compared, and parsing each object again for each of them would multiply the work.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::ReadError;
use super::indirect::Indirect;
use super::object::{Object, Stream};
use super::object_stream::ObjectStream;
use crate::base::limits::{Budget, Purse};

/// Offset, number and generation of an object.
pub(super) type CacheKey = (usize, u32, u16);
/// The offset of an object stream and the end of its bytes. Neither is enough: one stream may lie in
/// another and end with it.
pub(super) type StreamKey = (usize, usize);
type CompressedKey = (StreamKey, u32, usize);

#[derive(Debug, Default)]
pub(super) struct Cache {
    objects: RefCell<BTreeMap<CacheKey, Indirect>>,
    /// Total weight of the cached objects.
    weight: Cell<usize>,
    /// End offsets of objects that were read and not cached.
    ends: RefCell<BTreeMap<CacheKey, usize>>,
    /// Objects of object streams, by the stream, number and index.
    compressed: RefCell<BTreeMap<CompressedKey, Object>>,
    object_streams: RefCell<BTreeMap<StreamKey, Rc<ObjectStream>>>,
    /// By the end of the revision: the first byte in it that no listed object has.
    unlisted: RefCell<BTreeMap<usize, Option<usize>>>,
    /// By the end of the revision: where readers read it in different ways, and why.
    ambiguities: RefCell<BTreeMap<usize, Option<(usize, &'static str)>>>,
}

impl Cache {
    /// A cached object that ends before the last byte of a state.
    pub(super) fn object(&self, place: CacheKey, length: usize) -> Option<Indirect> {
        self.objects.borrow().get(&place).filter(|known| known.end < length).cloned()
    }

    /// The end of an object that was read before.
    pub(super) fn end(&self, place: CacheKey, length: usize) -> Option<usize> {
        let known = self.object(place, length).map(|known| known.end);
        known.or_else(|| self.ends.borrow().get(&place).copied().filter(|end| *end < length))
    }

    /// Caches an object. A stream whose length is a reference may differ in another state, and is
    /// not cached.
    pub(super) fn keep(
        &self,
        place: CacheKey,
        found: &Indirect,
        budget: &mut Budget,
    ) -> Result<(), ReadError> {
        if let Object::Stream(Stream { dict, .. }) = &found.object
            && !matches!(dict.get("Length"), Some(Object::Int(_)))
        {
            return Ok(());
        }
        budget.pay(Purse::Memory, BYTES_OF_A_PLACE, "memory for objects")?;
        let weight = self.weight.get().saturating_add(found.object.weight());
        if weight <= MOST {
            self.weight.set(weight);
            self.objects.borrow_mut().insert(place, found.clone());
        } else {
            self.ends.borrow_mut().insert(place, found.end);
        }
        Ok(())
    }

    /// A cached object of an object stream.
    pub(super) fn compressed(&self, place: CompressedKey) -> Option<Object> {
        self.compressed.borrow().get(&place).cloned()
    }

    /// Caches an object of an object stream.
    pub(super) fn keep_compressed(
        &self,
        place: CompressedKey,
        object: &Object,
        budget: &mut Budget,
    ) -> Result<(), ReadError> {
        let weight = self.weight.get().saturating_add(object.weight());
        if weight <= MOST {
            budget.pay(Purse::Memory, BYTES_OF_A_PLACE, "memory for objects")?;
            self.weight.set(weight);
            self.compressed.borrow_mut().insert(place, object.clone());
        }
        Ok(())
    }

    pub(super) fn unpacked(&self, place: StreamKey) -> Option<Rc<ObjectStream>> {
        self.object_streams.borrow().get(&place).map(Rc::clone)
    }

    pub(super) fn keep_unpacked(&self, place: StreamKey, stream: &Rc<ObjectStream>) {
        self.object_streams.borrow_mut().insert(place, Rc::clone(stream));
    }

    pub(super) fn unlisted(&self, end: usize) -> Option<Option<usize>> {
        self.unlisted.borrow().get(&end).copied()
    }

    pub(super) fn ambiguity(&self, end: usize) -> Option<Option<(usize, &'static str)>> {
        self.ambiguities.borrow().get(&end).copied()
    }

    pub(super) fn keep_ambiguity(&self, end: usize, found: Option<(usize, &'static str)>) {
        self.ambiguities.borrow_mut().insert(end, found);
    }

    pub(super) fn keep_unlisted(&self, end: usize, place: Option<usize>) {
        self.unlisted.borrow_mut().insert(end, place);
    }
}

/// Most values in the cache, of some 70 bytes each: 14 MB. A report of 300 pages has 60,000.
const MOST: usize = 200_000;
/// An entry of a map: its key, an object without its content, and unused space in the node.
const BYTES_OF_A_PLACE: usize = 160;
