//! Fonts: the glyph and the width of a character, and the subset that a file embeds.
//!
//! A subset is embedded as bare CFF (`CIDFontType0C`; ISO 32000-1, 9.7.4). Its CIDs are UTF-16, so
//! that one table maps the codes of all fonts of all files to Unicode.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo};
use pdf_writer::{Chunk, Filter, Finish as _, Name, Rect, Ref, Str};
use ttf_parser::GlyphId;

use super::cff::Cff;
use super::literal::Literals;
use super::pack::{Packer, deflate};
use crate::base::digest::Digest;

/// A font that is embedded in the program.
pub struct Face {
    name: &'static str,
    serif: bool,
    tables: ttf_parser::Face<'static>,
    outlines: Cff<'static>,
    /// A Huffman code for the bytes of outlines.
    literals: Literals,
    /// Glyph and advance of every character of the basic plane: each is looked up several times,
    /// and a search in the font's own table takes ten times as long.
    basic: Vec<(u16, u16)>,
    /// Subsets as files embed them, by their characters.
    subsets: Mutex<HashMap<String, Arc<Vec<u8>>>>,
}

impl Face {
    /// Reads a font of 1,000 units per em with CFF outlines, CID-keyed and without subroutines.
    pub fn new(name: &'static str, serif: bool, data: &'static [u8]) -> Option<Self> {
        let face = ttf_parser::Face::parse(data, 0).ok()?;
        let outlines = Cff::parse(face.raw_face().table(ttf_parser::Tag::from_bytes(b"CFF "))?)?;
        let basic = basic_plane(&face);
        (face.units_per_em() == 1000).then_some(Self {
            name,
            serif,
            tables: face,
            literals: Literals::of(outlines.programs().step_by(SAMPLE)),
            outlines,
            basic,
            subsets: Mutex::default(),
        })
    }

    /// Whether the character has a glyph.
    pub fn covers(&self, character: char) -> bool {
        self.glyph(character).is_some()
    }

    /// Advance width in thousandths of the em; 0 for a character without a glyph.
    pub fn advance(&self, character: char) -> f32 {
        match self.basic.get(place(character)) {
            Some((_, advance)) => f32::from(*advance),
            None => self.glyph(character).map_or(0.0, |glyph| self.width(glyph)),
        }
    }

    /// The outline of a character, drawn into `builder`.
    pub fn outline(&self, character: char, builder: &mut dyn ttf_parser::OutlineBuilder) {
        if let Some(glyph) = self.glyph(character) {
            self.tables.outline_glyph(glyph, builder);
        }
    }

    fn subsets(&self) -> MutexGuard<'_, HashMap<String, Arc<Vec<u8>>>> {
        self.subsets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn glyph(&self, character: char) -> Option<GlyphId> {
        let glyph = match self.basic.get(place(character)) {
            Some((glyph, _)) => GlyphId(*glyph),
            None => self.tables.glyph_index(character)?,
        };
        (glyph.0 != 0).then_some(glyph)
    }

    fn width(&self, glyph: GlyphId) -> f32 {
        f32::from(self.tables.glyph_hor_advance(glyph).unwrap_or_default())
    }
}

fn place(character: char) -> usize {
    usize::try_from(u32::from(character)).unwrap_or(usize::MAX)
}

fn basic_plane(face: &ttf_parser::Face<'_>) -> Vec<(u16, u16)> {
    let mut plane = vec![(0, 0); 1 << 16];
    let tables = face.tables().cmap.map(|cmap| cmap.subtables);
    for table in tables.into_iter().flatten().filter(ttf_parser::cmap::Subtable::is_unicode) {
        table.codepoints(|code| {
            let place = usize::try_from(code).unwrap_or(usize::MAX);
            if let (Some(entry), Some(glyph)) = (plane.get_mut(place), table.glyph_index(code)) {
                *entry = (glyph.0, face.glyph_hor_advance(glyph).unwrap_or_default());
            }
        });
    }
    plane
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Face({})", self.name)
    }
}

/// The characters of one font that one file shows.
#[derive(Debug)]
pub struct FontUse<'a> {
    face: &'a Face,
    /// Glyph and character of each used CID.
    used: BTreeMap<u16, (GlyphId, char)>,
    /// The CIDs of characters beyond the basic plane: surrogate code points, which are never
    /// characters.
    beyond: BTreeMap<char, u16>,
}

impl<'a> FontUse<'a> {
    /// A font of which nothing is used yet.
    pub fn new(face: &'a Face) -> Self {
        Self { face, used: BTreeMap::new(), beyond: BTreeMap::new() }
    }

