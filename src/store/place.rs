//! Where frames are in the journal.

/// Position of a frame, and the length of its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FramePosition {
    pub(super) segment: u32,
    pub(super) offset: u64,
    pub(super) length: u32,
}

impl FramePosition {
    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let parts = self.segment.to_be_bytes().into_iter().chain(self.offset.to_be_bytes());
        for (place, byte) in bytes.iter_mut().zip(parts.chain(self.length.to_be_bytes())) {
            *place = byte;
        }
        bytes
    }

    /// A position at the beginning of these bytes, and what follows it.
    pub(super) fn read_from(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (segment, rest) = bytes.split_first_chunk::<4>()?;
        let (offset, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (segment, offset) = (u32::from_be_bytes(*segment), u64::from_be_bytes(*offset));
        Some((Self { segment, offset, length: u32::from_be_bytes(*length) }, rest))
    }

    /// The position of the frame behind this one, with a payload of this length.
    fn next(self, length: u32) -> Self {
        let whole = u64::from(self.length).saturating_add(HEADER as u64);
        Self { offset: self.offset.saturating_add(whole), length, ..self }
    }

    const BYTES: usize = 16;
}

/// Position of an event, and of its documents, which follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventPlace {
    pub(super) event: FramePosition,
    pub(super) documents: Vec<FramePosition>,
}

impl EventPlace {
    /// Its form in the index: the position of the event, and the length of each document's frame.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let lengths = self.documents.iter().flat_map(|frame| frame.length.to_be_bytes());
        self.event.to_bytes().into_iter().chain(lengths).collect()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (event, rest) = FramePosition::read_from(bytes)?;
        let (lengths, []) = rest.as_chunks::<4>() else { return None };
        let documents = lengths.iter().scan(event, |last, length| {
            *last = last.next(u32::from_be_bytes(*length));
            Some(*last)
        });
        Some(Self { event, documents: documents.collect() })
    }
}

/// What precedes the payload of a frame, in bytes.
pub(super) const HEADER: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_the_positions_of_the_documents_behind_its_event() {
        let event = FramePosition { segment: 3, offset: 1 << 40, length: 7 };
        let first = event.next(100);
        let place = EventPlace { event, documents: vec![first, first.next(5)] };
        assert_eq!(first.offset, (1 << 40) + 17);
        assert_eq!(EventPlace::from_bytes(&place.to_bytes()).as_ref(), Some(&place));
        for cut in [0, 15, 17] {
            assert_eq!(EventPlace::from_bytes(&place.to_bytes()[..cut]), None);
        }
    }
}
