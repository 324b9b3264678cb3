//! QR symbols (ISO/IEC 18004) as squares.

use fast_qr::qr::{QRBuilder, QRCode};
use fast_qr::{ECL, Module};

/// A symbol: which of its squares are dark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Squares on a side.
    pub size: usize,
    /// Row by row from the top left.
    pub dark: Vec<bool>,
}

impl Symbol {
    /// The symbol of a text, error correction level M: 15 % may be stained. `None` when it is too
    /// long.
    pub fn of(text: &str) -> Option<Self> {
        let code: QRCode = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let dark = (0..code.size)
            .flat_map(|row| code[row].iter().take(code.size).map(|module: &Module| module.value()))
            .collect();
        Some(Self { size: code.size, dark })
    }

    /// Runs of dark squares: column, row, length. A third of the drawing of single squares.
    pub fn runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for (row, squares) in self.dark.chunks(self.size.max(1)).enumerate() {
            for (column, _) in squares.iter().enumerate().filter(|(_, dark)| **dark) {
                match runs.last_mut() {
                    Some((start, at, length))
                        if *at == row && start.checked_add(*length) == Some(column) =>
                    {
                        *length = length.saturating_add(1);
                    }
                    _ => runs.push((column, row, 1)),
                }
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_cover_the_dark_squares() {
        let symbol = Symbol::of("https://licence.example.gov.cn/v/7Q2M9K4T8XWB3D6F").unwrap();
        let dark = symbol.dark.iter().filter(|dark| **dark).count();
        assert_eq!(symbol.runs().iter().map(|(_, _, length)| length).sum::<usize>(), dark);
        assert_eq!(symbol.dark.len(), symbol.size * symbol.size);
        assert!(symbol.dark[0] && symbol.dark[6] && !symbol.dark[7]);
    }
}