    /// The font face.
    pub fn face(&self) -> &'a Face {
        self.face
    }

    /// The two-byte codes of a text; `None` when a character has no glyph.
    pub fn encode(&mut self, text: &str) -> Option<Vec<u8>> {
        let mut codes = Vec::with_capacity(text.len());
        for character in text.chars() {
            let glyph = self.face.glyph(character)?;
            let cid = self.cid(character)?;
            self.used.insert(cid, (glyph, character));
            codes.extend(cid.to_be_bytes());
        }
        Some(codes)
    }

    fn cid(&mut self, character: char) -> Option<u16> {
        if let Ok(cid) = u16::try_from(u32::from(character)) {
            return Some(cid);
        }
        let next = u16::try_from(self.beyond.len()).ok()?.checked_add(BEYOND)?;
        let known = *self.beyond.entry(character).or_insert(next);
        (known < 0xE000).then_some(known)
    }

    /// Writes the five objects of the font into `chunk`, at `ids`; the last only when the table
    /// that all fonts share, at `unicode`, does not have every character. A subset that `recurs` is
    /// cached, and compressed as far as possible.
    pub(super) fn embed(
        &self,
        chunk: &mut Chunk,
        ids: [Ref; 5],
        unicode: Ref,
        recurs: bool,
        packer: &Packer,
    ) -> Option<()> {
        let [font, descendant, descriptor, stream, own] = ids;
        let characters: String = self.used.values().map(|(_, character)| *character).collect();
        let name = format!("{}+{}", self.subset_tag(&characters), self.face.name);
        let cff = if recurs {
            self.remembered(characters, &name)?
        } else {
            Arc::new(self.face.literals.pack(&self.subset(&name)?))
        };
        let full = format!("{name}-Identity-H");
        chunk
            .type0_font(font)
            .base_font(Name(full.as_bytes()))
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(if self.beyond.is_empty() { unicode } else { own });
        let mut cid = chunk.cid_font(descendant);
        cid.subtype(CidFontType::Type0).base_font(Name(name.as_bytes()));
        cid.system_info(IDENTITY).font_descriptor(descriptor).default_width(1000.0);
        let mut widths = cid.widths();
        for (first, run) in self.widths() {
            widths.consecutive(first, run);
        }
        widths.finish();
        cid.finish();
        self.describe(chunk, descriptor, stream, &name);
        let mut file = chunk.stream(stream, &cff);
        file.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        file.filter(Filter::FlateDecode);
        file.finish();
        if !self.beyond.is_empty() {
            let table = to_unicode(&[self.face], &self.beyond);
            chunk.stream(own, &packer.pack(&table)).filter(Filter::FlateDecode);
        }
        Some(())
    }

    /// The widths that differ from the em, in runs of neighbouring CIDs.
    fn widths(&self) -> Vec<(u16, Vec<f32>)> {
        let mut runs: Vec<(u16, Vec<f32>)> = Vec::new();
        let mut next = None;
        for (cid, (glyph, _)) in &self.used {
            let width = self.face.width(*glyph);
            if (width - 1000.0).abs() < 0.5 {
                continue;
            }
            match runs.last_mut().filter(|_| next == Some(*cid)) {
                Some((_, run)) => run.push(width),
                None => runs.push((*cid, vec![width])),
            }
            next = cid.checked_add(1);
        }
        runs
    }

    /// The subset, from the face's cache when another file used the same characters.
    fn remembered(&self, characters: String, name: &str) -> Option<Arc<Vec<u8>>> {
        let known = self.face.subsets().get(&characters).cloned();
        if let Some(known) = known {
            return Some(known);
        }
        let cff = Arc::new(deflate(&self.subset(name)?));
        let mut subsets = self.face.subsets();
        if subsets.len() >= REMEMBERED {
            subsets.clear();
        }
        subsets.insert(characters, Arc::clone(&cff));
        Some(cff)
    }

    fn subset(&self, name: &str) -> Option<Vec<u8>> {
        let glyphs: Vec<_> = self.used.iter().map(|(cid, (glyph, _))| (*cid, glyph.0)).collect();
        let bounds = self.face.tables.global_bounding_box();
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
        self.face.outlines.subset(name, bounds, &glyphs)
    }

    fn describe(&self, chunk: &mut Chunk, descriptor: Ref, stream: Ref, name: &str) {
        let face = &self.face.tables;
        let bounds = face.global_bounding_box();
        let mut flags = FontFlags::SYMBOLIC;
        flags.set(FontFlags::SERIF, self.face.serif);
        chunk
            .font_descriptor(descriptor)
            .name(Name(name.as_bytes()))
            .flags(flags)
            .bbox(Rect::new(
                f32::from(bounds.x_min),
                f32::from(bounds.y_min),
                f32::from(bounds.x_max),
                f32::from(bounds.y_max),
            ))
            .italic_angle(0.0)
            .ascent(f32::from(face.ascender()))
            .descent(f32::from(face.descender()))
            .cap_height(f32::from(face.capital_height().unwrap_or(730)))
            .stem_v(90.0)
            .font_file3(stream);
    }

    /// Six capitals, the same for the same characters (ISO 32000-1, 9.6.4).
    fn subset_tag(&self, characters: &str) -> String {
        let digest = Digest::of(&[self.face.name.as_bytes(), characters.as_bytes()]);
        let letter = |byte: &u8| char::from(b'A'.saturating_add(byte % 26));
        digest.as_bytes().iter().take(6).map(letter).collect()
    }
}

