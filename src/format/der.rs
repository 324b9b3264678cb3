//! DER elements (X.690) as spans of the original bytes: what was signed is hashed as it came.
//!
//! Only what CMS needs: definite minimal lengths and tags below 31. Whatever else is refused.

/// One element: its tag, its content, and all its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet.
    pub tag: u8,
    /// The content octets.
    pub content: &'a [u8],
    /// Tag, length and content as they stand.
    pub raw: &'a [u8],
}

/// Reads elements one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

/// Not DER, or not the element that must stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed DER")]
pub struct BadDer;

impl<'a> Reader<'a> {
    /// Over these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next element, whatever it is.
    pub fn any(&mut self) -> Result<Element<'a>, BadDer> {
        let (tag, after) = self.0.split_first().ok_or(BadDer)?;
        if tag & 0x1F == 0x1F {
            return Err(BadDer);
        }
        let (first, after) = after.split_first().ok_or(BadDer)?;
        let (length, after) = match first {
            short @ 0..=0x7F => (usize::from(*short), after),
            long @ 0x81..=0x84 => {
                let (bytes, after) =
                    after.split_at_checked(usize::from(long & 0x0F)).ok_or(BadDer)?;
                let length = bytes.iter().fold(0, |sum: usize, byte| sum << 8 | usize::from(*byte));
                let minimal = length > 0x7F && bytes.first() != Some(&0);
                (minimal.then_some(length).ok_or(BadDer)?, after)
            }
            _ => return Err(BadDer),
        };
        let (content, rest) = after.split_at_checked(length).ok_or(BadDer)?;
        let used = self.0.len().checked_sub(rest.len()).ok_or(BadDer)?;
        let raw = self.0.get(..used).ok_or(BadDer)?;
        self.0 = rest;
        Ok(Element { tag: *tag, content, raw })
    }

    /// The next element, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Result<Element<'a>, BadDer> {
        let element = self.any()?;
        (element.tag == tag).then_some(element).ok_or(BadDer)
    }

    /// The next element when it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, BadDer> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// That nothing is left.
    pub fn finish(self) -> Result<(), BadDer> {
        self.0.is_empty().then_some(()).ok_or(BadDer)
    }
}

impl<'a> Element<'a> {
    /// Reads what is inside.
    pub fn inside(&self) -> Reader<'a> {
        Reader(self.content)
    }
}

/// One element of the tag with the content.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = Vec::with_capacity(content.len().saturating_add(6));
    der.push(tag);
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    match length {
        [0, 0, 0, short @ 0..=0x7F] => der.push(short),
        [0, 0, 0, one] => der.extend([0x81, one]),
        [0, 0, two, one] => der.extend([0x82, two, one]),
        [0, three, two, one] => der.extend([0x83, three, two, one]),
        [four, three, two, one] => der.extend([0x84, four, three, two, one]),
    }
    der.extend(content);
    der
}

/// `SEQUENCE` of the parts.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// `SET OF` the parts, sorted as X.690, 11.6 wants it.
pub fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    element(SET, &parts.concat())
}

/// `SEQUENCE`.
pub const SEQUENCE: u8 = 0x30;
/// `SET`.
pub const SET: u8 = 0x31;
/// `INTEGER`.
pub const INTEGER: u8 = 0x02;
/// `OCTET STRING`.
pub const OCTETS: u8 = 0x04;
/// `NULL`.
pub const NULL: u8 = 0x05;
/// `OBJECT IDENTIFIER`.
pub const OID: u8 = 0x06;
/// `[0]`, constructed.
pub const CONTEXT_0: u8 = 0xA0;
/// `[1]`, constructed.
pub const CONTEXT_1: u8 = 0xA1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_minimal_or_refused() {
        for size in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let der = element(OCTETS, &vec![7; size]);
            let mut reader = Reader::new(&der);
            assert_eq!(reader.expect(OCTETS).unwrap().content.len(), size);
            assert!(reader.finish().is_ok());
        }
        for bad in
            [&[4, 0x81, 5, 1, 2, 3, 4, 5][..], &[4, 0x80, 0, 0], &[4, 2, 1], &[0x1F, 1, 0], &[4]]
        {
            assert_eq!(Reader::new(bad).any(), Err(BadDer), "{bad:?}");
        }
    }
}
