//! Extensions, which have one form wherever they stand.

use super::{BOOLEAN, BadDer, OCTETS, OID, Reader, SEQUENCE};

/// One extension (RFC 5280, 4.1) as certificates, lists, answers and time stamps carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Content of the object identifier.
    pub name: &'a [u8],
    /// Whether a reader that does not know it must refuse the whole.
    pub critical: bool,
    /// What the octet string holds.
    pub value: &'a [u8],
}

impl<'a> Extension<'a> {
    /// Reads the content of `Extensions`; each name stands once.
    pub fn read_all(mut reader: Reader<'a>) -> Result<Vec<Self>, BadDer> {
        let mut all: Vec<Self> = Vec::new();
        while reader.peek().is_some() {
            let mut inside = reader.expect(SEQUENCE)?.inside();
            let name = inside.expect(OID)?.content;
            let critical = match inside.optional(BOOLEAN)? {
                Some(flag) => flag.boolean()?,
                None => false,
            };
            let value = inside.expect(OCTETS)?.content;
            inside.finish()?;
            if all.len() >= MAX_EXTENSIONS || all.iter().any(|known| known.name == name) {
                return Err(BadDer);
            }
            all.push(Self { name, critical, value });
        }
        Ok(all)
    }
}

/// Real ones have at most a dozen; looking for repetitions must not become slow.
const MAX_EXTENSIONS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::der::{element, sequence};

    #[test]
    fn an_extension_stands_once() {
        let one = sequence(&[&element(OID, &[42]), &element(OCTETS, &[5, 0])]);
        let read = |der: &[u8]| Extension::read_all(Reader::new(der)).map(|all| all.len());
        assert_eq!(read(&one), Ok(1));
        assert_eq!(read(&[one.clone(), one].concat()), Err(BadDer));
    }
}
