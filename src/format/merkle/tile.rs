//! Tiles of a tree (C2SP tlog-tiles): up to 256 nodes of one level, each the root of 256^level
//! leaves.
//!
//! A partial tile is never hashed into the level above, so the nodes of a tile never change.

/// Nodes of a full tile.
pub const WIDTH: u16 = 256;
/// Levels of the tree that a tile spans.
pub const HEIGHT: u32 = 8;

/// The coordinates of a tile. Its width is 1 to 256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

impl Tile {
    /// Reads the part of a path after `tile/`, such as `0/x001/x234/067` or `0/067.p/12`, in its
    /// canonical form only.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.split_once('/')?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => {
                (index, number(width).filter(|width| (1..u64::from(WIDTH)).contains(width))?)
            }
            None => (rest, u64::from(WIDTH)),
        };
        let level = u8::try_from(number(level)?).ok().filter(|level| *level <= LAST_LEVEL)?;
        let tile = Self { level, index: unpack(index)?, width: u16::try_from(width).ok()? };
        (tile.path() == path).then_some(tile)
    }

    /// The path after `tile/`.
    pub fn path(self) -> String {
        let mut index = String::new();
        let mut left = self.index;
        loop {
            let group = left.checked_rem(1000).unwrap_or_default();
            let mark = if index.is_empty() { "" } else { "/" };
            let more = if index.is_empty() { "" } else { "x" };
            index = format!("{more}{group:03}{mark}{index}");
            left = left.checked_div(1000).unwrap_or_default();
            if left == 0 {
                break;
            }
        }
        let partial = if self.is_full() { String::new() } else { format!(".p/{}", self.width) };
        format!("{}/{index}{partial}", self.level)
    }

    /// Every tile of a tree of `size` leaves: of each level the full tiles and the partial one.
    pub fn all_of(size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..=LAST_LEVEL).map(move |level| (level, nodes_of(level, size)));
        levels.take_while(|(_, nodes)| *nodes > 0).flat_map(|(level, nodes)| {
            let full = nodes >> HEIGHT;
            let partial = u16::try_from(nodes & u64::from(u8::MAX)).unwrap_or_default();
            let last = (partial > 0).then_some(Self { level, index: full, width: partial });
            (0..full).map(move |index| Self { level, index, width: WIDTH }).chain(last)
        })
    }

    /// The tile of this level and index in a tree of `size` leaves, with the width that it has
    /// there.
    pub fn of(level: u32, index: u64, size: u64) -> Option<Self> {
        let level = u8::try_from(level).ok().filter(|level| *level <= LAST_LEVEL)?;
        let first = index.checked_mul(u64::from(WIDTH))?;
        let left = nodes_of(level, size).checked_sub(first).filter(|left| *left > 0)?;
        let width = u16::try_from(left.min(u64::from(WIDTH))).ok()?;
        Some(Self { level, index, width })
    }

    /// Whether a tree of `size` leaves has this tile, with exactly this width.
    pub fn is_of(self, size: u64) -> bool {
        Self::of(self.level.into(), self.index, size) == Some(self)
    }

    /// Its level; the height of its nodes is eight times that.
    pub const fn level(self) -> u8 {
        self.level
    }

    /// Number of nodes, 1 to 256.
    pub const fn width(self) -> u16 {
        self.width
    }

    /// Whether it has all 256 nodes.
    pub const fn is_full(self) -> bool {
        self.width == WIDTH
    }

    /// The index of its first node in its level; `None` when a tree of `size` leaves lacks any of
    /// its nodes.
    pub fn first_in(self, size: u64) -> Option<u64> {
        let first = self.index.checked_mul(u64::from(WIDTH))?;
        let end = first.checked_add(u64::from(self.width))?;
        (end <= nodes_of(self.level, size)).then_some(first)
    }
}

/// Number of nodes of a level in a tree of `size` leaves.
pub fn nodes_of(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level).saturating_mul(HEIGHT)).unwrap_or(0)
}

/// A decimal number without leading zeros.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text == "0" || !text.starts_with('0');
    (digits && plain).then(|| text.parse().ok()).flatten()
}

/// `x001/x234/067` is 1234067.
fn unpack(text: &str) -> Option<u64> {
    let mut index = 0_u64;
    for group in text.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(index)
}

/// The specification's bound; a tree with more than level 7 has more leaves than a `u64` counts.
const LAST_LEVEL: u8 = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification_and_have_one_spelling() {
        for (path, level, index, width) in [
            ("0/000", 0, 0, 256),
            ("0/067.p/12", 0, 67, 12),
            ("1/x001/x234/067", 1, 1_234_067, 256),
            ("63/999", 63, 999, 256),
            ("2/x001/000.p/1", 2, 1000, 1),
        ] {
            let tile = Tile { level, index, width };
            assert_eq!(Tile::parse(path), Some(tile), "{path}");
            assert_eq!(tile.path(), path);
        }
        for bad in [
            "",
            "0",
            "0/",
            "0/0",
            "0/1234",
            "0/x001",
            "0/001/234",
            "0/x001/x234",
            "00/000",
            "64/000",
            "-1/000",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/01",
            "0/000.p/",
            "0/x000/001",
            "0/000/",
            "/0/000",
            "0/+01",
            "0/000.p/1/",
            "0/x0001/000",
            "entries/000",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(Tile::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
        let of = |level, full| {
            let tiles = Tile::all_of(70_000);
            tiles.filter(move |tile| tile.level == level && tile.is_full() == full)
        };
        assert_eq!(of(0, true).count(), 273);
        assert_eq!(of(0, false).map(|tile| tile.width).collect::<Vec<_>>(), [112]);
        assert_eq!(of(1, true).count(), 1);
        assert_eq!(of(1, false).map(|tile| tile.width).collect::<Vec<_>>(), [17]);
        assert_eq!(of(2, false).map(|tile| tile.width).collect::<Vec<_>>(), [1]);
        assert_eq!(Tile::all_of(70_000).count(), 277);
        assert_eq!(Tile::all_of(256).map(Tile::path).collect::<Vec<_>>(), ["0/000", "1/000.p/1"]);
        assert_eq!(Tile::all_of(0).count(), 0);
    }

    #[test]
    fn only_what_a_tree_has_is_in_it() {
        let tile = |path| Tile::parse(path).unwrap();
        assert_eq!(tile("0/001.p/4").first_in(260), Some(256));
        assert_eq!(tile("0/001.p/5").first_in(260), None);
        assert_eq!(tile("0/001").first_in(511), None);
        assert_eq!(tile("1/000.p/1").first_in(255), None);
        assert_eq!(tile("63/000.p/1").first_in(u64::MAX), None);
        for size in [1, 255, 256, 257, 70_000] {
            for tile in Tile::all_of(size) {
                assert_eq!(Tile::of(tile.level.into(), tile.index, size), Some(tile));
                assert!(tile.is_of(size));
            }
        }
        assert_eq!(Tile::of(0, 1, 256), None);
        assert!(!tile("0/001.p/4").is_of(261) && !tile("0/001").is_of(511));
    }
}
