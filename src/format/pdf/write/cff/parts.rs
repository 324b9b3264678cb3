//! The structures of a CFF table: indexes, dictionaries, and the font dictionary of each glyph.

/// Consecutive pieces of data with a table of their offsets (5176, 5).
#[derive(Clone, Copy, Debug)]
pub(super) struct Index<'a> {
    offsets: &'a [u8],
    /// Bytes of one offset.
    wide: usize,
    data: &'a [u8],
}

impl<'a> Index<'a> {
    /// The index at an offset, and the offset after it.
    pub(super) fn read(table: &'a [u8], at: usize) -> Option<(Self, usize)> {
        let rest = table.get(at..)?;
        let (count, rest) = rest.split_first_chunk::<2>()?;
        let count = usize::from(u16::from_be_bytes(*count));
        if count == 0 {
            return Some((Self { offsets: &[], wide: 1, data: &[] }, at.checked_add(2)?));
        }
        let (wide, rest) = rest.split_first()?;
        let wide = usize::from(*wide);
        (1..=4).contains(&wide).then_some(())?;
        let (offsets, data) = rest.split_at_checked(count.checked_add(1)?.checked_mul(wide)?)?;
        let index = Self { offsets, wide, data };
        let end = index.start(count)?;
        let before = table.len().checked_sub(data.len())?;
        Some((index, before.checked_add(end)?))
    }

    pub(super) fn len(&self) -> usize {
        self.offsets.len().checked_div(self.wide).unwrap_or(0).saturating_sub(1)
    }

    pub(super) fn get(&self, number: usize) -> Option<&'a [u8]> {
        self.data.get(self.start(number)?..self.start(number.checked_add(1)?)?)
    }

    fn start(&self, number: usize) -> Option<usize> {
        let at = number.checked_mul(self.wide)?;
        let bytes = self.offsets.get(at..at.checked_add(self.wide)?)?;
        let offset = bytes.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        // Offsets count from the byte before the data.
        offset.checked_sub(1)
    }
}

/// Operators with their operands (5176, 4).
pub(super) struct Dict(Vec<(u16, Vec<i32>)>);

impl Dict {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut bytes = bytes.iter().copied();
        let (mut entries, mut operands) = (Vec::new(), Vec::new());
        while let Some(first) = bytes.next() {
            let mut next = || bytes.next();
            let operand = match first {
                12 => {
                    let operator = u16::from_be_bytes([12, next()?]);
                    entries.push((operator, std::mem::take(&mut operands)));
                    continue;
                }
                0..=21 => {
                    entries.push((u16::from(first), std::mem::take(&mut operands)));
                    continue;
                }
                28 => i32::from(i16::from_be_bytes([next()?, next()?])),
                29 => i32::from_be_bytes([next()?, next()?, next()?, next()?]),
                30 => {
                    // A real number ends with a nibble of ones. None is needed here.
                    while next()? & 0x0F != 0x0F {}
                    0
                }
                32..=246 => i32::from(first).checked_sub(139)?,
                247..=250 => pair(first, 247, next()?)?.checked_add(108)?,
                251..=254 => 0_i32.checked_sub(pair(first, 251, next()?)?)?.checked_sub(108)?,
                _ => return None,
            };
            operands.push(operand);
        }
        operands.is_empty().then_some(Self(entries))
    }

    pub(super) fn get(&self, operator: u16) -> Option<&[i32]> {
        self.0.iter().find(|(known, _)| *known == operator).map(|(_, operands)| operands.as_slice())
    }

    pub(super) fn offset(&self, operator: u16) -> Option<usize> {
        let [offset] = self.get(operator)? else { return None };
        usize::try_from(*offset).ok()
    }
}

fn pair(first: u8, from: u8, second: u8) -> Option<i32> {
    i32::from(first.checked_sub(from)?).checked_mul(256)?.checked_add(i32::from(second))
}

/// The font dictionary of each glyph (5176, 19).
pub(super) fn select(bytes: &[u8], glyphs: usize) -> Option<Vec<u8>> {
    let (format, rest) = bytes.split_first()?;
    if *format == 0 {
        return rest.get(..glyphs).map(<[u8]>::to_vec);
    }
    (*format == 3).then_some(())?;
    let (count, mut rest) = rest.split_first_chunk::<2>()?;
    let mut all = Vec::with_capacity(glyphs);
    for _ in 0..u16::from_be_bytes(*count) {
        let ([_, _, number], behind) = rest.split_first_chunk::<3>()?;
        let end = usize::from(u16::from_be_bytes(*behind.first_chunk::<2>()?));
        (end <= glyphs).then(|| all.resize(end, *number))?;
        rest = behind;
    }
    (all.len() == glyphs).then_some(all)
}

pub(super) fn number(value: usize) -> Option<i32> {
    i32::try_from(value).ok()
}

/// Writes an operator after its operands, each of five bytes.
pub(super) fn operands(dict: &mut Vec<u8>, values: &[i32], operator: u16) {
    for value in values {
        dict.push(29);
        dict.extend(value.to_be_bytes());
    }
    let [escape, operator] = operator.to_be_bytes();
    if escape != 0 {
        dict.push(escape);
    }
    dict.push(operator);
}

/// Writes an index of these pieces.
pub(super) fn index(file: &mut Vec<u8>, pieces: &[&[u8]]) -> Option<()> {
    file.extend(u16::try_from(pieces.len()).ok()?.to_be_bytes());
    if pieces.is_empty() {
        return Some(());
    }
    let whole = pieces.iter().map(|piece| piece.len()).sum::<usize>();
    // One byte where it suffices, two for a page of glyphs, four for a book.
    let wide = match whole {
        0..0xFF => 1,
        0xFF..0xFFFF => 2,
        _ => 4,
    };
    file.push(wide);
    let mut offset = 1_u32;
    let skip = 4_usize.saturating_sub(usize::from(wide));
    file.extend(offset.to_be_bytes().get(skip..)?);
    for piece in pieces {
        offset = offset.checked_add(u32::try_from(piece.len()).ok()?)?;
        file.extend(offset.to_be_bytes().get(skip..)?);
    }
    for piece in pieces {
        file.extend(*piece);
    }
    Some(())
}
