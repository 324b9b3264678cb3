//! A document written as its difference from an earlier one of its kind, with which it shares fonts,
//! the parts of the page that never change, and certificates. The bytes come back as they were, and
//! do not depend on the program that composed them.
//!
//! A difference is a sequence of pairs: own bytes, then bytes of the earlier document.
//!
//! ```text
//! pair    count of own bytes, the bytes, count of repeated bytes, their offset in the earlier one
//! number  LEB128
//! ```

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::act::DocumentKind;
use super::place::FramePosition;

/// A document from which others are written.
pub(super) struct Base {
    /// The frame that has it, whole.
    pub(super) place: FramePosition,
    bytes: Vec<u8>,
    /// The place of a block, plus one, by a hash of its content; 0 for none.
    blocks: Vec<u32>,
    used: AtomicU32,
}

impl Base {
    pub(super) fn new(place: FramePosition, bytes: Vec<u8>) -> Self {
        let mut blocks = vec![0; 1 << TABLE_BITS];
        let places = (0_u32..).step_by(STEP).zip(bytes.windows(BLOCK).step_by(STEP));
        for (at, block) in places {
            if let Some(entry) = blocks.get_mut(slot(block)) {
                *entry = at.saturating_add(1);
            }
        }
        Self { place, bytes, blocks, used: AtomicU32::new(0) }
    }

    /// The difference of a document from this one.
    fn delta(&self, document: &[u8]) -> Vec<u8> {
        let mut delta = Vec::new();
        let (mut done, mut at) = (0, 0);
        while let Some(block) = document.get(at..at + BLOCK) {
            match self.repeated(document, done, at, block) {
                Some((from, length, offset)) => {
                    pair(&mut delta, document.get(done..from).unwrap_or_default(), length, offset);
                    done = from + length;
                    at = done;
                }
                None => at += 1,
            }
        }
        let rest = document.get(done..).unwrap_or_default();
        if !rest.is_empty() {
            pair(&mut delta, rest, 0, 0);
        }
        delta
    }

    /// What is repeated around a block of the document, not before `done`: where it begins there, its
    /// length, and where it begins here.
    fn repeated(
        &self,
        document: &[u8],
        done: usize,
        at: usize,
        block: &[u8],
    ) -> Option<(usize, usize, usize)> {
        let place = self.blocks.get(slot(block))?.checked_sub(1)?;
        let place = usize::try_from(place).ok()?;
        if self.bytes.get(place..place + BLOCK)? != block {
            return None;
        }
        let same = |(one, other): &(&u8, &u8)| one == other;
        let (before, earlier) = (document.get(done..at)?, self.bytes.get(..place)?);
        let back = before.iter().rev().zip(earlier.iter().rev()).take_while(same).count();
        let (after, later) = (document.get(at..)?, self.bytes.get(place..)?);
        let on = after.iter().zip(later).take_while(same).count();
        Some((at - back, back + on, place - back))
    }
}

fn pair(delta: &mut Vec<u8>, own: &[u8], repeated: usize, offset: usize) {
    number(delta, own.len());
    delta.extend_from_slice(own);
    number(delta, repeated);
    number(delta, offset);
}

