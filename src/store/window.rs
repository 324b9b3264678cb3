//! A segment read in pieces: memory does not grow with it.

use std::io;

use super::files::Files;

/// The bytes of a segment, of which a part is in memory.
pub(super) struct Window<'a> {
    files: &'a dyn Files,
    segment: u32,
    length: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl<'a> Window<'a> {
    /// The whole segment.
    pub(super) fn open(files: &'a dyn Files, segment: u32) -> io::Result<Self> {
        let length = files.length(segment)?;
        Ok(Self { files, segment, length, start: 0, bytes: Vec::new() })
    }

    /// The segment without what follows an offset, where another thread may be writing.
    pub(super) fn until(self, end: u64) -> Self {
        Self { length: self.length.min(end), ..self }
    }

    /// Number of the segment.
    pub(super) fn segment(&self) -> u32 {
        self.segment
    }

    /// How many bytes it has.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// `count` bytes from an offset on; `None` when the segment ends before.
    pub(super) fn get(&mut self, at: u64, count: usize) -> io::Result<Option<&[u8]>> {
        let wanted = u64::try_from(count).unwrap_or(u64::MAX);
        let left = self.length.saturating_sub(at);
        if left < wanted {
            return Ok(None);
        }
        if self.held(at, count).is_none() {
            let piece = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE).max(count);
            self.bytes = self.files.read_at(self.segment, at, piece)?;
            self.start = at;
        }
        Ok(self.held(at, count))
    }

    fn held(&self, at: u64, count: usize) -> Option<&[u8]> {
        let skipped = usize::try_from(at.checked_sub(self.start)?).ok()?;
        self.bytes.get(skipped..skipped.checked_add(count)?)
    }
}

/// Read at once, when no frame needs more.
const PIECE: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::super::files::Segments;
    use super::*;

    #[test]
    fn every_part_is_found_and_little_is_held() {
        let mut files = Segments::default();
        let bytes: Vec<u8> = (0..3 * PIECE).map(|at| u8::try_from(at % 251).unwrap()).collect();
        files.append(1, 0, &bytes).unwrap();
        let mut window = Window::open(&files, 1).unwrap();
        for (at, count) in [(0, 4), (PIECE - 2, 10), (5, 2 * PIECE), (3 * PIECE - 1, 1), (7, 0)] {
            let found = window.get(u64::try_from(at).unwrap(), count).unwrap().unwrap();
            assert_eq!(found, &bytes[at..at + count]);
        }
        assert!(window.bytes.len() <= 2 * PIECE);
        assert_eq!(window.get(u64::try_from(3 * PIECE).unwrap(), 1).unwrap(), None);
        assert_eq!(window.get(u64::MAX, 1).unwrap(), None);
        let mut part = Window::open(&files, 1).unwrap().until(10);
        assert_eq!((part.length(), part.get(5, 6).unwrap()), (10, None));
        assert_eq!(part.get(5, 5).unwrap().unwrap(), &bytes[5..10]);
    }
}
