//! The characters that the codes of a font draw, as far as they can be known without rendering.
//!
//! A font that is not embedded and has a standard name draws what its encoding defines. So does one
//! that was signed, because the signer saw it. Any other font is unknown: its `/ToUnicode` is for
//! searching and copying, and does not affect what is drawn.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::content::code_map;
use super::encoding::{Encoding, named_glyph};
use super::object::{Dict, Object};
use super::standard_fonts::StandardFont;
use super::{Document, ReadError};
use crate::base::limits::{Budget, Purse};

/// Fonts by their object numbers: a form's font is read once for all of its fields.
#[derive(Debug, Default)]
pub struct Fonts(BTreeMap<u32, Rc<Font>>);

/// A font, as far as it is supported.
#[derive(Debug, Default)]
pub(super) struct Font {
    /// Number of bytes of a code.
    pub(super) code_bytes: usize,
    /// The characters of the codes of a simple font, and whether an encoding defines each.
    encoding: Vec<Option<(char, bool)>>,
    unicode: Option<BTreeMap<Vec<u8>, String>>,
    standard: Option<StandardFont>,
    /// The first code with a width, the widths, and the default width.
    widths: Option<(usize, Vec<f64>, f64)>,
    /// Whether it is known to draw what the encoding defines.
    is_proved: bool,
    was_signed: bool,
}

/// What one code draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    pub(super) character: char,
    /// In thousandths of the size.
    pub(super) width: f64,
    pub(super) is_proved: bool,
}

impl Font {
    /// The text that it assigns to a code for copying; of any length.
    pub(super) fn claims(&self, code: &[u8]) -> Option<Cow<'_, str>> {
        match &self.unicode {
            Some(map) => map.get(code).map(|text| Cow::Borrowed(text.as_str())),
            None => self.drawn(code).map(|drawn| Cow::Owned(drawn.character.to_string())),
        }
    }

    /// What a code draws; `None` when no encoding defines it.
    pub(super) fn drawn(&self, code: &[u8]) -> Option<Drawn> {
        let &[code] = code else { return None };
        let (character, said) = (*self.encoding.get(usize::from(code))?)?;
        let standard = self.standard.map(|font| font.width(character));
        let stated = self.widths.as_ref().map(|(first, widths, other)| {
            let at = usize::from(code).checked_sub(*first);
            *at.and_then(|at| widths.get(at)).unwrap_or(other)
        });
        let as_standard = match (standard, stated) {
            (Some(standard), Some(stated)) => {
                (standard - stated).abs() <= WIDTH_TOLERANCE || !character.is_ascii()
            }
            _ => true,
        };
        let width = stated.or(standard).unwrap_or(USUAL_WIDTH);
        let is_proved = self.is_proved && said && (as_standard || self.was_signed);
        Some(Drawn { character, width, is_proved })
    }
}

