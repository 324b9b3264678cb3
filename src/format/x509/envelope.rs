//! The outermost layer of certificates and lists: signed bytes, algorithm, and signature.

use crate::format::der::{self, BadDer, Element, Reader};

/// `SIGNED{ToBeSigned}` (RFC 5280, 4.1.1), strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The signed bytes, tag and length included.
    pub signed: &'a [u8],
    /// The identifier of the signature's algorithm.
    pub algorithm: Element<'a>,
    /// Content of the signature's BIT STRING.
    pub signature: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Parses it. The outer algorithm is not signed, so it must equal the inner one byte for byte;
    /// a lenient reader would accept two files as the same.
    pub fn read(bytes: &'a [u8]) -> Result<Self, BadDer> {
        let mut outer = Reader::new(bytes);
        let mut parts = outer.expect(der::SEQUENCE)?.inside();
        outer.finish()?;
        let signed = parts.expect(der::SEQUENCE)?;
        let algorithm = parts.expect(der::SEQUENCE)?;
        let signature = parts.expect(der::BIT_STRING)?;
        parts.finish()?;
        // Version and serial number precede it in certificates, the version in lists.
        let mut inside = signed.inside();
        let mut first = inside.any()?;
        while matches!(first.tag, der::CONTEXT_0 | der::INTEGER) {
            first = inside.any()?;
        }
        match signature.content.split_first() {
            Some((0, signature)) if first == algorithm => {
                Ok(Self { signed: signed.raw, algorithm, signature })
            }
            _ => Err(BadDer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::der::{element, sequence};

    #[test]
    fn the_algorithm_outside_is_the_one_inside() {
        let algorithm = sequence(&[&element(der::OID, &[42])]);
        let list = |inner: &[u8], outer: &[u8], bits: &[u8]| {
            let signed =
                sequence(&[&element(der::INTEGER, &[1]), inner, &element(der::OCTETS, b"x")]);
            sequence(&[&signed, outer, &element(der::BIT_STRING, bits)])
        };
        let good = list(&algorithm, &algorithm, &[0, 7, 8]);
        assert_eq!(Envelope::read(&good).unwrap().signature, [7, 8]);
        let other = sequence(&[&element(der::OCTETS, &[42])]);
        for bad in [
            list(&algorithm, &other, &[0, 7, 8]),
            list(&other, &algorithm, &[0, 7, 8]),
            list(&algorithm, &algorithm, &[1, 7, 8]),
            list(&algorithm, &algorithm, &[]),
            [good, vec![0]].concat(),
        ] {
            assert_eq!(Envelope::read(&bad), Err(BadDer));
        }
    }
}
