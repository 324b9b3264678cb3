//! That a leaf is in a tree, and that one tree continues another (RFC 9162, 2.1.3 and 2.1.4).
//!
//! Proofs are made from a source of nodes and checked with nothing but hashes. A check that passes
//! leaves a value that nothing else makes.

use super::tile::HEIGHT;
use super::{Frontier, node};
use crate::base::digest::Digest;

/// Where the nodes of a tree are read: those of level 0 are the leaves' hashes, each of level L is
/// the root of 256^L leaves. What was read once never changes.
pub trait Nodes {
    /// Why nodes could not be read.
    type Error;
    /// `count` nodes of a level from place `first` on; fewer when there are no more.
    fn nodes(&self, level: u8, first: u64, count: usize) -> Result<Vec<Digest>, Self::Error>;
}

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProof<E> {
    /// The leaf or the older tree lies outside of the tree.
    #[error("the tree is not as large as that")]
    Outside,
    /// A node is missing at its source.
    #[error("a node of the tree is missing")]
    Missing,
    /// The source failed.
    #[error(transparent)]
    Source(#[from] E),
}

/// Proof that a leaf stands at an index in the tree with this size and root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Included(());

/// Proof that the first leaves of the larger tree are those of the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consistent(());

/// The hashes do not lead to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hashes do not lead to the root of the tree")]
pub struct BadProof;

/// The root of the first `size` leaves.
pub fn root<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Digest, NoProof<N::Error>> {
    if size == 0 { Ok(Frontier::default().root()) } else { range(nodes, 0, size) }
}

/// The hashes from the leaf's sibling up to the root's child (RFC 9162, 2.1.3.1).
pub fn inclusion<N: Nodes + ?Sized>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, NoProof<N::Error>> {
    if index >= size {
        return Err(NoProof::Outside);
    }
    let (mut start, mut end) = (0_u64, size);
    let mut path = Vec::new();
    while let Some(middle) = middle(start, end) {
        if index < middle {
            path.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The hashes that show that the tree of `size` leaves continues that of `old` (RFC 9162, 2.1.4.1).
pub fn consistency<N: Nodes + ?Sized>(
    nodes: &N,
    old: u64,
    size: u64,
) -> Result<Vec<Digest>, NoProof<N::Error>> {
    if old > size {
        return Err(NoProof::Outside);
    }
    let (mut start, mut end) = (0_u64, size);
    let mut path = Vec::new();
    if old == 0 {
        return Ok(path);
    }
    while old != end {
        let Some(middle) = middle(start, end) else { break };
        if old <= middle {
            path.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    if start > 0 {
        path.push(range(nodes, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks a proof of inclusion (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    path: &[Digest],
    root: &Digest,
) -> Result<Included, BadProof> {
    let (mut at, Some(mut last)) = (index, size.checked_sub(1)) else { return Err(BadProof) };
    if at > last {
        return Err(BadProof);
    }
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(BadProof);
        }
        if is_odd(at) || at == last {
            hash = node(sibling, &hash);
            (at, last) = up_to_odd(at, last);
        } else {
            hash = node(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last == 0 && hash == *root { Ok(Included(())) } else { Err(BadProof) }
}

/// Checks a proof of consistency between two trees, each a size and a root (RFC 9162, 2.1.4.2). Every
/// tree continues the empty one.
pub fn verify_consistency(
    old: (u64, &Digest),
    new: (u64, &Digest),
    path: &[Digest],
) -> Result<Consistent, BadProof> {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    let empty = Frontier::default().root();
    let fits = |size: u64, root: &Digest| size > 0 || *root == empty;
    if old_size > new_size || !fits(old_size, old_root) || !fits(new_size, new_root) {
        return Err(BadProof);
    }
    if old_size == 0 || old_size == new_size {
        let same = old_size == 0 || old_root == new_root;
        return if path.is_empty() && same { Ok(Consistent(())) } else { Err(BadProof) };
    }
    // The older tree is a node of the newer: its root is not repeated in the proof.
    let (first, path) = if old_size.is_power_of_two() {
        (old_root, path)
    } else {
        path.split_first().ok_or(BadProof)?
    };
    let (mut at, mut last) = (old_size.saturating_sub(1), new_size.saturating_sub(1));
    while is_odd(at) {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return Err(BadProof);
        }
        if is_odd(at) || at == last {
            old_hash = node(sibling, &old_hash);
            new_hash = node(sibling, &new_hash);
            (at, last) = up_to_odd(at, last);
        } else {
            new_hash = node(&new_hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    let holds = last == 0 && old_hash == *old_root && new_hash == *new_root;
    if holds { Ok(Consistent(())) } else { Err(BadProof) }
}

fn is_odd(number: u64) -> bool {
    number & 1 == 1
}

/// Skips the levels in which the right edge has no sibling.
fn up_to_odd(mut at: u64, mut last: u64) -> (u64, u64) {
    while !is_odd(at) && at != 0 {
        (at, last) = (at >> 1, last >> 1);
    }
    (at, last)
}

/// Where a tree over these leaves is split: behind the largest power of two that is smaller than
/// their number. `None` for a single leaf.
fn middle(start: u64, end: u64) -> Option<u64> {
    let last = end.checked_sub(start)?.checked_sub(1)?;
    start.checked_add(1_u64.checked_shl(last.checked_ilog2()?)?)
}

/// The root over the leaves from `start` up to `end`, which is not among them. `start` is a multiple
/// of a power of two that is at least their number, as everywhere in a tree.
fn range<N: Nodes + ?Sized>(nodes: &N, start: u64, end: u64) -> Result<Digest, NoProof<N::Error>> {
    let count = end.saturating_sub(start);
    if count.is_power_of_two() {
        let height = count.trailing_zeros();
        return perfect(nodes, height, start.checked_shr(height).unwrap_or_default());
    }
    let middle = middle(start, end).ok_or(NoProof::Outside)?;
    // The left side is perfect, so that this goes no deeper than the tree.
    Ok(node(&range(nodes, start, middle)?, &range(nodes, middle, end)?))
}

/// The root of the perfect subtree of this height at this place: at most 128 nodes of a tile.
fn perfect<N: Nodes + ?Sized>(
    nodes: &N,
    height: u32,
    place: u64,
) -> Result<Digest, NoProof<N::Error>> {
    let (level, above) = (height >> 3, height & HEIGHT.saturating_sub(1));
    let level = u8::try_from(level).map_err(|_| NoProof::Outside)?;
    let first = place.checked_shl(above).ok_or(NoProof::Outside)?;
    let count = 1_usize.checked_shl(above).ok_or(NoProof::Outside)?;
    let mut row = nodes.nodes(level, first, count)?;
    if row.len() != count {
        return Err(NoProof::Missing);
    }
    while row.len() > 1 {
        let pairs = row.chunks_exact(2).filter_map(|pair| match pair {
            [left, right] => Some(node(left, right)),
            _ => None,
        });
        row = pairs.collect();
    }
    row.first().copied().ok_or(NoProof::Missing)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;
    use crate::format::merkle::leaf;

    /// Nodes of every level in memory, and how many were read.
    #[derive(Default)]
    pub(crate) struct Levels {
        levels: Vec<Vec<Digest>>,
        pub(crate) read: Cell<usize>,
    }

    impl Levels {
        pub(crate) fn of(leaves: impl IntoIterator<Item = Digest>) -> (Self, Frontier) {
            let (mut levels, mut tree) = (Self::default(), Frontier::default());
            for leaf in leaves {
                tree.push_telling(leaf, &mut |height, _, root| {
                    let level = usize::try_from(height / HEIGHT).unwrap();
                    if height % HEIGHT == 0 {
                        levels.levels.resize_with(levels.levels.len().max(level + 1), Vec::new);
                        levels.levels[level].push(root);
                    }
                });
            }
            (levels, tree)
        }
    }

    impl Nodes for Levels {
        type Error = std::convert::Infallible;
        fn nodes(
            &self,
            level: u8,
            first: u64,
            count: usize,
        ) -> Result<Vec<Digest>, std::convert::Infallible> {
            self.read.set(self.read.get() + count);
            let row = self.levels.get(usize::from(level)).map_or(&[][..], Vec::as_slice);
            let first = usize::try_from(first).unwrap();
            Ok(row.iter().skip(first).take(count).copied().collect())
        }
    }

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(|number| leaf(&[&number.to_be_bytes()])).collect()
    }

    /// The definitions of RFC 9162, word for word: 2.1.1, 2.1.3.1 and 2.1.4.1.
    fn mth(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => Digest::of(&[]),
            [one] => *one,
            many => {
                let k = many.len().next_power_of_two() / 2;
                node(&mth(&many[..k]), &mth(&many[k..]))
            }
        }
    }

    fn path(m: usize, leaves: &[Digest]) -> Vec<Digest> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (mut found, sibling) = if m < k {
            (path(m, &leaves[..k]), mth(&leaves[k..]))
        } else {
            (path(m - k, &leaves[k..]), mth(&leaves[..k]))
        };
        found.push(sibling);
        found
    }

    fn subproof(m: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
        if m == leaves.len() {
            return if whole { Vec::new() } else { vec![mth(leaves)] };
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (mut found, sibling) = if m <= k {
            (subproof(m, &leaves[..k], whole), mth(&leaves[k..]))
        } else {
            (subproof(m - k, &leaves[k..], false), mth(&leaves[..k]))
        };
        found.push(sibling);
        found
    }

    #[test]
    fn proofs_are_those_of_the_definition_for_every_small_tree() {
        let leaves = leaves(40);
        for size in 1..=leaves.len() {
            let (levels, tree) = Levels::of(leaves[..size].iter().copied());
            let root = tree.root();
            let size = u64::try_from(size).unwrap();
            assert_eq!(super::root(&levels, size), Ok(root));
            for index in 0..size {
                let at = usize::try_from(index).unwrap();
                let proof = inclusion(&levels, index, size).unwrap();
                assert_eq!(proof, path(at, &leaves[..usize::try_from(size).unwrap()]));
                assert!(verify_inclusion(&leaves[at], index, size, &proof, &root).is_ok());
            }
            for old in 1..=size {
                let at = usize::try_from(old).unwrap();
                let proof = consistency(&levels, old, size).unwrap();
                assert_eq!(proof, subproof(at, &leaves[..usize::try_from(size).unwrap()], true));
                let old_root = mth(&leaves[..at]);
                assert!(verify_consistency((old, &old_root), (size, &root), &proof).is_ok());
            }
            assert_eq!(inclusion(&levels, size, size), Err(NoProof::Outside));
            assert_eq!(consistency(&levels, size + 1, size), Err(NoProof::Outside));
        }
    }

    #[test]
    fn a_proof_reads_a_tile_of_each_level_and_the_right_edge_once_more() {
        let size = 300_000;
        let (levels, tree) = Levels::of(leaves(size));
        for index in [0, 1, 255, 256, 65_535, 65_536, 262_143, 262_144, 299_999] {
            levels.read.set(0);
            let proof = inclusion(&levels, index, size).unwrap();
            let leaf = leaf(&[&index.to_be_bytes()]);
            assert!(verify_inclusion(&leaf, index, size, &proof, &tree.root()).is_ok());
            assert!(levels.read.get() <= 2 * 3 * 256, "{index}: {}", levels.read.get());
        }
    }

    #[test]
    fn a_missing_node_is_told() {
        let (levels, _) = Levels::of(leaves(300));
        assert_eq!(inclusion(&levels, 0, 600), Err(NoProof::Missing));
        assert_eq!(root(&levels, 301), Err(NoProof::Missing));
    }

    #[test]
    fn the_empty_tree_is_continued_by_all_and_continues_none() {
        let (levels, tree) = Levels::of(leaves(3));
        let empty = Frontier::default().root();
        assert_eq!(root(&levels, 0), Ok(empty));
        assert!(verify_consistency((0, &empty), (3, &tree.root()), &[]).is_ok());
        assert!(verify_consistency((0, &tree.root()), (3, &tree.root()), &[]).is_err());
        assert!(verify_consistency((0, &empty), (3, &tree.root()), &[empty]).is_err());
        assert!(verify_consistency((3, &tree.root()), (0, &empty), &[]).is_err());
        assert!(verify_inclusion(&empty, 0, 0, &[], &empty).is_err());
    }

    proptest! {
        #[test]
        fn proofs_of_random_trees_hold_for_their_own_values_alone(
            size in 1_u64..2000, index in any::<u64>(), old in any::<u64>(), flip in any::<usize>(),
        ) {
            let (index, old) = (index % size, 1 + old % size);
            let all = leaves(size);
            let (levels, tree) = Levels::of(all.iter().copied());
            let root = tree.root();
            let at = usize::try_from(index).unwrap();
            let proof = inclusion(&levels, index, size).unwrap();
            let holds = |leaf: &Digest, index, size, proof: &[Digest], root: &Digest| {
                verify_inclusion(leaf, index, size, proof, root).is_ok()
            };
            prop_assert!(holds(&all[at], index, size, &proof, &root));
            prop_assert!(!holds(&leaf(&[b"x"]), index, size, &proof, &root));
            prop_assert!(!holds(&all[at], index, size, &proof, &all[at]) || size == 1);
            for other in [index.wrapping_sub(1), index + 1, index ^ 4] {
                prop_assert!(!holds(&all[at], other, size, &proof, &root));
            }
            let mut longer = proof.clone();
            longer.push(root);
            prop_assert!(!holds(&all[at], index, size, &longer, &root));
            if let Some(broken) = flip.checked_rem(proof.len()) {
                let mut changed = proof.clone();
                changed[broken] = leaf(&[changed[broken].as_bytes()]);
                prop_assert!(!holds(&all[at], index, size, &changed, &root));
                prop_assert!(!holds(&all[at], index, size, &proof[1..], &root));
            }
            let (old_root, other) = (super::root(&levels, old).unwrap(), leaf(&[b"x"]));
            let proof = consistency(&levels, old, size).unwrap();
            let holds = |old, new, proof: &[Digest]| verify_consistency(old, new, proof).is_ok();
            prop_assert!(holds((old, &old_root), (size, &root), &proof));
            prop_assert!(!holds((old, &other), (size, &root), &proof));
            prop_assert!(!holds((old, &old_root), (size, &other), &proof));
            prop_assert!(!holds((old, &old_root), (old - 1, &root), &proof));
            let mut longer = proof.clone();
            longer.push(root);
            prop_assert!(!holds((old, &old_root), (size, &root), &longer));
            if let Some(broken) = flip.checked_rem(proof.len()) {
                let mut changed = proof.clone();
                changed[broken] = leaf(&[changed[broken].as_bytes()]);
                prop_assert!(!holds((old, &old_root), (size, &root), &changed));
            }
        }

        #[test]
        fn a_rewritten_leaf_is_found(size in 2_u64..2000, old in any::<u64>(), at in any::<u64>()) {
            let old = 1 + old % size;
            let (before, _) = Levels::of(leaves(size));
            let old_root = root(&before, old).unwrap();
            let mut rewritten = leaves(size);
            rewritten[usize::try_from(at % old).unwrap()] = leaf(&[b"another"]);
            let (after, tree) = Levels::of(rewritten);
            let proof = consistency(&after, old, size).unwrap();
            let checked = verify_consistency((old, &old_root), (size, &tree.root()), &proof);
            prop_assert_eq!(checked, Err(BadProof));
            let honest = consistency(&before, old, size).unwrap();
            let checked = verify_consistency((old, &old_root), (size, &tree.root()), &honest);
            prop_assert_eq!(checked, Err(BadProof));
        }
    }
}