/// The table from the codes of these fonts to Unicode (ISO 32000-1, 9.10.3): a code is its
/// character, except for those `beyond` the basic plane.
pub fn to_unicode(faces: &[&Face], beyond: &BTreeMap<char, u16>) -> Vec<u8> {
    let mut rows = BTreeSet::new();
    for face in faces {
        // A range may only vary the last byte of its codes.
        let covered = face.basic.chunks(256).zip(0_u16..=0xFF);
        let covered = covered.filter(|(row, _)| row.iter().any(|(glyph, _)| *glyph != 0));
        rows.extend(covered.map(|(_, row)| row));
    }
    let range = |row: &u16| {
        // PDF/A forbids 0, FEFF and FFFE as values.
        let (from, to) = match row {
            0 => ("20", "FF"),
            0xFE => ("00", "FE"),
            0xFF => ("00", "FD"),
            _ => ("00", "FF"),
        };
        format!("<{row:02X}{from}><{row:02X}{to}><{row:02X}{from}>\n")
    };
    let ranges: Vec<String> = rows.iter().map(range).collect();
    let pair = |(character, code): (&char, &u16)| {
        let mut units = [0; 2];
        let text = character.encode_utf16(&mut units).iter().map(|unit| format!("{unit:04X}"));
        format!("<{code:04X}><{}>\n", text.collect::<String>())
    };
    let pairs: Vec<String> = beyond.iter().map(pair).collect();
    let block = |kind: &str, lines: &[String]| {
        format!("{} begin{kind}\n{}end{kind}\n", lines.len(), lines.concat())
    };
    let ranges = ranges.chunks(CMAP_LINES).map(|lines| block("bfrange", lines));
    let pairs = pairs.chunks(CMAP_LINES).map(|lines| block("bfchar", lines));
    let head = std::iter::once(CMAP_HEAD.to_owned());
    let table: String = head.chain(ranges).chain(pairs).collect();
    (table + CMAP_END).into_bytes()
}

/// Each takes 15 KB: titles and labels, a few for each licence type.
const REMEMBERED: usize = 64;
/// One of this many glyphs is sampled for the Huffman code.
const SAMPLE: usize = 16;
const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// The first surrogate.
const BEYOND: u16 = 0xD800;
/// Most lines of one block of a table.
const CMAP_LINES: usize = 100;
const CMAP_HEAD: &str = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n\
/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n";
const CMAP_END: &str = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the tests read tables of their own")]
mod tests {
    use super::*;

    static SANS: &[u8] = include_bytes!("../../../../assets/fonts/NotoSansSC-Regular.otf");

    fn face() -> Face {
        Face::new("NotoSansSC-Regular", false, SANS).unwrap()
    }

    /// The value of a code in a table.
    fn meaning(table: &str, code: u16) -> Option<String> {
        let read = |hex: &str| u16::from_str_radix(hex, 16).ok();
        let (_, table) = table.split_once("endcodespacerange")?;
        for line in table.lines().filter_map(|line| line.strip_prefix('<')?.strip_suffix('>')) {
            match line.split("><").collect::<Vec<_>>().as_slice() {
                [from, to, first] => {
                    let (from, to, first) = (read(from)?, read(to)?, read(first)?);
                    assert_eq!(from >> 8, to >> 8, "a range goes beyond its last byte");
                    if (from..=to).contains(&code) {
                        return char::from_u32(u32::from(first + (code - from))).map(String::from);
                    }
                }
                [one, text] if read(one) == Some(code) => {
                    let units: Option<Vec<u16>> =
                        (0..text.len() / 4).map(|at| read(text.get(at * 4..at * 4 + 4)?)).collect();
                    return String::from_utf16(&units?).ok();
                }
                _ => {}
            }
        }
        None
    }

    #[test]
    fn every_code_leads_back_to_its_character() {
        let face = face();
        // The font has characters beyond the basic plane.
        let beyond: Vec<char> = ('\u{20000}'..'\u{2B820}').filter(|c| face.covers(*c)).collect();
        assert!(beyond.len() > 2, "the font has no such character any more");
        let text: String = "示例 A9，〇".chars().chain(beyond.iter().copied().take(3)).collect();
        let mut used = FontUse::new(&face);
        let codes = used.encode(&text).unwrap();
        let table = String::from_utf8(to_unicode(&[&face], &used.beyond)).unwrap();
        let codes = codes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        let back: String = codes.map(|code| meaning(&table, code).unwrap()).collect();
        assert_eq!(back, text);
        for never in [0, 0xFEFF, 0xFFFE] {
            assert_eq!(meaning(&table, never), None);
        }
    }

    #[test]
    fn the_same_characters_give_the_same_font_in_any_order() {
        let face = face();
        let font = |text: &str| {
            let mut used = FontUse::new(&face);
            used.encode(text).unwrap();
            let mut chunk = Chunk::new();
            let ids = [1, 2, 3, 4, 5].map(Ref::new);
            used.embed(&mut chunk, ids, Ref::new(6), true, &Packer::default()).unwrap();
            chunk.as_bytes().to_vec()
        };
        assert_eq!(font("示例新区"), font("区新例示示"));
        assert_ne!(font("示例"), font("示例新"));
    }
}
