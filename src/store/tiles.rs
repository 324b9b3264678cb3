//! The hashes of the log's tree in the index, so that tiles and proofs never read the journal.
//!
//! On each level (leaves, roots of 256, of 65,536 …) sixteen hashes share one key. A commit writes
//! the last key of each level that it changes, a few hundred bytes; earlier keys never change.

use super::StoreError;
use super::index::{Batch, Index};
use super::lookup::key;
use crate::base::digest::Digest;
use crate::format::merkle::Frontier;
use crate::format::merkle::proof::{self, NoProof, Nodes};
use crate::format::merkle::tile::HEIGHT;

/// A growing tree, and the hashes that are not in a full row yet.
#[derive(Debug, Default)]
pub(super) struct Tree {
    edge: Frontier,
    /// The last row of each level; never full between two commits.
    rows: Vec<Row>,
}

#[derive(Debug, Default)]
struct Row {
    number: u64,
    hashes: Vec<u8>,
    changed: bool,
}

impl Tree {
    /// The tree of the first `size` leaves that the index has.
    pub(super) fn load(index: &dyn Index, size: u64) -> Result<Self, StoreError> {
        let edge = proof::frontier(&Indexed(index), size).map_err(incomplete)?;
        let mut rows = Vec::new();
        let mut count = size;
        while count > 0 {
            let level = u8::try_from(rows.len()).unwrap_or(u8::MAX);
            let (number, last) = (count / ROW, usize::try_from(count % ROW).unwrap_or_default());
            let hashes = match last {
                0 => Vec::new(),
                _ => index.get(&row_key(level, number))?.unwrap_or_default(),
            };
            // A process that was killed may have left hashes of leaves behind the position.
            let hashes = hashes.get(..last.saturating_mul(32)).map(<[u8]>::to_vec);
            let hashes = hashes.ok_or_else(|| incomplete(NoProof::Missing))?;
            rows.push(Row { number, hashes, changed: false });
            count >>= HEIGHT;
        }
        Ok(Self { edge, rows })
    }

    /// The root over the first `size` leaves.
    pub(super) fn root_of(index: &dyn Index, size: u64) -> Result<Digest, StoreError> {
        proof::root(&Indexed(index), size).map_err(incomplete)
    }

    /// Adds a leaf; rows that become full go into the batch.
    pub(super) fn push(&mut self, leaf: Digest, batch: &mut Batch) {
        let rows = &mut self.rows;
        self.edge.push_with(leaf, &mut |height, place, hash| {
            let (level, between) = (height / HEIGHT, height % HEIGHT);
            let Ok(level) = u8::try_from(level) else { return };
            if between != 0 {
                return;
            }
            let at = usize::from(level);
            if rows.len() <= at {
                rows.resize_with(at + 1, Row::default);
            }
            let Some(row) = rows.get_mut(at) else { return };
            (row.number, row.changed) = (place / ROW, true);
            row.hashes.extend(hash.as_bytes());
            if place % ROW == ROW - 1 {
                batch.put(row_key(level, row.number), std::mem::take(&mut row.hashes));
                row.changed = false;
            }
        });
    }

    /// Adds the changed hashes of incomplete rows to the batch.
    pub(super) fn flush(&mut self, batch: &mut Batch) {
        for (level, row) in (0_u8..).zip(&mut self.rows) {
            if std::mem::take(&mut row.changed) {
                batch.put(row_key(level, row.number), row.hashes.clone());
            }
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.edge.size()
    }

    pub(super) fn root(&self) -> Digest {
        self.edge.root()
    }
}

fn incomplete(error: NoProof<StoreError>) -> StoreError {
    match error {
        NoProof::Source(error) => error,
        error => StoreError::Index(error.to_string()),
    }
}

/// The nodes of the tree in an index.
struct Indexed<'a>(&'a dyn Index);

impl Nodes for Indexed<'_> {
    type Error = StoreError;
    fn nodes(&self, level: u8, first: u64, count: usize) -> Result<Vec<Digest>, StoreError> {
        nodes(self.0, level, first, count)
    }
}

/// Hashes of a level from a position on, as many as there are.
pub(super) fn nodes(
    index: &dyn Index,
    level: u8,
    first: u64,
    count: usize,
) -> Result<Vec<Digest>, StoreError> {
    let mut found = Vec::with_capacity(count.min(256));
    let mut place = first;
    while found.len() < count {
        let Some(row) = index.get(&row_key(level, place / ROW))? else { break };
        let skipped = usize::try_from(place % ROW).unwrap_or(usize::MAX);
        let (hashes, _) = row.as_chunks::<32>();
        let before = found.len();
        let wanted = hashes.iter().skip(skipped).take(count - before);
        found.extend(wanted.map(|hash| Digest::from_bytes(*hash)));
        if found.len() == before {
            break;
        }
        place += u64::try_from(found.len() - before).unwrap_or(u64::MAX);
    }
    Ok(found)
}

fn row_key(level: u8, number: u64) -> Vec<u8> {
    key(b'm', &[&[level], &number.to_be_bytes()])
}

/// Hashes under one key: few enough that a commit of one event writes little, and enough that a
/// tile takes sixteen reads.
const ROW: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::merkle::leaf;
    use crate::store::index::InMemory;

    #[test]
    fn the_index_has_every_node_and_every_root_whatever_the_commits_are() {
        let (index, mut tree) = (InMemory::default(), Tree::default());
        let (mut roots, mut puts) = (vec![tree.root()], 0);
        let mut leaves = (0..3000_u32).map(|number| leaf(&[&number.to_be_bytes()]));
        for commit in 0.. {
            let mut batch = Batch::default();
            let mut some = 0;
            for leaf in leaves.by_ref().take(1 + commit % 64) {
                tree.push(leaf, &mut batch);
                roots.push(tree.root());
                some += 1;
            }
            if some == 0 {
                break;
            }
            tree.flush(&mut batch);
            puts += batch.clone().into_iter().count();
            index.apply(batch).unwrap();
            let size = tree.size();
            // A process that is started now goes on in the same way.
            tree = Tree::load(&index, size).unwrap();
            assert_eq!(Tree::root_of(&index, size).unwrap(), tree.root());
        }
        assert!(puts < 600, "{puts} writes for 95 commits");
        for (size, expected) in (0_u64..).zip(&roots) {
            assert_eq!(Tree::root_of(&index, size).unwrap(), *expected);
        }
        assert_eq!(nodes(&index, 0, 2990, 256).unwrap().len(), 10);
        assert_eq!(nodes(&index, 1, 0, 256).unwrap().len(), 11);
        assert_eq!(nodes(&index, 2, 0, 1).unwrap().len(), 0);
        assert_eq!(nodes(&index, 0, u64::MAX, 2).unwrap().len(), 0);
    }
}
