//! Quarantine: files in a copy of a log that do not belong to the last head that was verified.

use std::fs;
use std::path::{Path, PathBuf};

use crate::edge::files::{self, FileError};
use crate::format::merkle::tile::Tile;
use crate::format::note::checkpoint::Checkpoint;

/// Keeps a refused checkpoint as evidence, and the tiles fetched for it.
///
/// These are the tiles that do not belong to the tree of `right` leaves, the last verified one: the
/// next run fetches them again, and no wrong tile spoils the copy. `None` when no tiles were
/// requested. Returns the folder: `refused/SIZE-ROOT` in the copy, with the first sixteen digits of
/// the root. Files that are there already stay.
pub fn quarantine(
    copy: &Path,
    right: Option<u64>,
    refused: &Checkpoint,
    note: &str,
) -> Result<PathBuf, FileError> {
    let mut root = refused.root().to_hex();
    root.truncate(16);
    let folder = copy.join("refused").join(format!("{}-{root}", refused.size()));
    make(&folder)?;
    let kept = folder.join("checkpoint");
    if !kept.is_file() {
        files::write_durably(&kept, note.as_bytes(), 0o644)?;
    }
    let Some(right) = right else { return Ok(folder) };
    for (path, tile) in strays(copy, right)? {
        let to = folder.join("tile").join(tile.path());
        if to.is_file() {
            fs::remove_file(&path).map_err(at(&path))?;
            continue;
        }
        make(to.parent().unwrap_or(&folder))?;
        fs::rename(&path, &to).map_err(at(&path))?;
    }
    Ok(folder)
}

/// Removes partial tiles that the verified tree of `size` leaves has in a larger width.
pub fn tidy(copy: &Path, size: u64) -> Result<(), FileError> {
    let partial = strays(copy, size)?.into_iter().filter(|(_, tile)| !tile.is_full());
    for (path, _) in partial {
        fs::remove_file(&path).map_err(at(&path))?;
        // A partial tile that is full now has nothing more.
        if let Some(folder) = path.parent() {
            drop(fs::remove_dir(folder));
        }
    }
    Ok(())
}

/// Tiles of a copy outside of the tree of `size` leaves, with their widths.
fn strays(copy: &Path, size: u64) -> Result<Vec<(PathBuf, Tile)>, FileError> {
    let base = copy.join("tile");
    let mut found = Vec::new();
    let mut open = if base.is_dir() { vec![base.clone()] } else { Vec::new() };
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let entry = entry.map_err(at(&folder))?;
            let path = entry.path();
            // Links are not followed.
            if entry.file_type().map_err(at(&path))?.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(&base).ok().and_then(Path::to_str);
            let tile = name.and_then(Tile::parse);
            found.extend(tile.filter(|tile| !tile.is_of(size)).map(|tile| (path, tile)));
        }
    }
    Ok(found)
}

fn make(folder: &Path) -> Result<(), FileError> {
    fs::create_dir_all(folder).map_err(at(folder))
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError::Io { path: path.clone(), source }
}
