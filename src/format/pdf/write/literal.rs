//! Deflate (RFC 1951) with literals only, and a Huffman code computed in advance.
//!
//! The glyphs of a value font differ in every document. Searching them for repetitions takes longer
//! than typesetting the whole page, and saves another twentieth over a good Huffman code for the
//! bytes of that font. The code depends on the font alone, so it is computed once.

/// A Huffman code for bytes: frequent ones get few bits.
#[derive(Clone, Debug)]
pub(super) struct Literals {
    /// The code of each byte, in the bit order of the file, and its length.
    codes: Box<[(u16, u16); 256]>,
    /// The code of the end of the block.
    end: (u16, u16),
    /// The headers, up to the first code.
    head: Bits,
}

impl Literals {
    /// A code for bytes that occur as often as in `sample`.
    pub(super) fn of<'a>(sample: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut counts = [0_u64; 256];
        for byte in sample.into_iter().flatten() {
            if let Some(count) = counts.get_mut(usize::from(*byte)) {
                *count = count.saturating_add(1);
            }
        }
        let sum = counts.iter().sum::<u64>();
        // A code of 16 bits needs weights with a sum of at least the 18th Fibonacci number, 2,584.
        let share = |count: u64| count.saturating_mul(SHARES).checked_div(sum).unwrap_or(0);
        let weights = counts.map(|count| share(count).max(1));
        let lengths = lengths(weights.into_iter().chain([1]));
        let all = canonical(&lengths);
        let mut codes = Box::new([(0, 0); 256]);
        codes.iter_mut().zip(&all).for_each(|(code, own)| *code = *own);
        Self { codes, end: all.last().copied().unwrap_or_default(), head: head(&lengths) }
    }

    /// Compresses to a zlib stream, for `FlateDecode`.
    pub(super) fn pack(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.head.clone();
        // At most fifteen bits for each byte, then the end, and a word for unfinished bits.
        out.make_room(bytes.len().saturating_mul(2).saturating_add(16));
        let code = |byte: u8| self.codes.get(usize::from(byte)).copied().unwrap_or_default();
        let (pairs, odd) = bytes.as_chunks::<2>();
        for [one, next] in pairs {
            let (one, next) = (code(*one), code(*next));
            let bits = u32::from(one.0) | u32::from(next.0).wrapping_shl(u32::from(one.1));
            out.push(bits, u32::from(one.1.wrapping_add(next.1)));
        }
        for (bits, count) in odd.iter().map(|byte| code(*byte)).chain([self.end]) {
            out.push(u32::from(bits), u32::from(count));
        }
        let mut file = out.finish();
        file.extend(adler32(bytes).to_be_bytes());
        file
    }
}

/// The length of the Huffman code of each symbol.
fn lengths(weights: impl Iterator<Item = u64>) -> Vec<u8> {
    // A node is its weight and the symbols below it; 257 of them are merged once, at the start.
    let mut nodes: Vec<(u64, Vec<usize>)> =
        weights.enumerate().map(|(symbol, weight)| (weight, vec![symbol])).collect();
    let mut lengths = vec![0_u8; nodes.len()];
    while nodes.len() > 1 {
        nodes.sort_by(|one, other| other.cmp(one));
        let (Some(one), Some(other)) = (nodes.pop(), nodes.pop()) else { break };
        let below = [one.1, other.1].concat();
        for symbol in &below {
            if let Some(length) = lengths.get_mut(*symbol) {
                *length = length.saturating_add(1);
            }
        }
        nodes.push((one.0.saturating_add(other.0), below));
    }
    lengths
}

/// The canonical codes of these lengths (RFC 1951, 3.2.2), first bit lowest.
fn canonical(lengths: &[u8]) -> Vec<(u16, u16)> {
    let mut codes = vec![(0, 0); lengths.len()];
    let mut next = 0_u16;
    for length in 1..=LONGEST {
        for (code, own) in codes.iter_mut().zip(lengths) {
            if *own == length {
                let count = u16::from(length);
                *code = (next.reverse_bits() >> 16_u16.saturating_sub(count), count);
                next = next.saturating_add(1);
            }
        }
        next <<= 1;
    }
    codes
}

