//! QR symbols (ISO/IEC 18004) as modules.

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

/// A symbol: which of its squares are dark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Squares on a side.
    pub size: usize,
    /// Row by row from the top left.
    pub dark: Vec<bool>,
}

impl Symbol {
    /// The symbol of a text, with error correction level M: 15 % may be damaged. `None` when it is
    /// too long.
    ///
    /// The mask is fixed. Choosing the best of eight takes longer than everything else about the
    /// symbol, and a random code has no large plain areas to break up.
    pub fn of(text: &str) -> Option<Self> {
        let data = [QrSegment::make_bytes(text.as_bytes())];
        let (level, mask) = (QrCodeEcc::Medium, Some(Mask::new(0)));
        let (from, to) = (Version::MIN, Version::MAX);
        let code = QrCode::encode_segments_advanced(&data, level, from, to, mask, false).ok()?;
        let dark = (0..code.size())
            .flat_map(|row| (0..code.size()).map(move |column| (column, row)))
            .map(|(column, row)| code.get_module(column, row))
            .collect();
        Some(Self { size: usize::try_from(code.size()).ok()?, dark })
    }

    /// Rectangles that cover the dark modules: column, row, width, height. They take a quarter of
    /// the operators of single squares.
    pub fn rectangles(&self) -> Vec<[usize; 4]> {
        let mut all: Vec<[usize; 4]> = Vec::new();
        // The rectangles that extend down to the row above.
        let mut open: Vec<usize> = Vec::new();
        for (row, squares) in self.dark.chunks(self.size.max(1)).enumerate() {
            let (mut at, mut reach) = (0_usize, Vec::new());
            for run in squares.chunk_by(|one, next| one == next) {
                if run.first() == Some(&true) {
                    let fits = |place: &usize| {
                        all.get(*place)
                            .is_some_and(|[x, _, wide, _]| (*x, *wide) == (at, run.len()))
                    };
                    let known = open.iter().copied().find(fits);
                    let place = known.unwrap_or(all.len());
                    match all.get_mut(place) {
                        Some([.., height]) => *height = height.saturating_add(1),
                        None => all.push([at, row, run.len(), 1]),
                    }
                    reach.push(place);
                }
                at = at.saturating_add(run.len());
            }
            open = reach;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_cover_the_dark_squares_once() {
        let symbol = Symbol::of("https://licence.example.gov.cn/v/7Q2M9K4T8XWB3D6F").unwrap();
        let mut covered = vec![false; symbol.dark.len()];
        for [column, row, width, height] in symbol.rectangles() {
            for y in row..row + height {
                for x in column..column + width {
                    let square = &mut covered[y * symbol.size + x];
                    assert!(!std::mem::replace(square, true), "{x}, {y} is covered twice");
                }
            }
        }
        assert_eq!(covered, symbol.dark);
        assert!(symbol.dark[0] && symbol.dark[6] && !symbol.dark[7]);
    }

    /// A symbol must be readable with any mask; another implementation reads many texts.
    #[test]
    fn another_reader_reads_every_symbol() {
        for number in 0..200_u32 {
            let digest = crate::base::digest::Digest::of(&[&number.to_le_bytes()]).to_hex();
            let tail = digest.get(..16).unwrap_or_default().to_uppercase();
            let text = format!("https://licence.example.gov.cn/v/{tail}");
            let symbol = Symbol::of(&text).unwrap();
            // A quiet zone, as on paper.
            let side = symbol.size + 8;
            let dark = |x: usize, y: usize| {
                let place = (x.checked_sub(4)?, y.checked_sub(4)?);
                (place.0 < symbol.size).then(|| symbol.dark.get(place.1 * symbol.size + place.0))?
            };
            let grey = |x: usize, y: usize| {
                if dark(x / 4, y / 4) == Some(&true) { 0 } else { 255 }
            };
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * 4, side * 4, grey);
            let grids = image.detect_grids();
            assert_eq!(grids.len(), 1, "{text}");
            assert_eq!(grids[0].decode().unwrap().1, text);
        }
    }
}
