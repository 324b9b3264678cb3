//! Objects read before, for all states of a file: each signature is followed by states that are
//! compared, and reading an object again for each would multiply the work.

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

#[derive(Debug, Default)]
pub(super) struct Cache {
    objects: RefCell<BTreeMap<CacheKey, Indirect>>,
    /// What the objects weigh that are kept.
    weight: Cell<usize>,
    /// Only where they end: those that are not kept.
    ends: RefCell<BTreeMap<CacheKey, usize>>,
    /// By the end of their stream's bytes, number and index.
    compressed: RefCell<BTreeMap<(usize, u32, usize), Object>>,
    /// By the place of the stream and the end of its bytes.
    object_streams: RefCell<BTreeMap<(usize, usize), Rc<ObjectStream>>>,
    /// By the end of the revision: what stands in it and is in no list.
    unlisted: RefCell<BTreeMap<usize, Option<usize>>>,
}

impl Cache {
    /// An object that was read before, and that ends before the last byte of a state.
    pub(super) fn object(&self, place: CacheKey, length: usize) -> Option<Indirect> {
        self.objects.borrow().get(&place).filter(|known| known.end < length).cloned()
    }

    /// Where an object ends that was read before.
    pub(super) fn end(&self, place: CacheKey, length: usize) -> Option<usize> {
        let known = self.object(place, length).map(|known| known.end);
        known.or_else(|| self.ends.borrow().get(&place).copied().filter(|end| *end < length))
    }

    /// Keeps what was read. A stream whose length is a reference may be another one in another
    /// state, and is not kept.
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

    /// An object of an object stream that was read before.
    pub(super) fn compressed(&self, place: (usize, u32, usize)) -> Option<Object> {
        self.compressed.borrow().get(&place).cloned()
    }

    /// Keeps it.
    pub(super) fn keep_compressed(
        &self,
        place: (usize, u32, usize),
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

    pub(super) fn unpacked(&self, place: (usize, usize)) -> Option<Rc<ObjectStream>> {
        self.object_streams.borrow().get(&place).map(Rc::clone)
    }

    pub(super) fn keep_unpacked(&self, place: (usize, usize), stream: &Rc<ObjectStream>) {
        self.object_streams.borrow_mut().insert(place, Rc::clone(stream));
    }

    pub(super) fn unlisted(&self, end: usize) -> Option<Option<usize>> {
        self.unlisted.borrow().get(&end).copied()
    }

    pub(super) fn keep_unlisted(&self, end: usize, place: Option<usize>) {
        self.unlisted.borrow_mut().insert(end, place);
    }
}

/// Values that are kept, of some 70 bytes each: 14 MB. A report of 300 pages has 60,000.
const MOST: usize = 200_000;
/// An entry of a map: a place, an object without what is in it, and what is free in the node.
const BYTES_OF_A_PLACE: usize = 160;