/// The zlib header, and the header of a single final block with the lengths of all codes.
fn head(lengths: &[u8]) -> Bits {
    let mut bits = Bits { bytes: vec![0x78, 0x01], at: 2, open: 0, count: 0 };
    bits.make_room(200);
    // Last block, dynamic code, 257 symbols, one distance, lengths of 19 symbols of lengths.
    for (value, count) in [(1, 1), (2, 2), (0, 5), (0, 5), (15, 4)] {
        bits.push(value, count);
    }
    // The three repetition symbols are unused; each of the sixteen lengths has four bits.
    [0, 0, 0].into_iter().chain([4; 16]).for_each(|length| bits.push(length, 3));
    // After the symbols, a distance code of length zero.
    for length in lengths.iter().chain([&0]) {
        bits.push(u32::from(*length).reverse_bits() >> 28, 4);
    }
    bits
}

/// A bit writer, lowest bit first.
#[derive(Clone, Debug)]
struct Bits {
    /// The bytes written, and spare room after them.
    bytes: Vec<u8>,
    at: usize,
    open: u64,
    count: u32,
}

impl Bits {
    fn make_room(&mut self, bytes: usize) {
        self.bytes.resize(self.at.saturating_add(bytes), 0);
    }

    /// Appends at most thirty bits. An unfinished byte is rewritten with the next bits.
    fn push(&mut self, value: u32, count: u32) {
        self.open |= u64::from(value).wrapping_shl(self.count);
        self.count = self.count.wrapping_add(count);
        let room = self.bytes.get_mut(self.at..).and_then(<[u8]>::first_chunk_mut::<8>);
        if let Some(room) = room {
            *room = self.open.to_le_bytes();
        }
        let whole = self.count / 8;
        self.at = self.at.saturating_add(usize::try_from(whole).unwrap_or_default());
        self.open = self.open.wrapping_shr(whole.wrapping_mul(8));
        self.count %= 8;
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.truncate(self.at.saturating_add(usize::from(self.count > 0)));
        self.bytes
    }
}

/// zlib's checksum (RFC 1950, 8.2).
fn adler32(bytes: &[u8]) -> u32 {
    const PRIME: u32 = 65_521;
    let (mut low, mut high) = (1_u32, 0_u32);
    // The number of bytes for which the sums stay below 32 bits.
    for part in bytes.chunks(5_552) {
        for byte in part {
            low = low.wrapping_add(u32::from(*byte));
            high = high.wrapping_add(low);
        }
        (low, high) = (low % PRIME, high % PRIME);
    }
    high << 16 | low
}

const SHARES: u64 = 2_300;
const LONGEST: u8 = 15;

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn inflate(packed: &[u8]) -> Vec<u8> {
        let mut back = Vec::new();
        let read = flate2::read::ZlibDecoder::new(packed).read_to_end(&mut back);
        assert!(read.is_ok(), "{read:?}");
        back
    }

    proptest::proptest! {
        #[test]
        fn zlib_reads_what_any_code_wrote(
            sample in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..9000),
        ) {
            let code = Literals::of([sample.as_slice()]);
            proptest::prop_assert_eq!(inflate(&code.pack(&bytes)), bytes);
        }
    }

    #[test]
    fn no_code_is_too_long_and_none_is_missing() {
        // Each byte twice as often as the next, and all equally often.
        let steep: Vec<u8> = (0..16_u8).flat_map(|byte| vec![byte; 1 << (16 - byte)]).collect();
        for sample in [steep.as_slice(), &[], &[7; 5000]] {
            let code = Literals::of([sample]);
            let codes = || code.codes.iter().chain([&code.end]);
            assert!(codes().all(|(_, bits)| (1..=15).contains(bits)));
            let kraft: f64 = codes().map(|(_, bits)| 0.5_f64.powi(i32::from(*bits))).sum();
            assert!((kraft - 1.0).abs() < 1e-9);
            let all: Vec<u8> = (0..=255).collect();
            assert_eq!(inflate(&code.pack(&all)), all);
        }
    }

    #[test]
    fn frequent_bytes_get_few_bits() {
        let text = b"a frequent byte is short, a rare one is long ".repeat(40);
        let packed = Literals::of([text.as_slice()]).pack(&text);
        assert_eq!(inflate(&packed), text);
        assert!(packed.len() < text.len() * 3 / 4);
    }
}
