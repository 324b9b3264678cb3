//! Compression with zlib, for `FlateDecode`.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use flate2::{Compress, Compression, FlushCompress, Status};

/// A pool of compressors: a new one clears a third of a megabyte, which takes as long as
/// compressing a page.
#[derive(Default)]
pub struct Packer(Mutex<Vec<Compress>>);

impl Packer {
    /// Compresses content that differs in every document: a higher level takes several times as
    /// long, and text and signatures hardly shrink further.
    pub fn pack(&self, bytes: &[u8]) -> Vec<u8> {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut compressor = idle.unwrap_or_else(|| Compress::new(Compression::new(QUICK), true));
        let packed = run(&mut compressor, bytes);
        compressor.reset();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(compressor);
        packed
    }
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Packer")
    }
}

/// Compresses content that is computed once and used in many documents.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    run(&mut Compress::new(Compression::best(), true), bytes)
}

fn run(compressor: &mut Compress, bytes: &[u8]) -> Vec<u8> {
    // Incompressible data grows by five bytes for each block, and by header and checksum.
    let room = bytes.len().saturating_add(bytes.len() / 64).saturating_add(64);
    let mut packed = Vec::with_capacity(room);
    let mut rest = bytes;
    loop {
        let before = compressor.total_in();
        let done = compressor.compress_vec(rest, &mut packed, FlushCompress::Finish);
        // It can only fail for lack of room, and the buffer is large enough.
        if !matches!(done, Ok(Status::Ok | Status::BufError)) {
            return packed;
        }
        let read = usize::try_from(compressor.total_in().saturating_sub(before));
        rest = rest.get(read.unwrap_or_default()..).unwrap_or_default();
        packed.reserve(room);
    }
}

const QUICK: u32 = 2;

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_compressor_that_was_used_gives_what_a_new_one_gives() {
        let packer = Packer::default();
        let text = b"BT 1 0 0 1 93.5 598.1 Tm <5E02> Tj ET\n".repeat(100);
        let noise: Vec<u8> =
            (0..40_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let first = [packer.pack(&text), packer.pack(&noise), packer.pack(b"")];
        assert_eq!([packer.pack(&text), packer.pack(&noise), packer.pack(b"")], first);
        for (packed, plain) in first.iter().zip([text.as_slice(), &noise, b""]) {
            let mut back = Vec::new();
            flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_end(&mut back).unwrap();
            assert_eq!(back, plain);
        }
        assert!(deflate(&text).len() < first[0].len());
    }
}
