//! CFF (Adobe Technical Note 5176): subsets of a font.
//!
//! The fonts of the program are CID-keyed and free of subroutines, so each charstring is
//! self-contained: it is copied unchanged, and nothing is interpreted. A library that parses and
//! rewrites outlines takes as long for one licence as everything else together.

mod parts;

use self::parts::{Dict, Index, index, number, operands, select};

/// A CID-keyed font whose glyphs can be copied.
#[derive(Debug)]
pub(super) struct Cff<'a> {
    glyphs: Index<'a>,
    /// Index of the private dictionary of each glyph.
    select: Vec<u8>,
    /// The private dictionaries, with the widths that charstrings are relative to.
    privates: Vec<&'a [u8]>,
}

impl<'a> Cff<'a> {
    /// Reads a `CFF ` table. `None` for one that is not CID-keyed, has subroutines, or has a font
    /// matrix.
    pub(super) fn parse(table: &'a [u8]) -> Option<Self> {
        let header = usize::from(*table.get(2)?);
        let (_, names_end) = Index::read(table, header)?;
        let (tops, tops_end) = Index::read(table, names_end)?;
        let (_, strings_end) = Index::read(table, tops_end)?;
        let (subroutines, _) = Index::read(table, strings_end)?;
        let top = Dict::read(tops.get(0)?)?;
        let plain = top.get(ROS).is_some()
            && top.get(FONT_MATRIX).is_none()
            && top.get(CHARSTRING_TYPE).is_none()
            && subroutines.len() == 0;
        if !plain {
            return None;
        }
        let (glyphs, _) = Index::read(table, top.offset(CHAR_STRINGS)?)?;
        let (fonts, _) = Index::read(table, top.offset(FD_ARRAY)?)?;
        let select = select(table.get(top.offset(FD_SELECT)?..)?, glyphs.len())?;
        let private = |number: usize| {
            let font = Dict::read(fonts.get(number)?)?;
            let [size, offset] = font.get(PRIVATE)? else { return None };
            let (size, offset) = (usize::try_from(*size).ok()?, usize::try_from(*offset).ok()?);
            let private = table.get(offset..offset.checked_add(size)?)?;
            let without = Dict::read(private)?.get(SUBRS).is_none();
            (without && font.get(FONT_MATRIX).is_none()).then_some(private)
        };
        let privates = (0..fonts.len()).map(private).collect::<Option<Vec<_>>>()?;
        select.iter().all(|number| usize::from(*number) < privates.len()).then_some(Self {
            glyphs,
            select,
            privates,
        })
    }

