//! The bytes of one entry.

use std::io::{self, BufReader, Read};

use flate2::bufread::DeflateDecoder;

use super::entry::{EntryFault, STORED, Source, ZipEntry, is_zip};

/// Unpacks an entry and compares size and checksum. Unpacking stops one byte after the stated size.
pub(super) fn unpack(
    source: &impl Source,
    entry: &ZipEntry,
) -> io::Result<Result<Vec<u8>, EntryFault>> {
    let size = u64::from(entry.size);
    // Deflate adds five bytes to 64 KB of incompressible data; more is padding that only costs
    // time.
    let most = size.saturating_add(size / 8).saturating_add(PADDING);
    if u64::from(entry.packed) > most {
        return Ok(Err(EntryFault::Damaged("the entry takes far more room than what is in it")));
    }
    let packed = Part { source, at: entry.data, left: u64::from(entry.packed) };
    let mut bytes = Vec::new();
    let most = size.saturating_add(1);
    let whole = if entry.method == STORED {
        packed.take(most).read_to_end(&mut bytes)?;
        entry.packed == entry.size
    } else {
        let mut decoder = DeflateDecoder::new(BufReader::with_capacity(BUFFER, packed));
        let read = decoder.by_ref().take(most).read_to_end(&mut bytes);
        match read {
            Ok(_) => decoder.total_in() == u64::from(entry.packed),
            // Malformed or truncated deflate data; any other error comes from the source.
            Err(error) if NO_DEFLATE.contains(&error.kind()) => false,
            Err(error) => return Err(error),
        }
    };
    if !whole || u64::try_from(bytes.len()).ok() != Some(size) {
        let what = "the entry does not unpack to the size that the archive says";
        return Ok(Err(EntryFault::Damaged(what)));
    }
    let mut crc = flate2::Crc::new();
    crc.update(&bytes);
    if crc.sum() != entry.crc {
        return Ok(Err(EntryFault::Damaged("the entry's checksum is wrong")));
    }
    Ok(if is_zip(&bytes) { Err(EntryFault::Nested) } else { Ok(bytes) })
}

/// A range of the source as a reader.
struct Part<'a, S> {
    source: &'a S,
    at: u64,
    left: u64,
}

impl<S: Source> Read for Part<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let (buffer, _) = buffer.split_at_mut(count);
        self.source.read_at(self.at, buffer)?;
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.at = self.at.saturating_add(count);
        self.left = self.left.saturating_sub(count);
        Ok(buffer.len())
    }
}

const NO_DEFLATE: [io::ErrorKind; 2] = [io::ErrorKind::InvalidInput, io::ErrorKind::UnexpectedEof];
const BUFFER: usize = 32 << 10;
/// An allowance for the block headers of tiny entries.
const PADDING: u64 = 1 << 10;
