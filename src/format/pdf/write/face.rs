//! Fonts: which glyph a character has, how wide it is, and the subset that a file embeds.
//!
//! The fonts are CFF with identity order. A subset is embedded as bare CFF (`CIDFontType0C`), its
//! CIDs the remapped glyph numbers (ISO 32000-1, 9.7.4).

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Chunk, Filter, Finish as _, Name, Rect, Ref, Str};
use subsetter::GlyphRemapper;
use ttf_parser::GlyphId;

use super::file::{QUICK, deflate_at};
use crate::base::digest::Digest;

/// A font that is embedded in the program.
pub struct Face {
    name: &'static str,
    serif: bool,
    data: &'static [u8],
    tables: ttf_parser::Face<'static>,
    /// Glyph and advance of every character of the basic plane: each value is asked for several
    /// times, and a search in the font's own table takes ten times as long.
    basic: Vec<(u16, u16)>,
    subsets: Mutex<HashMap<String, Arc<Subset>>>,
}

/// A subset as a file embeds it: outlines and the way back to Unicode, both deflated.
struct Subset {
    cff: Vec<u8>,
    unicode: Vec<u8>,
}

impl Face {
    /// Reads a font of 1,000 units per em with CFF outlines.
    pub fn new(name: &'static str, serif: bool, data: &'static [u8]) -> Option<Self> {
        let face = ttf_parser::Face::parse(data, 0).ok()?;
        let basic = basic_plane(&face);
        (face.units_per_em() == 1000).then_some(Self {
            name,
            serif,
            data,
            tables: face,
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

    fn subsets(&self) -> MutexGuard<'_, HashMap<String, Arc<Subset>>> {
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
    mapper: GlyphRemapper,
    used: BTreeMap<u16, (char, f32)>,
}

impl<'a> FontUse<'a> {
    /// Nothing used yet.
    pub fn new(face: &'a Face) -> Self {
        Self { face, mapper: GlyphRemapper::new(), used: BTreeMap::new() }
    }

    /// The font.
    pub fn face(&self) -> &'a Face {
        self.face
    }

    /// The two-byte codes of a text; `None` when a character has no glyph.
    pub fn encode(&mut self, text: &str) -> Option<Vec<u8>> {
        let mut codes = Vec::with_capacity(text.len());
        for character in text.chars() {
            let glyph = self.face.glyph(character)?;
            let cid = self.mapper.remap(glyph.0);
            self.used.entry(cid).or_insert_with(|| (character, self.face.width(glyph)));
            codes.extend(cid.to_be_bytes());
        }
        Some(codes)
    }

    /// Writes the five objects of the font into `chunk`, at `ids`.
    pub(super) fn embed(&self, chunk: &mut Chunk, ids: [Ref; 5]) -> Option<()> {
        let [font, descendant, descriptor, stream, cmap] = ids;
        let subset = self.subset()?;
        let name = format!("{}+{}", self.subset_tag(), self.face.name);
        let full = format!("{name}-Identity-H");
        chunk
            .type0_font(font)
            .base_font(Name(full.as_bytes()))
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(cmap);
        let mut cid = chunk.cid_font(descendant);
        cid.subtype(CidFontType::Type0).base_font(Name(name.as_bytes()));
        cid.system_info(IDENTITY).font_descriptor(descriptor).default_width(1000.0);
        let mut widths = cid.widths();
        for (cid, (_, width)) in
            self.used.iter().filter(|(_, (_, width))| (*width - 1000.0).abs() > 0.5)
        {
            widths.consecutive(*cid, [*width]);
        }
        widths.finish();
        cid.finish();
        self.describe(chunk, descriptor, stream, &name);
        let mut file = chunk.stream(stream, &subset.cff);
        file.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        file.filter(Filter::FlateDecode);
        file.finish();
        chunk.stream(cmap, &subset.unicode).filter(Filter::FlateDecode);
        Some(())
    }

    /// The subset, from the face's memory when another file used the same characters in the same
    /// order: labels and titles do, values do not.
    fn subset(&self) -> Option<Arc<Subset>> {
        let characters: String = self.used.values().map(|(character, _)| *character).collect();
        let known = self.face.subsets().get(&characters).cloned();
        if let Some(known) = known {
            return Some(known);
        }
        let otf = subsetter::subset(self.face.data, 0, &self.mapper).ok()?;
        let cff = ttf_parser::RawFace::parse(&otf, 0)
            .ok()?
            .table(ttf_parser::Tag::from_bytes(b"CFF "))?;
        let mut unicode = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
        for (cid, (character, _)) in &self.used {
            unicode.pair(*cid, *character);
        }
        let cff = deflate_at(cff, QUICK);
        let subset =
            Arc::new(Subset { cff, unicode: deflate_at(unicode.finish().as_slice(), QUICK) });
        let mut subsets = self.face.subsets();
        if subsets.len() >= REMEMBERED {
            subsets.clear();
        }
        subsets.insert(characters, Arc::clone(&subset));
        Some(subset)
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
    fn subset_tag(&self) -> String {
        let text: String = self.used.values().map(|(character, _)| *character).collect();
        let digest = Digest::of(&[self.face.name.as_bytes(), text.as_bytes()]);
        let letter = |byte: &u8| char::from(b'A'.saturating_add(byte % 26));
        digest.as_bytes().iter().take(6).map(letter).collect()
    }
}

/// Each takes 20 KB: a few for each licence type, and the values of the latest documents.
const REMEMBERED: usize = 64;
const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
