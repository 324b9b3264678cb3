//! Copies of a log, checked from the first leaf to the last without the office: a directory with
//! tiles, or a journal.

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::digest::Digest;
use crate::edge::files::{self, FileError};
use crate::format::merkle::Frontier;
use crate::format::merkle::tile::{HEIGHT, Tile, WIDTH};
use crate::format::note::checkpoint::Checkpoint;
use crate::store::{self, StoreError};

/// A copy of a log in a directory.
#[derive(Debug)]
pub enum LogCopy {
    /// `tile/…`, as served or exported.
    Tiles(PathBuf),
    /// `journal/`, of an office or a backup.
    Journal(PathBuf),
}

/// Why a copy does not match its log.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is neither `tile` nor `journal`.
    #[error("{}: neither tile/ nor journal/ is in it", .0.display())]
    Nothing(PathBuf),
    /// Reading a file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The journal is damaged.
    #[error(transparent)]
    Journal(#[from] StoreError),
    /// A tile is missing or has another size.
    #[error("{}: {what}", place.display())]
    Tile {
        /// Path of the tile.
        place: PathBuf,
        /// The rule that it breaks.
        what: &'static str,
    },
    /// Fewer leaves than the head has.
    #[error("the copy has {has} leaves, the head of {name} has {wants}")]
    Short {
        /// Leaves of the copy.
        has: u64,
        /// Leaves of the head.
        wants: u64,
        /// The head in question.
        name: String,
    },
    /// The head that came with the tiles has another root. This alone proves no fault of the log: a
    /// tile may be wrong that no log signed.
    #[error(
        "the copy does not lead to the head of {size} leaves that came with it: it has the root {has}, the head says {wants}. Either a tile is wrong, or the log was rewritten where this copy has earlier tiles. Make another copy in a new directory and compare it with the same earlier checkpoint: that tells which"
    )]
    OwnHead {
        /// Number of leaves.
        size: u64,
        /// The root of the copy.
        has: Digest,
        /// The root of the head.
        wants: Digest,
    },
    /// Two signed heads of one size with different roots.
    #[error(
        "REWRITTEN: of {size} leaves the newest head has the root {one}, and {name} says {other}. Keep both: together they show that the log was changed, or that it shows different things to different people"
    )]
    TwoHeads {
        /// Number of leaves.
        size: u64,
        /// The root in the newest head.
        one: Digest,
        /// The root in the kept head.
        other: Digest,
        /// The kept head in question.
        name: String,
    },
    /// The copy has another root than the head.
    #[error(
        "REWRITTEN: the first {size} leaves of the copy have the root {has}, but {name} says {wants}. Keep both: together they show that the log was changed, or that it shows different things to different people"
    )]
    Rewritten {
        /// Number of leaves.
        size: u64,
        /// The root of the copy.
        has: Digest,
        /// The root of the head.
        wants: Digest,
        /// The head in question.
        name: String,
    },
}

/// A checked copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

impl LogCopy {
    /// Names a copy; nothing is read yet.
    pub fn open(path: &Path) -> Result<Self, CopyError> {
        if path.join("tile").is_dir() {
            Ok(Self::Tiles(path.to_owned()))
        } else if path.join("journal").is_dir() {
            Ok(Self::Journal(path.join("journal")))
        } else {
            Err(CopyError::Nothing(path.to_owned()))
        }
    }

    /// Reads every leaf and recomputes every root. `own` is the head that came with the copy,
    /// `kept` are earlier ones, each with its name; their signatures were checked before. Each must
    /// be the root of as many first leaves. Of tiles, as many leaves are read as the largest head
    /// has, and every higher tile must match those below it.
    ///
    /// `Rewritten` is returned only when signed heads prove it: tiles that lead to `own`, or two
    /// heads of one size.
    pub fn check(
        &self,
        own: Option<&Checkpoint>,
        kept: &[(&str, &Checkpoint)],
    ) -> Result<Checked, CopyError> {
        if let Some(own) = own {
            differs(own, kept)?;
        }
        let mut walk = Walk { tree: Frontier::default(), own, kept, own_wrong: None, wrong: None };
        walk.look();
        let heads = || own.map(|own| ("the copy", own)).into_iter().chain(kept.iter().copied());
        match self {
            Self::Journal(folder) => {
                store::leaves(folder, &mut |leaf| walk.push(leaf, &mut |_, _, _| {}))?;
            }
            Self::Tiles(folder) => {
                let size = heads().map(|(_, head)| head.size()).max().unwrap_or(0);
                let mut above = Above { folder, size, open: Vec::new(), wrong: None };
                let leaves = Tile::all_of(size).take_while(|tile| tile.level() == 0);
                for tile in leaves {
                    for leaf in read_tile(folder, tile)? {
                        walk.push(leaf, &mut |height, place, root| above.see(height, place, root));
                        if let Some(error) = above.wrong.take() {
                            return Err(error);
                        }
                    }
                }
            }
        }
        if let Some(error) = walk.own_wrong.or(walk.wrong) {
            return Err(error);
        }
        let has = walk.tree.size();
        if let Some((name, head)) = heads().find(|(_, head)| head.size() > has) {
            return Err(CopyError::Short { has, wants: head.size(), name: name.to_owned() });
        }
        Ok(Checked { size: has, root: walk.tree.root() })
    }
}