impl Document<'_> {
    /// A font of some resources. `signed` tests whether an object is unchanged since it was signed.
    pub(super) fn font(
        &self,
        fonts: &Dict,
        name: &[u8],
        known: &mut Fonts,
        signed: &dyn Fn(u32) -> bool,
        budget: &mut Budget,
    ) -> Result<Option<Rc<Font>>, ReadError> {
        let Some(value) = fonts.find(name) else { return Ok(None) };
        let number = if let Object::Ref(number, _) = value { Some(*number) } else { None };
        if let Some(font) = number.and_then(|number| known.0.get(&number)) {
            return Ok(Some(Rc::clone(font)));
        }
        let Object::Dict(dict) = self.resolve(value, budget)? else { return Ok(None) };
        let was_signed = number.is_some() && self.is_made_of(value, signed, budget)?;
        let font = Rc::new(self.read_font(&dict, was_signed, budget)?);
        if let Some(number) = number {
            known.0.insert(number, Rc::clone(&font));
        }
        Ok(Some(font))
    }

    fn read_font(
        &self,
        font: &Dict,
        was_signed: bool,
        budget: &mut Budget,
    ) -> Result<Font, ReadError> {
        let subtype = self.get(font, "Subtype", budget)?;
        let is_wide = subtype.name() == Some(b"Type0");
        let is_simple = matches!(subtype.name(), Some(b"Type1" | b"TrueType"));
        let descriptor = self.get(font, "FontDescriptor", budget)?;
        let descriptor = descriptor.dict().cloned().unwrap_or_default();
        let is_embedded = descriptor.iter().any(|(key, _)| key.starts_with(b"FontFile"));
        // Programs ignore the encoding of a symbolic font (9.6.6.4).
        let flags = self.get(&descriptor, "Flags", budget)?.int().unwrap_or_default();
        let base = self.get(font, "BaseFont", budget)?;
        let is_symbolic = flags & SYMBOLIC != 0 || base.name().is_none_or(has_no_letters);
        let standard = base.name().and_then(StandardFont::named);
        let standard = standard.filter(|_| is_simple && !is_embedded);
        let unicode = match self.get(font, "ToUnicode", budget)? {
            Object::Stream(map) => {
                let map = self.stream(&map, budget)?;
                // A map that cannot be read maps nothing.
                let map = map.map(|map| code_map(&map, budget)).transpose()?;
                Some(map.flatten().unwrap_or_default())
            }
            _ => None,
        };
        let encoding =
            if is_wide { Vec::new() } else { self.encoding(font, standard.is_some(), budget)? };
        Ok(Font {
            code_bytes: if is_wide { 2 } else { 1 },
            encoding,
            unicode,
            standard,
            widths: self.widths(font, &descriptor, budget)?,
            is_proved: standard.is_some() || (is_simple && was_signed && !is_symbolic),
            was_signed,
        })
    }

    /// The characters of a simple font's codes.
    fn encoding(
        &self,
        font: &Dict,
        is_standard: bool,
        budget: &mut Budget,
    ) -> Result<Vec<Option<(char, bool)>>, ReadError> {
        let encoding = self.get(font, "Encoding", budget)?;
        let base = match &encoding {
            Object::Name(name) => Encoding::named(name),
            Object::Dict(encoding) => match self.get(encoding, "BaseEncoding", budget)?.name() {
                Some(name) => Encoding::named(name),
                None => is_standard.then_some(Encoding::Standard),
            },
            Object::Null if is_standard => Some(Encoding::Standard),
            _ => None,
        };
        let said = base.is_some();
        let base = base.unwrap_or(Encoding::Standard);
        let mut table: Vec<_> = (0..=u8::MAX)
            .map(|code| base.character(code).map(|character| (character, said)))
            .collect();
        let differences = match &encoding {
            Object::Dict(encoding) => self.get(encoding, "Differences", budget)?,
            _ => Object::Null,
        };
        let mut at = 0_usize;
        for difference in differences.array().unwrap_or_default() {
            budget.pay(Purse::Steps, 1, "differences of an encoding")?;
            match self.resolve(difference, budget)? {
                Object::Int(code) => at = usize::try_from(code).unwrap_or(usize::MAX),
                Object::Name(name) => {
                    let drawn = named_glyph(&name).map(|character| (character, true));
                    table.get_mut(at).into_iter().for_each(|slot| *slot = drawn);
                    at = at.saturating_add(1);
                }
                // Readers take it for a code, for a glyph, or for nothing.
                _ => return Ok(vec![None; table.len()]),
            }
        }
        Ok(table)
    }

    fn widths(
        &self,
        font: &Dict,
        descriptor: &Dict,
        budget: &mut Budget,
    ) -> Result<Option<(usize, Vec<f64>, f64)>, ReadError> {
        let Object::Array(widths) = self.get(font, "Widths", budget)? else { return Ok(None) };
        budget.pay(Purse::Steps, widths.len(), "widths of a font")?;
        let first = self.get(font, "FirstChar", budget)?.int().unwrap_or_default();
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let missing = self.get(descriptor, "MissingWidth", budget)?.number().unwrap_or_default();
        let mut read = Vec::new();
        for width in widths.iter().take(256) {
            read.push(self.resolve(width, budget)?.number().unwrap_or_default());
        }
        Ok(Some((first, read, missing)))
    }

    /// Whether a value and everything that it references pass.
    fn is_made_of(
        &self,
        value: &Object,
        passes: &dyn Fn(u32) -> bool,
        budget: &mut Budget,
    ) -> Result<bool, ReadError> {
        let mut seen = std::collections::BTreeSet::new();
        let mut stack = vec![value.clone()];
        while let Some(object) = stack.pop() {
            budget.pay(Purse::Steps, 1, "parts of a font")?;
            match object {
                Object::Ref(number, _) if !passes(number) => return Ok(false),
                Object::Ref(number, _) if seen.insert(number) => {
                    stack.push(self.resolve(&object, budget)?);
                }
                Object::Array(items) => stack.extend(items),
                Object::Dict(dict) => stack.extend(dict.into_values()),
                Object::Stream(stream) => stack.extend(stream.dict.into_values()),
                _ => {}
            }
        }
        Ok(true)
    }
}

/// Whether a font that is not embedded has symbols instead of letters.
fn has_no_letters(name: &[u8]) -> bool {
    let named = |start: &&[u8]| name.starts_with(start);
    [&b"Symbol"[..], b"ZapfDingbats", b"Wingdings", b"Webdings"].iter().any(named)
}

/// Bit 3 of a font's flags (table 123).
const SYMBOLIC: i64 = 1 << 2;
/// Widths are rounded, and substitutes have slightly different ones.
const WIDTH_TOLERANCE: f64 = 60.0;
const USUAL_WIDTH: f64 = 500.0;
