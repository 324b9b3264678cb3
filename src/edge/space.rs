//! Free space on a disk.

use std::io;
use std::path::Path;

/// Space of the file system that a path is on, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes that this process may still write.
    pub free: u64,
    /// Size of the file system in bytes.
    pub whole: u64,
}

impl Space {
    /// Reads both from the system.
    pub fn of(path: &Path) -> io::Result<Self> {
        let found = rustix::fs::statvfs(path)?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Ok(Self { free: bytes(found.f_bavail), whole: bytes(found.f_blocks) })
    }

    /// Whether the next licences may not find room.
    pub fn is_full(self) -> bool {
        self.free < FULL
    }

    /// Whether an operator should free some.
    pub fn is_low(self) -> bool {
        self.free < LOW || self.free < self.whole / LOW_PART
    }
}

/// A few licences, and the index during a rebuild.
const FULL: u64 = 16 << 20;
/// Some ten thousand licences.
const LOW: u64 = 1 << 30;
/// Five per cent: file systems that are fuller than this become slow.
const LOW_PART: u64 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_low_below_one_gigabyte_or_five_per_cent_and_full_without_room_for_a_few() {
        let of = |free: u64, whole: u64| {
            let space = Space { free, whole };
            (space.is_low(), space.is_full())
        };
        assert_eq!(of(100 << 30, 1000 << 30), (false, false));
        assert_eq!(of(40 << 30, 1000 << 30), (true, false));
        assert_eq!(of(1023 << 20, 4 << 30), (true, false));
        assert_eq!(of(2 << 30, 4 << 30), (false, false));
        assert_eq!(of(0, 4 << 30), (true, true));
        let here = Space::of(Path::new(".")).unwrap();
        assert!(here.free <= here.whole && here.whole > 0);
    }
}