fn number(delta: &mut Vec<u8>, mut value: usize) {
    while value > 0x7f {
        delta.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    delta.push(u8::try_from(value).unwrap_or_default());
}

fn slot(block: &[u8]) -> usize {
    let word = |at: usize| {
        let bytes = block.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        u64::from_le_bytes(bytes.unwrap_or_default())
    };
    let mixed = (word(0) ^ word(8).rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> (u64::BITS - TABLE_BITS)).unwrap_or_default()
}

/// The document that a difference stands for. `None` when it is none of a document of this length.
pub(super) fn restored(base: &[u8], delta: &[u8], length: usize) -> Option<Vec<u8>> {
    // A difference that is damaged asks for no more than base and difference have.
    let mut document = Vec::with_capacity(length.min(base.len().saturating_add(delta.len())));
    let mut rest = delta;
    while !rest.is_empty() {
        let own = read_number(&mut rest)?;
        let (own, behind) = rest.split_at_checked(own)?;
        rest = behind;
        let (repeated, offset) = (read_number(&mut rest)?, read_number(&mut rest)?);
        let repeated = base.get(offset..offset.checked_add(repeated)?)?;
        if own.len().checked_add(repeated.len())? > length.checked_sub(document.len())? {
            return None;
        }
        document.extend_from_slice(own);
        document.extend_from_slice(repeated);
    }
    (document.len() == length).then_some(document)
}

fn read_number(rest: &mut &[u8]) -> Option<usize> {
    let (mut value, mut shift) = (0_usize, 0_u32);
    loop {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        let part = usize::from(byte & 0x7f);
        value |= part.checked_shl(shift).filter(|shifted| shifted >> shift == part)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift += 7;
    }
}

/// The documents from which new ones are written: the last one stored whole of each kind, for the
/// layouts used lately. They are forgotten when the store is closed; the first document after that
/// is stored whole.
#[derive(Default)]
pub(super) struct Bases(Mutex<BTreeMap<(String, DocumentKind), Arc<Base>>>);

impl Bases {
    /// The difference of a document from the one of its layout, with the place of that one. `None`
    /// when there is none, when it has been used often enough, or when little would be saved.
    pub(super) fn delta(
        &self,
        layout: &str,
        kind: DocumentKind,
        document: &[u8],
    ) -> Option<(FramePosition, Vec<u8>)> {
        let base = {
            let bases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(bases.get(&(layout.to_owned(), kind))?)
        };
        if base.used.fetch_add(1, Ordering::Relaxed) >= USES {
            return None;
        }
        let delta = base.delta(document);
        (delta.len() < document.len() / 4 * 3).then_some((base.place, delta))
    }

    /// Remembers a document that is stored whole, and durable.
    pub(super) fn remember(&self, layout: String, kind: DocumentKind, base: Base) {
        let mut bases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bases.len() >= REMEMBERED {
            // Which one goes matters little: its next document is stored whole.
            bases.pop_first();
        }
        bases.insert((layout, kind), Arc::new(base));
    }
}

/// Whoever damages a document on the disk damages so many others with it.
const USES: u32 = 1000;
/// What is compared at once: two words.
const BLOCK: usize = 16;
/// Blocks of the earlier document begin at its multiples.
const STEP: usize = 8;
const TABLE_BITS: u32 = 14;
/// Some 130 KB each.
const REMEMBERED: usize = 128;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base(bytes: &[u8]) -> Base {
        Base::new(FramePosition { segment: 1, offset: 4, length: 0 }, bytes.to_vec())
    }

    proptest! {
        #[test]
        fn a_document_comes_back_as_it_was(
            base_bytes in proptest::collection::vec(0_u8..4, 0..2000),
            cuts in proptest::collection::vec((0_usize..2000, 0_usize..400), 0..8),
            own in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut document = own.clone();
            for (start, length) in cuts {
                let end = (start + length).min(base_bytes.len());
                document.extend(base_bytes.get(start..end).unwrap_or_default());
                document.extend(&own);
            }
            let delta = base(&base_bytes).delta(&document);
            prop_assert_eq!(restored(&base_bytes, &delta, document.len()), Some(document.clone()));
            prop_assert_eq!(restored(&base_bytes, &delta, document.len() + 1), None);
            prop_assert!(delta.len() <= document.len() + 8);
        }

        #[test]
        fn a_damaged_difference_takes_no_more_than_its_document(
            delta in proptest::collection::vec(any::<u8>(), 0..60),
            length in 0_usize..100_000,
        ) {
            let found = restored(&[7; 100], &delta, length);
            prop_assert!(found.is_none_or(|found| found.len() == length));
        }
    }

    #[test]
    fn what_is_shared_is_stored_once() {
        let shared: Vec<u8> =
            (0..20_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let mut document = b"other words at the beginning".to_vec();
        document.extend(&shared);
        document[40_000] ^= 1;
        let delta = base(&shared).delta(&document);
        assert!(delta.len() < 100, "{}", delta.len());
        let bases = Bases::default();
        bases.remember("a".to_owned(), DocumentKind::SealedPdf, base(&shared));
        let found =
            |layout, document: &[u8]| bases.delta(layout, DocumentKind::SealedPdf, document);
        assert!(found("a", &document).is_some() && found("b", &document).is_none());
        assert!(found("a", &[1; 50]).is_none(), "nothing is shared");
        let more = (0..=USES).take_while(|_| found("a", &document).is_some()).count();
        assert_eq!(more + 2, usize::try_from(USES).unwrap());
    }

    #[test]
    fn numbers_too_large_are_refused() {
        assert_eq!(read_number(&mut &[0xff; 12][..]), None);
        assert_eq!(read_number(&mut &[0x80][..]), None);
        let mut most = Vec::new();
        number(&mut most, usize::MAX);
        assert_eq!(read_number(&mut &most[..]), Some(usize::MAX));
    }
}
