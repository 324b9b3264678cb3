//! Content streams (ISO 32000-1, 7.8.2): operators with their operands, and the text they show.

use std::collections::BTreeMap;

use super::ReadError;
use super::lexer::Lexer;
use super::object::{Dict, Object};
use crate::base::limits::{Budget, Purse};
use crate::format::pdf::read::Document;

/// One operator and what stood before it.
struct Operation {
    operator: Vec<u8>,
    operands: Vec<Object>,
}

/// How the codes of one font become text.
enum Decoding {
    /// One byte, one character of Latin-1: the simple encodings, as far as they agree.
    Simple,
    /// A map that the font brings along: codes of this many bytes.
    Map(usize, BTreeMap<Vec<u8>, String>),
    /// Unknown.
    Unknown,
}

impl Document<'_> {
    /// The text that a content stream shows with these resources, in the order of its operators.
    /// `None` when some of it cannot be decoded: a font without a map, an image, a form in it.
    pub fn shown_text(
        &self,
        content: &[u8],
        resources: &Dict,
        budget: &mut Budget,
    ) -> Result<Option<String>, ReadError> {
        let Some(operations) = operations(content, budget)? else { return Ok(None) };
        let fonts = self.get(resources, "Font", budget)?;
        let mut known: BTreeMap<Vec<u8>, Decoding> = BTreeMap::new();
        let mut font = Decoding::Unknown;
        let mut current: Option<Vec<u8>> = None;
        let mut text = String::new();
        for Operation { operator, operands } in &operations {
            match operator.as_slice() {
                b"Tf" => {
                    let name = operands.first().and_then(Object::name).unwrap_or_default().to_vec();
                    if !known.contains_key(&name) {
                        let font = self.decoding(&fonts, &name, budget)?;
                        known.insert(name.clone(), font);
                    }
                    current = Some(name);
                }
                b"Tj" | b"'" | b"\"" | b"TJ" => {
                    let font = current.as_ref().and_then(|name| known.get(name)).unwrap_or(&font);
                    let Some(shown) = font.decode(operands) else { return Ok(None) };
                    text.push_str(&shown);
                }
                b"Do" => return Ok(None),
                // Graphics states may set a font as well (table 58).
                b"gs" => {
                    current = None;
                    font = Decoding::Unknown;
                }
                _ => {}
            }
        }
        Ok(Some(text))
    }

    fn decoding(
        &self,
        fonts: &Object,
        name: &[u8],
        budget: &mut Budget,
    ) -> Result<Decoding, ReadError> {
        let name = std::str::from_utf8(name).unwrap_or_default();
        let Some(fonts) = fonts.dict() else { return Ok(Decoding::Unknown) };
        let Object::Dict(font) = self.get(fonts, name, budget)? else {
            return Ok(Decoding::Unknown);
        };
        let wide = font.get("Subtype").and_then(Object::name) == Some(b"Type0");
        if let Object::Stream(map) = self.get(&font, "ToUnicode", budget)? {
            let Some(map) = self.stream(&map, budget)? else { return Ok(Decoding::Unknown) };
            return Ok(match code_map(&map, budget)? {
                Some(map) => Decoding::Map(if wide { 2 } else { 1 }, map),
                None => Decoding::Unknown,
            });
        }
        let encoding = self.get(&font, "Encoding", budget)?;
        let plain = match &encoding {
            Object::Null => true,
            Object::Name(name) => SIMPLE.contains(&name.as_slice()),
            Object::Dict(encoding) => encoding.get("Differences").is_none(),
            _ => false,
        };
        Ok(if plain && !wide { Decoding::Simple } else { Decoding::Unknown })
    }
}

impl Decoding {
    fn decode(&self, operands: &[Object]) -> Option<String> {
        let mut text = String::new();
        for operand in operands {
            let parts = match operand {
                Object::Array(parts) => parts,
                one => std::slice::from_ref(one),
            };
            for bytes in parts.iter().filter_map(Object::string) {
                match self {
                    Self::Simple => text.extend(bytes.iter().map(|byte| char::from(*byte))),
                    Self::Map(width, map) => {
                        for code in bytes.chunks(*width) {
                            text.push_str(map.get(code)?);
                        }
                    }
                    Self::Unknown => return None,
                }
            }
        }
        Some(text)
    }
}

/// The operations of a content stream; `None` when it holds an image, whose bytes are no operators,
/// or what is no content.
fn operations(content: &[u8], budget: &mut Budget) -> Result<Option<Vec<Operation>>, ReadError> {
    budget.pay(Purse::ReadBytes, content.len(), "bytes of objects")?;
    let mut lexer = Lexer::new(content, 0, false);
    let mut operations = Vec::new();
    let mut operands = Vec::new();
    loop {
        lexer.skip_space();
        if lexer.peek().is_none() {
            return Ok(Some(operations));
        }
        budget.pay(Purse::Steps, 1, "content")?;
        match lexer.operator() {
            Some(operator) if operator == b"BI" => return Ok(None),
            Some(operator) => {
                let operands = std::mem::take(&mut operands);
                operations.push(Operation { operator, operands });
            }
            None => match lexer.object(budget.depth, budget) {
                Ok(object) => operands.push(object),
                Err(ReadError::Budget(over)) => return Err(over.into()),
                Err(_) => return Ok(None),
            },
        }
    }
}

/// A map from codes to text (9.10.3): its single codes and ranges.
fn code_map(
    content: &[u8],
    budget: &mut Budget,
) -> Result<Option<BTreeMap<Vec<u8>, String>>, ReadError> {
    let Some(operations) = operations(content, budget)? else { return Ok(None) };
    let mut map = BTreeMap::new();
    for Operation { operator, operands } in operations {
        match operator.as_slice() {
            b"endbfchar" => {
                for pair in operands.chunks_exact(2) {
                    if let [Object::String { bytes: code, .. }, Object::String { bytes, .. }] = pair
                    {
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
    Ok(Some(map))
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
    // A range goes over the last byte of a code (5014, 1.4.2).
    let (Some((first, front)), Some((last, _))) = (first.split_last(), last.split_last()) else {
        return Ok(());
    };
    for (step, code) in (*first..=*last).enumerate() {
        budget.pay(Purse::Steps, 1, "content")?;
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

fn utf16(bytes: &[u8]) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    String::from_utf16_lossy(&units)
}

const SIMPLE: [&[u8]; 3] = [b"WinAnsiEncoding", b"StandardEncoding", b"PDFDocEncoding"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_have_their_operands() {
        let content = b"q 1 0 0 RG [(a)-20(b)] TJ (c)' /F1 12 Tf % x\nET";
        let read = operations(content, &mut Budget::default()).unwrap().unwrap();
        let names: Vec<_> =
            read.iter().map(|one| String::from_utf8_lossy(&one.operator).into_owned()).collect();
        assert_eq!(names, ["q", "RG", "TJ", "'", "Tf", "ET"]);
        assert_eq!(read[1].operands.len(), 3);
        let text: String =
            read.iter().filter_map(|one| Decoding::Simple.decode(&one.operands)).collect();
        assert_eq!(text, "abc");
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
        assert!(operations(b"BI /W 1 ID x EI", &mut Budget::default()).unwrap().is_none());
    }
}