    /// The charstrings of all glyphs.
    pub(super) fn programs(&self) -> impl Iterator<Item = &'a [u8]> {
        let glyphs = self.glyphs;
        (0..glyphs.len()).filter_map(move |number| glyphs.get(number))
    }

    /// A font named `name` with `.notdef` and these glyphs, each under its CID. CIDs must ascend.
    pub(super) fn subset(
        &self,
        name: &str,
        bounds: [i16; 4],
        glyphs: &[(u16, u16)],
    ) -> Option<Vec<u8>> {
        let Chosen { programs, privates, ranges } = self.choose(glyphs)?;
        let mut file = vec![1, 0, 4, 4];
        index(&mut file, &[name.as_bytes()])?;
        // The part before the offsets has a fixed length, so they are known in advance.
        let strings: [&[u8]; 3] = [b"Adobe", b"Identity", name.as_bytes()];
        let mut head = Vec::new();
        index(&mut head, &strings)?;
        index(&mut head, &[])?;
        let top = 2 + 3 + TOP_BYTES;
        let charset_at = file.len().checked_add(top)?.checked_add(head.len())?;
        let mut body = vec![0];
        body.extend(glyphs.iter().flat_map(|(cid, _)| cid.to_be_bytes()));
        let select_at = charset_at.checked_add(body.len())?;
        body.push(3);
        body.extend(u16::try_from(ranges.len()).ok()?.to_be_bytes());
        for (first, number) in ranges {
            body.extend(first.to_be_bytes());
            body.push(number);
        }
        body.extend(u16::try_from(programs.len()).ok()?.to_be_bytes());
        let mut fonts = Vec::new();
        for private in privates {
            let at = charset_at.checked_add(body.len())?;
            body.extend(private);
            let mut font = Vec::new();
            operands(&mut font, &[NAME_SID], FONT_NAME);
            operands(&mut font, &[number(private.len())?, number(at)?], PRIVATE);
            fonts.push(font);
        }
        let array_at = charset_at.checked_add(body.len())?;
        index(&mut body, &fonts.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
        let programs_at = charset_at.checked_add(body.len())?;
        index(&mut body, &programs)?;
        let mut dict = Vec::with_capacity(TOP_BYTES);
        operands(&mut dict, &[ADOBE_SID, IDENTITY_SID, 0], ROS);
        operands(&mut dict, &[0xFFFF], CID_COUNT);
        operands(&mut dict, &bounds.map(i32::from), FONT_BBOX);
        operands(&mut dict, &[number(charset_at)?], CHARSET);
        operands(&mut dict, &[number(select_at)?], FD_SELECT);
        operands(&mut dict, &[number(array_at)?], FD_ARRAY);
        operands(&mut dict, &[number(programs_at)?], CHAR_STRINGS);
        index(&mut file, &[&dict])?;
        file.extend(head);
        (file.len() == charset_at).then_some(())?;
        file.extend(body);
        Some(file)
    }

    /// The charstrings of these glyphs, and the private dictionaries that they use.
    fn choose(&self, glyphs: &[(u16, u16)]) -> Option<Chosen<'a>> {
        let numbers = || std::iter::once(0).chain(glyphs.iter().map(|(_, glyph)| *glyph));
        let mut programs = Vec::with_capacity(glyphs.len().saturating_add(1));
        let mut privates: Vec<&[u8]> = Vec::new();
        let mut ranges: Vec<(u16, u8)> = Vec::new();
        for (glyph, at) in numbers().zip(0_u16..) {
            programs.push(self.glyphs.get(usize::from(glyph))?);
            let private = *self.select.get(usize::from(glyph))?;
            let private: &[u8] = self.privates.get(usize::from(private))?;
            let known = privates.iter().position(|known| *known == private);
            let number = known.unwrap_or_else(|| {
                privates.push(private);
                privates.len().saturating_sub(1)
            });
            let number = u8::try_from(number).ok()?;
            if ranges.last().is_none_or(|(_, last)| *last != number) {
                ranges.push((at, number));
            }
        }
        Some(Chosen { programs, privates, ranges })
    }
}

/// Charstrings, the private dictionaries that they use, and the first glyph of each range with one
/// of them.
struct Chosen<'a> {
    programs: Vec<&'a [u8]>,
    privates: Vec<&'a [u8]>,
    ranges: Vec<(u16, u8)>,
}

const CHARSET: u16 = 15;
const CHAR_STRINGS: u16 = 17;
const PRIVATE: u16 = 18;
const SUBRS: u16 = 19;
const FONT_BBOX: u16 = 5;
const CHARSTRING_TYPE: u16 = 0x0C06;
const FONT_MATRIX: u16 = 0x0C07;
const ROS: u16 = 0x0C1E;
const CID_COUNT: u16 = 0x0C22;
const FD_ARRAY: u16 = 0x0C24;
const FD_SELECT: u16 = 0x0C25;
const FONT_NAME: u16 = 0x0C26;
/// The first string after the 391 standard ones.
const ADOBE_SID: i32 = 391;
const IDENTITY_SID: i32 = 392;
const NAME_SID: i32 = 393;
/// Twelve numbers of five bytes, and seven operators, four of them of two bytes.
const TOP_BYTES: usize = 12 * 5 + 7 + 4;

#[cfg(test)]
mod tests {
    use super::*;
    use ttf_parser::{GlyphId, OutlineBuilder};

