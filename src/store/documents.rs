//! Documents as they were when they were written, whatever they are stored as.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::StoreError;
use super::act::{Event, Locator};
use super::delta;
use super::files::Files;
use super::journal::{Payload, damage, document_at};
use super::place::{EventPlace, FramePosition};
use crate::base::digest::Digest;

/// The documents of an event, and where they are.
pub(super) fn documents_of(event: &Event, place: &EventPlace) -> Vec<Locator> {
    let stored = event.documents.iter().zip(&place.documents);
    let locator = |((kind, length, sha256), frame): (&(_, _, String), &FramePosition)| Locator {
        kind: *kind,
        length: *length,
        sha256: sha256.clone(),
        frame: *frame,
    };
    stored.map(locator).collect()
}

/// Reads documents, and keeps those that others were lately read from.
#[derive(Default)]
pub(super) struct Documents(Mutex<VecDeque<(FramePosition, Arc<Vec<u8>>)>>);

impl Documents {
    /// The bytes of a document; their digest is verified.
    pub(super) fn read(&self, files: &dyn Files, at: &Locator) -> Result<Vec<u8>, StoreError> {
        let damaged = |what| damage(at.frame.segment, at.frame.offset, what);
        let bytes = match document_at(at.frame, files)? {
            Payload::Whole(bytes) => bytes,
            Payload::Delta(base, delta) => {
                let length = usize::try_from(at.length).unwrap_or(usize::MAX);
                let base = self.base(files, base)?;
                delta::restored(&base, &delta, length)
                    .ok_or_else(|| damaged("a document cannot be read"))?
            }
        };
        if Digest::of(&[&bytes]).to_hex() != at.sha256 {
            return Err(damaged("a document does not have its digest"));
        }
        Ok(bytes)
    }

    fn base(&self, files: &dyn Files, at: FramePosition) -> Result<Arc<Vec<u8>>, StoreError> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = known().iter().find(|(place, _)| *place == at) {
            return Ok(Arc::clone(bytes));
        }
        let Payload::Whole(bytes) = document_at(at, files)? else {
            return Err(damage(at.segment, at.offset, "a difference from a difference"));
        };
        let bytes = Arc::new(bytes);
        let mut known = known();
        known.truncate(KEPT - 1);
        known.push_front((at, Arc::clone(&bytes)));
        Ok(bytes)
    }
}

/// Some 60 KB each.
const KEPT: usize = 32;
