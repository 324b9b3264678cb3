//! How many bits an entry has, and its position in the list.

use serde_json::Value;

/// Bits of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    One,
    Two,
    Four,
    Eight,
}

/// Position of an entry: its byte, the shift of its lowest bit, and the mask of its width.
pub(super) struct BitPosition {
    pub(super) byte: usize,
    pub(super) shift: u32,
    pub(super) mask: u8,
}

impl Width {
    pub(super) fn read(bits: &Value) -> Option<Self> {
        match bits.as_u64()? {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    pub(super) const fn bits(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// Entries in a byte, and the mask of one.
    pub(super) const fn layout(self) -> (u32, u8) {
        match self {
            Self::One => (8, 0x01),
            Self::Two => (4, 0x03),
            Self::Four => (2, 0x0F),
            Self::Eight => (1, 0xFF),
        }
    }

    pub(super) fn place(self, index: u32) -> Option<BitPosition> {
        let (in_byte, mask) = self.layout();
        let (byte, rest) = (index.checked_div(in_byte)?, index.checked_rem(in_byte)?);
        let byte = usize::try_from(byte).ok()?;
        Some(BitPosition { byte, shift: rest.checked_mul(self.bits())?, mask })
    }
}