    static SERIF: &[u8] = include_bytes!("../../../../assets/fonts/NotoSerifSC-Regular.otf");
    static TITLE: &[u8] = include_bytes!("../../../../assets/fonts/NotoSerifSC-SemiBold.otf");
    static SANS: &[u8] = include_bytes!("../../../../assets/fonts/NotoSansSC-Regular.otf");

    fn table(font: &'static [u8]) -> &'static [u8] {
        let tag = ttf_parser::Tag::from_bytes(b"CFF ");
        ttf_parser::RawFace::parse(font, 0).unwrap().table(tag).unwrap()
    }

    /// An outline as text.
    #[derive(Default)]
    struct Trace(String);

    impl OutlineBuilder for Trace {
        fn move_to(&mut self, x: f32, y: f32) {
            self.0.extend(["m".to_owned(), format!("{x},{y}")]);
        }
        fn line_to(&mut self, x: f32, y: f32) {
            self.0.extend(["l".to_owned(), format!("{x},{y}")]);
        }
        fn quad_to(&mut self, a: f32, b: f32, x: f32, y: f32) {
            self.0.extend(["q".to_owned(), format!("{a},{b},{x},{y}")]);
        }
        fn curve_to(&mut self, a: f32, b: f32, c: f32, d: f32, x: f32, y: f32) {
            self.0.extend(["c".to_owned(), format!("{a},{b},{c},{d},{x},{y}")]);
        }
        fn close(&mut self) {
            self.0.push('z');
        }
    }

    /// Every glyph of every font, in groups: another implementation reads the original's outline
    /// under the requested CID.
    #[test]
    fn another_reader_sees_the_same_outlines() {
        for font in [SERIF, TITLE, SANS] {
            let face = ttf_parser::Face::parse(font, 0).unwrap();
            let cff = Cff::parse(table(font)).unwrap();
            let all: Vec<u16> = (1..face.number_of_glyphs()).collect();
            for group in all.chunks(150) {
                let glyphs: Vec<_> = group.iter().map(|glyph| (glyph + 7, *glyph)).collect();
                let bytes = cff.subset("ABCDEF+Name", [-1, -2, 3, 4], &glyphs).unwrap();
                let read = ttf_parser::cff::Table::parse(&bytes).unwrap();
                assert_eq!(usize::from(read.number_of_glyphs()), glyphs.len() + 1);
                for ((cid, glyph), at) in glyphs.iter().zip(1..) {
                    let (mut ours, mut original) = (Trace::default(), Trace::default());
                    let drawn = read.outline(GlyphId(at), &mut ours).is_ok();
                    assert_eq!(drawn, face.outline_glyph(GlyphId(*glyph), &mut original).is_some());
                    assert_eq!(ours.0, original.0, "glyph {glyph}");
                    assert_eq!(read.glyph_cid(GlyphId(at)), Some(*cid));
                }
            }
        }
    }

    #[test]
    fn a_font_that_cannot_be_copied_is_refused() {
        let good = table(SANS);
        assert!(Cff::parse(good).is_some());
        // An index of subroutines where there was an empty one.
        let header = usize::from(good[2]);
        let (_, names) = Index::read(good, header).unwrap();
        let (_, tops) = Index::read(good, names).unwrap();
        let (_, strings) = Index::read(good, tops).unwrap();
        assert_eq!(good[strings..strings + 2], [0, 0]);
        let mut other = good.to_vec();
        other[strings + 1] = 1;
        assert!(Cff::parse(&other).is_none());
        for cut in [0, 3, 40, 500, 40_000] {
            assert!(Cff::parse(&good[..cut]).is_none());
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let cff = Cff::parse(table(SERIF)).unwrap();
        let bytes = cff.subset("A", [0; 4], &[(0x20, 1), (0x4E00, 1000)]).unwrap();
        let again = Cff::parse(&bytes).unwrap();
        assert_eq!(again.glyphs.get(2), cff.glyphs.get(1000));
        assert!(cff.subset("A", [0; 4], &[(1, u16::MAX)]).is_none());
    }
}