/// Heads of one size have one root.
fn differs(own: &Checkpoint, kept: &[(&str, &Checkpoint)]) -> Result<(), CopyError> {
    let of_its_size = kept.iter().filter(|(_, head)| head.size() == own.size());
    for (name, head) in of_its_size {
        if head.root() != own.root() {
            return Err(CopyError::TwoHeads {
                size: own.size(),
                one: *own.root(),
                other: *head.root(),
                name: (*name).to_owned(),
            });
        }
    }
    Ok(())
}

struct Walk<'a> {
    tree: Frontier,
    own: Option<&'a Checkpoint>,
    kept: &'a [(&'a str, &'a Checkpoint)],
    own_wrong: Option<CopyError>,
    wrong: Option<CopyError>,
}

impl Walk<'_> {
    fn push(&mut self, leaf: Digest, on_node: &mut dyn FnMut(u32, u64, Digest)) {
        self.tree.push_with(leaf, on_node);
        self.look();
    }

    fn look(&mut self) {
        let size = self.tree.size();
        let (tree, is_here) = (&self.tree, |head: &&Checkpoint| head.size() == size);
        if let Some(own) = self.own.filter(is_here) {
            let (has, wants) = (tree.root(), *own.root());
            self.own_wrong = (has != wants).then_some(CopyError::OwnHead { size, has, wants });
        }
        for (name, head) in self.kept.iter().filter(|(_, head)| head.size() == size) {
            let (has, wants) = (tree.root(), *head.root());
            if has != wants && self.wrong.is_none() {
                let name = (*name).to_owned();
                self.wrong = Some(CopyError::Rewritten { size, has, wants, name });
            }
        }
    }
}

/// Compares the tiles above the leaves, one of each level at a time.
struct Above<'a> {
    folder: &'a Path,
    size: u64,
    open: Vec<Vec<Digest>>,
    wrong: Option<CopyError>,
}

impl Above<'_> {
    fn see(&mut self, height: u32, place: u64, root: Digest) {
        let (level, between) = (height / HEIGHT, height % HEIGHT);
        if between != 0 || level == 0 || self.wrong.is_some() {
            return;
        }
        if let Err(error) = self.compare(level, place, root) {
            self.wrong = Some(error);
        }
    }

    fn compare(&mut self, level: u32, place: u64, root: Digest) -> Result<(), CopyError> {
        let number = place / u64::from(WIDTH);
        let Some(tile) = Tile::of(level, number, self.size) else { return Ok(()) };
        let at = usize::try_from(level).unwrap_or(usize::MAX);
        if self.open.len() <= at {
            self.open.resize_with(at + 1, Vec::new);
        }
        let inside = usize::try_from(place % u64::from(WIDTH)).unwrap_or(usize::MAX);
        let Some(open) = self.open.get_mut(at) else { return Ok(()) };
        if inside == 0 {
            *open = read_tile(self.folder, tile)?;
        }
        if open.get(inside) == Some(&root) {
            return Ok(());
        }
        let place = self.folder.join("tile").join(tile.path());
        Err(CopyError::Tile { place, what: "this tile does not follow from those below it" })
    }
}

/// A partial tile may exist in a larger width, with the same beginning.
fn read_tile(folder: &Path, tile: Tile) -> Result<Vec<Digest>, CopyError> {
    let base = folder.join("tile");
    let place = base.join(tile.path());
    let wider = || {
        let partial = place.parent()?;
        let full = partial.to_str()?.strip_suffix(".p").map(PathBuf::from);
        let widths = fs::read_dir(partial).ok().into_iter().flatten();
        let widths = widths.filter_map(|entry| {
            let entry = entry.ok()?;
            let width: u16 = entry.file_name().to_str()?.parse().ok()?;
            (width >= tile.width()).then(|| entry.path())
        });
        full.filter(|full| full.is_file()).or_else(|| widths.min())
    };
    let path = if place.is_file() || tile.is_full() {
        place.clone()
    } else {
        wider().unwrap_or_else(|| place.clone())
    };
    let bytes = files::read_found(&path, usize::from(WIDTH) * 32)?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    let wanted = usize::from(tile.width());
    let hashes: Vec<_> = hashes.iter().take(wanted).map(|hash| Digest::from_bytes(*hash)).collect();
    if hashes.len() < wanted || !rest.is_empty() {
        return Err(CopyError::Tile { place, what: "this tile has another size" });
    }
    Ok(hashes)
}
