//! Content streams (ISO 32000-1, 7.8.2): operators with their operands, and maps from codes to
//! text.

use std::collections::BTreeMap;

use super::ReadError;
use super::lexer::Lexer;
use super::object::Object;
use crate::base::limits::{Budget, Purse};

/// One operator with its operands.
pub(super) struct Operation {
    pub(super) operator: Vec<u8>,
    pub(super) operands: Vec<Object>,
}

/// The operations of a content stream, parsed one at a time: a long stream is never held as a list.
pub(super) struct Operations<'a> {
    lexer: Lexer<'a>,
    /// Set where something other than operators follows, such as the bytes of an image.
    ended: bool,
}

impl<'a> Operations<'a> {
    pub(super) fn of(content: &'a [u8], budget: &mut Budget) -> Result<Self, ReadError> {
        budget.pay(Purse::ReadBytes, content.len(), "bytes of objects")?;
        Ok(Self { lexer: Lexer::new(content, 0, false), ended: false })
    }

    /// The next operation; `None` at the end, and where something other than operators follows.
    pub(super) fn next(&mut self, budget: &mut Budget) -> Result<Option<Operation>, ReadError> {
        let mut operands = Vec::new();
        while !self.ended {
            self.lexer.skip_space();
            if self.lexer.peek().is_none() {
                return Ok(None);
            }
            budget.pay(Purse::Steps, 1, "content")?;
            match self.lexer.operator() {
                Some(operator) => {
                    self.ended = operator == b"BI";
                    return Ok((!self.ended).then_some(Operation { operator, operands }));
                }
                None => match self.lexer.object(budget.depth, budget) {
                    Ok(object) => {
                        budget.pay(Purse::Memory, size_of::<[Object; 2]>(), "operands")?;
                        operands.push(object);
                    }
                    Err(ReadError::Budget(over)) => return Err(over.into()),
                    Err(_) => self.ended = true,
                },
            }
        }
        Ok(None)
    }

    /// Whether readers differ about an operand so far ([`Lexer::is_odd`]).
    pub(super) fn is_odd(&self) -> bool {
        self.lexer.is_odd()
    }

    /// Whether the whole stream was operators.
    pub(super) fn is_whole(&self) -> bool {
        !self.ended
    }
}

/// A map from codes to text (9.10.3): its single codes and ranges.
pub(super) fn code_map(
    content: &[u8],
    budget: &mut Budget,
) -> Result<Option<BTreeMap<Vec<u8>, String>>, ReadError> {
    let mut operations = Operations::of(content, budget)?;
    let mut map = BTreeMap::new();
    while let Some(Operation { operator, operands }) = operations.next(budget)? {
        match operator.as_slice() {
            b"endbfchar" => {
                for pair in operands.chunks_exact(2) {
                    if let [Object::String { bytes: code, .. }, Object::String { bytes, .. }] = pair
                    {
                        pay_entry(code, bytes, budget)?;
                        map.insert(code.to_vec(), utf16(bytes));
                    }
                }
            }
            b"endbfrange" => {
                for range in operands.chunks_exact(3) {
                    insert_range(&mut map, range, budget)?;
                }
            }
            _ => {}
        }
    }
    Ok(operations.is_whole().then_some(map))
}

fn insert_range(
    map: &mut BTreeMap<Vec<u8>, String>,
    range: &[Object],
    budget: &mut Budget,
) -> Result<(), ReadError> {
    let [Object::String { bytes: first, .. }, Object::String { bytes: last, .. }, to] = range
    else {
        return Ok(());
    };
    // A range covers values of the last byte of a code (Technical Note 5014, 1.4.2).
    let (Some((first, front)), Some((last, _))) = (first.split_last(), last.split_last()) else {
        return Ok(());
    };
    for (step, code) in (*first..=*last).enumerate() {
        let text = match to {
            Object::String { bytes, .. } => bytes.as_slice(),
            Object::Array(texts) => texts.get(step).and_then(Object::string).unwrap_or_default(),
            _ => &[],
        };
        pay_entry(front, text, budget)?;
        let text = match to {
            Object::Array(texts) => texts.get(step).and_then(Object::string).map(utf16),
            Object::String { bytes, .. } => bytes.split_last().and_then(|(low, high)| {
                let low = u8::try_from(usize::from(*low).saturating_add(step)).ok()?;
                Some(utf16(&[high, &[low]].concat()))
            }),
            _ => None,
        };
        if let Some(text) = text {
            map.insert([front, &[code]].concat(), text);
        }
    }
    Ok(())
}

/// Pays for one entry of a map: its code, its text, and their node in the tree.
fn pay_entry(code: &[u8], text: &[u8], budget: &mut Budget) -> Result<(), ReadError> {
    let bytes = code.len().saturating_add(text.len().saturating_mul(3));
    budget.pay(Purse::Steps, 1, "content")?;
    Ok(budget.pay(Purse::Memory, bytes.saturating_add(ENTRY_BYTES), "a map of codes")?)
}

/// Two heap blocks and a place in a node that is two thirds full.
const ENTRY_BYTES: usize = 160;

fn utf16(bytes: &[u8]) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operators(content: &[u8]) -> (Vec<(String, usize)>, bool) {
        let mut budget = Budget::default();
        let mut operations = Operations::of(content, &mut budget).unwrap();
        let mut all = Vec::new();
        while let Some(one) = operations.next(&mut budget).unwrap() {
            all.push((String::from_utf8_lossy(&one.operator).into_owned(), one.operands.len()));
        }
        (all, operations.is_whole())
    }

    #[test]
    fn operators_have_their_operands() {
        let (all, whole) = operators(b"q 1 0 0 RG [(a)-20(b)] TJ (c)' /F1 12 Tf % x\nET");
        let expected = [("q", 0), ("RG", 3), ("TJ", 1), ("'", 1), ("Tf", 2), ("ET", 0)];
        let found: Vec<_> = all.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(found, expected);
        assert!(whole);
    }

    #[test]
    fn maps_have_codes_and_ranges() {
        let map = b"2 beginbfchar <01> <793A> <02> <00410042> endbfchar \
            1 beginbfrange <0010> <0012> <0061> endbfrange";
        let map = code_map(map, &mut Budget::default()).unwrap().unwrap();
        assert_eq!(map.get(&[1][..]).unwrap(), "示");
        assert_eq!(map.get(&[2][..]).unwrap(), "AB");
        assert_eq!(map.get(&[0, 0x12][..]).unwrap(), "c");
    }

    #[test]
    fn an_image_among_the_operators_is_unknown() {
        assert!(!operators(b"q BI /W 1 ID x EI").1);
        assert!(!operators(b"q ) Q").1);
    }

    #[test]
    fn operands_that_readers_differ_about_are_seen() {
        for (content, odd) in [
            (&b"/Tx BMC (\\361\x80) Tj EMC"[..], false),
            (b"(1) Tj /Tx\x803\x80Tr BMC EMC", true),
            (b"(\\461) Tj", true),
            (b"[(\\777)] TJ", true),
        ] {
            let mut budget = Budget::default();
            let mut operations = Operations::of(content, &mut budget).unwrap();
            while operations.next(&mut budget).unwrap().is_some() {}
            assert_eq!(operations.is_odd(), odd, "{content:?}");
        }
    }
}
